//! Events that are reported by e-mail: the kinds of messages, and the purposes of the links in them.

use std::fmt;
use std::time::Duration;

/// A kind of message. The statement that makes a change records it with the database function `record_event()`, and the worker
/// sends it later.
///
/// A recorded event holds no secret: the worker makes the token of a link when it sends the message. At that time, it also looks up
/// the address and the language of the account. The event carries all other facts, in a JSON object. Each kind names its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// To the account's address: a link that verifies it. Carries nothing.
    EmailVerification,
    /// To an address that somebody typed: a link that sets a new password, if an account has the address. Carries `email`, as it was
    /// typed, and `email_key`. The event names no account: the answer to the client must not depend on the existence of one.
    PasswordForgotten,
    /// To the account's address: a link that sets a new password. An administrator or an operator asked for it. Carries nothing.
    PasswordReset,
    /// To the account's address: a link that sets the first password. Carries nothing.
    Invitation,
    /// To a new address: a link that makes it the account's address. Carries `email`, the new address.
    EmailChange,
    /// To the account's address at the time of the request: a notice that somebody asked for another address. Carries `email`, the old
    /// address.
    EmailChangeRequested,
    /// To the former address: a notice that the account has another address now. Carries `email`, the former address, and `language` or
    /// null.
    EmailChangedFrom,
    /// To the account's new address: a notice that an administrator set this address. Carries nothing.
    EmailChangedTo,
    /// To the account's address: a notice that the password was changed. Carries nothing.
    PasswordChanged,
    /// To the account's address: a notice that somebody tries passwords, because as many wrong ones as are allowed came in a short time.
    /// Carries nothing.
    PasswordGuessed,
    /// To the account's address: a notice that an API key was made for the account. Carries nothing.
    ApiKeyCreated,
    /// To the account's address: a notice that an authenticator app or a passkey was added. Carries nothing.
    FactorAdded,
    /// To the account's address: a notice that the owner removed an authenticator app or a passkey. Carries nothing.
    FactorRemoved,
    /// To the account's address: a notice that there are new recovery codes, which replace the former ones. Carries nothing.
    RecoveryCodesMade,
    /// To the account's address: a notice that a recovery code was used. Carries nothing.
    RecoveryCodeUsed,
    /// To the account's address: a notice that all second factors were removed by an administrator, by an operator, or by a reset of the
    /// password that verified the address for the first time. Carries nothing.
    FactorsReset,
    /// To the address of a deleted account: a notice that the account is deleted. Carries `email`, and `language` or null.
    AccountDeleted,
}

impl Event {
    /// All kinds.
    pub const ALL: [Self; 17] = [
        Self::EmailVerification,
        Self::PasswordForgotten,
        Self::PasswordReset,
        Self::Invitation,
        Self::EmailChange,
        Self::EmailChangeRequested,
        Self::EmailChangedFrom,
        Self::EmailChangedTo,
        Self::PasswordChanged,
        Self::PasswordGuessed,
        Self::ApiKeyCreated,
        Self::FactorAdded,
        Self::FactorRemoved,
        Self::RecoveryCodesMade,
        Self::RecoveryCodeUsed,
        Self::FactorsReset,
        Self::AccountDeleted,
    ];

    /// The name in the column `outbox.kind`. A replica of another release may read it, so it never changes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmailVerification => "email_verification",
            Self::PasswordForgotten => "password_forgotten",
            Self::PasswordReset => "password_reset",
            Self::Invitation => "invitation",
            Self::EmailChange => "email_change",
            Self::EmailChangeRequested => "email_change_requested",
            Self::EmailChangedFrom => "email_changed_from",
            Self::EmailChangedTo => "email_changed_to",
            Self::PasswordChanged => "password_changed",
            Self::PasswordGuessed => "password_guessed",
            Self::ApiKeyCreated => "api_key_created",
            Self::FactorAdded => "factor_added",
            Self::FactorRemoved => "factor_removed",
            Self::RecoveryCodesMade => "recovery_codes_made",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::FactorsReset => "factors_reset",
            Self::AccountDeleted => "account_deleted",
        }
    }

    /// The kind with this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }

    /// The purpose of the link in the message; `None` for a notice.
    #[must_use]
    pub fn purpose(self) -> Option<Purpose> {
        match self {
            Self::EmailVerification => Some(Purpose::EmailVerification),
            Self::PasswordForgotten | Self::PasswordReset => Some(Purpose::PasswordReset),
            Self::Invitation => Some(Purpose::Invitation),
            Self::EmailChange => Some(Purpose::EmailChange),
            Self::EmailChangeRequested
            | Self::EmailChangedFrom
            | Self::EmailChangedTo
            | Self::PasswordChanged
            | Self::PasswordGuessed
            | Self::ApiKeyCreated
            | Self::FactorAdded
            | Self::FactorRemoved
            | Self::RecoveryCodesMade
            | Self::RecoveryCodeUsed
            | Self::FactorsReset
            | Self::AccountDeleted => None,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The purpose of a link in a message. The token of the link serves no other purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Verifies the account's address.
    EmailVerification,
    /// Replaces the account's address by a new one.
    EmailChange,
    /// Sets a new password.
    PasswordReset,
    /// Sets the first password.
    Invitation,
}

impl Purpose {
    /// The name in the column `one_time_tokens.purpose`. A replica of another release may read it, so it never changes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmailVerification => "email_verification",
            Self::EmailChange => "email_change",
            Self::PasswordReset => "password_reset",
            Self::Invitation => "invitation",
        }
    }

    /// The lifetime of a token, from the moment of sending: 3 days for an address, 30 minutes for a reset, 7 days for an invitation.
    #[must_use]
    pub fn lifetime(self) -> Duration {
        const DAY: u64 = 24 * 60 * 60;
        match self {
            Self::EmailVerification | Self::EmailChange => Duration::from_secs(3 * DAY),
            Self::PasswordReset => Duration::from_secs(30 * 60),
            Self::Invitation => Duration::from_secs(7 * DAY),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        for event in Event::ALL {
            assert_eq!(Event::named(event.as_str()), Some(event));
        }
        assert_eq!(Event::named("password"), None);
    }

    /// `end_links()` of migration 0021 has to end every link.
    #[test]
    fn the_database_function_that_ends_links_knows_every_kind_with_a_link() {
        let migration = include_str!("../../../migrations/0021_outbox.up.sql");
        let (_, function) = migration.split_once("FUNCTION end_links(").unwrap();
        let (function, _) = function.split_once("$$;").unwrap();
        for event in Event::ALL {
            let is_named = function.contains(&format!("'{event}'"));
            assert_eq!(is_named, event.purpose().is_some(), "{event}");
        }
    }
}
