//! Markup and calls that the pages of the administration share.

use axum::http::StatusCode;
use maud::{Markup, html};
use users_core::{RoleLabel, Timestamp};

use super::slice::Slice;
use crate::api::{Refusal, with_query};
use crate::browser::{Administrator, Visitor};
use crate::state::Console;
use crate::view::csrf;

/// The largest number of roles in a list to choose from.
const CHOICES: usize = 200;

/// Refuses a page that leads only to something that the person may not do.
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

/// The roles that the person can give. None for people who may not see roles, or may not give them.
///
/// # Errors
/// The refusal of the API.
pub(crate) async fn roles_to_give(
    console: &Console,
    person: &Administrator,
) -> Result<Vec<RoleLabel>, Refusal> {
    if !person.account.may("rbac", "read") || !person.account.may("rbac", "write") {
        return Ok(Vec::new());
    }
    let path = with_query("/rbac/role-names", &[("limit", &CHOICES.to_string())]);
    // While a release without this list is being replaced, a page without a choice is better than none.
    Ok(visible(console.api().get(&person.visitor, path).await)?.unwrap_or_default())
}

/// The answer of the API. `None` if the person may not see the object, or if it does not exist.
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

/// A form in a card, with its heading.
pub(crate) fn form_card(visitor: &Visitor, action: &str, heading: &str, content: &Markup) -> Markup {
    html! {
        form.card method="post" action=(action) {
            (csrf(visitor))
            h2 { (heading) }
            (content)
        }
    }
}

/// A card that explains a change, with a form that makes it and a link back. `button` may have hidden fields of the form beside it.
pub(crate) fn confirmation(
    visitor: &Visitor,
    explanation: &Markup,
    action: &str,
    button: &Markup,
    back: &str,
) -> Markup {
    html! {
        section.card {
            (explanation)
            form.actions method="post" action=(action) {
                (csrf(visitor))
                (button)
                a.button.quiet href=(back) { (visitor.text("console-cancel")) }
            }
        }
    }
}

/// A list to choose a role from. No role is chosen at first.
pub(crate) fn role_choice(visitor: &Visitor, name: &str, label: &str, roles: &[RoleLabel]) -> Markup {
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

/// Reads the part of a list that a page shows.
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

/// The parameter with the number of the last object of the page before.
pub(crate) const AFTER: &str = "after";

/// The number of the last object of the page before, from this parameter of the query. Empty for the first page, and for anything that is
/// no number.
pub(crate) fn after<'a>(visitor: &'a Visitor, parameter: &str) -> &'a str {
    let after = visitor.query().value(parameter);
    if after.parse::<i32>().is_ok_and(|after| after > 0) { after } else { "" }
}
