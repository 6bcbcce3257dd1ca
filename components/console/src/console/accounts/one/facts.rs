//! The facts about one account, from the API.

use futures::future::{OptionFuture, join, join3};
use serde::Deserialize;
use serde_json::{Map, Value};
use users_core::{ApiKey, Role, RoleLabel, Session, User, UserId};

use crate::api::Refusal;
use crate::browser::Administrator;
use crate::console::parts::{roles_to_give, visible};
use crate::state::Console;

/// Everything that the page of an account shows. Facts that the reader may not see are `None`.
pub(super) struct Facts {
    pub(super) user: User,
    /// Only administrators, the owner, and readers of a public profile see it.
    pub(super) profile: Option<Profile>,
    pub(super) roles: Option<Vec<Role>>,
    pub(super) sessions: Option<Vec<Session>>,
    pub(super) keys: Option<Vec<ApiKey>>,
    /// The roles that the reader can give.
    pub(super) choices: Vec<RoleLabel>,
    /// True if the account has more sessions, keys or roles than the API can tell at once. These are then `None`.
    pub(super) is_partial: bool,
}

/// The texts of a profile.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    pub(super) bio: Option<String>,
    pub(super) location: Option<String>,
    pub(super) website: Option<String>,
    pub(super) avatar_url: Option<String>,
    pub(super) phone_number: Option<String>,
    pub(super) birth_date: Option<String>,
    pub(super) preferences: Map<String, Value>,
}

impl Facts {
    /// Asks the API for all facts at once.
    ///
    /// # Errors
    /// The refusal of the API: 403 for people who may not read accounts, 404 when there is no such account.
    pub(super) async fn read(console: &Console, person: &Administrator, id: UserId) -> Result<Self, Refusal> {
        let (api, visitor) = (console.api(), &person.visitor);
        let reads_roles = person.account.may("rbac", "read");
        let roles = reads_roles.then(|| api.get(visitor, format!("/rbac/users/{id}/roles")));
        let account = join3(
            api.get(visitor, format!("/users/{id}")),
            api.get(visitor, format!("/users/{id}/sessions")),
            api.get(visitor, format!("/users/{id}/api-keys")),
        );
        let others = join3(
            api.get(visitor, format!("/profile/{id}")),
            OptionFuture::from(roles),
            roles_to_give(console, person),
        );
        let ((user, sessions, keys), (profile, roles, choices)) = join(account, others).await;
        let mut is_partial = false;
        Ok(Self {
            user: user?,
            profile: visible(profile)?,
            roles: roles.map(|roles| listed(roles, &mut is_partial)).transpose()?.flatten(),
            sessions: listed(sessions, &mut is_partial)?,
            keys: listed(keys, &mut is_partial)?,
            choices: choices?,
            is_partial,
        })
    }
}

/// A list of the account, if the reader may see it. Everybody can open thousands of sessions. The page without them is better than none:
/// otherwise the owner could keep administrators from the account.
fn listed<T>(outcome: Result<Vec<T>, Refusal>, is_partial: &mut bool) -> Result<Option<Vec<T>>, Refusal> {
    match outcome {
        Err(refusal) if refusal.is_too_large() => {
            *is_partial = true;
            Ok(None)
        }
        outcome => visible(outcome),
    }
}
