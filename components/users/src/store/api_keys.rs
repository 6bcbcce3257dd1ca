//! The table `api_keys`.

use users_core::{ApiKey, ApiKeyId, UserId};
use users_db::{Db, DbError};
use users_guard::NewApiKey;

/// The outcome of making a key.
pub(crate) enum Creation {
    Created(Box<ApiKey>),
    /// The account has as many keys as it may have; nothing was changed.
    TooMany,
    /// The account is a person's; nothing was changed.
    Person,
    /// There is no such account.
    Missing,
}

/// Makes a key of a service account. The statement locks the account first, so that of many keys at once no more are made than it may have.
pub(crate) async fn create(
    db: &Db,
    user: UserId,
    new: &NewApiKey,
    hash: &[u8; 32],
) -> Result<Creation, DbError> {
    let row = db
        .change(
            "WITH account AS MATERIALIZED (
                 SELECT id, kind = 'service' AS is_service FROM users WHERE id = $1 FOR NO KEY UPDATE
             )
             SELECT is_service,
                    CASE WHEN is_service THEN
                        add_api_key(
                            id, $2::text, $3::bytea, $4::text[], $5::text[], $6::timestamp AT TIME ZONE 'UTC', $7::int4
                        )
                    END AS key
               FROM account",
            &[
                user.into(),
                new.name.as_str().into(),
                hash.as_slice().into(),
                new.rights().into(),
                new.networks().into(),
                new.expires_at.into(),
                ApiKey::MAX_PER_ACCOUNT.into(),
            ],
        )
        .await?;
    let Some(row) = row else { return Ok(Creation::Missing) };
    if !row.get::<bool>("is_service")? {
        return Ok(Creation::Person);
    }
    let key: Option<ApiKey> = row.json("key")?;
    Ok(key.map_or(Creation::TooMany, |key| Creation::Created(Box::new(key))))
}

/// The keys of an account, the newest first; `None` when there is no such account.
pub(crate) async fn list(db: &Db, user: UserId) -> Result<Option<Vec<ApiKey>>, DbError> {
    let row = db.read("SELECT api_keys_of(id) AS keys FROM users WHERE id = $1", &[user.into()]).await?;
    row.map(|row| row.json("keys")).transpose()
}

/// Ends a key of an account. False when there is no such account, or it has no such key.
pub(crate) async fn end(db: &Db, user: UserId, key: ApiKeyId) -> Result<bool, DbError> {
    let row = db
        .change(
            "DELETE FROM api_keys WHERE id = $2 AND user_id = $1 RETURNING id",
            &[user.into(), key.into()],
        )
        .await?;
    Ok(row.is_some())
}
