//! The person who is signed in.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures::future::join3;
use serde::Deserialize;
use serde_json::{Map, Value};
use users_policy::{Right, is_granted};
use users_web::Language;

use super::session::{Renewal, renew};
use super::{Redirect, Visitor};
use crate::api::{Api, Refusal};
use crate::state::Console;

/// The account of the person who is signed in, as the API described it a moment ago.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: i32,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    pub(crate) is_admin: bool,
    permissions: Vec<Permission>,
    /// `None` if they could not be read.
    preferences: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
struct Me {
    id: i32,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
    is_admin: bool,
}

#[derive(Debug, Deserialize)]
struct MyPermissions {
    permissions: Vec<Permission>,
}

#[derive(Debug, Clone, Deserialize)]
struct Permission {
    resource: String,
    action: String,
}

/// The permissions that open a part of the administration: the resource and the action.
const ADMINISTRATIVE: [(&str, &str); 4] =
    [("accounts", "read"), ("accounts", "write"), ("rbac", "read"), ("rbac", "write")];

impl Account {
    /// Returns true if the default policy lets the account do this. It decides what a page offers; the API decides what is allowed.
    pub(crate) fn may(&self, resource: &str, action: &str) -> bool {
        is_granted(self.is_admin, self.held(), Right::new(resource, action))
    }

    /// Returns true if the account may administer something.
    pub(crate) fn may_administrate(&self) -> bool {
        self.is_administrator() || ADMINISTRATIVE.iter().any(|(resource, action)| self.may(resource, action))
    }

    /// Returns true if the account has every right.
    pub(crate) fn is_administrator(&self) -> bool {
        is_granted(self.is_admin, self.held(), Right::ADMINISTRATION)
    }

    /// The permissions that the account holds by its roles, such as `accounts:read`.
    pub(crate) fn permissions(&self) -> impl Iterator<Item = String> {
        self.permissions.iter().map(|held| format!("{}:{}", held.resource, held.action))
    }

    /// The preferences of the person. `None` if they could not be read.
    pub(crate) fn preferences(&self) -> Option<&Map<String, Value>> {
        self.preferences.as_ref()
    }

    /// The theme that the person has chosen: `light` or `dark`. `None` for that of the system.
    pub(crate) fn theme(&self) -> Option<&'static str> {
        let chosen = self.preferences()?.get("theme")?.as_str()?;
        ["light", "dark"].into_iter().find(|theme| *theme == chosen)
    }

    /// The language that the person has chosen, if the pages are written in it.
    pub(crate) fn language(&self) -> Option<Language> {
        Language::of_range(self.preferences()?.get("language")?.as_str()?)
    }

    fn held(&self) -> impl Iterator<Item = Right<'_>> {
        self.permissions.iter().map(|held| Right::new(&held.resource, &held.action))
    }
}

/// The state of a browser's session.
enum Presence {
    Nobody,
    /// The session has ended.
    Ended,
    Inactive,
    Account(Arc<Account>),
}

/// Asks the API who is signed in, and renews the tokens if they are too old.
async fn presence(api: &Api, visitor: &Visitor) -> Result<Presence, Refusal> {
    if let Some(account) = visitor.account() {
        return Ok(Presence::Account(Arc::clone(account)));
    }
    if visitor.tokens().is_none() {
        return Ok(Presence::Nobody);
    }
    let mut outcome = load(api, visitor).await;
    if outcome.as_ref().is_err_and(|refusal| refusal.status() == 401) {
        match renew(api, visitor).await? {
            Renewal::Renewed => outcome = load(api, visitor).await,
            Renewal::Ended => {
                visitor.forget();
                return Ok(Presence::Ended);
            }
            Renewal::Inactive => {
                visitor.forget();
                return Ok(Presence::Inactive);
            }
        }
    }
    match outcome {
        Ok(account) => {
            let account = Arc::new(account);
            visitor.set_account(Arc::clone(&account));
            Ok(Presence::Account(account))
        }
        Err(refusal) if refusal.status() == 401 => {
            visitor.forget();
            Ok(Presence::Ended)
        }
        Err(refusal) if refusal.is("inactive_account") => {
            visitor.forget();
            Ok(Presence::Inactive)
        }
        Err(refusal) => Err(refusal),
    }
}

async fn load(api: &Api, visitor: &Visitor) -> Result<Account, Refusal> {
    let (me, rights, preferences) = join3(
        api.get::<Me>(visitor, "/auth/me"),
        api.get::<MyPermissions>(visitor, "/rbac/my-permissions"),
        api.get::<Map<String, Value>>(visitor, "/profile/preferences"),
    )
    .await;
    let me = me?;
    Ok(Account {
        id: me.id,
        email: me.email.unwrap_or_default(),
        email_verified: me.email_verified,
        is_admin: me.is_admin,
        permissions: rights?.permissions,
        // A page without the preferences is better than none.
        preferences: preferences.ok(),
    })
}

/// The visitor, who is signed in. Other people get the form for signing in, and then come back to the page.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    pub(crate) visitor: Visitor,
    pub(crate) account: Arc<Account>,
}

/// The visitor, who may be signed in.
#[derive(Debug, Clone)]
pub(crate) struct MaybeSignedIn {
    pub(crate) visitor: Visitor,
    pub(crate) account: Option<Arc<Account>>,
}

impl FromRequestParts<Console> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Response> {
        let visitor =
            Visitor::from_request_parts(parts, console).await.map_err(IntoResponse::into_response)?;
        // Only a page can be opened again after signing in; a form cannot be sent again.
        let next = if parts.method == axum::http::Method::POST { "" } else { visitor.target() };
        match presence(console.api(), &visitor).await.map_err(IntoResponse::into_response)? {
            Presence::Account(account) => Ok(Self { visitor, account }),
            Presence::Nobody => Err(Redirect::to_sign_in(next).into_response()),
            Presence::Ended => Err(Redirect::to_sign_in(next).and_done("session-ended").into_response()),
            Presence::Inactive => Err(Redirect::done("/account", "account-inactive").into_response()),
        }
    }
}

impl FromRequestParts<Console> for MaybeSignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Response> {
        let visitor =
            Visitor::from_request_parts(parts, console).await.map_err(IntoResponse::into_response)?;
        match presence(console.api(), &visitor).await.map_err(IntoResponse::into_response)? {
            Presence::Account(account) => Ok(Self { visitor, account: Some(account) }),
            Presence::Nobody => Ok(Self { visitor, account: None }),
            Presence::Ended => {
                let next = visitor.query().value("next").to_owned();
                Err(Redirect::to_sign_in(&next).and_done("session-ended").into_response())
            }
            Presence::Inactive => Err(Redirect::done("/account", "account-inactive").into_response()),
        }
    }
}
