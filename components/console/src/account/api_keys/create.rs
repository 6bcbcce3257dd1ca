//! `POST /account/api-keys`: makes a key, and shows it this once.

use axum::extract::State;
use maud::html;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{PATH, refused};
use crate::api::Refusal;
use crate::browser::{Fields, Form, SignedIn, Visitor};
use crate::state::Console;
use crate::view::{Again, Page};

/// A key that was made just now.
#[derive(Deserialize)]
struct Made {
    name: String,
    key: String,
}

/// 200 with the key. No redirect follows, because nothing can show the key again. If the API refuses, the form again.
pub(crate) async fn handle(
    State(console): State<Console>,
    SignedIn { visitor, account }: SignedIn,
    Form(form): Form,
) -> Again {
    let outcome = match body(&form) {
        Ok(body) => console.api().post::<Made>(&visitor, "/auth/api-keys", &body).await,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(made) => Ok(shown(&visitor, &made)),
        Err(refusal) => refused(&console, &visitor, &account, &form, &refusal).await,
    }
}

fn shown(visitor: &Visitor, made: &Made) -> Page {
    let content = html! {
        div.card {
            p { (visitor.text_with("keys-shown-intro", &[("name", made.name.as_str().into())])) }
            code.secret id="key" { (made.key) }
            div.actions {
                button type="button" data-script data-copy="key" data-copied=(visitor.text("keys-copied")) {
                    (visitor.text("keys-copy"))
                }
                a.button.quiet href=(PATH) { (visitor.text("keys-shown-back")) }
            }
        }
    };
    Page::new(visitor.text("keys-shown-title"), content)
}

/// The request body for the form.
///
/// # Errors
/// 422 when the choice between all rights and some is missing, or contradicts the chosen permissions.
fn body(form: &Fields) -> Result<Value, Refusal> {
    let chosen: Vec<&str> = form.words("permissions").collect();
    let permissions = match form.value("scope") {
        "all" if chosen.is_empty() => None,
        // Somebody who chose permissions wants no key that has all.
        "all" => return Err(Refusal::broken("/permissions", "scope")),
        "some" if !chosen.is_empty() => Some(chosen),
        _ => return Err(Refusal::broken("/permissions", "permissions")),
    };
    let addresses: Vec<&str> = form.words("addresses").collect();
    Ok(json!({
        "name": form.value("name"),
        "expires_at": form.end_of_day("expires_at"),
        "permissions": permissions,
        "addresses": Some(addresses).filter(|list| !list.is_empty()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(form: &str) -> Option<Value> {
        body(&Fields::parse(form.as_bytes())).ok()
    }

    #[test]
    fn a_form_becomes_the_body_of_the_api() {
        assert_eq!(
            sent("name=report&scope=all&permissions=&expires_at=&addresses=").unwrap(),
            json!({"name": "report", "expires_at": null, "permissions": null, "addresses": null})
        );
        assert_eq!(
            sent("name=r&scope=some&permissions=a:b&permissions=c:d,+e:f&expires_at=2027-05-15&addresses=192.0.2.7+10.0.0.0/8")
                .unwrap(),
            json!({
                "name": "r", "expires_at": "2027-05-15T23:59:59Z", "permissions": ["a:b", "c:d", "e:f"],
                "addresses": ["192.0.2.7", "10.0.0.0/8"],
            })
        );
    }

    #[test]
    fn rights_are_chosen_and_not_assumed() {
        for form in [
            "name=r",
            "name=r&scope=some",
            "name=r&scope=some&permissions=",
            "name=r&permissions=a:b",
            "name=r&scope=all&permissions=a:b",
        ] {
            assert_eq!(sent(form), None, "{form}");
        }
    }
}
