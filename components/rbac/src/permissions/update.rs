//! `PUT /rbac/permissions/{permission_id}`: changes a permission.

use serde::Deserialize;
use serde_json::json;
use users_core::{Description, Permission, PermissionChange, PermissionName, Slug};
use users_guard::Authority;
use users_guard::codes::{EXCEEDS_OWN_RIGHTS, LAST_ADMIN};
use users_web::{About, Checks, Code, Database, Field, Input, Json, JsonInput, PathInput, Problem};

use crate::path::PermissionPath;
use crate::rules::{DEFAULT_ROLE_ADMINISTRATES, NAME_TAKEN, changed};
use crate::store::permissions;

/// The changes. Fields that were not sent stay unchanged.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Body {
    name: Field<PermissionName>,
    description: Field<Description>,
    resource: Field<Slug>,
    action: Field<Slug>,
}

impl Input for Body {
    type Accepted = PermissionChange;

    fn check(self, checks: &mut Checks) -> Option<PermissionChange> {
        let name = checks.not_null("/name", self.name);
        let description = checks.change("/description", self.description);
        let resource = checks.not_null("/resource", self.resource);
        let action = checks.not_null("/action", self.action);
        Some(PermissionChange {
            name: name?,
            description: description?,
            resource: resource?,
            action: action?,
        })
    }
}

pub(crate) fn about() -> About {
    About::new("updatePermission", "Change a permission", "The changed permission.")
        .text(
            "Changes only the fields that are sent. A permission of a default role cannot become `admin:all`. A caller who is not an \
             administrator cannot turn a permission that a role grants into a right that the caller lacks (403 `exceeds_own_rights`), \
             nor change one by which somebody administrates (403 `admin_required`).",
        )
        .example(json!({"description": "Approve the reports of one's own department"}))
        .problems([Code::NOT_FOUND, NAME_TAKEN, LAST_ADMIN, DEFAULT_ROLE_ADMINISTRATES, EXCEEDS_OWN_RIGHTS])
}

/// 200 with the permission after the change. 403 if the caller may not make it. 404 if there is no such permission. 409 if the name is taken, if no active
/// administrator would be left, or if a default role would grant `admin:all`.
pub(crate) async fn handle(
    Database(db): Database,
    authority: Authority,
    PathInput(id): PathInput<PermissionPath>,
    JsonInput(change): JsonInput<Body>,
) -> Result<Json<Permission>, Problem> {
    changed(permissions::update(&db, id, &change, &authority).await?).map(Json)
}
