//! `POST /rbac/roles`: creates a role.

use serde::Deserialize;
use serde_json::{Value, json};
use users_core::{Description, NewRole, Role, RoleName};
use users_guard::Authority;
use users_guard::codes::EXCEEDS_OWN_RIGHTS;
use users_web::{About, Checks, Created, Database, Field, Input, JsonInput, Presence, Problem};

use super::unknown_permissions;
use crate::rules::{DEFAULT_ROLE_ADMINISTRATES, NAME_TAKEN};
use crate::store::roles::{self, Creation};

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
    type Accepted = NewRole;

    fn check(self, checks: &mut Checks) -> Option<NewRole> {
        let name = checks.required("/name", self.name);
        let description = checks.optional("/description", self.description);
        let is_default = checks.optional("/is_default", self.is_default);
        let requires_second_factor = checks.optional("/requires_second_factor", self.requires_second_factor);
        let permissions = checks.ids("/permission_ids", self.permission_ids, Presence::Optional, 0);
        Some(NewRole {
            name: name?,
            description: description?,
            is_default: is_default?.unwrap_or_default(),
            requires_second_factor: requires_second_factor?.unwrap_or_default(),
            permissions: permissions?.unwrap_or_default(),
        })
    }
}

pub(crate) fn about() -> About {
    About::new("createRole", "Create a role", "The role.")
        .text(
            "If a permission does not exist, the answer is 422 and nothing is created. A role with `is_default` cannot grant \
             `admin:all`. A caller who is not an administrator can only give permissions that the caller has: 403 `exceeds_own_rights`. \
             A role with `requires_second_factor` counts only for those who have proved a second factor: in their session, or in the session \
             that made their API key.",
        )
        .example(json!({"name": "approver", "description": "Approves reports", "permission_ids": [1]}))
        .leads_to(&["getRole", "updateRole", "deleteRole"], "role_id")
        .problems([NAME_TAKEN, DEFAULT_ROLE_ADMINISTRATES, EXCEEDS_OWN_RIGHTS])
}

/// 201 with the role and its `Location`. 403 if the caller may not give the permissions. 409 if the name is taken or a default role would grant `admin:all`. 422 if a permission
/// does not exist.
pub(crate) async fn handle(
    Database(db): Database,
    authority: Authority,
    JsonInput(new): JsonInput<Body>,
) -> Result<Created<Role>, Problem> {
    match roles::create(&db, &new, &authority).await? {
        Creation::Created(role) => Ok(Created::within(role.id, role)),
        Creation::Refused(overreach) => Err(overreach.into()),
        Creation::NameTaken => Err(NAME_TAKEN.into()),
        Creation::DefaultAdministrates => Err(DEFAULT_ROLE_ADMINISTRATES.into()),
        Creation::UnknownPermissions(unknown) => Err(unknown_permissions(&new.permissions, &unknown)),
    }
}
