//! `POST /rbac/permissions`: a new permission.

use serde::Deserialize;
use users_core::{Description, Permission, PermissionName, Slug};
use users_web::{Checks, Code, Created, Database, Field, Input, JsonInput, Problem};

use crate::store::permissions::{self, NewPermission};

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

/// 201 with the permission and its place, 409 when the name is taken.
pub(crate) async fn handle(
    Database(db): Database,
    JsonInput(new): JsonInput<Body>,
) -> Result<Created<Permission>, Problem> {
    let permission = permissions::create(&db, &new).await?.ok_or_else(|| Problem::new(Code::NameTaken))?;
    Ok(Created { location: format!("/rbac/permissions/{}", permission.id), object: permission })
}
