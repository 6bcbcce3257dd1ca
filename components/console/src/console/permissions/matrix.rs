//! `GET /console/permissions`: which role grants what.

use std::collections::BTreeSet;

use axum::extract::State;
use futures::future::join;
use maud::{Markup, html};
use users_core::{Permission, Role};

use super::Shown;
use crate::api::{Refusal, with_query};
use crate::browser::{Administrator, Fields, Visitor};
use crate::console::parts::{AFTER, after, form_card, slice};
use crate::console::slice::Slice;
use crate::state::Console;
use crate::view::{Page, alert, csrf, pager};

/// The permissions of a page: its rows. With all boxes ticked, the page stays under 30 KiB.
const ROWS: usize = 30;

/// The roles of a page: its columns.
const COLUMNS: usize = 6;

/// The parameter with the number of the last role of the page before.
const AFTER_ROLE: &str = "after_role";

/// The messages that the page can show about the change before it.
const TELLS: &[&str] = &["permission-created", "permission-deleted"];

/// 200 with the page; 403 for people who may not read permissions.
pub(crate) async fn show(State(console): State<Console>, person: Administrator) -> Result<Page, Refusal> {
    page(&console, &person, &Fields::default(), None).await
}

/// The page, with the text that was entered into the form for a new permission.
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
    let (permissions, roles) = join(
        slice::<Permission>(console, visitor, "/rbac/permissions", ROWS, &[(AFTER, after(visitor, AFTER))]),
        slice::<Role>(console, visitor, "/rbac/roles", COLUMNS, &[(AFTER, after(visitor, AFTER_ROLE))]),
    )
    .await;
    let (permissions, roles) = (permissions?, roles?);
    let may_write = account.may("rbac", "write");
    let content = html! {
        (alert(visitor, refusal))
        @if permissions.items.is_empty() {
            p.empty { (visitor.text("permissions-none")) }
        } @else {
            @if roles.items.is_empty() { p.empty { (visitor.text("permissions-roleless")) } }
            (matrix(visitor, &permissions, &roles, may_write && !roles.items.is_empty()))
        }
        (pages(visitor, &permissions, &roles))
        @if may_write {
            (form_card(visitor, super::ROOT, &visitor.text("permissions-new-title"), &html! {
                (Shown::entered(entered).fields(visitor, refusal))
                div.actions { button { (visitor.text("permissions-new-button")) } }
            }))
        } @else {
            p.muted { (visitor.text("permissions-readonly")) }
        }
    };
    Ok(Page::new(visitor.text("permissions-title"), content).telling(TELLS))
}

/// The query of the part of the matrix that the reader sees.
pub(super) fn here(visitor: &Visitor) -> [(&str, &str); 2] {
    [(AFTER, after(visitor, AFTER)), (AFTER_ROLE, after(visitor, AFTER_ROLE))]
}

/// The matrix. For people who may change it, it is a form.
fn matrix(
    visitor: &Visitor,
    permissions: &Slice<Permission>,
    roles: &Slice<Role>,
    may_change: bool,
) -> Markup {
    html! {
        @if may_change {
            p { (visitor.text("permissions-text")) }
            form method="post" action=(with_query("/console/permissions/save", &here(visitor))) {
                (csrf(visitor))
                (table(visitor, permissions, roles, true))
                div.actions {
                    button { (visitor.text("permissions-save")) }
                    button.quiet type="reset" { (visitor.text("permissions-reset")) }
                }
            }
        } @else {
            (table(visitor, permissions, roles, false))
        }
    }
}

fn table(
    visitor: &Visitor,
    permissions: &Slice<Permission>,
    roles: &Slice<Role>,
    may_change: bool,
) -> Markup {
    let granted: BTreeSet<_> = roles
        .items
        .iter()
        .flat_map(|role| role.permissions.iter().map(|permission| (role.id, permission.id)))
        .collect();
    html! {
        div.scroll tabindex="0" role="region" aria-label=(visitor.text("permissions-table-caption")) {
            table.matrix {
                caption.hidden { (visitor.text("permissions-table-caption")) }
                thead {
                    tr {
                        th scope="col" { (visitor.text("permissions-table-permission")) }
                        @for role in &roles.items {
                            th scope="col" id={ "r" (role.id) } { a href={ "/console/roles/" (role.id) } { (role.name) } }
                        }
                    }
                }
                tbody {
                    @for permission in &permissions.items {
                        tr {
                            th scope="row" id={ "p" (permission.id) } {
                                a href={ (super::ROOT) "/" (permission.id) } { (permission.name) }
                            }
                            @for role in &roles.items {
                                td { (cell(role, permission, granted.contains(&(role.id, permission.id)), may_change)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A box, and its state when the page was made, so that only boxes that the reader touches count. Its label is made of the heads of its
/// column and its row.
fn cell(role: &Role, permission: &Permission, is_granted: bool, may_change: bool) -> Markup {
    let (role, permission) = (role.id, permission.id);
    html! {
        @if may_change && is_granted { input type="hidden" name="was" value={ (role) "-" (permission) }; }
        input type="checkbox" name="grants" value={ (role) "-" (permission) } checked[is_granted] disabled[!may_change]
            aria-labelledby={ "r" (role) " p" (permission) };
    }
}

fn pages(visitor: &Visitor, permissions: &Slice<Permission>, roles: &Slice<Role>) -> Markup {
    let (row, column) = (after(visitor, AFTER), after(visitor, AFTER_ROLE));
    let address = |row: &str, column: &str| with_query(super::ROOT, &[(AFTER, row), (AFTER_ROLE, column)]);
    let first = (!row.is_empty()).then(|| address("", column));
    let next = permissions.next().map(|it| address(&it.id.to_string(), column));
    let first_roles = (!column.is_empty()).then(|| address(row, ""));
    let next_roles = roles.next().map(|it| address(row, &it.id.to_string()));
    html! {
        (pager(visitor, first.as_deref(), next.as_deref()))
        @if first_roles.is_some() || next_roles.is_some() {
            nav.pager aria-label=(visitor.text("permissions-roles-pages")) {
                @if let Some(first) = first_roles { a.button.quiet href=(first) { (visitor.text("permissions-roles-first")) } }
                @if let Some(next) = next_roles { a.button.quiet href=(next) { (visitor.text("permissions-roles-next")) } }
            }
        }
    }
}
