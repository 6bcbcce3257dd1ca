//! `POST /console/permissions/save`: saves the matrix, and reports the outcome for each role.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::json;
use users_core::{PermissionId, Role, RoleId};

use super::grants::{Changed, changes};
use super::matrix::here;
use crate::api::{Refusal, with_query};
use crate::browser::{Administrator, Form, Visitor};
use crate::state::Console;
use crate::view::{Page, words};

/// The outcome for a role whose column was touched.
struct Outcome {
    id: RoleId,
    /// `None` if it could not be read.
    name: Option<String>,
    result: Result<Changed, Refusal>,
}

/// 200 with the report. If nothing was saved, it has the status of the API's refusal.
pub(crate) async fn handle(
    State(console): State<Console>,
    Administrator { visitor, .. }: Administrator,
    Form(form): Form,
) -> Result<Page, Refusal> {
    let mut outcomes = Vec::new();
    // One after the other, because each role decides whether an administrator remains without the roles before it.
    for (id, changed) in changes(form.iter()) {
        let outcome = save(&console, &visitor, id, changed).await;
        if let Err(refusal) = &outcome.result
            && refusal.status() == StatusCode::UNAUTHORIZED
        {
            return Err(refusal.clone());
        }
        outcomes.push(outcome);
    }
    let is_saved = outcomes.iter().any(|outcome| outcome.result.is_ok());
    let refusal = outcomes.iter().find_map(|outcome| outcome.result.as_ref().err());
    let status = refusal.filter(|_| !is_saved).map_or(StatusCode::OK, Refusal::status);
    let page = Page::new(visitor.text("permissions-outcome-title"), report(&visitor, &outcomes));
    Ok(page.with_status(status))
}

/// Applies the changes to the role as it is now, not as it was when the page was made.
async fn save(console: &Console, visitor: &Visitor, id: RoleId, changed: Changed) -> Outcome {
    let path = format!("/rbac/roles/{id}");
    let role: Role = match console.api().get(visitor, path.as_str()).await {
        Ok(role) => role,
        Err(refusal) => return Outcome { id, name: None, result: Err(refusal) },
    };
    let now: BTreeSet<PermissionId> = role.permissions.iter().map(|permission| permission.id).collect();
    let wanted = changed.applied_to(now.iter().copied());
    let result = if wanted == now {
        Ok(Changed::default())
    } else {
        let body = json!({"permission_ids": wanted});
        console.api().put::<Role>(visitor, path, &body).await.map(|_| Changed {
            added: wanted.difference(&now).copied().collect(),
            removed: now.difference(&wanted).copied().collect(),
        })
    };
    Outcome { id, name: Some(role.name), result }
}

fn report(visitor: &Visitor, outcomes: &[Outcome]) -> Markup {
    html! {
        @if outcomes.is_empty() {
            div.alert role="status" { p { (visitor.text("permissions-outcome-same")) } }
        } @else {
            table.list {
                thead {
                    tr {
                        th scope="col" { (visitor.text("permissions-outcome-role")) }
                        th scope="col" { (visitor.text("permissions-outcome-result")) }
                    }
                }
                tbody {
                    @for outcome in outcomes {
                        tr {
                            th scope="row" {
                                a href={ "/console/roles/" (outcome.id) } {
                                    @match &outcome.name { Some(name) => (name), None => (outcome.id) }
                                }
                            }
                            td data-label=(visitor.text("permissions-outcome-result")) { (result(visitor, &outcome.result)) }
                        }
                    }
                }
            }
        }
        p { a.button.quiet href=(with_query(super::ROOT, &here(visitor))) { (visitor.text("permissions-outcome-back")) } }
    }
}

fn result(visitor: &Visitor, result: &Result<Changed, Refusal>) -> Markup {
    html! {
        @match result {
            Ok(changed) if changed.added.is_empty() && changed.removed.is_empty() => {
                (visitor.text("permissions-outcome-same"))
            }
            Ok(changed) => {
                (visitor.text_with("permissions-outcome-saved", &[
                    ("added", changed.added.len().into()),
                    ("removed", changed.removed.len().into()),
                ]))
            }
            Err(refusal) if refusal.status() == StatusCode::NOT_FOUND => { (visitor.text("permissions-outcome-missing")) }
            Err(refusal) => {
                (visitor.text("permissions-outcome-unchanged")) " " (words(visitor, refusal))
            }
        }
    }
}
