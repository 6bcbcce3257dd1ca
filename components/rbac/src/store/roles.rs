//! The tables `roles` and `role_permissions`.

use users_core::{Description, NewRole, PermissionId, Role, RoleChange, RoleId, RoleLabel, RoleName};
use users_db::{Db, DbError, Listing, Page, Row, Value};
use users_guard::{Authority, Overreach};

use super::{DEFAULT_ADMINISTRATES, Outcome};

/// The unique constraint on the keys of names, and the unique index of the previous release on lower-case names.
const UNIQUE_NAMES: [&str; 2] = ["roles_name_key_key", "roles_name_key"];

fn role(row: &Row) -> Result<Role, DbError> {
    row.json("role")
}

fn is_taken(error: &DbError) -> bool {
    UNIQUE_NAMES.iter().any(|name| error.violates(name))
}

/// The ids in the column `unknown`: no permissions have these ids.
fn unknown(row: &Row) -> Result<Vec<PermissionId>, DbError> {
    row.json("unknown")
}

/// The outcome of creating a role.
pub(crate) enum Creation {
    Created(Role),
    /// The caller may not give the permissions. Nothing was changed.
    Refused(Overreach),
    NameTaken,
    /// A default role would have granted `admin:all`.
    DefaultAdministrates,
    /// No permissions have these ids. Nothing was changed.
    UnknownPermissions(Vec<PermissionId>),
}

/// Creates a role with permissions. The statement locks the permissions, so that nobody deletes one of them at the same time.
pub(crate) async fn create(db: &Db, new: &NewRole, authority: &Authority) -> Result<Creation, DbError> {
    let inserted = db
        .change(
            "WITH locked AS MATERIALIZED (
                 SELECT lock_administrators() WHERE cardinality($4::int4[]) > 0
             ), permitted AS MATERIALIZED (
                 SELECT refusal_to_give_permissions($6::int4, $7::text[], $4) AS refusal
                   FROM (SELECT count(*) FROM locked) AS locked
             ), known AS (
                 SELECT id, name, description, resource, action
                   FROM permissions
                  WHERE id = ANY ($4) AND (SELECT count(*) FROM locked) > 0
                  ORDER BY id
                    FOR KEY SHARE
             ), unknown AS (
                 SELECT coalesce(jsonb_agg(sent.id), '[]') AS unknown
                   FROM unnest($4) AS sent (id)
                  WHERE sent.id NOT IN (SELECT id FROM known)
             ), created AS (
                 INSERT INTO roles (name, description, is_default, name_key, requires_second_factor)
                 SELECT $1::text, $2::text, $3::bool, $5::text, $8::bool
                   FROM unknown CROSS JOIN permitted
                  WHERE unknown = '[]' AND refusal IS NULL
                 RETURNING id, name, description, is_default, requires_second_factor
             ), granted AS (
                 INSERT INTO role_permissions (role_id, permission_id)
                 SELECT created.id, known.id FROM created, known
             )
             SELECT permitted.refusal, unknown.unknown::text,
                    (to_jsonb(created) || jsonb_build_object('permissions', (
                        SELECT coalesce(jsonb_agg(to_jsonb(known) ORDER BY known.id), '[]') FROM known
                    )))::text AS role
               FROM permitted CROSS JOIN unknown LEFT JOIN created ON true",
            &[
                new.name.as_str().into(),
                new.description.as_ref().map(Description::as_str).into(),
                new.is_default.into(),
                new.permissions.as_slice().into(),
                new.name.key().into(),
                authority.caller(),
                authority.rights(),
                new.requires_second_factor.into(),
            ],
        )
        .await;
    let row = match inserted {
        Err(error) if is_taken(&error) => return Ok(Creation::NameTaken),
        Err(error) if error.violates(DEFAULT_ADMINISTRATES) => return Ok(Creation::DefaultAdministrates),
        inserted => inserted?.ok_or_else(DbError::missing_row)?,
    };
    let unknown = unknown(&row)?;
    if !unknown.is_empty() {
        Ok(Creation::UnknownPermissions(unknown))
    } else if let Some(overreach) = row.get("refusal")? {
        Ok(Creation::Refused(overreach))
    } else {
        role(&row).map(Creation::Created)
    }
}

/// Reads a page of the roles with their permissions.
pub(crate) async fn page(db: &Db, page: &Page) -> Result<Listing<Role>, DbError> {
    let rows = db
        .read_all(
            "WITH page AS (
                 SELECT id, to_json(r)::text AS role
                   FROM roles_with_permissions r
                  WHERE id > $1::int8
                  ORDER BY id
                 OFFSET $2 LIMIT $3
             ), total AS (
                 SELECT CASE WHEN $4::bool THEN (SELECT count(*) FROM roles) END AS total
             )
             SELECT * FROM total LEFT JOIN page ON true ORDER BY id",
            &[page.after(), page.offset(), page.limit(), page.total.into()],
        )
        .await?;
    page.listing(&rows, role)
}

/// Reads a page of the names of the roles.
pub(crate) async fn names(db: &Db, page: &Page) -> Result<Listing<RoleLabel>, DbError> {
    let rows = db
        .read_all(
            "WITH page AS (
                 SELECT id, jsonb_build_object('id', id, 'name', name)::text AS role
                   FROM roles
                  WHERE id > $1::int8
                  ORDER BY id
                 OFFSET $2 LIMIT $3
             ), total AS (
                 SELECT CASE WHEN $4::bool THEN (SELECT count(*) FROM roles) END AS total
             )
             SELECT * FROM total LEFT JOIN page ON true ORDER BY id",
            &[page.after(), page.offset(), page.limit(), page.total.into()],
        )
        .await?;
    page.listing(&rows, |row| row.json("role"))
}

