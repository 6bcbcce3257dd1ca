//! `GET /console/accounts/{user_id}`: everything about one account.

use axum::extract::State;
use users_core::UserId;

use super::facts::Facts;
use super::view::View;
use crate::api::Refusal;
use crate::browser::{Administrator, Fields, Id};
use crate::console::accounts::shown::name_of;
use crate::state::Console;
use crate::view::{Again, Page, again};

/// The messages that the page can show about the change before it.
const TELLS: &[&str] = &[
    "account-activated",
    "account-admin-made",
    "account-admin-removed",
    "account-created",
    "account-deactivated",
    "account-factors-removed",
    "account-invited",
    "account-key-ended",
    "account-reset-sent",
    "account-role-given",
    "account-role-taken",
    "account-saved",
    "account-sessions-ended",
    "account-unverified",
    "account-verified",
];

/// 200 with the page; 404 when there is no such account, 403 for people who may not read accounts.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Administrator,
    Id(id): Id<UserId>,
) -> Result<Page, Refusal> {
    page(&console, &person, id, &Fields::default(), None).await
}

/// The answer to a form of the page that the API refused: the page again, with the text that was entered.
pub(super) async fn refused(
    console: &Console,
    person: &Administrator,
    id: UserId,
    entered: &Fields,
    refusal: &Refusal,
) -> Again {
    again(refusal, page(console, person, id, entered, Some(refusal)).await)
}

async fn page(
    console: &Console,
    person: &Administrator,
    id: UserId,
    entered: &Fields,
    refusal: Option<&Refusal>,
) -> Result<Page, Refusal> {
    let facts = Facts::read(console, person, id).await?;
    let view = View { person, facts: &facts, entered, refusal };
    Ok(Page::new(name_of(&person.visitor, &facts.user), view.content()).telling(TELLS))
}
