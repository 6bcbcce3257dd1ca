//! The SQL of the guard.

use users_core::User;
use users_crypto::Claims;
use users_db::{Db, DbError, Row};

use crate::guard::{Along, Found};

/// What the database knows about the user and the session that a token names. Permissions and the profile are read when they
/// are asked for. The statement itself is in `migrations/0009_caller.up.sql`, which keeps its plan.
pub(crate) async fn caller(db: &Db, claims: &Claims, along: Along) -> Result<Option<Found>, DbError> {
    let row = db
        .read(
            "SELECT id, email, full_name, is_active, is_admin, created_at, updated_at,
                    roles, permissions, profile, has_session, now
               FROM caller($1, $2, $3, $4)",
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
