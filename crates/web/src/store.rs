//! The SQL of the guard.

use users_core::User;
use users_crypto::Claims;
use users_db::{Db, DbError, Row};

use crate::guard::{Along, Found};

/// What the database knows about the user and the session that a token names. Permissions and the profile are read when they
/// are asked for; the planner drops those parts of the statement when they are not.
pub(crate) async fn caller(db: &Db, claims: &Claims, along: Along) -> Result<Option<Found>, DbError> {
    let row = db
        .read(
            "SELECT u.id, u.email, u.full_name, u.is_active, u.is_admin,
                    u.created_at AT TIME ZONE 'UTC' AS created_at,
                    u.updated_at AT TIME ZONE 'UTC' AS updated_at,
                    ARRAY(
                        SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                         WHERE ur.user_id = u.id
                         ORDER BY r.name
                    ) AS roles,
                    CASE WHEN $3::bool THEN (
                        SELECT jsonb_agg(to_jsonb(p) ORDER BY p.id) FROM permissions p
                         WHERE p.id IN (
                             SELECT rp.permission_id
                               FROM user_roles ur JOIN role_permissions rp ON rp.role_id = ur.role_id
                              WHERE ur.user_id = u.id
                         )
                    ) END::text AS permissions,
                    CASE WHEN $4::bool THEN (
                        SELECT to_jsonb(pr) FROM profiles pr WHERE pr.user_id = u.id
                    ) END::text AS profile,
                    EXISTS (
                        SELECT FROM sessions s WHERE s.id = $2 AND s.user_id = u.id AND s.expires_at > now()
                    ) AS has_session,
                    floor(extract(epoch FROM now()))::int8 AS now
               FROM users u
              WHERE u.id = $1",
            &[claims.user.into(), claims.session.into(), along.permissions.into(), along.profile.into()],
        )
        .await?;
    row.map(|row| {
        Ok(Found {
            user: user_from(&row)?,
            roles: row.get("roles")?,
            permissions: row.json::<Option<_>>("permissions")?.unwrap_or_default(),
            profile: row.json("profile")?,
            has_session: row.get("has_session")?,
            now: row.get("now")?,
        })
    })
    .transpose()
}

/// An account from a row with the columns of one, its times `AT TIME ZONE 'UTC'`.
///
/// # Errors
/// [`DbError::Failed`] when a column is missing or of another type.
pub fn user_from(row: &Row) -> Result<User, DbError> {
    Ok(User {
        id: row.get("id")?,
        email: row.get("email")?,
        full_name: row.get("full_name")?,
        is_active: row.get("is_active")?,
        is_admin: row.get("is_admin")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
