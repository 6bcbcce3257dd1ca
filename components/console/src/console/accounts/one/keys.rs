//! `POST /console/accounts/{user_id}/api-keys…`: makes an API key for a service account, and ends a key of any account.

use axum::extract::State;
use maud::html;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use users_core::{ApiKeyId, UserId};

use super::{path_of, show};
use crate::api::Call;
use crate::browser::{Administrator, Fields, Form, Id, Ids, Redirect, Visitor};
use crate::state::Console;
use crate::view::{Again, Page};

/// A key that was made.
#[derive(Deserialize)]
struct Made {
    key: String,
}

/// 200 with the key, which is shown only once. If the API refuses, the page of the account again.
pub(crate) async fn create(
    State(console): State<Console>,
    person: Administrator,
    Id(user): Id<UserId>,
    Form(form): Form,
) -> Again {
    let path = format!("/users/{user}/api-keys");
    match console.api().post::<Made>(&person.visitor, path, &body(&form)).await {
        Ok(made) => Ok(shown(&person.visitor, user, &made)),
        Err(refusal) => show::refused(&console, &person, user, &form, &refusal).await,
    }
}

/// 303 to the account. If the API refuses, its page again.
pub(crate) async fn end(
    State(console): State<Console>,
    person: Administrator,
    Ids(user, key): Ids<UserId, ApiKeyId>,
) -> Result<Redirect, Again> {
    let call = Call::delete(format!("/users/{user}/api-keys/{key}"));
    match console.api().send(&person.visitor, call).await {
        Ok(_) => Ok(Redirect::done(path_of(user), "account-key-ended")),
        Err(refusal) => Err(show::refused(&console, &person, user, &Fields::default(), &refusal).await),
    }
}

fn shown(visitor: &Visitor, user: UserId, made: &Made) -> Page {
    let content = html! {
        section.card {
            p { (visitor.text("admin-account-keys-made-text")) }
            p { code.secret #key { (made.key) } }
            div.actions {
                button.quiet type="button" data-script data-copy="key"
                    data-copied=(visitor.text("admin-account-keys-made-copied")) {
                    (visitor.text("admin-account-keys-made-copy"))
                }
                a.button href=(path_of(user)) { (visitor.text("admin-account-keys-made-back")) }
            }
        }
    };
    Page::new(visitor.text("admin-account-keys-made-title"), content)
}

/// The body of the request. A limit that is empty is left out, so that the key has none.
fn body(form: &Fields) -> Value {
    let mut body = Map::new();
    body.insert("name".to_owned(), form.value("name").into());
    for name in ["permissions", "addresses"] {
        let items: Vec<_> = form.words(name).collect();
        if !items.is_empty() {
            body.insert(name.to_owned(), json!(items));
        }
    }
    if let Some(end) = form.end_of_day("expires_at") {
        body.insert("expires_at".to_owned(), end.into());
    }
    Value::Object(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_empty_is_none() {
        let of = |form: &str| body(&Fields::parse(form.as_bytes()));
        assert_eq!(of("name=x&permissions=&addresses=+&expires_at="), json!({"name": "x"}));
        let limited = json!({
            "name": "x", "permissions": ["a:b", "c:d"], "addresses": ["::1"], "expires_at": "2099-01-02T23:59:59Z",
        });
        assert_eq!(of("name=x&permissions=a:b,+c:d&addresses=::1%0D%0A&expires_at=2099-01-02"), limited);
    }
}
