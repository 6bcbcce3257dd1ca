//! The tables `roles` and `role_permissions`.

use users_core::{Description, PermissionId, Role, RoleId, RoleName};
use users_db::{Db, DbError, Row, Value};
use users_web::{Change, Listing, Page};

use super::Outcome;

/// The unique index on names.
const ROLES_NAME_KEY: &str = "roles_name_key";

/// What a new role is made of.
pub(crate) struct NewRole {
    pub(crate) name: RoleName,
    pub(crate) description: Option<Description>,
    pub(crate) is_default: bool,
    pub(crate) permissions: Vec<PermissionId>,
}

/// What is to become of a role; `None` stays as it is.
pub(crate) struct RoleChange {
    pub(crate) name: Option<RoleName>,
    pub(crate) description: Change<Description>,
    pub(crate) is_default: Option<bool>,
    pub(crate) permissions: Option<Vec<PermissionId>>,
}

fn role(row: &Row) -> Result<Role, DbError> {
    Ok(Role {
        id: row.get("id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        is_default: row.get("is_default")?,
        permissions: row.json("permissions")?,
    })
}

/// The ids that name no permission, as the column `unknown` lists them.
fn unknown(row: &Row) -> Result<Vec<PermissionId>, DbError> {
    row.json("unknown")
}

/// What came of making a role.
pub(crate) enum Creation {
    Created(Role),
    NameTaken,
    /// There are no permissions with these ids; nothing was changed.
    UnknownPermissions(Vec<PermissionId>),
}

/// Makes a role that grants permissions, which are locked so that none of them can go meanwhile.
pub(crate) async fn create(db: &Db, new: &NewRole) -> Result<Creation, DbError> {
    let inserted = db
        .change(
            "WITH known AS (
                 SELECT id, name, description, resource, action
                   FROM permissions
                  WHERE id = ANY ($4)
                  ORDER BY id
                    FOR KEY SHARE
             ), unknown AS (
                 SELECT coalesce(jsonb_agg(sent.id), '[]') AS unknown
                   FROM unnest($4) AS sent (id)
                  WHERE sent.id NOT IN (SELECT id FROM known)
             ), created AS (
                 INSERT INTO roles (name, description, is_default)
                 SELECT $1::text, $2::text, $3::bool FROM unknown WHERE unknown = '[]'
                 RETURNING id, name, description, is_default
             ), granted AS (
                 INSERT INTO role_permissions (role_id, permission_id)
                 SELECT created.id, known.id FROM created, known
             )
             SELECT unknown.unknown::text, created.*,
                    (SELECT coalesce(jsonb_agg(to_jsonb(known) ORDER BY known.id), '[]') FROM known)::text AS permissions
               FROM unknown LEFT JOIN created ON true",
            &[
                new.name.as_str().into(),
                new.description.as_ref().map(Description::as_str).into(),
                new.is_default.into(),
                new.permissions.as_slice().into(),
            ],
        )
        .await;
    let row = match inserted {
        Err(error) if error.violates(ROLES_NAME_KEY) => return Ok(Creation::NameTaken),
        inserted => inserted?.ok_or_else(DbError::missing_row)?,
    };
    let unknown = unknown(&row)?;
    if unknown.is_empty() {
        role(&row).map(Creation::Created)
    } else {
        Ok(Creation::UnknownPermissions(unknown))
    }
}

/// A page of the roles with their permissions.
pub(crate) async fn page(db: &Db, page: &Page) -> Result<Listing<Role>, DbError> {
    let rows = db
        .read_all(
            "WITH page AS (
                 SELECT id, name, description, is_default
                   FROM roles
                  WHERE id > $1
                  ORDER BY id
                 OFFSET $2 LIMIT $3
             ), total AS (
                 SELECT CASE WHEN $4::bool THEN (SELECT count(*) FROM roles) END AS total
             )
             SELECT total.total, page.*,
                    (
                        SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.id), '[]')
                          FROM role_permissions rp JOIN permissions p ON p.id = rp.permission_id
                         WHERE rp.role_id = page.id
                    )::text AS permissions
               FROM total LEFT JOIN page ON true
              ORDER BY page.id",
            &[page.after(), page.offset(), page.limit(), page.total.into()],
        )
        .await?;
    page.listing(&rows, role)
}