/// Finds the role with this id.
pub(crate) async fn find(db: &Db, id: RoleId) -> Result<Option<Role>, DbError> {
    let row = db
        .read("SELECT to_json(r)::text AS role FROM roles_with_permissions r WHERE id = $1", &[id.into()])
        .await?;
    row.map(|row| role(&row)).transpose()
}

/// The outcome of changing a role.
pub(crate) enum Update {
    Outcome(Outcome<Role>),
    /// No permissions have these ids. Nothing was changed.
    UnknownPermissions(Vec<PermissionId>),
}

/// Changes a role. A new set of permissions replaces the set that the role has after the lock is taken. A change of the set must
/// not remove the last administrator, unless the new set itself makes administrators. A change of the default mark also takes the
/// lock, because a default role must not grant `admin:all`.
pub(crate) async fn update(
    db: &Db,
    id: RoleId,
    change: &RoleChange,
    authority: &Authority,
) -> Result<Update, DbError> {
    let (describe, description) = change.description.parts();
    let permissions: Value = change.permissions.as_deref().map(Value::from).into();
    let updated = db
        .change(
            "WITH locked AS MATERIALIZED (
                 SELECT lock_administrators() WHERE $5::bool
             ), permitted AS MATERIALIZED (
                 SELECT refusal_to_change_role($8::int4, $9::text[], $1, $6::int4[], $5, $10::bool) AS refusal
                   FROM (SELECT count(*) FROM locked) AS locked
             ), remaining AS MATERIALIZED (
                 SELECT CASE
                            WHEN $6 IS NULL THEN NULL
                            WHEN $8 IS NOT NULL THEN true
                            WHEN an_administrator_remains(NULL, $1, NULL, NULL) THEN true
                            ELSE makes_administrators($6)
                        END AS remains
                   FROM permitted
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
                        name_key = coalesce($7, name_key),
                        description = CASE WHEN $3::bool THEN $4 ELSE description END,
                        is_default = coalesce($5, is_default),
                        requires_second_factor = coalesce($10, requires_second_factor)
                  WHERE id = $1
                    AND (SELECT remains FROM remaining) IS NOT FALSE
                    AND (SELECT unknown FROM unknown) = '[]'
                    AND (SELECT refusal IS NULL FROM permitted)
                 RETURNING id, name, description, is_default, requires_second_factor
             ), revoked AS MATERIALIZED (
                 SELECT revoke_other_permissions(id, $6) FROM changed WHERE $6 IS NOT NULL
             ), granted AS (
                 INSERT INTO role_permissions (role_id, permission_id)
                 SELECT changed.id, known.id FROM changed, known
                     ON CONFLICT DO NOTHING
             )
             SELECT permitted.refusal, remaining.remains, unknown.unknown::text, changed.id,
                    (to_jsonb(changed) || jsonb_build_object('permissions', CASE WHEN $6 IS NOT NULL THEN (
                        SELECT coalesce(jsonb_agg(to_jsonb(known) ORDER BY known.id), '[]') FROM known
                    ) ELSE (
                        SELECT permissions FROM roles_with_permissions WHERE id = $1
                    ) END))::text AS role
               FROM permitted CROSS JOIN remaining CROSS JOIN unknown LEFT JOIN changed ON true LEFT JOIN revoked ON true",
            &[
                id.into(),
                change.name.as_ref().map(RoleName::as_str).into(),
                describe.into(),
                description.map(Description::as_str).into(),
                change.is_default.into(),
                permissions,
                change.name.as_ref().map(RoleName::key).into(),
                authority.caller(),
                authority.rights(),
                change.requires_second_factor.into(),
            ],
        )
        .await;
    let row = match updated {
        Err(error) if is_taken(&error) => return Ok(Update::Outcome(Outcome::NameTaken)),
        Err(error) if error.violates(DEFAULT_ADMINISTRATES) => {
            return Ok(Update::Outcome(Outcome::DefaultAdministrates));
        }
        updated => updated?.ok_or_else(DbError::missing_row)?,
    };
    let unknown = unknown(&row)?;
    if unknown.is_empty() {
        Outcome::of(Some(&row), role).map(Update::Outcome)
    } else {
        Ok(Update::UnknownPermissions(unknown))
    }
}

/// Deletes a role. Users who had the role lose it.
pub(crate) async fn delete(db: &Db, id: RoleId, authority: &Authority) -> Result<Outcome<()>, DbError> {
    let row = db
        .change(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_change_role($2::int4, NULL, $1, NULL, NULL) AS refusal
             ), remaining AS MATERIALIZED (
                 SELECT CASE
                            WHEN refusal IS NOT NULL THEN NULL
                            WHEN $2 IS NOT NULL THEN true
                            ELSE an_administrator_remains(NULL, $1, NULL, NULL)
                        END AS remains
                   FROM permitted
             ), deleted AS (
                 DELETE FROM roles WHERE id = $1 AND (SELECT remains FROM remaining) RETURNING id
             )
             SELECT * FROM permitted CROSS JOIN remaining LEFT JOIN deleted ON true",
            &[id.into(), authority.caller()],
        )
        .await?;
    Outcome::of(row.as_ref(), |_| Ok(()))
}
