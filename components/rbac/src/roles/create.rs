//! `POST /rbac/roles`: a new role.

use serde::Deserialize;
use serde_json::Value;
use users_core::{Description, Role, RoleName};
use users_web::{Checks, Code, Created, Database, Field, Input, JsonInput, Presence, Problem};

use super::unknown_permissions;
use crate::store::roles::{self, Creation, NewRole};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Body {
    name: Field<RoleName>,
    description: Field<Description>,
    is_default: Field<bool>,
    permission_ids: Field<Vec<Value>>,
}

impl Input for Body {
    type Accepted = NewRole;

    fn check(self, checks: &mut Checks) -> Option<NewRole> {
        let name = checks.required("/name", self.name);
        let description = checks.optional("/description", self.description);
        let is_default = checks.optional("/is_default", self.is_default);
        let permissions = checks.ids("/permission_ids", self.permission_ids, Presence::Optional, 0);
        Some(NewRole {
            name: name?,
            description: description?,
            is_default: is_default?.unwrap_or_default(),
            permissions: permissions?.unwrap_or_default(),
        })
    }
}

/// 201 with the role and its place; 409 when the name is taken, 422 when a permission does not exist.
pub(crate) async fn handle(
    Database(db): Database,
    JsonInput(new): JsonInput<Body>,
) -> Result<Created<Role>, Problem> {
    match roles::create(&db, &new).await? {
        Creation::Created(role) => Ok(Created { location: format!("/rbac/roles/{}", role.id), object: role }),
        Creation::NameTaken => Err(Problem::new(Code::NameTaken)),
        Creation::UnknownPermissions(unknown) => Err(unknown_permissions(&new.permissions, &unknown)),
    }
}