/// The role with this id.
pub(crate) async fn find(db: &Db, id: RoleId) -> Result<Option<Role>, DbError> {
    let row = db
        .read(
            "SELECT r.id, r.name, r.description, r.is_default,
                    (
                        SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.id), '[]')
                          FROM role_permissions rp JOIN permissions p ON p.id = rp.permission_id
                         WHERE rp.role_id = r.id
                    )::text AS permissions
               FROM roles r
              WHERE r.id = $1",
            &[id.into()],
        )
        .await?;
    row.map(|row| role(&row)).transpose()
}

/// What came of changing a role.
pub(crate) enum Update {
    Outcome(Outcome<Role>),
    /// There are no permissions with these ids; nothing was changed.
    UnknownPermissions(Vec<PermissionId>),
}

/// Changes a role. A new set of permissions takes the place of the old one, whatever that is by the time the lock is had; it
/// can cost an administrator, unless it makes one itself.
pub(crate) async fn update(db: &Db, id: RoleId, change: &RoleChange) -> Result<Update, DbError> {
    let (describe, description) = change.description.parts();
    let permissions: Value = change.permissions.as_deref().map(Value::from).into();
    let updated = db
        .change(
            "WITH remaining AS MATERIALIZED (
                 SELECT CASE
                            WHEN $6::int4[] IS NULL THEN NULL
                            WHEN an_administrator_remains(NULL, $1, NULL, NULL) THEN true
                            ELSE makes_administrators($6)
                        END AS remains
             ), known AS (
                 SELECT id, name, description, resource, action
                   FROM permissions
                  WHERE id = ANY ($6) AND (SELECT remains IS NOT NULL FROM remaining)
                  ORDER BY id
                    FOR KEY SHARE
             ), unknown AS (
                 SELECT coalesce(jsonb_agg(sent.id), '[]') AS unknown
                   FROM unnest($6) AS sent (id)
                  WHERE sent.id NOT IN (SELECT id FROM known)
             ), changed AS (
                 UPDATE roles
                    SET name = coalesce($2, name),
                        description = CASE WHEN $3::bool THEN $4 ELSE description END,
                        is_default = coalesce($5, is_default)
                  WHERE id = $1
                    AND (SELECT remains FROM remaining) IS NOT FALSE
                    AND (SELECT unknown FROM unknown) = '[]'
                 RETURNING id, name, description, is_default
             ), revoked AS MATERIALIZED (
                 SELECT revoke_other_permissions(id, $6) FROM changed WHERE $6 IS NOT NULL
             ), granted AS (
                 INSERT INTO role_permissions (role_id, permission_id)
                 SELECT changed.id, known.id FROM changed, known
                     ON CONFLICT DO NOTHING
             )
             SELECT remaining.remains, unknown.unknown::text, changed.*,
                    CASE WHEN $6 IS NOT NULL THEN (
                        SELECT coalesce(jsonb_agg(to_jsonb(known) ORDER BY known.id), '[]') FROM known
                    ) ELSE (
                        SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.id), '[]')
                          FROM role_permissions rp JOIN permissions p ON p.id = rp.permission_id
                         WHERE rp.role_id = $1
                    ) END::text AS permissions
               FROM remaining CROSS JOIN unknown LEFT JOIN changed ON true LEFT JOIN revoked ON true",
            &[
                id.into(),
                change.name.as_ref().map(RoleName::as_str).into(),
                describe.into(),
                description.map(Description::as_str).into(),
                change.is_default.into(),
                permissions,
            ],
        )
        .await;
    let row = match updated {
        Err(error) if error.violates(ROLES_NAME_KEY) => return Ok(Update::Outcome(Outcome::NameTaken)),
        updated => updated?.ok_or_else(DbError::missing_row)?,
    };
    let unknown = unknown(&row)?;
    if unknown.is_empty() {
        Outcome::of(Some(&row), role).map(Update::Outcome)
    } else {
        Ok(Update::UnknownPermissions(unknown))
    }
}

/// Deletes a role; nobody has it any more.
pub(crate) async fn delete(db: &Db, id: RoleId) -> Result<Outcome<()>, DbError> {
    let row = db
        .change(
            "WITH remaining AS MATERIALIZED (
                 SELECT an_administrator_remains(NULL, $1, NULL, NULL) AS remains
             ), deleted AS (
                 DELETE FROM roles WHERE id = $1 AND (SELECT remains FROM remaining) RETURNING id
             )
             SELECT * FROM remaining LEFT JOIN deleted ON true",
            &[id.into()],
        )
        .await?;
    Outcome::of(row.as_ref(), |_| Ok(()))
}
