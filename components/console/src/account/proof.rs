//! The forms with which people prove a second factor, and what the API gets from them.

use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value};

use crate::api::Refusal;
use crate::browser::{Fields, Visitor};
use crate::settings::Settings;
use crate::view::{ASSERTION, Ceremony, Input, Options, PasskeyForm, post};

/// The code with which the API refuses a proof, for whatever reason.
pub(super) const WRONG: &str = "invalid_credentials";

/// Our own code for a passkey that was refused.
pub(super) const PASSKEY_REFUSED: &str = "passkey_refused";

/// A way to prove a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// A code of an authenticator app.
    Totp,
    Passkey,
    /// One of the codes that replace a factor that was lost.
    RecoveryCode,
}

impl Way {
    /// All ways. A page shows the first one that the account has, and the others when the person asks for them.
    pub(super) const ALL: [Self; 3] = [Self::Totp, Self::Passkey, Self::RecoveryCode];

    /// The name that the API uses.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// The field of its form, which is the member of the body that the API gets.
    fn field(self) -> &'static str {
        match self {
            Self::Totp => "code",
            Self::Passkey => ASSERTION,
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// The place of its field in that body.
    fn pointer(self) -> &'static str {
        match self {
            Self::Totp => "/code",
            Self::Passkey => "/assertion",
            Self::RecoveryCode => "/recovery_code",
        }
    }
}

/// A form for each way, of which the first is in view.
pub(super) struct Proof<'a> {
    /// The path to which each form is sent.
    pub(super) action: &'a str,
    /// Fields that each form has besides.
    pub(super) hidden: &'a [(&'a str, &'a str)],
    pub(super) ways: &'a [Way],
    /// Where the script finds the options for a passkey.
    pub(super) options: Options<'a>,
}

impl Proof<'_> {
    /// The forms, with the faults of the one that was refused.
    pub(super) fn forms(&self, settings: &Settings, visitor: &Visitor, refusal: Option<&Refusal>) -> Markup {
        let is_refused = |way: &Way| refusal.is_some_and(|it| it.faults_of(way.pointer()).next().is_some());
        html! {
            @if let [first, others @ ..] = self.ways {
                (self.form(settings, visitor, *first, refusal))
                @if !others.is_empty() {
                    details open[others.iter().any(is_refused)] {
                        summary { (visitor.text("proof-others")) }
                        @for way in others { (self.form(settings, visitor, *way, refusal)) }
                    }
                }
            }
        }
    }

    fn form(&self, settings: &Settings, visitor: &Visitor, way: Way, refusal: Option<&Refusal>) -> Markup {
        let field = |kind, label| {
            Input::new(visitor, kind, way.field(), label).required().faults(refusal, way.pointer())
        };
        let submit = html! { div.actions { button { (visitor.text("proof-submit")) } } };
        let hidden =
            html! { @for (name, value) in self.hidden { input type="hidden" name=(name) value=(value); } };
        match way {
            Way::Totp => {
                let code = field("code", visitor.text("proof-code")).autocomplete("one-time-code");
                let fields = html! { (hidden) (code.hint(visitor.text("proof-code-hint"))) (submit) };
                post(visitor, self.action, &fields)
            }
            Way::RecoveryCode => {
                let code = field("text", visitor.text("proof-recovery-code")).autocomplete("off");
                let fields =
                    html! { (hidden) (code.hint(visitor.text("proof-recovery-code-hint"))) (submit) };
                post(visitor, self.action, &fields)
            }
            Way::Passkey => {
                let form = PasskeyForm {
                    action: self.action,
                    ceremony: Ceremony::Get,
                    options: self.options,
                    is_conditional: false,
                };
                let fields = html! { (hidden) div.actions { button { (visitor.text("proof-passkey")) } } };
                form.around(settings, visitor, &fields)
            }
        }
    }
}

/// A proof that was sent with a form, as the member of the body that the API gets.
///
/// # Errors
/// 422 when the form has no proof, 401 when the script sent no JSON.
pub(super) fn body(form: &Fields) -> Result<Map<String, Value>, Refusal> {
    let Some(way) = sent(form) else { return Err(Refusal::broken(Way::Totp.pointer(), "is required")) };
    let text = form.value(way.field()).trim();
    let value = match way {
        Way::Passkey => serde_json::from_str(text).map_err(|_| refused_passkey())?,
        Way::Totp | Way::RecoveryCode => text.into(),
    };
    Ok(Map::from_iter([(way.field().to_owned(), value)]))
}

/// The way whose proof a form has.
fn sent(form: &Fields) -> Option<Way> {
    Way::ALL.into_iter().find(|way| form.has(way.field()))
}

/// A refusal of a proof, in the words of its form.
pub(super) fn told(refusal: Refusal, form: &Fields) -> Refusal {
    match sent(form) {
        Some(Way::Passkey) | None => told_of_passkey(refusal),
        Some(way) => refusal.beside(WRONG, way.pointer()),
    }
}

/// A refusal of a passkey, in words of its own: the person has entered no password.
pub(super) fn told_of_passkey(refusal: Refusal) -> Refusal {
    refusal.told_as(WRONG, PASSKEY_REFUSED).told_for(Way::Passkey.pointer(), PASSKEY_REFUSED)
}

/// A passkey whose answer is no JSON.
pub(super) fn refused_passkey() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, PASSKEY_REFUSED)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_becomes_one_member_of_the_body() {
        for (form, expected) in [
            ("code=+492+039+", json!({"code": "492 039"})),
            ("recovery_code=7K3QX-0PV9M", json!({"recovery_code": "7K3QX-0PV9M"})),
            ("assertion=%7B%22id%22%3A%22x%22%7D", json!({"assertion": {"id": "x"}})),
        ] {
            assert_eq!(Value::Object(body(&Fields::parse(form.as_bytes())).unwrap()), expected, "{form}");
        }
    }

    #[test]
    fn a_form_without_a_proof_is_refused() {
        for (form, status) in [("", 422), ("next=x", 422), ("assertion=", 401), ("assertion=x", 401)] {
            assert_eq!(body(&Fields::parse(form.as_bytes())).unwrap_err().status(), status, "{form}");
        }
    }
}
