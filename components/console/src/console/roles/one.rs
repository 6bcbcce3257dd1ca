//! `GET /console/roles/{role_id}`: one role: what it grants, and who has it.

use axum::extract::State;
use futures::future::join;
use maud::{Markup, html};
use serde::Deserialize;
use users_core::{Role, RoleId, RoleLabel, User};

use super::Shown;
use crate::api::{Refusal, with_query};
use crate::browser::{Administrator, Fields, Id, Visitor};
use crate::console::accounts::{badges, name_of};
use crate::console::parts::{AFTER, after, form_card, slice};
use crate::console::slice::Slice;
use crate::state::Console;
use crate::view::{Input, Page, alert, csrf, pager};

/// The holders of a page.
const PAGE: usize = 25;

/// The permissions of a role that its page lists. The matrix has them all.
const PERMISSIONS: usize = 100;

/// The messages that the page can show about the change before it.
const TELLS: &[&str] = &["role-created", "role-given", "role-saved", "role-taken"];

/// The path of the page of a role.
fn path_of(id: RoleId) -> String {
    format!("{}/{id}", super::ROOT)
}

/// An account that has the role.
#[derive(Deserialize)]
struct Holder {
    #[serde(flatten)]
    user: User,
    roles: Vec<RoleLabel>,
}

/// 200 with the page; 404 when there is no such role, 403 for people who may not read roles.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Administrator,
    Id(id): Id<RoleId>,
) -> Result<Page, Refusal> {
    page(&console, &person, id, None).await
}

/// The page. `refused` is a form of it that was refused.
///
/// # Errors
/// The refusal of the API.
pub(super) async fn page(
    console: &Console,
    person: &Administrator,
    id: RoleId,
    refused: Option<(&Fields, &Refusal)>,
) -> Result<Page, Refusal> {
    let Administrator { visitor, account } = person;
    let number = id.to_string();
    let pairs = [("role_id", number.as_str()), (AFTER, after(visitor, AFTER))];
    let holders = slice::<Holder>(console, visitor, "/rbac/users", PAGE, &pairs);
    let role = console.api().get::<Role>(visitor, format!("/rbac/roles/{id}"));
    let (role, holders) = join(role, holders).await;
    let (role, holders) = (role?, holders?);
    let may_write = account.may("rbac", "write");
    let content = html! {
        p {
            @if role.is_default { span.badge { (visitor.text("roles-badge-default")) } " " (visitor.text("role-default-yes")) " " }
            @if role.requires_second_factor { span.badge { (visitor.text("roles-badge-strict")) } " " (visitor.text("role-strict-yes")) " " }
            a href=(super::ROOT) { (visitor.text("role-back")) }
        }
        @if let Some(description) = &role.description { p { (description) } }
        (alert(visitor, refused.map(|(_, refusal)| refusal)))
        (permissions(visitor, &role))
        (self::holders(person, id, &holders))
        @if may_write { (give(visitor, id, refused.map(|(entered, _)| entered))) }
        @if may_write { (change(visitor, &role, refused)) } @else { p.muted { (visitor.text("role-readonly")) } }
    };
    Ok(Page::new(&*role.name, content).telling(TELLS))
}

fn permissions(visitor: &Visitor, role: &Role) -> Markup {
    let more = role.permissions.len().saturating_sub(PERMISSIONS);
    html! {
        section.card {
            h2 { (visitor.text("role-permissions-title")) }
            @if role.permissions.is_empty() { p.muted { (visitor.text("role-permissions-none")) } }
            @else {
                ul {
                    @for permission in role.permissions.iter().take(PERMISSIONS) {
                        li {
                            a href={ "/console/permissions/" (permission.id) } { (permission.name) } " "
                            code { (permission.resource) ":" (permission.action) }
                        }
                    }
                }
                @if more > 0 { p.muted { (visitor.text_with("role-permissions-more", &[("count", more.into())])) } }
            }
            p { a href="/console/permissions" { (visitor.text("role-permissions-edit")) } }
        }
    }
}

