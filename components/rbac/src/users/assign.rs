//! `POST /rbac/users/{user_id}/roles`: assigns roles to a user.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use users_core::{Role, RoleId, UserId};
use users_guard::codes::EXCEEDS_OWN_RIGHTS;
use users_guard::{Authority, UserPath};
use users_web::{About, Checks, Code, Database, Field, Input, Json, JsonInput, PathInput, Presence, Problem};
use utoipa::ToSchema;

use crate::store::grants::{self, Assignment};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Body {
    role_ids: Field<Vec<Value>>,
    user_id: Field<UserId>,
}

pub(crate) struct Accepted {
    roles: Vec<RoleId>,
    user: Option<UserId>,
}

impl Input for Body {
    type Accepted = Accepted;

    fn check(self, checks: &mut Checks) -> Option<Accepted> {
        let roles = checks.ids("/role_ids", self.role_ids, Presence::Required, 0).flatten();
        let user = checks.optional("/user_id", self.user_id);
        Some(Accepted { roles: roles?, user: user? })
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UserRoles)]
pub(crate) struct Assigned {
    user_id: UserId,
    roles: Vec<Role>,
}

pub(crate) fn about() -> About {
    About::new("assignRoles", "Assign roles to a user", "All roles of the user.")
        .text(
            "The answer is 422, and nothing is assigned, if a role does not exist or if `user_id` differs from the path's. \
             A caller who is not an administrator can only give roles whose permissions the caller has (403 `exceeds_own_rights`), and \
             not to administrators (403 `admin_required`).",
        )
        .example(json!({"role_ids": [2]}))
        .problems([Code::NOT_FOUND, EXCEEDS_OWN_RIGHTS])
}

/// 200 with all roles of the user. Otherwise nothing is changed: 403 if the caller may not give the roles, 404 if there is no such user, 422 if a role does not exist or the
/// body names another user than the path.
pub(crate) async fn handle(
    Database(db): Database,
    authority: Authority,
    PathInput(user_id): PathInput<UserPath>,
    JsonInput(Accepted { roles, user }): JsonInput<Body>,
) -> Result<Json<Assigned>, Problem> {
    if user.is_some_and(|user| user != user_id) {
        return Err(Problem::broken("/user_id", "must be the user of the path"));
    }
    match grants::assign(&db, user_id, &roles, &authority).await? {
        Assignment::Roles(roles) => Ok(Json(Assigned { user_id, roles })),
        Assignment::NoSuchUser => Err(Code::NOT_FOUND.into()),
        Assignment::Refused(overreach) => Err(overreach.into()),
        Assignment::UnknownRoles(unknown) => {
            Err(Problem::unknown("/role_ids", &roles, &unknown, "must be the id of a role"))
        }
    }
}
