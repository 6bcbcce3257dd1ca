//! `/account/api-keys`: keys for programs that act in a person's name.

pub(crate) mod create;
pub(crate) mod end;

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use futures::future::join;
use maud::{Markup, html};
use serde::Deserialize;
use users_core::{ApiKey, Timestamp};

use super::confirm::CONFIRMED;
use crate::ago::{ago, now};
use crate::api::Refusal;
use crate::browser::{Account, Fields, SignedIn, Visitor};
use crate::state::Console;
use crate::view::{Again, CheckBox, Input, Page, again, alert, csrf, post, radio};

/// The path of the page.
const PATH: &str = "/account/api-keys";

/// The number of permissions that are offered as check boxes. People type the others, so that the page stays small.
const MOST_BOXES: usize = 60;

/// A permission, as the API lists it.
#[derive(Debug, Deserialize)]
struct Permission {
    resource: String,
    action: String,
}

/// A form that the API refused.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    sent: &'a Fields,
    refusal: &'a Refusal,
}

/// 200 with the page.
pub(crate) async fn show(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
) -> Result<Page, Refusal> {
    Ok(page(&console, &visitor, &account, None).await?.telling(&["api-key-ended", CONFIRMED]))
}

/// The page again, with the refusal and the text that the person entered.
async fn refused(
    console: &Console,
    visitor: &Visitor,
    account: &Account,
    sent: &Fields,
    refusal: &Refusal,
) -> Again {
    again(refusal, page(console, visitor, account, Some(Attempt { sent, refusal })).await)
}

async fn page(
    console: &Console,
    visitor: &Visitor,
    account: &Account,
    attempt: Option<Attempt<'_>>,
) -> Result<Page, Refusal> {
    let keys = console.api().get::<Vec<ApiKey>>(visitor, "/auth/api-keys");
    let (keys, offered) = join(keys, offered(console, visitor, account)).await;
    let (keys, offered) = (keys?, offered?);
    let content = html! {
        p { (visitor.text("keys-intro")) }
        (alert(visitor, attempt.map(|attempt| attempt.refusal)))
        @if keys.is_empty() {
            p.empty { (visitor.text("keys-none")) }
        } @else {
            (table(visitor, &keys, now()))
        }
        section.card aria-labelledby="new-key" {
            h2 id="new-key" { (visitor.text("keys-new-heading")) }
            (post(visitor, PATH, &fields(visitor, &offered, attempt)))
        }
    };
    Ok(Page::new(visitor.text("keys-title"), content))
}

/// The permissions that the account can give to a key: those that it has. Administrators have all that exist, unless `admin_addresses` keeps
/// the list from the place where they are. They can write the others.
async fn offered(
    console: &Console,
    visitor: &Visitor,
    account: &Account,
) -> Result<BTreeSet<String>, Refusal> {
    if !account.is_administrator() {
        return Ok(account.permissions().collect());
    }
    let all = console.api().get::<Vec<Permission>>(visitor, "/rbac/permissions?limit=1000").await;
    let permissions = match all {
        Err(refusal) if refusal.status() == StatusCode::FORBIDDEN || refusal.is_too_large() => {
            return Ok(account.permissions().collect());
        }
        outcome => outcome?,
    };
    Ok(permissions.into_iter().map(|it| format!("{}:{}", it.resource, it.action)).collect())
}

fn table(visitor: &Visitor, keys: &[ApiKey], now: Timestamp) -> Markup {
    html! {
        table.list {
            caption { (visitor.text("keys-list-heading")) }
            thead {
                tr {
                    th scope="col" { (visitor.text("keys-name")) }
                    th scope="col" { (visitor.text("keys-scope")) }
                    th scope="col" { (visitor.text("keys-addresses-field")) }
                    th scope="col" { (visitor.text("keys-used")) }
                    th scope="col" { (visitor.text("keys-expires")) }
                    th scope="col" { span.hidden { (visitor.text("keys-end")) } }
                }
            }
            tbody { @for key in keys { (row(visitor, key, now)) } }
        }
    }
}

