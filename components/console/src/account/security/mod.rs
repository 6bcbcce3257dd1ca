//! `/account/security`: the password, the address, and second factors.

pub(crate) mod email;
pub(crate) mod passkeys;
pub(crate) mod password;
pub(crate) mod recovery_codes;
pub(crate) mod totp;
pub(crate) mod verification;

use axum::extract::State;
use futures::future::join;
use maud::{Markup, html};

use self::passkeys::Passkey;
use super::confirm::CONFIRMED;
use super::factors::{self, Factors};
use crate::ago::now;
use crate::api::Refusal;
use crate::browser::{Account, Fields, SignedIn, Visitor};
use crate::state::Console;
use crate::view::{Again, Input, Page, again, alert, post, reveal};

/// The path of the page.
const PATH: &str = "/account/security";

/// The messages that the page can show about the change before it.
const TELLS: &[&str] = &[
    "address-asked",
    CONFIRMED,
    "passkey-added",
    "passkey-removed",
    "passkey-renamed",
    "password-changed",
    "totp-confirmed",
    "totp-removed",
    "verification-sent",
];

/// The forms of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Password,
    Email,
    Verification,
    /// Those of the authenticator app.
    Totp,
    RecoveryCodes,
    NewPasskey,
    /// Those of the passkey with this id.
    Passkey(u64),
}

/// A form that the API refused.
#[derive(Debug, Clone, Copy)]
struct Attempt<'a> {
    form: Form,
    sent: &'a Fields,
    refusal: &'a Refusal,
}

impl<'a> Attempt<'a> {
    /// The refusal, if it is about this form.
    fn of(attempt: Option<Self>, form: Form) -> Option<&'a Refusal> {
        attempt.filter(|attempt| attempt.form == form).map(|attempt| attempt.refusal)
    }
}

/// 200 with the page.
pub(crate) async fn show(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
) -> Result<Page, Refusal> {
    Ok(page(&console, &visitor, &account, None).await?.telling(TELLS))
}

/// The page again, with the reason why a form of it was refused.
async fn refused(console: &Console, visitor: &Visitor, account: &Account, attempt: Attempt<'_>) -> Again {
    again(attempt.refusal, page(console, visitor, account, Some(attempt)).await)
}

async fn page(
    console: &Console,
    visitor: &Visitor,
    account: &Account,
    attempt: Option<Attempt<'_>>,
) -> Result<Page, Refusal> {
    let factors = console.api().get::<Factors>(visitor, factors::PATH);
    let passkeys = console.api().get::<Vec<Passkey>>(visitor, passkeys::API);
    let (factors, passkeys) = join(factors, passkeys).await;
    let (factors, passkeys) = (factors?, passkeys?);
    let content = html! {
        div.cards {
            (password_card(visitor, account, Attempt::of(attempt, Form::Password)))
            (email_card(visitor, account, attempt))
            (totp::card(visitor, &factors, Attempt::of(attempt, Form::Totp), now()))
            @if factors.exist() {
                (recovery_codes::card(visitor, &factors, Attempt::of(attempt, Form::RecoveryCodes)))
            }
        }
        (passkeys::card(console, visitor, &passkeys, attempt))
        (elsewhere_card(visitor))
    };
    Ok(Page::new(visitor.text("security-title"), content))
}

fn password_card(visitor: &Visitor, account: &Account, refusal: Option<&Refusal>) -> Markup {
    let fields = html! {
        // Tells password managers whose password changes. It has no name, so it is not sent.
        input type="text" autocomplete="username" value=(account.email) readonly hidden;
        (Input::new(visitor, "password", "current_password", visitor.text("security-current-password"))
            .autocomplete("current-password").required().faults(refusal, "/current_password"))
        (Input::new(visitor, "password", "new_password", visitor.text("security-new-password"))
            .autocomplete("new-password").required().hint(visitor.text("password-hint"))
            .faults(refusal, "/new_password"))
        (reveal(visitor, "new_password"))
        div.actions { button { (visitor.text("security-password-submit")) } }
    };
    html! {
        section.card aria-labelledby="password-heading" {
            h2 id="password-heading" { (visitor.text("security-password-heading")) }
            p { (visitor.text("security-password-intro")) }
            (alert(visitor, refusal))
            (post(visitor, "/account/security/password", &fields))
        }
    }
}

fn email_card(visitor: &Visitor, account: &Account, attempt: Option<Attempt<'_>>) -> Markup {
    let refusal = Attempt::of(attempt, Form::Email);
    let sent =
        attempt.filter(|attempt| attempt.form == Form::Email).map(|attempt| attempt.sent.value("email"));
    let fields = html! {
        (Input::new(visitor, "email", "email", visitor.text("security-email"))
            .value(sent.unwrap_or_default()).autocomplete("email").required().faults(refusal, "/email"))
        (Input::new(visitor, "password", "password", visitor.text("security-email-password"))
            .autocomplete("current-password").required().faults(refusal, "/password"))
        div.actions { button { (visitor.text("security-email-submit")) } }
    };
    let address = [("email", account.email.as_str().into())];
    html! {
        section.card aria-labelledby="email-heading" {
            h2 id="email-heading" { (visitor.text("security-email-heading")) }
            p {
                (visitor.text_with("security-email-current", &address)) " "
                @if account.email_verified {
                    (visitor.text("security-email-verified"))
                } @else {
                    (visitor.text("security-email-unverified"))
                }
            }
            (alert(visitor, Attempt::of(attempt, Form::Verification)))
            @if !account.email_verified {
                (post(visitor, "/account/security/verification", &html! {
                    button.quiet { (visitor.text("security-verification-submit")) }
                }))
            }
            (alert(visitor, refusal))
            (post(visitor, "/account/security/email", &fields))
        }
    }
}

fn elsewhere_card(visitor: &Visitor) -> Markup {
    html! {
        section.card aria-labelledby="elsewhere-heading" {
            h2 id="elsewhere-heading" { (visitor.text("security-elsewhere-heading")) }
            p { a href="/account/sessions" { (visitor.text("sessions-title")) } br; (visitor.text("security-sessions-text")) }
            p { a href="/account/api-keys" { (visitor.text("keys-title")) } br; (visitor.text("security-api-keys-text")) }
        }
    }
}
