//! `PUT /users/{user_id}`: changes the address or the name of another person's account.

use serde::Deserialize;
use serde_json::json;
use users_core::{Change, Email, FullName, User};
use users_guard::codes::EMAIL_TAKEN;
use users_guard::{Authority, Caller, UserPath};
use users_web::{
    About, Checks, Code, Database, Field, IfMatch, Input, Json, JsonInput, PathInput, Problem, Versioned,
};

use crate::rules::{CANNOT_TARGET_SELF, SERVICE_ACCOUNT, not_oneself};
use crate::store::accounts::{self, AccountChange, Update};
use crate::version::version;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Body {
    email: Field<Email>,
    full_name: Field<FullName>,
    email_verified: Field<bool>,
}

impl Input for Body {
    type Accepted = AccountChange;

    fn check(self, checks: &mut Checks) -> Option<AccountChange> {
        let email = checks.not_null("/email", self.email);
        let full_name: Option<Change<FullName>> = checks.change("/full_name", self.full_name);
        let email_verified = checks.not_null("/email_verified", self.email_verified);
        Some(AccountChange { email: email?, full_name: full_name?, email_verified: email_verified? })
    }
}

pub(crate) fn about() -> About {
    About::new("updateUser", "Change an account", "The account.")
        .text(
            "Only the fields that are sent change; null clears the name. A new `email` is not verified unless `email_verified` says so. It ends \
             all links that were sent to the account, and the owner is told at both addresses. The same address in another spelling is \
             not a new one: nobody is told, and it stays verified. A service account has no address, so only its name changes. To change your own account, use `PUT /auth/email` and `PUT /profile/`.",
        )
        .example(json!({"email": "grace.hopper@example.com", "email_verified": true}))
        .problems([Code::NOT_FOUND, CANNOT_TARGET_SELF, EMAIL_TAKEN, SERVICE_ACCOUNT])
}

/// 200 with the account; 404 when there is no such account, 409 for the caller's own account, when another account has the
/// address, and for the address of a service account, 412 when the account has another version than the client expects.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    authority: Authority,
    PathInput(id): PathInput<UserPath>,
    expected: IfMatch,
    JsonInput(change): JsonInput<Body>,
) -> Result<Versioned<Json<User>>, Problem> {
    not_oneself(&caller, &[id]).map_err(|problem| {
        problem.with_detail("Change your own account with PUT /auth/email and PUT /profile/.")
    })?;
    match accounts::update(&db, id, &change, expected.numbers().as_deref(), &authority).await? {
        Update::Updated(user) => Ok(Versioned::new(version(&user), Json(*user))),
        Update::Refused(overreach) => Err(overreach.into()),
        Update::Missing => Err(Code::NOT_FOUND.into()),
        Update::Stale => Err(Code::PRECONDITION_FAILED.into()),
        Update::EmailTaken => Err(EMAIL_TAKEN.into()),
        Update::Service => Err(SERVICE_ACCOUNT.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use users_web::validate_input;

    use super::*;

    fn broken(body: Value) -> Vec<String> {
        validate_input(serde_json::from_value::<Body>(body).unwrap(), Checks::new())
            .err()
            .iter()
            .flat_map(Problem::errors)
            .map(|it| it.pointer.clone())
            .collect()
    }

    #[test]
    fn every_field_may_be_left_out_and_only_the_name_cleared() {
        assert!(broken(json!({})).is_empty());
        assert!(broken(json!({"email": "a@b.co", "full_name": null, "email_verified": true})).is_empty());
        let all = json!({"email": null, "full_name": 1, "email_verified": null});
        assert_eq!(broken(all), ["/email", "/full_name", "/email_verified"]);
    }
}
