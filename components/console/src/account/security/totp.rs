//! `POST /account/security/totp…`: sets up an authenticator app, and removes it.

use axum::extract::State;
use maud::{Markup, html};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;
use users_core::Timestamp;

use super::super::factors::{Factors, NewCodes};
use super::{Attempt, Form as Sent, PATH, recovery_codes, refused};
use crate::ago::ago;
use crate::api::{Call, Refusal};
use crate::browser::{Fields, Form, Redirect, SignedIn, Visitor};
use crate::state::Console;
use crate::view::{Again, Input, Page, alert, csrf, post};

/// The path of the API.
const API: &str = "/auth/totp";

/// The characters that a `data:` URL must not contain as they are (RFC 2397, RFC 3986 section 2).
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>');

/// The largest number of characters of a secret that is sent back to the page. Those of the API have 32.
const MAX_SECRET: usize = 128;

/// A secret that waits for the first code.
#[derive(Deserialize)]
struct Setup {
    /// In base32.
    secret: String,
    /// For apps on this device. Empty when the form is shown again.
    #[serde(default)]
    uri: String,
    /// The QR code of the URI. Empty when the form is shown again: the API tells it once.
    #[serde(default)]
    qr_svg: String,
}

/// The app of the account, or the way to set one up.
pub(super) fn card(
    visitor: &Visitor,
    factors: &Factors,
    refusal: Option<&Refusal>,
    now: Timestamp,
) -> Markup {
    let button = if factors.totp.is_some() { "totp-replace" } else { "totp-start" };
    html! {
        section.card aria-labelledby="totp-heading" {
            h2 id="totp-heading" { (visitor.text("totp-heading")) }
            (alert(visitor, refusal))
            p { (visitor.text("totp-intro")) }
            @match &factors.totp {
                Some(totp) => p { (visitor.text("totp-since")) " " (ago(visitor, totp.created_at, now)) }
                None => p { (visitor.text("totp-none")) }
            }
            div.actions {
                form method="post" action="/account/security/totp" {
                    (csrf(visitor))
                    button.quiet { (visitor.text(button)) }
                }
                @if factors.totp.is_some() {
                    form method="post" action="/account/security/totp/remove" {
                        (csrf(visitor))
                        button.quiet.danger data-confirm=(visitor.text("totp-remove-confirm")) { (visitor.text("totp-remove")) }
                    }
                }
            }
        }
    }
}

/// 200 with the secret, as a QR code and as text, and the form for the first code. If the API refuses, the page again.
pub(crate) async fn start(State(console): State<Console>, SignedIn { visitor, account }: SignedIn) -> Again {
    let outcome = match console.api().send(&visitor, Call::post(API)).await {
        Ok(answer) => answer.json::<Setup>(),
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(setup) => Ok(setup_page(&visitor, &setup, None)),
        Err(refusal) => {
            let attempt = Attempt { form: Sent::Totp, sent: &Fields::default(), refusal: &refusal };
            refused(&console, &visitor, &account, attempt).await
        }
    }
}

fn setup_page(visitor: &Visitor, setup: &Setup, refusal: Option<&Refusal>) -> Page {
    let fields = html! {
        input type="hidden" name="secret" value=(setup.secret);
        (Input::new(visitor, "code", "code", visitor.text("totp-code"))
            .autocomplete("one-time-code").required().hint(visitor.text("proof-code-hint"))
            .faults(refusal, "/code"))
        div.actions {
            button { (visitor.text("totp-confirm")) }
            a.button.quiet href=(PATH) { (visitor.text("totp-cancel")) }
        }
    };
    let content = html! {
        (alert(visitor, refusal))
        div.card {
            @if setup.qr_svg.is_empty() {
                p { (visitor.text("totp-again")) }
            } @else {
                p { (visitor.text("totp-scan")) }
                // As an image, the code of the API cannot act in this page.
                p { img src={ "data:image/svg+xml," (utf8_percent_encode(&setup.qr_svg, ESCAPED)) } width="232" height="232" alt=(visitor.text("totp-qr")); }
                @if setup.uri.starts_with("otpauth:") { p { a href=(setup.uri) { (visitor.text("totp-open")) } } }
            }
            p { (visitor.text("totp-type")) }
            p { code.secret id="secret" { (grouped(&setup.secret)) } }
            p {
                button.quiet type="button" data-script data-copy="secret" data-copied=(visitor.text("copied")) {
                    (visitor.text("totp-copy"))
                }
            }
            (post(visitor, "/account/security/totp/confirm", &fields))
            p.muted { (visitor.text("factors-first")) }
        }
    };
    Page::new(visitor.text("totp-title"), content)
}

/// The secret in groups of four, which are easier to type. Apps ignore the spaces.
fn grouped(secret: &str) -> String {
    let mut groups = String::new();
    for (position, character) in secret.chars().enumerate() {
        if position > 0 && position.is_multiple_of(4) {
            groups.push(' ');
        }
        groups.push(character);
    }
    groups
}

/// 200 with the recovery codes, or 303 to the page if the account has some already. If the API refuses the code, the form again, without
/// the QR code: the app knows the secret.
pub(crate) async fn confirm(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let body = json!({ "code": form.value("code") });
    let outcome = console.api().post::<NewCodes>(&visitor, "/auth/totp/confirm", &body).await;
    match outcome {
        Ok(codes) => recovery_codes::told(&visitor, &account, &codes, "totp-confirmed").map_err(Ok),
        Err(refusal) if refusal.faults_of("/code").next().is_some() => {
            let setup = Setup { secret: secret_of(&form), uri: String::new(), qr_svg: String::new() };
            Err(Ok(setup_page(&visitor, &setup, Some(&refusal)).with_refusal(&refusal)))
        }
        Err(refusal) => {
            let attempt = Attempt { form: Sent::Totp, sent: &form, refusal: &refusal };
            Err(refused(&console, &visitor, &account, attempt).await)
        }
    }
}

/// The secret that the page had.
fn secret_of(form: &Fields) -> String {
    form.value("secret").chars().filter(char::is_ascii_alphanumeric).take(MAX_SECRET).collect()
}

/// 303 back to the page. If the API refuses, the page with the reason.
pub(crate) async fn remove(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
) -> Result<Redirect, Again> {
    match console.api().delete(&visitor, API).await {
        Ok(()) => Ok(Redirect::done(PATH, "totp-removed")),
        Err(refusal) => {
            let attempt = Attempt { form: Sent::Totp, sent: &Fields::default(), refusal: &refusal };
            Err(refused(&console, &visitor, &account, attempt).await)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_in_groups_of_four() {
        for (secret, expected) in
            [("GEZDGNBVGY3TQOJQ", "GEZD GNBV GY3T QOJQ"), ("GEZDG", "GEZD G"), ("GEZD", "GEZD"), ("", "")]
        {
            assert_eq!(grouped(secret), expected);
        }
    }

    #[test]
    fn a_secret_that_comes_back_is_letters_and_digits() {
        let form = Fields::parse(b"secret=GEZD+GNBV%22%3E%3Cb%3E");
        assert_eq!(secret_of(&form), "GEZDGNBVb");
        let long = format!("secret={}", "A".repeat(500));
        assert_eq!(secret_of(&Fields::parse(long.as_bytes())).len(), MAX_SECRET);
    }
}