fn holders(person: &Administrator, role: RoleId, found: &Slice<Holder>) -> Markup {
    let visitor = &person.visitor;
    let path = path_of(role);
    let first = (!after(visitor, AFTER).is_empty()).then_some(path.as_str());
    let next = found.next().map(|holder| with_query(&path, &[(AFTER, &holder.user.id.to_string())]));
    html! {
        section.card {
            h2 { (visitor.text("role-holders-title")) }
            @if found.items.is_empty() { p.muted { (visitor.text("role-holders-none")) } }
            @else {
                table.list {
                    thead {
                        tr {
                            th scope="col" { (visitor.text("role-holders-name")) }
                            th scope="col" { (visitor.text("role-holders-email")) }
                            th scope="col" { (visitor.text("role-holders-others")) }
                            @if person.account.may("rbac", "write") {
                                th scope="col" { span.hidden { (visitor.text("admin-account-roles-take")) } }
                            }
                        }
                    }
                    tbody { @for holder in &found.items { (row(person, role, holder)) } }
                }
            }
            (pager(visitor, first, next.as_deref()))
        }
    }
}

fn row(person: &Administrator, role: RoleId, holder: &Holder) -> Markup {
    let Administrator { visitor, account } = person;
    let Holder { user, roles } = holder;
    let name = name_of(visitor, user);
    let others: Vec<_> = roles.iter().filter(|it| it.id != role).map(|it| it.name.as_str()).collect();
    html! {
        tr {
            th scope="row" {
                @if account.may("accounts", "read") { a href={ "/console/accounts/" (user.id) } { (name) } } @else { (name) }
                " " (badges(visitor, user))
            }
            td data-label=(visitor.text("role-holders-email")) { (user.email.as_deref().unwrap_or_default()) }
            td data-label=(visitor.text("role-holders-others")) { (others.join(", ")) }
            @if account.may("rbac", "write") {
                td {
                    form method="post" action={ (path_of(role)) "/holders/" (user.id) "/take" } {
                        (csrf(visitor))
                        button.quiet.danger aria-label=(visitor.text_with("role-holders-take", &[("name", name.as_str().into())])) {
                            (visitor.text("admin-account-roles-take"))
                        }
                    }
                }
            }
        }
    }
}

/// The form that gives the role to an account by its number. People who may see accounts can also give roles on their pages.
fn give(visitor: &Visitor, role: RoleId, entered: Option<&Fields>) -> Markup {
    let content = html! {
        (Input::new(visitor, "text", "user_id", visitor.text("role-give-account"))
            .value(entered.map(|entered| entered.value("user_id")).unwrap_or_default())
            .hint(visitor.text("role-give-account-hint")).autocomplete("off").required())
        div.actions { button { (visitor.text("role-give-button")) } }
    };
    let action = format!("{}/holders", path_of(role));
    form_card(visitor, &action, &visitor.text("role-give-title"), &content)
}

fn change(visitor: &Visitor, role: &Role, refused: Option<(&Fields, &Refusal)>) -> Markup {
    let stored = Shown {
        name: &role.name,
        description: role.description.as_deref().unwrap_or_default(),
        is_default: role.is_default,
        requires_second_factor: role.requires_second_factor,
    };
    let (shown, refusal) = match refused {
        Some((entered, refusal)) if entered.has("name") => (Shown::entered(entered), Some(refusal)),
        _ => (stored, None),
    };
    let path = path_of(role.id);
    let content = html! {
        (shown.fields(visitor, refusal))
        div.actions {
            button { (visitor.text("role-change-button")) }
            a.button.quiet.danger href={ (path) "/delete" } { (visitor.text("role-delete")) }
        }
    };
    form_card(visitor, &path, &visitor.text("role-change-title"), &content)
}
