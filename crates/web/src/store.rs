//! The SQL of the guard.

use users_core::User;
use users_crypto::Claims;
use users_db::{Db, DbError, Row};

use crate::guard::{Along, Found};

/// What the database knows about the user and the session that a token names. Permissions and the profile are read when they
/// are asked for. The statement itself is in `migrations/0010_caller_as_json.up.sql`, which keeps its plan.
pub(crate) async fn caller(db: &Db, claims: &Claims, along: Along) -> Result<Option<Found>, DbError> {
    let row = db
        .read(
            "SELECT caller_as_json($1, $2, $3, $4) AS caller",
            &[claims.user.into(), claims.session.into(), along.permissions.into(), along.profile.into()],
        )
        .await?;
    match row {
        Some(row) => row.json("caller"),
        None => Ok(None),
    }
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
