//! The table `api_keys`.

use serde::Deserialize;
use users_core::{ApiKey, ApiKeyId, Event, Permission, SessionId, UnnamedRight, UserId};
use users_db::{Db, DbError};
use users_guard::NewApiKey;

use super::sessions::Ending;

/// The outcome of asking for a key.
pub(crate) enum Creation {
    Created(Box<ApiKey>),
    /// The account has as many keys as it may have; nothing was changed.
    TooMany,
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
             ), added AS MATERIALIZED (
                 SELECT id,
                        add_api_key(
                            id, $3::text, $4::bytea, $5::text[], $6::text[], $7::timestamp AT TIME ZONE 'UTC', $8::int4,
                            proves_factor($2, NULL)
                        ) AS key
                   FROM caller
             )
             SELECT key, CASE WHEN key IS NOT NULL THEN record_event($9::text, id, NULL) END AS event FROM added",
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

/// A key that another service asks about, and what its account may do by it now.
pub(crate) struct PresentedKey {
    pub(crate) user: UserId,
    /// True if the key acts as an administrator.
    pub(crate) is_admin: bool,
    /// Each a resource and an action.
    pub(crate) rights: Vec<(String, String)>,
    /// In seconds since 1970.
    pub(crate) issued: i64,
    /// In seconds since 1970. `None` if the key does not expire.
    pub(crate) expires: Option<i64>,
}

/// The part of the answer of `caller_by_key()` that is told to another service.
#[derive(Deserialize)]
struct Acting {
    user: Option<Holder>,
    #[serde(default)]
    extras: Extras,
}

#[derive(Deserialize)]
struct Holder {
    id: UserId,
    is_admin: bool,
}

#[derive(Default, Deserialize)]
struct Extras {
    permissions: Option<Vec<Permission>>,
    unnamed_permissions: Option<Vec<UnnamedRight>>,
}

/// Looks up the key with this hash, as for a request that comes with it from an unknown address. `None` if there is no such key, or it has
/// expired, is bound to addresses, or belongs to a deactivated account.
pub(crate) async fn presented(db: &Db, hash: &[u8; 32]) -> Result<Option<PresentedKey>, DbError> {
    let row = db
        .read("SELECT caller, issued, expires FROM presented_key($1::bytea)", &[hash.as_slice().into()])
        .await?;
    let Some(row) = row else { return Ok(None) };
    let Some(Acting { user: Some(user), extras }) = row.json::<Option<Acting>>("caller")? else {
        return Ok(None);
    };
    let named = extras.permissions.unwrap_or_default().into_iter().map(|it| (it.resource, it.action));
    let unnamed = extras.unnamed_permissions.unwrap_or_default().into_iter();
    Ok(Some(PresentedKey {
        user: user.id,
        is_admin: user.is_admin,
        rights: named.chain(unnamed.map(|it| (it.resource, it.action))).collect(),
        issued: row.get("issued")?,
        expires: row.get("expires")?,
    }))
}

/// Ends the key with this hash, whoever presents it. Returns the key's account; `None` when there is no such key.
pub(crate) async fn end_presented(db: &Db, hash: &[u8; 32]) -> Result<Option<UserId>, DbError> {
    db.change("SELECT end_presented_key($1::bytea) AS user_id", &[hash.as_slice().into()])
        .await?
        .ok_or_else(DbError::missing_row)?
        .get("user_id")
}
