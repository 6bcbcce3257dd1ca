//! The actions on one account that need no more than a confirmation.

use serde_json::{Value, json};
use users_core::User;
use users_web::Method;

/// An action on an account. Each has a page that says what will happen, and a form that makes it happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Activate,
    Deactivate,
    Verify,
    Unverify,
    MakeAdmin,
    RemoveAdmin,
    PasswordReset,
    EndSessions,
    ResetFactors,
    Delete,
}

/// The keys of an action's texts.
pub(super) struct Words {
    /// On the button.
    pub(super) button: String,
    /// The consequence.
    pub(super) text: String,
    /// The question, which names the account.
    pub(super) question: String,
    /// The message when it is done.
    pub(super) done: &'static str,
}

impl Action {
    /// All actions, in the order of the page.
    pub(super) const ALL: [Self; 10] = [
        Self::Activate,
        Self::Deactivate,
        Self::PasswordReset,
        Self::EndSessions,
        Self::ResetFactors,
        Self::Verify,
        Self::Unverify,
        Self::MakeAdmin,
        Self::RemoveAdmin,
        Self::Delete,
    ];

    /// The action that the last part of a path names.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// The last part of the path of its page.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Deactivate => "deactivate",
            Self::Verify => "verify",
            Self::Unverify => "unverify",
            Self::MakeAdmin => "make-admin",
            Self::RemoveAdmin => "remove-admin",
            Self::PasswordReset => "password-reset",
            Self::EndSessions => "sessions",
            Self::ResetFactors => "factors",
            Self::Delete => "delete",
        }
    }

    /// The request of the API: method, path and body.
    pub(super) fn request(self, id: i32) -> (Method, String, Value) {
        let of = |part: &str| format!("/users/{id}{part}");
        match self {
            Self::Activate => (Method::PUT, of("/activate"), Value::Null),
            Self::Deactivate => (Method::PUT, of("/deactivate"), Value::Null),
            Self::Verify => (Method::PUT, of(""), json!({"email_verified": true})),
            Self::Unverify => (Method::PUT, of(""), json!({"email_verified": false})),
            Self::MakeAdmin => (Method::PUT, of("/make-admin"), Value::Null),
            Self::RemoveAdmin => (Method::PUT, of("/remove-admin"), Value::Null),
            Self::PasswordReset => (Method::POST, of("/password-reset"), Value::Null),
            Self::EndSessions => (Method::DELETE, of("/sessions"), Value::Null),
            Self::ResetFactors => (Method::DELETE, of("/factors"), Value::Null),
            Self::Delete => (Method::DELETE, of(""), Value::Null),
        }
    }

    /// True if the action would change this account, so that its page offers it. The API decides who may take it.
    pub(super) fn is_useful(self, user: &User, is_own: bool) -> bool {
        let is_person = user.email.is_some();
        match self {
            Self::Activate => !user.is_active,
            Self::Deactivate => user.is_active && !is_own,
            Self::Verify => is_person && !user.email_verified && !is_own,
            Self::Unverify => is_person && user.email_verified && !is_own,
            Self::MakeAdmin => !user.is_admin,
            Self::RemoveAdmin => user.is_admin && !is_own,
            Self::PasswordReset => is_person && user.is_active,
            Self::EndSessions => is_person,
            Self::ResetFactors => is_person && !is_own,
            Self::Delete => !is_own,
        }
    }

    /// The right that it needs: the resource and the action. Only administrators make administrators.
    pub(super) fn needed(self) -> (&'static str, &'static str) {
        match self {
            Self::MakeAdmin | Self::RemoveAdmin => ("admin", "all"),
            _ => ("accounts", "write"),
        }
    }

    /// True if it takes something away from the owner.
    pub(super) fn is_dangerous(self) -> bool {
        matches!(
            self,
            Self::Deactivate | Self::RemoveAdmin | Self::EndSessions | Self::ResetFactors | Self::Delete
        )
    }

    /// The keys of its texts, which are made of its name.
    pub(super) fn words(self) -> Words {
        let name = self.name();
        Words {
            button: format!("admin-account-action-{name}"),
            text: format!("admin-account-action-{name}-text"),
            question: format!("admin-account-confirm-{name}"),
            done: self.done(),
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Activate => "account-activated",
            Self::Deactivate => "account-deactivated",
            Self::Verify => "account-verified",
            Self::Unverify => "account-unverified",
            Self::MakeAdmin => "account-admin-made",
            Self::RemoveAdmin => "account-admin-removed",
            Self::PasswordReset => "account-reset-sent",
            Self::EndSessions => "account-sessions-ended",
            Self::ResetFactors => "account-factors-removed",
            Self::Delete => "account-removed",
        }
    }
}

#[cfg(test)]
mod tests {
    use users_web::Language;

    use super::*;
    use crate::texts::Catalogue;

    #[test]
    fn every_action_has_its_name_and_its_texts() {
        let catalogue = Catalogue::read().unwrap();
        for action in Action::ALL {
            assert_eq!(Action::named(action.name()), Some(action));
            let Words { button, text, question, done } = action.words();
            for key in [button, text, question, format!("done-{done}")] {
                assert!(catalogue.find(Language::English, &key, &[]).is_some(), "expected a text {key}");
            }
        }
    }
}
