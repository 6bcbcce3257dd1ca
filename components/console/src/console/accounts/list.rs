//! `GET /console/accounts`: the accounts, searched, filtered and page by page.

use axum::extract::State;
use futures::future::join;
use maud::{Markup, html};
use users_core::{AccountKind, RoleLabel, User};

use super::bulk::Change;
use super::filter::Filter;
use super::shown::{badges, name_of};
use crate::api::Refusal;
use crate::browser::{Administrator, Visitor};
use crate::console::parts::{choice, day, role_choice, roles_to_give};
use crate::console::slice::Slice;
use crate::state::Console;
use crate::view::{Page, alert, csrf, pager};

/// The accounts of a page.
const PAGE: usize = 25;

/// The messages that the page can show about the change before it.
const TELLS: &[&str] = &["account-removed"];

/// 200 with the page; 422 when the API refuses the search, 403 for people who may not read accounts.
pub(crate) async fn show(State(console): State<Console>, person: Administrator) -> Result<Page, Refusal> {
    page(&console, &person, None).await
}

/// The page. `message` stands above the list, and says why a form did nothing.
///
/// # Errors
/// The refusal of the API.
pub(crate) async fn page(
    console: &Console,
    person: &Administrator,
    message: Option<&str>,
) -> Result<Page, Refusal> {
    let Administrator { visitor, account } = person;
    let filter = Filter::of(visitor.query());
    let limit = Slice::<User>::ask(PAGE).to_string();
    let found = console.api().get::<Vec<User>>(visitor, filter.address("/users/", filter.after, &limit));
    let (found, roles) = join(found, roles_to_give(console, person)).await;
    let (found, refusal) = match found {
        Ok(found) => (found, None),
        Err(refusal) if refusal.status() == 422 => (Vec::new(), Some(refusal)),
        Err(refusal) => return Err(refusal),
    };
    let found = Slice::of(found, PAGE);
    let roles = roles?;
    let changes: Vec<_> = Change::ALL
        .into_iter()
        .filter(|change| match change {
            Change::GiveRole => !roles.is_empty(),
            _ => account.may("accounts", "write"),
        })
        .collect();
    let content = html! {
        @if account.may("accounts", "write") {
            p { a.button href="/console/accounts/new" { (visitor.text("accounts-new")) } }
        }
        @if let Some(message) = message { div.alert.bad role="alert" { p { (message) } } }
        (alert(visitor, refusal.as_ref()))
        (search(visitor, &filter))
        div #results { (results(visitor, &filter, &found, !changes.is_empty())) }
        // Below an empty list, too: the script may fill the list while the reader types.
        @if !changes.is_empty() { (bulk(visitor, &filter, &changes, &roles)) }
    };
    let page = Page::new(visitor.text("accounts-title"), content).telling(TELLS);
    Ok(match refusal {
        Some(refusal) => page.with_refusal(&refusal),
        None => page,
    })
}

/// The search form. The script sends it while the reader types.
fn search(visitor: &Visitor, filter: &Filter) -> Markup {
    let kinds = [
        ("", visitor.text("accounts-filter-kind-any"), filter.kind.is_none()),
        ("person", visitor.text("admin-account-kind-person"), filter.kind == Some(AccountKind::Person)),
        ("service", visitor.text("admin-account-kind-service"), filter.kind == Some(AccountKind::Service)),
    ];
    html! {
        form.filters role="search" method="get" action="/console/accounts" data-search="results" {
            div.field {
                label for="search" { (visitor.text("accounts-search-label")) }
                input #search type="search" name="search" value=(filter.search) maxlength="100" autocomplete="off";
            }
            div.field {
                label for="kind" { (visitor.text("accounts-filter-kind")) }
                select #kind name="kind" {
                    @for (value, label, is_chosen) in kinds {
                        option value=(value) selected[is_chosen] { (label) }
                    }
                }
            }
            (choice("active_only", "true", filter.active_only, &visitor.text("accounts-filter-active")))
            button.quiet { (visitor.text("accounts-search-button")) }
            @if !filter.is_empty() {
                a.button.quiet href="/console/accounts" { (visitor.text("accounts-search-clear")) }
            }
        }
    }
}

/// The accounts, and the links to other pages of the list.
fn results(visitor: &Visitor, filter: &Filter, found: &Slice<User>, is_selectable: bool) -> Markup {
    let first = (filter.after > 0).then(|| filter.address(super::ROOT, 0, ""));
    let next = found.next().map(|last| filter.address(super::ROOT, last.id.get(), ""));
    html! {
        @if found.items.is_empty() {
            p.empty { (visitor.text("accounts-none")) " " (visitor.text("accounts-none-advice")) }
        } @else {
            table.list {
                caption { (visitor.text("accounts-table-caption")) }
                thead {
                    tr {
                        @if is_selectable {
                            th scope="col" { span.hidden { (visitor.text("accounts-table-select")) } }
                        }
                        th scope="col" { (visitor.text("accounts-table-name")) }
                        th scope="col" { (visitor.text("accounts-table-email")) }
                        th scope="col" { (visitor.text("accounts-table-state")) }
                        th scope="col" { (visitor.text("accounts-table-created")) }
                    }
                }
                tbody { @for user in &found.items { (row(visitor, user, is_selectable)) } }
            }
        }
        (pager(visitor, first.as_deref(), next.as_deref()))
    }
}

fn row(visitor: &Visitor, user: &User, is_selectable: bool) -> Markup {
    let name = name_of(visitor, user);
    html! {
        tr {
            @if is_selectable {
                td {
                    input type="checkbox" name="user_ids" value=(user.id) form="bulk"
                        aria-label=(visitor.text_with("accounts-table-select-one", &[("name", name.as_str().into())]));
                }
            }
            th scope="row" { a href={ "/console/accounts/" (user.id) } { (name) } }
            td data-label=(visitor.text("accounts-table-email")) {
                @match &user.email {
                    Some(email) => (email),
                    None => span.muted { (visitor.text("admin-account-address-none")) },
                }
            }
            td data-label=(visitor.text("accounts-table-state")) { (badges(visitor, user)) }
            td data-label=(visitor.text("accounts-table-created")) { (day(user.created_at)) }
        }
    }
}

/// The form that changes the selected accounts. The next page says what will happen.
fn bulk(visitor: &Visitor, filter: &Filter, changes: &[Change], roles: &[RoleLabel]) -> Markup {
    html! {
        form.card #bulk method="post" action=(filter.same("/console/accounts/bulk")) {
            (csrf(visitor))
            h2 { (visitor.text("accounts-bulk-legend")) }
            label.choice data-script { input type="checkbox" data-all="user_ids"; (visitor.text("accounts-bulk-all")) }
            div.filters {
                div.field {
                    label for="action" { (visitor.text("accounts-bulk-action")) }
                    select #action name="action" {
                        @for change in changes {
                            option value=(change.name()) { (visitor.text(&change.words().option)) }
                        }
                    }
                }
                @if !roles.is_empty() { (role_choice(visitor, "role_id", &visitor.text("accounts-bulk-role"), roles)) }
                button { (visitor.text("accounts-bulk-button")) }
            }
            p.hint { (visitor.text("accounts-bulk-hint")) }
        }
    }
}
