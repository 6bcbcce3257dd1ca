//! `POST /account/security/recovery-codes`: makes new recovery codes, and shows them this once.

use axum::extract::State;
use maud::{Markup, html};

use super::super::factors::{Factors, NewCodes};
use super::{Attempt, Form as Sent, PATH, refused};
use crate::api::{Call, Refusal};
use crate::browser::{Account, Fields, Redirect, SignedIn, Visitor};
use crate::state::Console;
use crate::view::{Again, Page, alert, csrf};

/// The number of codes from which on the page asks for new ones.
const FEW: u32 = 3;

/// How many codes are left, and the way to new ones.
pub(super) fn card(visitor: &Visitor, factors: &Factors, refusal: Option<&Refusal>) -> Markup {
    let left = factors.recovery_codes_left;
    html! {
        section.card aria-labelledby="codes-heading" {
            h2 id="codes-heading" { (visitor.text("codes-heading")) }
            (alert(visitor, refusal))
            p { (visitor.text("codes-intro")) }
            p class=[(left <= FEW).then_some("alert warn")] {
                (visitor.text_with("codes-left", &[("count", left.into())]))
            }
            form method="post" action="/account/security/recovery-codes" {
                (csrf(visitor))
                div.actions {
                    button.quiet data-confirm=[(left > 0).then(|| visitor.text("codes-make-confirm"))] {
                        (visitor.text("codes-make"))
                    }
                }
            }
        }
    }
}

/// 200 with the codes. No redirect follows, because nothing can show them again. If the API refuses, the page with the reason.
pub(crate) async fn handle(State(console): State<Console>, SignedIn { visitor, account }: SignedIn) -> Again {
    let outcome = match console.api().send(&visitor, Call::post("/auth/recovery-codes")).await {
        Ok(answer) => answer.json::<NewCodes>(),
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(codes) => Ok(page(&visitor, &account, &codes.recovery_codes.unwrap_or_default(), None)),
        Err(refusal) => {
            let attempt = Attempt { form: Sent::RecoveryCodes, sent: &Fields::default(), refusal: &refusal };
            refused(&console, &visitor, &account, attempt).await
        }
    }
}

/// 303 to the page, which says what has been done. If that also made recovery codes, their page.
pub(super) fn told(
    visitor: &Visitor,
    account: &Account,
    codes: &NewCodes,
    done: &str,
) -> Result<Redirect, Page> {
    match codes.recovery_codes.as_deref() {
        None | Some([]) => Ok(Redirect::done(PATH, done)),
        Some(codes) => Err(page(visitor, account, codes, visitor.find_text(&format!("done-{done}"), &[]))),
    }
}

/// The page with the codes, to print or to copy. `done` says what was done before.
fn page(visitor: &Visitor, account: &Account, codes: &[String], done: Option<String>) -> Page {
    let service = visitor.text("brand");
    let owner = [("service", service.as_str().into()), ("email", account.email.as_str().into())];
    let content = html! {
        @if let Some(text) = done { p.notice role="status" { (text) } }
        div.card {
            p.no-print { (visitor.text("codes-shown-intro")) }
            p.print { (visitor.text_with("codes-shown-owner", &owner)) }
            pre.secret id="codes" { (codes.join("\n")) }
            div.actions {
                button type="button" data-script data-print { (visitor.text("codes-print")) }
                button.quiet type="button" data-script data-copy="codes" data-copied=(visitor.text("copied")) {
                    (visitor.text("codes-copy"))
                }
                a.button.quiet href=(PATH) { (visitor.text("codes-shown-back")) }
            }
        }
    };
    Page::new(visitor.text("codes-shown-title"), content)
}
