//! The keys that sign access tokens. The worker plans the next one a day before it signs, and retires those that no longer do.
//!
//! The database decides when a key is made and which one signs (`migrations/0032_key_rotation.up.sql`), so any number of workers and
//! operators may do this at once.

use std::time::Duration;

use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row};
use users_crypto::{KeySecret, OsRandom, SigningKey};

use crate::database::Database;
use crate::log;

/// A key is replaced when it has signed for this long, unless somebody replaces it before.
const LIFETIME: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// So long before it signs, a planned key is published, for services that keep a copy of the public keys.
const LEAD: Duration = Duration::from_secs(24 * 60 * 60);
/// A key that began to sign within this time is not replaced at once, so that a command may be repeated.
const REPEAT: Duration = Duration::from_secs(60);

/// When a key is to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// In a day, so that it is published first.
    Tomorrow,
    /// Now. Services that keep a copy of the public keys may not know it yet.
    Now,
}

/// A key that was planned, or that signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The thumbprint of RFC 7638.
    pub kid: String,
    /// The moment from which it signs, in UTC (RFC 3339).
    pub signs_from: String,
    /// False if nothing was changed: it was planned before, or has just begun to sign.
    pub is_changed: bool,
}

/// A revoked key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// The moment of its revocation, in UTC (RFC 3339).
    pub at: String,
    /// The key that signs now. `None` until the component `auth` has made one.
    pub signs_now: Option<String>,
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It signs and verifies.
    Signs,
    /// It is published, and will sign.
    Planned,
    /// It verifies the tokens that it has signed.
    Verifies,
    /// Nothing.
    Revoked,
}

/// A key, as `usersctl keys list` shows it. It has no private part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The thumbprint of RFC 7638.
    pub kid: String,
    /// What it does.
    pub state: State,
    /// Since when it does that, in UTC (RFC 3339).
    pub since: String,
    /// Until when, if that is known.
    pub until: Option<String>,
}

/// The secret that encrypts the keys is not the one with which the key that signs is encrypted.
#[derive(Debug, thiserror::Error)]
#[error(
    "KEY_SECRET does not open the signing key {0}: set it to the value of the variable key_secret of the service"
)]
pub struct OtherSecret(String);

/// A failure of [`rotate`].
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The service could not open the new key.
    #[error(transparent)]
    OtherSecret(#[from] OtherSecret),
    /// Postgres refuses, or cannot be reached.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The round of a worker: plans the next key when the present one is due within a day, and retires keys.
pub(crate) async fn keep(database: &mut Database, secret: Option<&KeySecret>) -> sqlx::Result<()> {
    let deleted = database.run(async |connection| retire(connection).await).await?;
    if deleted > 0 {
        log::deleted("signing_keys", deleted);
    }
    let Some(secret) = secret else { return Ok(()) };
    let Some(present) = database.run(async |connection| due(connection).await).await? else { return Ok(()) };
    if let Err(other) = present.opens_with(secret) {
        log::event("error", "the next signing key cannot be made", Some(&other.to_string()));
        return Ok(());
    }
    let key = SigningKey::generate(&OsRandom);
    let planned = database
        .run(async |connection| plan(connection, &key, secret, LEAD, LIFETIME.saturating_sub(LEAD)).await)
        .await?;
    // Another worker, or the component `auth`, may have been first.
    if planned.is_changed {
        log::key("info", "the next signing key is planned", &planned.kid);
    }
    Ok(())
}

/// The key that signs now.
struct Present {
    kid: String,
    /// `None` if no key signs.
    sealed_key: Option<Vec<u8>>,
}

impl Present {
    /// A key under another secret would be one that the service cannot open, and nobody could log in.
    fn opens_with(&self, secret: &KeySecret) -> Result<(), OtherSecret> {
        let Some(sealed_key) = &self.sealed_key else { return Ok(()) };
        match SigningKey::open(&self.kid, sealed_key, secret) {
            Ok(_) => Ok(()),
            Err(_) => Err(OtherSecret(self.kid.clone())),
        }
    }
}

impl FromRow<'_, PgRow> for Present {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self { kid: row.try_get("kid")?, sealed_key: row.try_get("sealed_key")? })
    }
}

/// The key that signs now, which may be none, if it is time to plan its successor.
async fn due(connection: &mut PgConnection) -> sqlx::Result<Option<Present>> {
    sqlx::query_as(
        "SELECT coalesce(present.kid, '') AS kid, present.sealed_key
           FROM (VALUES (now() + make_interval(secs => $1))) AS tomorrow (moment)
           LEFT JOIN signing_key() present ON true
           LEFT JOIN LATERAL signing_key_at(tomorrow.moment) successor ON true
          WHERE present.kid IS NULL OR successor.is_due",
    )
    .bind(LEAD.as_secs_f64())
    .fetch_optional(connection)
    .await
}

/// The key that signs now.
async fn present(connection: &mut PgConnection) -> sqlx::Result<Option<Present>> {
    sqlx::query_as("SELECT kid, sealed_key FROM signing_key()").fetch_optional(connection).await
}

