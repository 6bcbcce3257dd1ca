//! `GET /console/accounts/new`: the form for a new account of a person, or with `?kind=service` of a program.

use axum::extract::State;
use maud::{Markup, html};
use users_core::{AccountKind, RoleLabel};

use crate::api::Refusal;
use crate::browser::{Administrator, Fields, Visitor};
use crate::console::parts::{choice, require, roles_to_give};
use crate::state::Console;
use crate::view::{Input, Page, alert, csrf};

/// 200 with the form; 403 for people who may not change accounts.
pub(crate) async fn show(State(console): State<Console>, person: Administrator) -> Result<Page, Refusal> {
    require(&person, "accounts", "write")?;
    let kind = kind_of(person.visitor.query());
    page(&console, &person, kind, &Fields::default(), None).await
}

/// The kind of account that a query or a form names. Without a name, a person's.
pub(super) fn kind_of(fields: &Fields) -> AccountKind {
    fields.value("kind").parse().unwrap_or_default()
}

/// The page with the form, and the text that was entered before.
///
/// # Errors
/// The refusal of the API.
pub(super) async fn page(
    console: &Console,
    person: &Administrator,
    kind: AccountKind,
    entered: &Fields,
    refusal: Option<&Refusal>,
) -> Result<Page, Refusal> {
    let visitor = &person.visitor;
    let roles = roles_to_give(console, person).await?;
    let (text, fields, button) = match kind {
        AccountKind::Person => {
            ("accounts-new-person-text", of_person(visitor, entered, refusal), "accounts-new-button-person")
        }
        AccountKind::Service => (
            "accounts-new-service-text",
            of_program(visitor, entered, refusal),
            "accounts-new-button-service",
        ),
    };
    let content = html! {
        (kinds(visitor, kind))
        (alert(visitor, refusal))
        form.card method="post" action="/console/accounts" {
            (csrf(visitor))
            input type="hidden" name="kind" value=(kind.as_str());
            p { (visitor.text(text)) }
            (fields)
            (role_choices(visitor, &roles, entered))
            div.actions {
                button { (visitor.text(button)) }
                a.button.quiet href="/console/accounts" { (visitor.text("console-cancel")) }
            }
        }
    };
    Ok(Page::new(visitor.text("accounts-new-title"), content))
}

fn kinds(visitor: &Visitor, current: AccountKind) -> Markup {
    let kinds = [
        ("/console/accounts/new", "accounts-new-person", AccountKind::Person),
        ("/console/accounts/new?kind=service", "accounts-new-service", AccountKind::Service),
    ];
    html! {
        nav.row aria-label=(visitor.text("accounts-filter-kind")) {
            ul {
                @for (path, key, kind) in kinds {
                    li { a href=(path) aria-current=[(kind == current).then_some("page")] { (visitor.text(key)) } }
                }
            }
        }
    }
}

fn of_person(visitor: &Visitor, entered: &Fields, refusal: Option<&Refusal>) -> Markup {
    html! {
        (Input::new(visitor, "email", "email", visitor.text("accounts-new-email"))
            .value(entered.value("email")).autocomplete("off").required().faults(refusal, "/email"))
        (Input::new(visitor, "text", "full_name", visitor.text("accounts-new-name"))
            .value(entered.value("full_name")).autocomplete("off").faults(refusal, "/full_name"))
        (Input::new(visitor, "password", "password", visitor.text("accounts-new-password"))
            .hint(visitor.text("accounts-new-password-hint")).autocomplete("new-password").faults(refusal, "/password"))
    }
}

fn of_program(visitor: &Visitor, entered: &Fields, refusal: Option<&Refusal>) -> Markup {
    html! {
        (Input::new(visitor, "text", "full_name", visitor.text("accounts-new-service-name"))
            .value(entered.value("full_name")).autocomplete("off").faults(refusal, "/full_name"))
    }
}

fn role_choices(visitor: &Visitor, roles: &[RoleLabel], entered: &Fields) -> Markup {
    html! {
        @if !roles.is_empty() {
            fieldset {
                legend { (visitor.text("accounts-new-roles")) }
                p.hint { (visitor.text("accounts-new-roles-hint")) }
                div.fields {
                    @for role in roles {
                        @let id = role.id.to_string();
                        (choice("role_ids", &id, entered.values("role_ids").any(|it| it == id), &role.name))
                    }
                }
            }
        }
    }
}
