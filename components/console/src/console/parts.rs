//! Markup and calls that the pages of the administration share.

use axum::http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use users_core::{RoleId, Timestamp};

use super::slice::Slice;
use crate::api::{Refusal, with_query};
use crate::browser::{Administrator, Visitor};
use crate::state::Console;
use crate::view::Page;

/// The roles that a list to choose from has at most.
const CHOICES: usize = 200;

/// Refuses a page that only leads to what the person may not do.
///
/// # Errors
/// 403.
pub(crate) fn require(person: &Administrator, resource: &str, action: &str) -> Result<(), Refusal> {
    if person.account.may(resource, action) {
        Ok(())
    } else {
        Err(Refusal::new(StatusCode::FORBIDDEN, "permission_denied"))
    }
}

/// A role to choose.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct RoleName {
    pub(crate) id: RoleId,
    pub(crate) name: String,
}

/// The roles that the person can give. None for who may not see or not give roles.
///
/// # Errors
/// The refusal of the API.
pub(crate) async fn roles_to_give(
    console: &Console,
    person: &Administrator,
) -> Result<Vec<RoleName>, Refusal> {
    if !person.account.may("rbac", "read") || !person.account.may("rbac", "write") {
        return Ok(Vec::new());
    }
    let path = with_query("/rbac/roles", &[("limit", &CHOICES.to_string())]);
    match console.api().get(&person.visitor, path).await {
        // The roles grant more than an answer may hold. A page without them is better than none.
        Err(refusal) if refusal.is_too_large() => Ok(Vec::new()),
        outcome => outcome,
    }
}

/// The answer to a form that was refused: its page again, or the page of a refusal.
pub(crate) type Again = Result<Page, Refusal>;

/// The page of a refused form, with the status of the refusal. Where the page cannot be shown, or the session has ended, the refusal
/// itself.
pub(crate) fn again(refusal: &Refusal, page: Result<Page, Refusal>) -> Again {
    match page {
        Ok(page) if refusal.status() != 401 => Ok(page.with_refusal(refusal)),
        _ => Err(refusal.clone()),
    }
}

/// What the API answered; `None` for what the person may not see, and for what is not there.
///
/// # Errors
/// Every other refusal.
pub(crate) fn visible<T>(outcome: Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(refusal) if refusal.status() == 403 || refusal.status() == 404 => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// A time, to the minute.
pub(crate) fn time(time: Timestamp) -> Markup {
    html! { time datetime=(time) { (time.utc().format("%Y-%m-%d %H:%M")) " UTC" } }
}

/// The day of a time, in UTC.
pub(crate) fn day(time: Timestamp) -> Markup {
    html! { time datetime=(time) { (time.utc().format("%Y-%m-%d")) } }
}

/// A check box with its label.
pub(crate) fn choice(name: &str, value: &str, is_set: bool, label: &str) -> Markup {
    html! {
        label.choice { input type="checkbox" name=(name) value=(value) checked[is_set]; (label) }
    }
}

/// A list to choose a role from. Nothing is chosen at first.
pub(crate) fn role_choice(visitor: &Visitor, name: &str, label: &str, roles: &[RoleName]) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                option value="" { (visitor.text("accounts-role-choose")) }
                @for role in roles { option value=(role.id) { (role.name) } }
            }
        }
    }
}

/// The part of a list that a page shows.
///
/// # Errors
/// The refusal of the API.
pub(crate) async fn slice<T: serde::de::DeserializeOwned>(
    console: &Console,
    visitor: &Visitor,
    path: &str,
    size: usize,
    pairs: &[(&str, &str)],
) -> Result<Slice<T>, Refusal> {
    let limit = Slice::<T>::ask(size).to_string();
    let pairs = [&[("limit", limit.as_str())], pairs].concat();
    let found = console.api().get(visitor, with_query(path, &pairs)).await?;
    Ok(Slice::of(found, size))
}

/// The number of the last object of the page before, which a query names; empty for the first page. What is no number counts as none.
pub(crate) fn after(visitor: &Visitor) -> &str {
    let after = visitor.query().value("after");
    if after.parse::<i32>().is_ok_and(|after| after > 0) { after } else { "" }
}