fn row(visitor: &Visitor, key: &ApiKey, now: Timestamp) -> Markup {
    html! {
        tr {
            th scope="row" { (key.name) }
            td data-label=(visitor.text("keys-scope")) { (rights(visitor, key)) }
            td data-label=(visitor.text("keys-addresses-field")) {
                (key.addresses.as_ref().map_or_else(|| visitor.text("keys-addresses-all"), |list| list.join(", ")))
            }
            td data-label=(visitor.text("keys-used")) {
                @if let Some(time) = key.last_used_at { (ago(visitor, time, now)) }
                @else { (visitor.text("keys-unused")) }
            }
            td data-label=(visitor.text("keys-expires")) { (expiry(visitor, key, now)) }
            td { (end_form(visitor, key)) }
        }
    }
}

fn rights(visitor: &Visitor, key: &ApiKey) -> String {
    match key.permissions.as_deref() {
        None => visitor.text("keys-scope-all"),
        Some([]) => visitor.text("keys-permissions-none"),
        Some(list) => list.join(", "),
    }
}

fn expiry(visitor: &Visitor, key: &ApiKey, now: Timestamp) -> Markup {
    match key.expires_at {
        None => html! { (visitor.text("keys-expires-never")) },
        Some(time) if time <= now => html! { span.badge.warn { (visitor.text("keys-expired")) } },
        Some(time) => ago(visitor, time, now),
    }
}

fn end_form(visitor: &Visitor, key: &ApiKey) -> Markup {
    let name = [("name", key.name.as_str().into())];
    html! {
        form method="post" action={ (PATH) "/" (key.id) "/end" } {
            (csrf(visitor))
            button.quiet.danger aria-label=(visitor.text_with("keys-end-label", &name))
                data-confirm=(visitor.text_with("keys-end-confirm", &name)) { (visitor.text("keys-end")) }
        }
    }
}

/// The fields of a new key.
fn fields(visitor: &Visitor, offered: &BTreeSet<String>, attempt: Option<Attempt<'_>>) -> Markup {
    let value = |name: &str| attempt.map(|attempt| attempt.sent.value(name)).unwrap_or_default();
    let refusal = attempt.map(|attempt| attempt.refusal);
    html! {
        (Input::new(visitor, "text", "name", visitor.text("keys-name"))
            .value(value("name")).required().hint(visitor.text("keys-name-hint")).faults(refusal, "/name"))
        (permissions(visitor, offered, attempt))
        div.fields {
            (Input::new(visitor, "date", "expires_at", visitor.text("keys-expires-at"))
                .value(value("expires_at")).hint(visitor.text("keys-expires-at-hint"))
                .faults(refusal, "/expires_at"))
            (Input::new(visitor, "text", "addresses", visitor.text("keys-addresses-field"))
                .value(value("addresses")).hint(visitor.text("keys-addresses-hint"))
                .faults(refusal, "/addresses"))
        }
        div.actions { button { (visitor.text("keys-submit")) } }
    }
}

/// The choice between all rights and some.
fn permissions(visitor: &Visitor, offered: &BTreeSet<String>, attempt: Option<Attempt<'_>>) -> Markup {
    let refusal = attempt.map(|attempt| attempt.refusal);
    let scope = attempt.and_then(|attempt| attempt.sent.optional("scope")).unwrap_or("all");
    let chosen: BTreeSet<&str> =
        attempt.iter().flat_map(|attempt| attempt.sent.words("permissions")).collect();
    let boxes: Vec<&String> = offered.iter().take(MOST_BOXES).collect();
    let written: Vec<&str> =
        chosen.iter().copied().filter(|it| boxes.iter().all(|offered| offered.as_str() != *it)).collect();
    html! {
        fieldset {
            legend { (visitor.text("keys-scope")) }
            (radio("scope", "all", &visitor.text("keys-scope-all"), scope == "all"))
            (radio("scope", "some", &visitor.text("keys-scope-some"), scope == "some"))
            @if !boxes.is_empty() {
                fieldset {
                    legend { (visitor.text("keys-permissions-field")) }
                    div.fields {
                        @for name in boxes {
                            (CheckBox::new(visitor, "permissions", name, name.clone())
                                .checked(chosen.contains(name.as_str())))
                        }
                    }
                }
            }
            (Input::new(visitor, "text", "permissions", visitor.text("keys-permissions-more"))
                .value(&written.join(" ")).hint(visitor.text("keys-permissions-hint"))
                .faults(refusal, "/permissions"))
        }
    }
}
