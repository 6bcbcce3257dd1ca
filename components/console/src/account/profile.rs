//! `GET` and `POST /account/profile`: the profile of a person.

use axum::extract::State;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value};

use crate::api::{Call, Refusal};
use crate::browser::{Fields, Form, Redirect, SignedIn, Visitor};
use crate::state::Console;
use crate::view::{Again, Input, Page, again, alert, post};

/// The fields of the form, under the names of the API.
const FIELDS: [&str; 7] =
    ["full_name", "bio", "location", "birth_date", "phone_number", "website", "avatar_url"];

/// The profile, and its version.
struct Stored {
    profile: Map<String, Value>,
    version: String,
}

impl Stored {
    async fn read(console: &Console, visitor: &Visitor) -> Result<Self, Refusal> {
        let answer = console.api().send(visitor, Call::get("/profile")).await?;
        Ok(Self { profile: answer.json()?, version: answer.tag().unwrap_or_default().to_owned() })
    }

    /// The text of a field. Empty while it is not set.
    fn value(&self, name: &str) -> &str {
        self.profile.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// The values of the form.
struct Shown<'a> {
    stored: &'a Stored,
    /// The form, if the API refused it.
    sent: Option<&'a Fields>,
    refusal: Option<&'a Refusal>,
}

impl Shown<'_> {
    fn value(&self, name: &str) -> &str {
        self.sent.map_or_else(|| self.stored.value(name), |sent| sent.value(name))
    }

    /// The version that the next attempt replaces.
    fn version(&self) -> &str {
        match self.sent {
            Some(sent) if !self.is_conflict() => sent.value("version"),
            _ => &self.stored.version,
        }
    }

    fn is_conflict(&self) -> bool {
        self.refusal.is_some_and(|refusal| refusal.status() == StatusCode::PRECONDITION_FAILED)
    }

    /// The stored text, if the form has another one, so that the reader can choose between the two.
    fn difference(&self, visitor: &Visitor, name: &str) -> Option<String> {
        let stored = self.stored.value(name);
        let differs = self.is_conflict() && normalised(self.value(name)) != normalised(stored);
        differs.then(|| match stored {
            "" => visitor.text("profile-stored-nothing"),
            _ => visitor.text_with("profile-stored", &[("value", stored.into())]),
        })
    }
}

/// The text in the form in which it is stored. Browsers end lines with CRLF (HTML, section 4.10.21).
fn normalised(text: &str) -> String {
    text.trim().replace("\r\n", "\n")
}

/// 200 with the form.
pub(crate) async fn show(
    State(console): State<Console>,
    SignedIn { visitor, .. }: SignedIn,
) -> Result<Page, Refusal> {
    let stored = Stored::read(&console, &visitor).await?;
    let shown = Shown { stored: &stored, sent: None, refusal: None };
    Ok(page(&visitor, &shown).telling(&["profile-saved"]))
}

fn page(visitor: &Visitor, shown: &Shown<'_>) -> Page {
    let field = |kind: &'static str, name: &'static str, label: String| {
        let pointer = format!("/{name}");
        let difference = shown.difference(visitor, name);
        Input::new(visitor, kind, name, label)
            .value(shown.value(name))
            .faults(shown.refusal, &pointer)
            .note(difference)
    };
    let fields = html! {
        input type="hidden" name="version" value=(shown.version());
        (field("text", "full_name", visitor.text("profile-full-name")).autocomplete("name"))
        (field("lines", "bio", visitor.text("profile-bio")).hint(visitor.text("profile-bio-hint")))
        div.fields {
            (field("text", "location", visitor.text("profile-location")))
            (field("date", "birth_date", visitor.text("profile-birth-date")).autocomplete("bday"))
        }
        (field("tel", "phone_number", visitor.text("profile-phone-number")).autocomplete("tel")
            .hint(visitor.text("profile-phone-number-hint")))
        (field("url", "website", visitor.text("profile-website")).autocomplete("url")
            .hint(visitor.text("profile-website-hint")))
        (field("url", "avatar_url", visitor.text("profile-avatar-url")).autocomplete("photo")
            .hint(visitor.text("profile-avatar-url-hint")))
        div.actions { button { (visitor.text("profile-submit")) } }
    };
    let content = html! {
        p { (visitor.text("profile-intro")) }
        (told(visitor, shown))
        (post(visitor, "/account/profile", &fields))
    };
    Page::new(visitor.text("profile-title"), content)
}

fn told(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    html! {
        @if shown.is_conflict() {
            p.alert.warn role="alert" { (visitor.text("profile-conflict")) }
        } @else {
            (alert(visitor, shown.refusal))
        }
    }
}

/// 303 back to the page. If the API refuses, the form again: with 412 if the profile has changed since the form was shown.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, .. }: SignedIn,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let changes: Map<String, Value> =
        FIELDS.iter().map(|name| ((*name).to_owned(), change(&form, name))).collect();
    let call = Call::put("/profile").json(&changes);
    let call = match form.optional("version") {
        Some(version) => call.if_match(version),
        None => call,
    };
    let Err(refusal) = console.api().send(&visitor, call).await else {
        return Ok(Redirect::done("/account/profile", "profile-saved"));
    };
    let page = Stored::read(&console, &visitor)
        .await
        .map(|stored| page(&visitor, &Shown { stored: &stored, sent: Some(&form), refusal: Some(&refusal) }));
    Err(again(&refusal, page))
}

/// The value of a field for the API. An empty field clears it.
fn change(form: &Fields, name: &str) -> Value {
    form.optional(name).map_or(Value::Null, |text| normalised(text).into())
}
