//! `PUT /rbac/permissions/{permission_id}`: changes a permission.

use serde::Deserialize;
use users_core::{Description, Permission, PermissionName, Slug};
use users_web::{Checks, Database, Field, Input, Json, JsonInput, PathInput, Problem};

use crate::path::PermissionPath;
use crate::store::permissions::{self, PermissionChange};

/// What is to change: fields that are not sent stay as they are.
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
        let name = checks.given("/name", self.name);
        let description = checks.change("/description", self.description);
        let resource = checks.given("/resource", self.resource);
        let action = checks.given("/action", self.action);
        Some(PermissionChange {
            name: name?,
            description: description?,
            resource: resource?,
            action: action?,
        })
    }
}

/// 200 with the permission as it is now; 404 when there is none, 409 when the name is taken or no active administrator would
/// be left.
pub(crate) async fn handle(
    Database(db): Database,
    PathInput(id): PathInput<PermissionPath>,
    JsonInput(change): JsonInput<Body>,
) -> Result<Json<Permission>, Problem> {
    permissions::update(&db, id, &change).await?.into_result().map(Json)
}
