//! `POST /console/accounts/bulk/apply`: changes the selected accounts, and reports the outcome for each.

use axum::extract::State;
use axum::http::StatusCode;
use futures::future::join_all;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use users_core::UserId;

use super::selection::{Change, Selection};
use super::{Named, read, words_for};
use crate::api::{Call, Refusal};
use crate::browser::{Administrator, Form, Visitor};
use crate::console::accounts::filter::Filter;
use crate::console::accounts::list;
use crate::state::Console;
use crate::view::{Page, words};

/// The outcome for an account.
#[derive(Debug)]
enum Outcome {
    Changed,
    Missing,
    Refused(Refusal),
}

/// The answer of the API to a change of several accounts.
#[derive(Deserialize)]
struct Done {
    user_ids: Vec<UserId>,
}

/// 200 with the report. If nothing was changed, it has the status of the API's refusal. If nothing was selected, 422 with the list.
pub(crate) async fn handle(
    State(console): State<Console>,
    person: Administrator,
    Form(form): Form,
) -> Result<Page, Refusal> {
    let visitor = &person.visitor;
    let named = match read(&console, &person, &form).await {
        Ok(named) => named?,
        Err(key) => {
            let page = list::page(&console, &person, Some(&visitor.text(key))).await?;
            return Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let outcomes = apply(&console, visitor, &named.selection).await;
    let status = status_of(&outcomes)?;
    let page = Page::new(visitor.text("accounts-outcome-title"), report(visitor, &named, &outcomes));
    Ok(page.with_status(status))
}

/// The outcome for each account, in the order of the selection.
async fn apply(console: &Console, visitor: &Visitor, selection: &Selection) -> Vec<Outcome> {
    let ids = &selection.accounts;
    match selection.change {
        Change::Deactivate => all_or_none(console, visitor, "/users/bulk/deactivate", ids).await,
        Change::Activate => all_or_none(console, visitor, "/users/bulk/activate", ids).await,
        Change::EndSessions => {
            each(console, visitor, ids.iter().map(|id| Call::delete(format!("/users/{id}/sessions")))).await
        }
        Change::GiveRole => {
            let body = json!({"role_ids": selection.role.as_slice()});
            let give = |id| Call::post(format!("/rbac/users/{id}/roles")).json(&body);
            each(console, visitor, ids.iter().map(give)).await
        }
    }
}

/// One request for all accounts, which changes all or none of them.
async fn all_or_none(console: &Console, visitor: &Visitor, path: &str, ids: &[UserId]) -> Vec<Outcome> {
    match console.api().put::<Done>(visitor, path, &json!({"user_ids": ids})).await {
        Ok(done) => ids
            .iter()
            .map(|id| if done.user_ids.contains(id) { Outcome::Changed } else { Outcome::Missing })
            .collect(),
        Err(refusal) => ids.iter().map(|_| Outcome::Refused(refusal.clone())).collect(),
    }
}

/// A request for each account.
async fn each(console: &Console, visitor: &Visitor, calls: impl Iterator<Item = Call>) -> Vec<Outcome> {
    let answers = join_all(calls.map(|call| console.api().send(visitor, call))).await;
    let outcomes = answers.into_iter().map(|answer| match answer {
        Ok(_) => Outcome::Changed,
        Err(refusal) if refusal.status() == 404 => Outcome::Missing,
        Err(refusal) => Outcome::Refused(refusal),
    });
    outcomes.collect()
}

/// The status of the report.
///
/// # Errors
/// The refusal that says that the session has ended.
fn status_of(outcomes: &[Outcome]) -> Result<StatusCode, Refusal> {
    let refusals =
        || outcomes.iter().filter_map(|it| if let Outcome::Refused(it) = it { Some(it) } else { None });
    if let Some(ended) = refusals().find(|refusal| refusal.status() == StatusCode::UNAUTHORIZED) {
        return Err(ended.clone());
    }
    let is_changed = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Changed));
    Ok(refusals().next().filter(|_| !is_changed).map_or(StatusCode::OK, Refusal::status))
}

fn report(visitor: &Visitor, named: &Named, outcomes: &[Outcome]) -> Markup {
    let total = outcomes.len();
    let changed = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Changed)).count();
    let done = named.selection.change.words().done;
    let filter = Filter::of(visitor.query());
    html! {
        div class=(if changed == total { "alert good" } else { "alert warn" }) role="status" {
            p {
                @if changed == 0 { (visitor.text("accounts-outcome-nothing")) }
                @else if changed == total { (visitor.text_with("accounts-outcome-all", &[("count", total.into())])) }
                @else {
                    (visitor.text_with("accounts-outcome-some", &[("count", changed.into()), ("total", total.into())]))
                }
            }
        }
        table.list {
            thead {
                tr {
                    th scope="col" { (visitor.text("accounts-outcome-account")) }
                    th scope="col" { (visitor.text("accounts-outcome-result")) }
                }
            }
            tbody {
                @for ((id, user), outcome) in named.accounts.iter().zip(outcomes) {
                    tr {
                        th scope="row" {
                            a href={ "/console/accounts/" (id) } { (words_for(visitor, *id, user.as_ref())) }
                        }
                        td data-label=(visitor.text("accounts-outcome-result")) {
                            @match outcome {
                                Outcome::Changed => (visitor.text(&done)),
                                Outcome::Missing => (visitor.text("accounts-outcome-missing")),
                                Outcome::Refused(refusal) => {
                                    (visitor.text("accounts-outcome-unchanged")) " " (words(visitor, refusal))
                                }
                            }
                        }
                    }
                }
            }
        }
        p { a.button.quiet href=(filter.same(crate::console::accounts::ROOT)) { (visitor.text("accounts-outcome-back")) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: StatusCode) -> Outcome {
        Outcome::Refused(Refusal::new(status, "x"))
    }

    #[test]
    fn a_report_of_nothing_but_refusals_has_the_status_of_the_first_one() {
        let conflict = || refused(StatusCode::CONFLICT);
        let status = |outcomes: &[Outcome]| status_of(outcomes).map_err(|refusal| refusal.status());
        assert_eq!(status(&[conflict(), Outcome::Missing]), Ok(StatusCode::CONFLICT));
        assert_eq!(status(&[conflict(), Outcome::Changed]), Ok(StatusCode::OK));
        assert_eq!(status(&[Outcome::Missing]), Ok(StatusCode::OK));
        let ended = refused(StatusCode::UNAUTHORIZED);
        assert_eq!(status(&[Outcome::Changed, ended]), Err(StatusCode::UNAUTHORIZED));
    }
}
