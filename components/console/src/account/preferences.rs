//! `GET` and `POST /account/preferences`: the preferences of a person.

use axum::extract::State;
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use crate::api::Refusal;
use crate::browser::{Fields, Form, Redirect, SignedIn, Visitor};
use crate::state::Console;
use crate::view::{Again, CheckBox, Input, Page, Select, again, alert, post, radio};

/// The preferences that are either true or false.
const FLAGS: [&str; 3] = ["notifications_email", "notifications_sms", "privacy_public_profile"];

/// The languages of the pages, by their own names.
const LANGUAGES: [(&str, &str); 2] = [("de", "Deutsch"), ("en", "English")];

/// The values of the form: those that are stored, or those of a form that the API refused.
enum Shown<'a> {
    Stored(&'a Map<String, Value>),
    Sent(&'a Fields),
}

impl Shown<'_> {
    fn value(&self, name: &str) -> &str {
        match self {
            Self::Stored(stored) => stored.get(name).and_then(Value::as_str).unwrap_or_default(),
            Self::Sent(sent) => sent.value(name),
        }
    }

    fn is_set(&self, name: &str) -> bool {
        match self {
            Self::Stored(stored) => stored.get(name).and_then(Value::as_bool).unwrap_or_default(),
            Self::Sent(sent) => sent.has(name),
        }
    }
}

/// 200 with the form.
pub(crate) async fn show(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
) -> Result<Page, Refusal> {
    let stored: Map<String, Value> = match account.preferences() {
        Some(stored) => stored.clone(),
        None => console.api().get(&visitor, "/profile/preferences").await?,
    };
    Ok(page(&visitor, &Shown::Stored(&stored), None).telling(&["preferences-saved"]))
}

fn page(visitor: &Visitor, shown: &Shown<'_>, refusal: Option<&Refusal>) -> Page {
    let flag = |name, label| CheckBox::new(visitor, name, "true", label).checked(shown.is_set(name));
    let fields = html! {
        (themes(visitor, shown))
        (languages(visitor, shown, refusal))
        (Input::new(visitor, "text", "timezone", visitor.text("preferences-timezone"))
            .value(shown.value("timezone")).hint(visitor.text("preferences-timezone-hint"))
            .faults(refusal, "/timezone"))
        fieldset {
            legend { (visitor.text("preferences-messages")) }
            (flag("notifications_email", visitor.text("preferences-notifications-email")))
            (flag("notifications_sms", visitor.text("preferences-notifications-sms")))
        }
        fieldset {
            legend { (visitor.text("preferences-privacy")) }
            (flag("privacy_public_profile", visitor.text("preferences-privacy-public-profile")))
            p.hint { (visitor.text("preferences-privacy-hint")) }
        }
        div.actions { button { (visitor.text("preferences-submit")) } }
    };
    let content = html! {
        (alert(visitor, refusal))
        (post(visitor, "/account/preferences", &fields))
    };
    Page::new(visitor.text("preferences-title"), content)
}

/// The choice of a theme. The script of the pages applies a theme as soon as it is chosen.
fn themes(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let chosen = match shown.value("theme") {
        "" => "system",
        theme => theme,
    };
    let theme = |value: &str, label: String| radio("theme", value, &label, chosen == value);
    html! {
        fieldset data-theme-switch {
            legend { (visitor.text("preferences-theme")) }
            (theme("light", visitor.text("preferences-theme-light")))
            (theme("dark", visitor.text("preferences-theme-dark")))
            (theme("system", visitor.text("preferences-theme-system")))
        }
    }
}

/// The choice of a language. A language that another program has stored stays in the list, although there are no pages in it.
fn languages<'a>(visitor: &'a Visitor, shown: &Shown<'_>, refusal: Option<&Refusal>) -> Select<'a> {
    let stored = shown.value("language");
    let of_browser = visitor.text("preferences-language-browser");
    let mut select = Select::new(visitor, "language", visitor.text("preferences-language"), stored)
        .option("", &of_browser);
    for (tag, name) in LANGUAGES {
        select = select.option(tag, name);
    }
    if !stored.is_empty() && LANGUAGES.iter().all(|(tag, _)| *tag != stored) {
        select = select.option(stored, stored);
    }
    select.faults(refusal, "/language")
}

/// 303 back to the page. If the API refuses, the form again.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, .. }: SignedIn,
    Form(form): Form,
) -> Result<Redirect, Again> {
    match console.api().put::<Value>(&visitor, "/profile/preferences", &changes(&form)).await {
        Ok(_) => Ok(Redirect::done("/account/preferences", "preferences-saved")),
        Err(refusal) => Err(again(&refusal, Ok(page(&visitor, &Shown::Sent(&form), Some(&refusal))))),
    }
}

/// The preferences of the form. An empty field removes its preference, and all others stay as they are.
fn changes(form: &Fields) -> Map<String, Value> {
    let texts = ["theme", "language", "timezone"].map(|name| (name.to_owned(), json!(form.optional(name))));
    let flags = FLAGS.map(|name| (name.to_owned(), json!(form.has(name))));
    texts.into_iter().chain(flags).collect()
}
