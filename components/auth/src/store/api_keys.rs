//! The table `api_keys`.

use users_core::{ApiKey, ApiKeyId, Event, SessionId, UserId};
use users_db::{Db, DbError};
use users_guard::NewApiKey;

use super::sessions::Ending;

/// The outcome of asking for a key.
pub(crate) enum Creation {
    Created(Box<ApiKey>),
    /// The account has as many keys as it may have; nothing was changed.
    TooMany,
    /// The account lacks these rights; nothing was changed.
    Lacking(Vec<String>),
    /// The session that asks has ended meanwhile; nothing was changed.
    Refused,
}

/// Makes a key of an account, and tells the owner. The account is locked first: a recovery at the same moment either ends the session that
/// asks before there is a key, or ends the key, too.
pub(crate) async fn create(
    db: &Db,
    user: UserId,
    asking: SessionId,
    new: &NewApiKey,
    hash: &[u8; 32],
) -> Result<Creation, DbError> {
    let row = db
        .change(
            "WITH caller AS MATERIALIZED (
                 SELECT $1::int4 AS id WHERE lock_caller($1, $2::int8, NULL)
             ), checked AS MATERIALIZED (
                 SELECT id, rights_beyond(id, $5::text[]) AS lacking FROM caller
             ), added AS MATERIALIZED (
                 SELECT id, lacking,
                        CASE WHEN lacking = '{}' THEN
                            add_api_key(
                                id, $3::text, $4::bytea, $5, $6::text[], $7::timestamp AT TIME ZONE 'UTC', $8::int4
                            )
                        END AS key
                   FROM checked
             )
             SELECT lacking, key, CASE WHEN key IS NOT NULL THEN record_event($9::text, id, NULL) END AS event FROM added",
            &[
                user.into(),
                asking.into(),
                new.name.as_str().into(),
                hash.as_slice().into(),
                new.rights().into(),
                new.networks().into(),
                new.expires_at.into(),
                ApiKey::MAX_PER_ACCOUNT.into(),
                Event::ApiKeyCreated.as_str().into(),
            ],
        )
        .await?;
    let Some(row) = row else { return Ok(Creation::Refused) };
    let lacking: Vec<String> = row.get("lacking")?;
    if !lacking.is_empty() {
        return Ok(Creation::Lacking(lacking));
    }
    let key: Option<ApiKey> = row.json("key")?;
    Ok(key.map_or(Creation::TooMany, |key| Creation::Created(Box::new(key))))
}

/// The keys of an account, the newest first.
pub(crate) async fn list(db: &Db, user: UserId) -> Result<Vec<ApiKey>, DbError> {
    db.read("SELECT api_keys_of($1) AS keys", &[user.into()])
        .await?
        .ok_or_else(DbError::missing_row)?
        .json("keys")
}

/// Ends a key of an account, if the session that asks still exists. The account is locked first, as for the end of another session.
pub(crate) async fn end(
    db: &Db,
    user: UserId,
    asking: SessionId,
    ended: ApiKeyId,
) -> Result<Ending, DbError> {
    let row = db
        .change(
            "WITH account AS (
                 SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE
             ), asked AS MATERIALIZED (
                 SELECT id FROM account WHERE session_remains(id, $2)
             ), ended AS (
                 DELETE FROM api_keys k USING asked WHERE k.id = $3 AND k.user_id = asked.id RETURNING k.id
             )
             SELECT ended.id FROM asked LEFT JOIN ended ON true",
            &[user.into(), asking.into(), ended.into()],
        )
        .await?;
    Ok(match row {
        None => Ending::Refused,
        Some(row) if row.get::<Option<ApiKeyId>>("id")?.is_none() => Ending::Missing,
        Some(_) => Ending::Ended,
    })
}
