//! `POST /console/accounts`: a new account. Without a password, the person is invited.

use axum::extract::State;
use serde_json::{Map, Value, json};
use users_core::{AccountKind, RoleId, User};

use super::new;
use crate::browser::{Administrator, Fields, Form, Redirect};
use crate::state::Console;
use crate::view::{Again, again};

/// 303 to the new account. If the API refuses it, the form again.
pub(crate) async fn handle(
    State(console): State<Console>,
    person: Administrator,
    Form(form): Form,
) -> Result<Redirect, Again> {
    let kind = new::kind_of(&form);
    match console.api().post::<User>(&person.visitor, "/users/", &body(kind, &form)).await {
        Ok(user) => {
            let is_invited = kind == AccountKind::Person && form.value("password").is_empty();
            let done = if is_invited { "account-invited" } else { "account-created" };
            Ok(Redirect::done(format!("/console/accounts/{}", user.id), done))
        }
        Err(refusal) => {
            let page = new::page(&console, &person, kind, &form, Some(&refusal)).await;
            Err(again(&refusal, page))
        }
    }
}

/// The body of the request. A field that is empty is left out.
fn body(kind: AccountKind, form: &Fields) -> Value {
    let mut body = Map::new();
    body.insert("kind".to_owned(), kind.as_str().into());
    if let Some(name) = form.optional("full_name") {
        body.insert("full_name".to_owned(), name.into());
    }
    if kind == AccountKind::Person {
        body.insert("email".to_owned(), form.value("email").into());
        // A password is taken as it is: spaces belong to it.
        if !form.value("password").is_empty() {
            body.insert("password".to_owned(), form.value("password").into());
        }
    }
    let roles: Vec<RoleId> = form.values("role_ids").filter_map(|id| id.parse().ok()).collect();
    if !roles.is_empty() {
        body.insert("role_ids".to_owned(), json!(roles));
    }
    Value::Object(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(form: &str) -> Value {
        let form = Fields::parse(form.as_bytes());
        body(new::kind_of(&form), &form)
    }

    #[test]
    fn a_person_has_an_address_and_is_invited_without_a_password() {
        let invited = json!({"kind": "person", "email": "a@b.co"});
        assert_eq!(of("email=a@b.co&full_name=+&password=&is_admin=true"), invited);
        let whole = json!({"kind": "person", "email": "a@b.co", "full_name": "A", "password": " x ", "role_ids": [1, 2]});
        assert_eq!(of("email=a@b.co&full_name=A&password=+x+&role_ids=1&role_ids=2&role_ids=x"), whole);
    }

    #[test]
    fn a_service_account_has_neither_address_nor_password() {
        let form = "kind=service&email=a@b.co&full_name=robot&password=x";
        assert_eq!(of(form), json!({"kind": "service", "full_name": "robot"}));
    }
}
