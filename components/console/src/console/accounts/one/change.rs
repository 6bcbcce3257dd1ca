//! `POST /console/accounts/{user_id}`: changes the address and the name.

use axum::extract::State;
use serde_json::{Map, Value};
use users_core::{User, UserId};

use super::{path_of, show};
use crate::api::Refusal;
use crate::browser::{Administrator, Fields, Form, Id, Redirect};
use crate::state::Console;
use crate::view::Again;

/// 303 to the account. If the API refuses, its page again.
pub(crate) async fn handle(
    State(console): State<Console>,
    person: Administrator,
    Id(id): Id<UserId>,
    Form(form): Form,
) -> Result<Redirect, Again> {
    match change(&console, &person, id, &form).await {
        Ok(()) => Ok(Redirect::done(path_of(id), "account-saved")),
        Err(refusal) => Err(show::refused(&console, &person, id, &form, &refusal).await),
    }
}

async fn change(console: &Console, person: &Administrator, id: UserId, form: &Fields) -> Result<(), Refusal> {
    let path = format!("/users/{id}");
    let user: User = console.api().get(&person.visitor, path.as_str()).await?;
    console.api().put::<User>(&person.visitor, path, &body(&user, form)).await.map(drop)
}

/// The fields that the form changes. The others are left out, because somebody else may be changing them.
fn body(user: &User, form: &Fields) -> Value {
    let mut body = Map::new();
    if let Some(email) = &user.email
        && form.has("email")
        && form.value("email") != email
    {
        body.insert("email".to_owned(), form.value("email").into());
    }
    if form.has("full_name") && form.optional("full_name") != user.full_name.as_deref() {
        body.insert("full_name".to_owned(), form.optional("full_name").into());
    }
    Value::Object(body)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(kind: &str, form: &str) -> Value {
        let time = "2026-05-15T09:30:00Z";
        let user = json!({
            "id": 7, "email": "a@b.co", "full_name": "Ada", "is_active": true, "is_admin": false, "kind": kind,
            "created_at": time, "updated_at": time, "email_verified": true,
        });
        body(&serde_json::from_value(user).unwrap(), &Fields::parse(form.as_bytes()))
    }

    #[test]
    fn only_what_the_form_changes_is_sent() {
        assert_eq!(of("person", "email=a@b.co&full_name=Ada"), json!({}));
        assert_eq!(of("person", "email=c@b.co&full_name=Ada"), json!({"email": "c@b.co"}));
        assert_eq!(of("person", "email=a@b.co&full_name=+"), json!({"full_name": null}));
        assert_eq!(of("person", "email="), json!({"email": ""}));
        assert_eq!(of("service", "email=c@b.co&full_name=robot"), json!({"full_name": "robot"}));
    }
}