async fn plan(
    connection: &mut PgConnection,
    key: &SigningKey,
    secret: &KeySecret,
    lead: Duration,
    younger: Duration,
) -> sqlx::Result<Planned> {
    let row = sqlx::query(
        "SELECT kid, is_changed, to_char(signs_from AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS signs_from
           FROM plan_signing_key($1, $2, $3, make_interval(secs => $4), make_interval(secs => $5))",
    )
    .bind(key.kid())
    .bind(key.public_key().octets().as_slice())
    .bind(key.seal(secret, &OsRandom))
    .bind(lead.as_secs_f64())
    .bind(younger.as_secs_f64())
    .fetch_one(connection)
    .await?;
    Ok(Planned {
        kid: row.try_get("kid")?,
        signs_from: row.try_get("signs_from")?,
        is_changed: row.try_get("is_changed")?,
    })
}

async fn retire(connection: &mut PgConnection) -> sqlx::Result<u64> {
    let deleted: i64 = sqlx::query_scalar("SELECT retire_signing_keys()").fetch_one(connection).await?;
    Ok(u64::try_from(deleted).unwrap_or_default())
}

/// Makes sure that the key that signs now, if there is one, is encrypted with this secret.
///
/// # Errors
/// When it is not, or Postgres refuses.
pub async fn check_secret(connection: &mut PgConnection, secret: &KeySecret) -> Result<(), RotateError> {
    match present(connection).await? {
        Some(present) => Ok(present.opens_with(secret)?),
        None => Ok(()),
    }
}

/// Plans the next key, or has it sign at once. Only one key is planned at a time: a second call returns the planned one. If no key signs,
/// the planned one or a new one does at once.
///
/// # Errors
/// When `secret` is not the one of the service, or Postgres refuses.
pub async fn rotate(
    connection: &mut PgConnection,
    secret: &KeySecret,
    begin: Begin,
) -> Result<Planned, RotateError> {
    check_secret(connection, secret).await?;
    let (lead, younger) = match begin {
        Begin::Tomorrow => (LEAD, Duration::ZERO),
        Begin::Now => (Duration::ZERO, REPEAT),
    };
    Ok(plan(connection, &SigningKey::generate(&OsRandom), secret, lead, younger).await?)
}

/// Revokes a key: its tokens are refused from the next request on, and its private part is wiped. If it is the one that signs, the
/// planned key signs at once, or a new one if there is a secret to encrypt it with. Doing it again changes nothing. `None` if there is no
/// such key.
///
/// # Errors
/// When Postgres refuses.
pub async fn revoke(
    connection: &mut PgConnection,
    kid: &str,
    secret: Option<&KeySecret>,
) -> sqlx::Result<Option<Revoked>> {
    let next = secret.map(|secret| {
        let key = SigningKey::generate(&OsRandom);
        (key.kid().to_owned(), key.public_key().octets().to_vec(), key.seal(secret, &OsRandom))
    });
    let (next_kid, next_public_key, next_sealed_key) = match next {
        Some((kid, public_key, sealed_key)) => (Some(kid), Some(public_key), Some(sealed_key)),
        None => (None, None, None),
    };
    let row = sqlx::query(
        "SELECT to_char(revoked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS revoked_at, signs_now
           FROM revoke_signing_key($1, $2, $3, $4)",
    )
    .bind(kid)
    .bind(next_kid)
    .bind(next_public_key)
    .bind(next_sealed_key)
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok(Revoked { at: row.try_get("revoked_at")?, signs_now: row.try_get("signs_now")? }))
        .transpose()
}

/// All keys, the newest first.
///
/// # Errors
/// When Postgres refuses.
pub async fn list(connection: &mut PgConnection) -> sqlx::Result<Vec<Entry>> {
    sqlx::query_as(
        "WITH keys AS (
             SELECT kid, signs_from, revoked_at, created_at,
                    (
                        SELECT min(later.signs_from) FROM signing_keys later
                         WHERE later.signs_from > k.signs_from AND later.signs_from > '-infinity'
                    ) AS succeeded_at
               FROM signing_keys k
         ), states AS (
             SELECT *,
                    CASE WHEN revoked_at IS NOT NULL THEN 'revoked'
                         WHEN signs_from > now() THEN 'planned'
                         WHEN succeeded_at <= now() THEN 'verifies'
                         ELSE 'signs' END AS state
               FROM keys
         )
         SELECT kid, state,
                to_char(CASE state WHEN 'revoked' THEN revoked_at
                                   WHEN 'verifies' THEN succeeded_at
                                   ELSE signs_from END AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS since,
                to_char(CASE state WHEN 'verifies' THEN succeeded_at + interval '1 day'
                                   WHEN 'revoked' THEN NULL
                                   ELSE coalesce(succeeded_at, signs_from + make_interval(secs => $1)) END
                        AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS until
           FROM states
          ORDER BY greatest(signs_from, created_at) DESC, kid",
    )
    .bind(LIFETIME.as_secs_f64())
    .fetch_all(connection)
    .await
}

impl FromRow<'_, PgRow> for Entry {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let state = match row.try_get::<&str, _>("state")? {
            "signs" => State::Signs,
            "planned" => State::Planned,
            "verifies" => State::Verifies,
            _ => State::Revoked,
        };
        Ok(Self {
            kid: row.try_get("kid")?,
            state,
            since: row.try_get("since")?,
            until: row.try_get("until")?,
        })
    }
}
