//! `GET /console/roles`: the roles, page by page.

use axum::extract::State;
use maud::{Markup, html};
use users_core::Role;

use super::Shown;
use crate::api::{Refusal, with_query};
use crate::browser::{Administrator, Fields, Visitor};
use crate::console::parts::{AFTER, after, form_card, slice};
use crate::console::slice::Slice;
use crate::state::Console;
use crate::view::{Page, alert, pager};

/// The roles of a page. Each answer of the API has all permissions of a role.
const PAGE: usize = 25;

/// The messages that the page can show about the change before it.
const TELLS: &[&str] = &["role-deleted"];

/// 200 with the page; 403 for people who may not read roles.
pub(crate) async fn show(State(console): State<Console>, person: Administrator) -> Result<Page, Refusal> {
    page(&console, &person, &Fields::default(), None).await
}

/// The page, with the text that was entered into the form for a new role.
///
/// # Errors
/// The refusal of the API.
pub(super) async fn page(
    console: &Console,
    person: &Administrator,
    entered: &Fields,
    refusal: Option<&Refusal>,
) -> Result<Page, Refusal> {
    let Administrator { visitor, account } = person;
    let found: Slice<Role> =
        slice(console, visitor, "/rbac/roles", PAGE, &[(AFTER, after(visitor, AFTER))]).await?;
    let next = found.next().map(|role| with_query(super::ROOT, &[(AFTER, &role.id.to_string())]));
    let first = (!after(visitor, AFTER).is_empty()).then_some(super::ROOT);
    let content = html! {
        p { (visitor.text("roles-text")) " " a href="/console/permissions" { (visitor.text("roles-to-matrix")) } }
        (alert(visitor, refusal))
        @if found.items.is_empty() { p.empty { (visitor.text("roles-none")) } } @else { (table(visitor, &found)) }
        (pager(visitor, first, next.as_deref()))
        @if account.may("rbac", "write") {
            (form_card(visitor, super::ROOT, &visitor.text("roles-new-title"), &html! {
                (Shown::entered(entered).fields(visitor, refusal))
                div.actions { button { (visitor.text("roles-new-button")) } }
            }))
        } @else {
            p.muted { (visitor.text("role-readonly")) }
        }
    };
    Ok(Page::new(visitor.text("roles-title"), content).telling(TELLS))
}

fn table(visitor: &Visitor, found: &Slice<Role>) -> Markup {
    html! {
        table.list {
            caption { (visitor.text("roles-table-caption")) }
            thead {
                tr {
                    th scope="col" { (visitor.text("roles-table-name")) }
                    th scope="col" { (visitor.text("roles-table-description")) }
                    th.number scope="col" { (visitor.text("roles-table-permissions")) }
                }
            }
            tbody {
                @for role in &found.items {
                    tr {
                        th scope="row" {
                            a href={ "/console/roles/" (role.id) } { (role.name) } " "
                            @if role.is_default { span.badge { (visitor.text("roles-badge-default")) } " " }
                            @if role.requires_second_factor { span.badge { (visitor.text("roles-badge-strict")) } }
                        }
                        td data-label=(visitor.text("roles-table-description")) {
                            (role.description.as_deref().unwrap_or_default())
                        }
                        td.number data-label=(visitor.text("roles-table-permissions")) { (role.permissions.len()) }
                    }
                }
            }
        }
    }
}
