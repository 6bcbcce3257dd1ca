//! `POST /rbac/permissions`: creates a permission.

use serde::Deserialize;
use serde_json::json;
use users_core::{Description, NewPermission, Permission, PermissionName, Slug};
use users_web::{About, Checks, Created, Database, Field, Input, JsonInput, Problem};

use crate::rules::NAME_TAKEN;
use crate::store::permissions;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Body {
    name: Field<PermissionName>,
    description: Field<Description>,
    resource: Field<Slug>,
    action: Field<Slug>,
}

impl Input for Body {
    type Accepted = NewPermission;

    fn check(self, checks: &mut Checks) -> Option<NewPermission> {
        let name = checks.required("/name", self.name);
        let description = checks.optional("/description", self.description);
        let resource = checks.required("/resource", self.resource);
        let action = checks.required("/action", self.action);
        Some(NewPermission { name: name?, description: description?, resource: resource?, action: action? })
    }
}

pub(crate) fn about() -> About {
    About::new("createPermission", "Create a permission", "The permission.")
        .example(json!({
            "name": "report:approve", "description": "Approve reports", "resource": "report", "action": "approve",
        }))
        .leads_to(&["getPermission", "updatePermission", "deletePermission"], "permission_id")
        .problems([NAME_TAKEN])
}

/// 201 with the permission and its `Location`, 409 if the name is taken.
pub(crate) async fn handle(
    Database(db): Database,
    JsonInput(new): JsonInput<Body>,
) -> Result<Created<Permission>, Problem> {
    let permission = permissions::create(&db, &new).await?.ok_or(NAME_TAKEN)?;
    Ok(Created::within(permission.id, permission))
}
