//! The table `api_keys`.

use users_core::{ApiKey, ApiKeyId, UserId};
use users_db::{Db, DbError};
use users_guard::{Authority, Caller, NewApiKey, Overreach};

/// The outcome of making a key.
pub(crate) enum Creation {
    Created(Box<ApiKey>),
    /// The caller may not hand out the account; nothing was changed.
    Refused(Overreach),
    /// The account has as many keys as it may have; nothing was changed.
    TooMany,
    /// The account is a person's; nothing was changed.
    Person,
    /// There is no such account.
    Missing,
}

/// Makes a key of a service account. Whoever gets the key has all rights of the account, so the caller needs them, too. The statement locks the account first, so that of many keys at once no more are made than it may have.
/// The key has the proof of a second factor that its maker has.
pub(crate) async fn create(
    db: &Db,
    user: UserId,
    maker: &Caller,
    new: &NewApiKey,
    hash: &[u8; 32],
    authority: &Authority,
) -> Result<Creation, DbError> {
    let row = db
        .change(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_hand_out_account($8::int4, $9::text[], $1::int4) AS refusal
             ), account AS MATERIALIZED (
                 SELECT id, kind = 'service' AS is_service
                   FROM users
                  WHERE id = $1 AND (SELECT count(*) FROM permitted) > 0
                    FOR NO KEY UPDATE
             )
             SELECT permitted.refusal, is_service,
                    CASE WHEN is_service AND permitted.refusal IS NULL THEN
                        add_service_api_key(
                            id, $2::text, $3::bytea, $4::text[], $5::text[], $6::timestamp AT TIME ZONE 'UTC', $7::int4,
                            proves_factor($10::int8, $11::int8)
                        )
                    END AS key
               FROM permitted LEFT JOIN account ON true",
            &[
                user.into(),
                new.name.as_str().into(),
                hash.as_slice().into(),
                new.rights().into(),
                new.networks().into(),
                new.expires_at.into(),
                ApiKey::MAX_PER_ACCOUNT.into(),
                authority.caller(),
                authority.rights(),
                maker.session().into(),
                maker.api_key().into(),
            ],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    if let Some(overreach) = row.get("refusal")? {
        return Ok(Creation::Refused(overreach));
    }
    match row.get::<Option<bool>>("is_service")? {
        None => return Ok(Creation::Missing),
        Some(false) => return Ok(Creation::Person),
        Some(true) => {}
    }
    let key: Option<ApiKey> = row.json("key")?;
    Ok(key.map_or(Creation::TooMany, |key| Creation::Created(Box::new(key))))
}

/// The keys of an account, the newest first; `None` when there is no such account.
pub(crate) async fn list(db: &Db, user: UserId) -> Result<Option<Vec<ApiKey>>, DbError> {
    let row = db.read("SELECT api_keys_of(id) AS keys FROM users WHERE id = $1", &[user.into()]).await?;
    row.map(|row| row.json("keys")).transpose()
}

/// The outcome of ending a key.
pub(crate) enum Ending {
    Ended,
    /// The caller may not do this to the account; nothing was changed.
    Refused(Overreach),
    /// There is no such account, or it has no such key.
    Missing,
}

/// Ends a key of an account.
pub(crate) async fn end(
    db: &Db,
    user: UserId,
    key: ApiKeyId,
    authority: &Authority,
) -> Result<Ending, DbError> {
    let row = db
        .change(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_change_accounts($3::int4, ARRAY[$1::int4]) AS refusal
             ), ended AS (
                 DELETE FROM api_keys
                  WHERE id = $2 AND user_id = $1 AND (SELECT refusal IS NULL FROM permitted)
                 RETURNING id
             )
             SELECT permitted.refusal, ended.id FROM permitted LEFT JOIN ended ON true",
            &[user.into(), key.into(), authority.caller()],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    if let Some(overreach) = row.get("refusal")? {
        return Ok(Ending::Refused(overreach));
    }
    Ok(if row.get::<Option<i64>>("id")?.is_some() { Ending::Ended } else { Ending::Missing })
}
