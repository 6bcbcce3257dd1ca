//! `PUT /rbac/roles/{role_id}`: changes a role.

use serde::Deserialize;
use serde_json::{Value, json};
use users_core::{Description, Role, RoleChange, RoleName};
use users_guard::Authority;
use users_guard::codes::{EXCEEDS_OWN_RIGHTS, LAST_ADMIN};
use users_web::{About, Checks, Code, Database, Field, Input, Json, JsonInput, PathInput, Presence, Problem};

use super::unknown_permissions;
use crate::path::RolePath;
use crate::rules::{DEFAULT_ROLE_ADMINISTRATES, NAME_TAKEN, changed};
use crate::store::roles::{self, Update};

/// The changes. Fields that were not sent stay unchanged. `permission_ids` replaces the whole set.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Body {
    name: Field<RoleName>,
    description: Field<Description>,
    is_default: Field<bool>,
    requires_second_factor: Field<bool>,
    permission_ids: Field<Vec<Value>>,
}

impl Input for Body {
    type Accepted = RoleChange;

    fn check(self, checks: &mut Checks) -> Option<RoleChange> {
        let name = checks.not_null("/name", self.name);
        let description = checks.change("/description", self.description);
        let is_default = checks.not_null("/is_default", self.is_default);
        let requires_second_factor = checks.not_null("/requires_second_factor", self.requires_second_factor);
        let permissions = checks.ids("/permission_ids", self.permission_ids, Presence::NotNull, 0);
        Some(RoleChange {
            name: name?,
            description: description?,
            is_default: is_default?,
            requires_second_factor: requires_second_factor?,
            permissions: permissions?,
        })
    }
}

pub(crate) fn about() -> About {
    About::new("updateRole", "Change a role", "The changed role.")
        .text(
            "Changes only the fields that are sent; `permission_ids` replaces the whole set. A role with `is_default` cannot \
             grant `admin:all`. A caller who is not an administrator can only add permissions that the caller has, and only make a role \
             a default one, or one that requires no second factor any more, if the caller has all its permissions (403 `exceeds_own_rights`). Such a caller cannot change a role by which \
             somebody administrates (403 `admin_required`).",
        )
        .example(json!({"permission_ids": [1, 2]}))
        .problems([Code::NOT_FOUND, NAME_TAKEN, LAST_ADMIN, DEFAULT_ROLE_ADMINISTRATES, EXCEEDS_OWN_RIGHTS])
}

/// 200 with the role after the change. Otherwise nothing is changed: 403 if the caller may not make it, 404 if there is no such role, 409 if the name is taken, if no
/// active administrator would be left, or if a default role would grant `admin:all`, and 422 if a permission does not exist.
pub(crate) async fn handle(
    Database(db): Database,
    authority: Authority,
    PathInput(id): PathInput<RolePath>,
    JsonInput(change): JsonInput<Body>,
) -> Result<Json<Role>, Problem> {
    match roles::update(&db, id, &change, &authority).await? {
        Update::UnknownPermissions(unknown) => {
            Err(unknown_permissions(change.permissions.as_deref().unwrap_or_default(), &unknown))
        }
        Update::Outcome(outcome) => changed(outcome).map(Json),
    }
}
