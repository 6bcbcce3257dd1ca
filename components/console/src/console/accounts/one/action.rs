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
    Delete,
}

/// The keys of an action's texts.
pub(super) struct Words {
    /// On the button.
    pub(super) button: &'static str,
    /// The consequence.
    pub(super) text: &'static str,
    /// The question, which names the account.
    pub(super) question: &'static str,
    /// The message when it is done.
    pub(super) done: &'static str,
}

impl Action {
    /// All actions, in the order of the page.
    pub(super) const ALL: [Self; 9] = [
        Self::Activate,
        Self::Deactivate,
        Self::PasswordReset,
        Self::EndSessions,
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
        matches!(self, Self::Deactivate | Self::RemoveAdmin | Self::EndSessions | Self::Delete)
    }

    /// The keys of its texts.
    pub(super) fn words(self) -> Words {
        let words = |button, text, question, done| Words { button, text, question, done };
        match self {
            Self::Activate => words(
                "admin-account-action-activate",
                "admin-account-action-activate-text",
                "admin-account-confirm-activate",
                "account-activated",
            ),
            Self::Deactivate => words(
                "admin-account-action-deactivate",
                "admin-account-action-deactivate-text",
                "admin-account-confirm-deactivate",
                "account-deactivated",
            ),
            Self::Verify => words(
                "admin-account-action-verify",
                "admin-account-action-verify-text",
                "admin-account-confirm-verify",
                "account-verified",
            ),
            Self::Unverify => words(
                "admin-account-action-unverify",
                "admin-account-action-unverify-text",
                "admin-account-confirm-unverify",
                "account-unverified",
            ),
            Self::MakeAdmin => words(
                "admin-account-action-make-admin",
                "admin-account-action-make-admin-text",
                "admin-account-confirm-make-admin",
                "account-admin-made",
            ),
            Self::RemoveAdmin => words(
                "admin-account-action-remove-admin",
                "admin-account-action-remove-admin-text",
                "admin-account-confirm-remove-admin",
                "account-admin-removed",
            ),
            Self::PasswordReset => words(
                "admin-account-action-password-reset",
                "admin-account-action-password-reset-text",
                "admin-account-confirm-password-reset",
                "account-reset-sent",
            ),
            Self::EndSessions => words(
                "admin-account-action-end-sessions",
                "admin-account-action-end-sessions-text",
                "admin-account-confirm-end-sessions",
                "account-sessions-ended",
            ),
            Self::Delete => words(
                "admin-account-action-delete",
                "admin-account-action-delete-text",
                "admin-account-confirm-delete",
                "account-removed",
            ),
        }
    }
}
