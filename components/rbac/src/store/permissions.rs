//! The table `permissions`.

use users_core::{
    Description, NewPermission, Permission, PermissionChange, PermissionId, PermissionName, Slug,
};
use users_db::{Db, DbError, Listing, Page, Row};
use users_guard::Authority;

use super::{DEFAULT_ADMINISTRATES, Outcome};

/// The unique constraint on the keys of names, and the unique index of the previous release on lower-case names.
const UNIQUE_NAMES: [&str; 2] = ["permissions_name_key_key", "permissions_name_key"];

fn permission(row: &Row) -> Result<Permission, DbError> {
    Ok(Permission {
        id: row.get("id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        resource: row.get("resource")?,
        action: row.get("action")?,
    })
}

fn is_taken(error: &DbError) -> bool {
    UNIQUE_NAMES.iter().any(|name| error.violates(name))
}

/// Creates a permission. Returns `None` if the name is taken. No role grants the permission yet, so it gives nobody a right.
pub(crate) async fn create(db: &Db, new: &NewPermission) -> Result<Option<Permission>, DbError> {
    let inserted = db
        .change(
            "INSERT INTO permissions (name, description, resource, action, name_key)
             VALUES ($1, $2, $3, $4, $5)
             RETURNING id, name, description, resource, action",
            &[
                new.name.as_str().into(),
                new.description.as_ref().map(Description::as_str).into(),
                new.resource.as_str().into(),
                new.action.as_str().into(),
                new.name.key().into(),
            ],
        )
        .await;
    match inserted {
        Err(error) if is_taken(&error) => Ok(None),
        inserted => permission(&inserted?.ok_or_else(DbError::missing_row)?).map(Some),
    }
}

/// Reads a page of the permissions.
pub(crate) async fn page(db: &Db, page: &Page) -> Result<Listing<Permission>, DbError> {
    let rows = db
        .read_all(
            "WITH page AS (
                 SELECT id, name, description, resource, action
                   FROM permissions
                  WHERE id > $1::int8
                  ORDER BY id
                 OFFSET $2 LIMIT $3
             ), total AS (
                 SELECT CASE WHEN $4::bool THEN (SELECT count(*) FROM permissions) END AS total
             )
             SELECT * FROM total LEFT JOIN page ON true ORDER BY id",
            &[page.after(), page.offset(), page.limit(), page.total.into()],
        )
        .await?;
    page.listing(&rows, permission)
}

/// Finds the permission with this id.
pub(crate) async fn find(db: &Db, id: PermissionId) -> Result<Option<Permission>, DbError> {
    let row = db
        .read("SELECT id, name, description, resource, action FROM permissions WHERE id = $1", &[id.into()])
        .await?;
    row.map(|row| permission(&row)).transpose()
}

/// Changes a permission. The change can remove the last administrator only if the permission was `admin:all` and becomes another
/// one. The change can let a default role grant `admin:all` only if the permission becomes `admin:all`.
pub(crate) async fn update(
    db: &Db,
    id: PermissionId,
    change: &PermissionChange,
    authority: &Authority,
) -> Result<Outcome<Permission>, DbError> {
    let (describe, description) = change.description.parts();
    let updated = db
        .change(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_change_permission($8::int4, $9::text[], $1, $5::text, $6::text) AS refusal
             ), remaining AS MATERIALIZED (
                 SELECT CASE
                            WHEN refusal IS NOT NULL OR $8 IS NOT NULL OR $5 IS NULL AND $6 IS NULL THEN NULL
                            WHEN an_administrator_remains(NULL, NULL, NULL, $1) THEN true
                            ELSE EXISTS (
                                SELECT FROM permissions
                                 WHERE id = $1
                                   AND coalesce($5, resource) = 'admin' AND coalesce($6, action) = 'all'
                            )
                        END AS remains
                   FROM permitted
             ), changed AS (
                 UPDATE permissions
                    SET name = coalesce($2, name),
                        name_key = coalesce($7, name_key),
                        description = CASE WHEN $3::bool THEN $4 ELSE description END,
                        resource = coalesce($5, resource),
                        action = coalesce($6, action)
                  WHERE id = $1
                    AND (SELECT remains FROM remaining) IS NOT FALSE
                    AND (SELECT refusal IS NULL FROM permitted)
                 RETURNING id, name, description, resource, action
             )
             SELECT * FROM permitted CROSS JOIN remaining LEFT JOIN changed ON true",
            &[
                id.into(),
                change.name.as_ref().map(PermissionName::as_str).into(),
                describe.into(),
                description.map(Description::as_str).into(),
                change.resource.as_ref().map(Slug::as_str).into(),
                change.action.as_ref().map(Slug::as_str).into(),
                change.name.as_ref().map(PermissionName::key).into(),
                authority.caller(),
                authority.rights(),
            ],
        )
        .await;
    match updated {
        Err(error) if is_taken(&error) => Ok(Outcome::NameTaken),
        Err(error) if error.violates(DEFAULT_ADMINISTRATES) => Ok(Outcome::DefaultAdministrates),
        updated => Outcome::of(updated?.as_ref(), permission),
    }
}

/// Deletes a permission. Roles that granted it no longer grant it.
pub(crate) async fn delete(db: &Db, id: PermissionId, authority: &Authority) -> Result<Outcome<()>, DbError> {
    let row = db
        .change(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_change_permission($2::int4, NULL, $1, NULL, NULL) AS refusal
             ), remaining AS MATERIALIZED (
                 SELECT CASE
                            WHEN refusal IS NOT NULL THEN NULL
                            WHEN $2 IS NOT NULL THEN true
                            ELSE an_administrator_remains(NULL, NULL, NULL, $1)
                        END AS remains
                   FROM permitted
             ), deleted AS (
                 DELETE FROM permissions WHERE id = $1 AND (SELECT remains FROM remaining) RETURNING id
             )
             SELECT * FROM permitted CROSS JOIN remaining LEFT JOIN deleted ON true",
            &[id.into(), authority.caller()],
        )
        .await?;
    Outcome::of(row.as_ref(), |_| Ok(()))
}
