//! `POST /rbac/check-permission`: asks the policy if a user has a right.

use serde::{Deserialize, Serialize};
use serde_json::json;
use users_core::{Slug, UserId};
use users_db::Db;
use users_guard::codes::{ADMIN_REQUIRED, PERMISSION_DENIED};
use users_guard::{Right, Rights};
use users_web::{About, Checks, Code, Database, Field, Input, Json, JsonInput, Problem};
use utoipa::ToSchema;

use crate::store::grants;

/// The question. The question is about the caller, unless it names another user.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Question {
    resource: Field<Slug>,
    action: Field<Slug>,
    user_id: Field<UserId>,
}

pub(crate) struct Accepted {
    resource: Slug,
    action: Slug,
    user: Option<UserId>,
}

impl Input for Question {
    type Accepted = Accepted;

    fn check(self, checks: &mut Checks) -> Option<Accepted> {
        let resource = checks.required("/resource", self.resource);
        let action = checks.required("/action", self.action);
        let user = checks.optional("/user_id", self.user_id);
        Some(Accepted { resource: resource?, action: action?, user: user? })
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PermissionCheck)]
pub(crate) struct Answer {
    allowed: bool,
    user_id: UserId,
    #[schema(max_length = 50, pattern = "^[a-z][a-z0-9_-]*$")]
    resource: String,
    #[schema(max_length = 50, pattern = "^[a-z][a-z0-9_-]*$")]
    action: String,
}

pub(crate) fn about() -> About {
    About::new("checkPermission", "Check a permission", "The decision.")
        .text("For the caller. Administrators, and callers with the permission `rbac:read`, may check for any user. \
               A role that requires a second factor counts for the caller if the caller has proved one, and for another user if the user has one \
               set up.")
        .example(json!({"resource": "report", "action": "approve"}))
        .problems([ADMIN_REQUIRED, PERMISSION_DENIED, Code::NOT_FOUND])
}

/// 200 with the answer. A question about another user gets 403 if the caller neither administrates nor has `rbac:read`, and 404 if there
/// is no such user. For a question about the caller, only the guard runs a statement.
pub(crate) async fn handle(
    Database(db): Database,
    rights: Rights,
    JsonInput(question): JsonInput<Question>,
) -> Result<Json<Answer>, Problem> {
    let Accepted { resource, action, user } = question;
    let required = Right::new(resource.as_str(), action.as_str());
    let user_id = user.unwrap_or(rights.subject.user);
    let rights = rights.about(user_id);
    let allowed = if user_id == rights.subject.user {
        rights.would_allow(&rights.subject, required)
    } else {
        rights.administers(Right::new("rbac", "read"))?;
        would_be_allowed(&db, &rights, user_id, required).await?
    };
    Ok(Json(Answer { allowed, user_id, resource: resource.into(), action: action.into() }))
}

async fn would_be_allowed(
    db: &Db,
    rights: &Rights,
    user: UserId,
    required: Right<'_>,
) -> Result<bool, Problem> {
    let holder = grants::holder(db, user).await?.ok_or(Code::NOT_FOUND)?;
    // A deactivated account has no rights, even if roles grant them.
    Ok(holder.is_active && rights.would_allow(&holder.subject, required))
}
