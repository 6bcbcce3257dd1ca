//! `POST /users/`: a new account, which an administrator opens for somebody else.

use serde::Deserialize;
use serde_json::{Value, json};
use users_core::{AccountKind, Email, FullName, NewPassword, Password, RoleId, User};
use users_guard::codes::{EMAIL_TAKEN, EXCEEDS_OWN_RIGHTS};
use users_guard::{Authority, Passwords, TOO_BUSY, check_password};
use users_web::{About, Checks, Created, Database, Field, Input, JsonInput, Presence, Problem, State};

use crate::App;
use crate::store::accounts::{self, Creation, NewAccount};

/// The fields of a new account. Any other field is ignored, `is_admin` too.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Body {
    kind: Field<AccountKind>,
    email: Field<Email>,
    full_name: Field<FullName>,
    password: Field<NewPassword>,
    is_active: Field<bool>,
    role_ids: Field<Vec<Value>>,
}

pub(crate) struct Accepted {
    owner: Owner,
    full_name: Option<FullName>,
    is_active: bool,
    roles: Vec<RoleId>,
}

/// The kind of the account.
enum Owner {
    Person { email: Email, password: Option<Password> },
    Program,
}

impl Input<Passwords> for Body {
    type Accepted = Accepted;

    fn check(self, checks: &mut Checks<Passwords>) -> Option<Accepted> {
        let kind = checks.not_null("/kind", self.kind);
        let is_program = kind == Some(Some(AccountKind::Service));
        let (is_email_sent, is_password_sent) = (is_sent(&self.email), is_sent(&self.password));
        let email = checks.optional("/email", self.email);
        let full_name = checks.optional("/full_name", self.full_name);
        let password = checks.optional("/password", self.password);
        let owner = if is_program {
            for (pointer, is_sent) in [("/email", is_email_sent), ("/password", is_password_sent)] {
                if is_sent {
                    checks.broken::<()>(pointer, "must be left out: a service account has none");
                }
            }
            Some(Owner::Program)
        } else {
            let name = full_name.as_ref().and_then(Option::as_ref).map(FullName::as_str);
            person(checks, email, password, name)
        };
        let is_active = checks.not_null("/is_active", self.is_active);
        let roles = checks.ids("/role_ids", self.role_ids, Presence::Optional, 0);
        kind?;
        Some(Accepted {
            owner: owner?,
            full_name: full_name?,
            is_active: is_active?.unwrap_or(true),
            roles: roles?.unwrap_or_default(),
        })
    }
}

fn is_sent<T>(field: &Field<T>) -> bool {
    matches!(field, Field::Valid(_) | Field::Invalid(_))
}

/// The address and the password of a person, who needs an address. The outer `None`s mean that a field is broken.
fn person(
    checks: &mut Checks<Passwords>,
    email: Option<Option<Email>>,
    password: Option<Option<NewPassword>>,
    full_name: Option<&str>,
) -> Option<Owner> {
    let email = match email {
        Some(None) => checks.broken("/email", "is required"),
        email => email.flatten(),
    };
    let password = match password {
        Some(Some(password)) => {
            check_password(checks, "/password", password, email.as_ref(), full_name).map(Some)
        }
        other => other.map(|_| None),
    };
    Some(Owner::Person { email: email?, password: password? })
}

pub(crate) fn about() -> About {
    About::new("createUser", "Create an account", "The account.")
        .text(
            "The account gets every role with `is_default`, and those in `role_ids`; if one of these does not exist, the answer is 422 and \
             nothing is created. A caller who is not an administrator can only give roles whose permissions the caller has: 403 \
             `exceeds_own_rights`. With a password, the person is sent a link that verifies the address. Without one, the person is sent \
             an invitation and chooses a password through `POST /auth/password/reset`; until then, nobody can log in. An account with \
             `is_active: false` is sent nothing. Once it is activated, an account without a password is sent its invitation.\n\n\
             A person has an `email`. With `kind: \"service\"`, the account is a program's: it has neither an address nor a password, so nobody \
             logs in to it and nothing is sent to it. Make API keys for it with `POST /users/{user_id}/api-keys`. Of its rights, it has what \
             its roles grant.",
        )
        .example(json!({"email": "grace@example.com", "full_name": "Grace Hopper"}))
        .leads_to(&["getUser", "updateUser", "activateUser", "deactivateUser", "deleteUser"], "user_id")
        .problems([EMAIL_TAKEN, TOO_BUSY, EXCEEDS_OWN_RIGHTS])
}

/// 201 with the account and its location; 403 when the caller may not give a role, 409 when another account has the address, 422 when a
/// role does not exist.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    authority: Authority,
    JsonInput(accepted): JsonInput<Body, Passwords>,
) -> Result<Created<User>, Problem> {
    let Accepted { owner, full_name, is_active, roles } = accepted;
    let mut new = NewAccount {
        email: None,
        full_name: full_name.as_ref(),
        password_hash: None,
        is_active,
        roles: &roles,
        authority: &authority,
        slot: None,
    };
    let hash;
    if let Owner::Person { email, password } = &owner {
        new.email = Some(email);
        if let Some(password) = password {
            new.slot = Some(app.hash_slot().lease(&db).await?);
            hash = app.hasher().hash(password, app.random()).await.map_err(Problem::internal)?;
            new.password_hash = Some(&hash);
        }
    }
    match accounts::create(&db, &new).await? {
        Creation::Created(user) => Ok(Created::within(user.id, *user)),
        Creation::Refused(overreach) => Err(overreach.into()),
        Creation::EmailTaken => Err(EMAIL_TAKEN.into()),
        Creation::UnknownRoles(unknown) => {
            Err(Problem::unknown("/role_ids", &roles, &unknown, "must be the id of a role"))
        }
    }
}

#[cfg(test)]
mod tests {
    use users_web::validate_input;

    use super::*;

    fn broken(body: Value) -> Vec<String> {
        validate_input(
            serde_json::from_value::<Body>(body).unwrap(),
            Checks::new().under(Passwords::default()),
        )
        .err()
        .iter()
        .flat_map(Problem::errors)
        .map(|it| it.pointer.clone())
        .collect()
    }

    #[test]
    fn only_an_address_is_required_and_every_field_keeps_its_rule() {
        assert!(broken(json!({"email": "a@b.co", "password": null, "role_ids": null})).is_empty());
        assert_eq!(broken(json!({})), ["/email"]);
        let all =
            json!({"email": "x", "full_name": 1, "password": "short", "is_active": null, "role_ids": [0]});
        assert_eq!(broken(all), ["/email", "/full_name", "/password", "/is_active", "/role_ids/0"]);
        assert_eq!(broken(json!({"kind": null})), ["/kind", "/email"]);
        assert_eq!(broken(json!({"kind": "robot", "email": "a@b.co"})), ["/kind"]);
        assert_eq!(broken(json!({"email": "alice@b.co", "password": "ALICE@b.co"})), ["/password"]);
    }
    #[test]
    fn a_service_account_has_neither_an_address_nor_a_password() {
        assert!(broken(json!({"kind": "service"})).is_empty());
        assert!(broken(json!({"kind": "service", "email": null, "password": null})).is_empty());
        for (email, password) in [("a@b.co", "a fine password"), ("x", "short")] {
            let body = json!({"kind": "service", "email": email, "password": password});
            assert_eq!(broken(body), ["/email", "/password"]);
        }
        assert!(broken(json!({"kind": "person", "email": "a@b.co"})).is_empty());
    }
}
