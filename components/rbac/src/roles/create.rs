//! `POST /rbac/roles`: a new role.

use serde::Deserialize;
use serde_json::Value;
use users_core::{Description, RoleName};
use users_web::{
    Checks, Code, Database, Field, Input, IntoResponse, Json, JsonInput, Problem, StatusCode, header,
};

use super::{permission_ids, unknown_permissions};
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
        let permissions = checks
            .optional("/permission_ids", self.permission_ids)
            .and_then(|ids| permission_ids(checks, ids.unwrap_or_default()));
        Some(NewRole {
            name: name?,
            description: description?,
            is_default: is_default?.unwrap_or_default(),
            permissions: permissions?,
        })
    }
}

/// 201 with the role and its place; 409 when the name is taken, 422 when a permission does not exist.
pub(crate) async fn handle(
    Database(db): Database,
    JsonInput(new): JsonInput<Body>,
) -> Result<impl IntoResponse, Problem> {
    match roles::create(&db, &new).await? {
        Creation::Created(role) => {
            let location = format!("/rbac/roles/{}", role.id);
            Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(role)))
        }
        Creation::NameTaken => Err(Problem::new(Code::NameTaken)),
        Creation::UnknownPermissions(unknown) => Err(unknown_permissions(&new.permissions, &unknown)),
    }
}
