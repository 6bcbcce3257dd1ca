//! `GET /console/permissions`: which role grants what.

use std::collections::BTreeSet;

use axum::extract::State;
use futures::future::join;
use maud::{Markup, html};
use users_core::{Permission, Role};

use super::Shown;
use crate::api::{Refusal, with_query};
use crate::browser::{Administrator, Fields, Visitor};
use crate::console::parts::{after, slice};
use crate::console::slice::Slice;
use crate::state::Console;
use crate::view::{Page, alert, csrf, pager};

/// The permissions of a page: its rows. With all boxes ticked, the page stays under 30 KiB.
const ROWS: usize = 30;

/// The roles of a page: its columns.
const COLUMNS: usize = 6;

/// The parameter with the number of the last role of the page before.
const AFTER_ROLE: &str = "after_role";

/// What may have been done before this page.
const TELLS: &[&str] = &["permission-created", "permission-deleted"];

/// 200 with the page; 403 for who may not read permissions.
pub(crate) async fn show(State(console): State<Console>, person: Administrator) -> Result<Page, Refusal> {
    page(&console, &person, &Fields::default(), None).await
}

/// The page, with what was entered into the form for a new permission.
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
        slice::<Permission>(console, visitor, "/rbac/permissions", ROWS, &[("after", after(visitor))]),
        slice::<Role>(console, visitor, "/rbac/roles", COLUMNS, &[("after", after_role(visitor))]),
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
            form.card method="post" action=(super::ROOT) {
                (csrf(visitor))
                h2 { (visitor.text("permissions-new-title")) }
                (Shown::entered(entered).fields(visitor, refusal))
                div.actions { button { (visitor.text("permissions-new-button")) } }
            }
        } @else {
            p.muted { (visitor.text("permissions-readonly")) }
        }
    };
    Ok(Page::new(visitor.text("permissions-title"), content).telling(TELLS))
}

fn after_role(visitor: &Visitor) -> &str {
    let after = visitor.query().value(AFTER_ROLE);
    if after.parse::<i32>().is_ok_and(|after| after > 0) { after } else { "" }
}

/// The matrix, in a form for who may change it.
fn matrix(
    visitor: &Visitor,
    permissions: &Slice<Permission>,
    roles: &Slice<Role>,
    may_change: bool,
) -> Markup {
    let here = [("after", after(visitor)), (AFTER_ROLE, after_role(visitor))];
    html! {
        @if may_change {
            p { (visitor.text("permissions-text")) }
            form method="post" action=(with_query("/console/permissions/save", &here)) {
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

/// A tick, and what it was when the page was made: only what the reader touches is changed. Its label are the heads of its column and row.
fn cell(role: &Role, permission: &Permission, is_granted: bool, may_change: bool) -> Markup {
    let (role, permission) = (role.id, permission.id);
    html! {
        @if may_change && is_granted { input type="hidden" name="was" value={ (role) "-" (permission) }; }
        input type="checkbox" name="grants" value={ (role) "-" (permission) } checked[is_granted] disabled[!may_change]
            aria-labelledby={ "r" (role) " p" (permission) };
    }
}

fn pages(visitor: &Visitor, permissions: &Slice<Permission>, roles: &Slice<Role>) -> Markup {
    let (row, column) = (after(visitor), after_role(visitor));
    let address = |row: &str, column: &str| with_query(super::ROOT, &[("after", row), (AFTER_ROLE, column)]);
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
