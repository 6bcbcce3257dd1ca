//! The second factors of accounts. The functions of migration 0041 have the rules.

use serde::de::DeserializeOwned;
use users_core::{SessionId, UserId};
use users_db::{Db, DbError, Row, Value};

use super::limits::{self, Attempt};
use super::passkeys::{self, Named};
use crate::factors::proof::{Proof, Proved};
use crate::limits::{Limits, PasswordCounter};

/// The authenticator of an account, as it is stored, and the time.
pub(crate) struct StoredTotp {
    /// The secret, encrypted. `None` without an authenticator.
    pub(crate) sealed: Option<Vec<u8>>,
    /// The step of the last code that was used.
    pub(crate) last_step: Option<i64>,
    /// The database's time, in seconds since 1970.
    pub(crate) now: i64,
}

impl StoredTotp {
    /// Reads the columns `secret`, `last_step` and `now`.
    pub(super) fn of(row: &Row) -> Result<Self, DbError> {
        Ok(Self { sealed: row.get("secret")?, last_step: row.get("last_step")?, now: row.get("now")? })
    }
}

/// The stored values that a factor is compared with.
pub(crate) struct Stored {
    pub(crate) totp: StoredTotp,
    /// The passkey that the proof names, if the account has it.
    pub(crate) passkey: Option<Named>,
}

impl Stored {
    /// Reads the columns of [`StoredTotp`] and of [`Named`].
    pub(super) fn of(row: &Row) -> Result<Self, DbError> {
        Ok(Self { totp: StoredTotp::of(row)?, passkey: Named::of(row)? })
    }
}

/// The outcome of a change of the caller's factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is made.
    Made,
    /// It needs what the account does not have; nothing was changed.
    Missing,
    /// The session that asks has ended meanwhile; nothing was changed.
    Refused,
}

impl Change {
    /// Reads the column `made` of a statement that locks the caller.
    fn of(row: Option<&Row>) -> Result<Self, DbError> {
        match row {
            None => Ok(Self::Refused),
            Some(row) => Ok(if row.get("made")? { Self::Made } else { Self::Missing }),
        }
    }
}

/// The factors of an account, as JSON.
pub(crate) async fn list<T: DeserializeOwned>(db: &Db, user: UserId) -> Result<T, DbError> {
    db.read("SELECT factors_of($1) AS factors", &[user.into()])
        .await?
        .ok_or_else(DbError::missing_row)?
        .json("factors")
}

/// Keeps the secret of a new authenticator until its first code comes from this session.
pub(crate) async fn begin_totp(
    db: &Db,
    user: UserId,
    session: SessionId,
    sealed: &[u8],
) -> Result<Change, DbError> {
    let row = db
        .change(
            "WITH caller AS MATERIALIZED (
                 SELECT $1::int4 AS id WHERE lock_caller($1, $2::int8, NULL)
             )
             SELECT begin_totp(id, $2, $3::bytea) AS made FROM caller",
            &[user.into(), session.into(), sealed.into()],
        )
        .await?;
    Change::of(row.as_ref())
}

/// The authenticator that a session has begun to set up. Without one, there is no secret.
pub(crate) async fn begun_totp(db: &Db, user: UserId, session: SessionId) -> Result<StoredTotp, DbError> {
    let row = db
        .read(
            "SELECT secret, NULL::int8 AS last_step, now FROM begun_totp($1, $2)",
            &[user.into(), session.into()],
        )
        .await?;
    row.map_or(Ok(StoredTotp { sealed: None, last_step: None, now: 0 }), |row| StoredTotp::of(&row))
}

/// The outcome of confirming an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// It counts. True if the account got the recovery codes, because it had none.
    Confirmed(bool),
    /// Another one was begun meanwhile; nothing was changed.
    Replaced,
    /// The session that asks has ended meanwhile; nothing was changed.
    Refused,
}

/// Makes the secret that a session has begun to set up the account's authenticator. A code of this step was right. If the secret is sealed anew,
/// this is stored. If the account has no recovery codes, it gets those with these hashes.
pub(crate) async fn confirm_totp(
    db: &Db,
    user: UserId,
    session: SessionId,
    sealed: &[u8],
    sealed_anew: Option<Vec<u8>>,
    step: i64,
    code_hashes: Vec<String>,
) -> Result<Confirmation, DbError> {
    let row = db
        .change(
            "WITH caller AS MATERIALIZED (
                 SELECT $1::int4 AS id WHERE lock_caller($1, $2::int8, NULL)
             )
             SELECT confirm_totp(id, $2, $3::bytea, $4::bytea, $5::int8, $6::text[]) AS outcome FROM caller",
            &[
                user.into(),
                session.into(),
                sealed.into(),
                sealed_anew.into(),
                step.into(),
                code_hashes.into(),
            ],
        )
        .await?;
    let Some(row) = row else { return Ok(Confirmation::Refused) };
    Ok(match row.get::<Option<String>>("outcome")?.as_deref() {
        None => Confirmation::Replaced,
        Some(outcome) => Confirmation::Confirmed(outcome == "codes"),
    })
}

/// Removes the authenticator of an account. [`Change::Missing`] when it has none.
pub(crate) async fn remove_totp(db: &Db, user: UserId, session: SessionId) -> Result<Change, DbError> {
    let row = db
        .change(
            "WITH caller AS MATERIALIZED (
                 SELECT $1::int4 AS id WHERE lock_caller($1, $2::int8, NULL)
             )
             SELECT remove_totp(id) AS made FROM caller",
            &[user.into(), session.into()],
        )
        .await?;
    Change::of(row.as_ref())
}

/// Gives an account recovery codes with these hashes, in place of those that it has. [`Change::Missing`] without a second factor.
pub(crate) async fn renew_recovery_codes(
    db: &Db,
    user: UserId,
    session: SessionId,
    code_hashes: Vec<String>,
) -> Result<Change, DbError> {
    let row = db
        .change(
            "WITH caller AS MATERIALIZED (
                 SELECT $1::int4 AS id WHERE lock_caller($1, $2::int8, NULL)
             )
             SELECT renew_recovery_codes(id, $3::text[]) AS made FROM caller",
            &[user.into(), session.into(), code_hashes.into()],
        )
        .await?;
    Change::of(row.as_ref())
}

/// The outcome of beginning to compare a factor of the caller.
pub(crate) enum Beginning {
    /// The account's count of wrong passwords refuses it, and nothing is counted.
    Refused { retry_after: i32 },
    /// As many were wrong in the session as may be: it has ended.
    SessionEnded,
    /// The factor counts as wrong until the attempt is taken back.
    Counted {
        attempt: Attempt,
        /// True when no further one may be wrong in the session.
        is_last_of_session: bool,
        stored: Stored,
        /// True if the challenge that a passkey answers waited. It has ended.
        has_challenge: bool,
    },
}

/// Counts a factor of the caller as wrong, for the session and as a wrong password of the account, and reads what it is compared with. Ends the
/// challenge that a passkey answers.
pub(crate) async fn begin_check(
    db: &Db,
    user: UserId,
    session: SessionId,
    proof: &Proof,
    passwords: &PasswordCounter,
    limits: &Limits,
) -> Result<Beginning, DbError> {
    let [shared_key, most, seconds] = limits::values(&passwords.shared);
    let row = db
        .change(
            "SELECT b.session_ended, b.is_last_code, b.secret, b.last_step, b.now, b.counted_key, b.counted_at::text AS counted_at,
                    b.remaining, b.retry_after, p.is_open, p.passkey_id, p.public_key, p.sign_count, p.backup_eligible, p.handle
               FROM begin_factor_check(
                        $1::int4, $2::int8, $3::bytea, $4::int4, $5::int4, $6::bytea, $7::bytea, $8::bytea, $9::int4, $10::int4
                    ) b
              CROSS JOIN LATERAL begin_passkey_proof(
                        $1, $2, CASE WHEN b.retry_after IS NULL AND NOT b.session_ended THEN $11::bytea END, $12::bytea
                    ) p",
            &[
                user.into(),
                session.into(),
                limits.codes_key(session).as_slice().into(),
                limits.codes().into(),
                Limits::CODES_SECONDS.into(),
                limits::network(passwords.network.as_ref()),
                shared_key,
                passwords.own_key.as_slice().into(),
                most,
                seconds,
                proof.claimed_challenge().map_or(Value::Null, |it| passkeys::hash(&it)),
                proof.credential().map(|it| it.octets().to_vec()).into(),
            ],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    if row.get("session_ended")? {
        return Ok(Beginning::SessionEnded);
    }
    Ok(match row.get::<Option<i32>>("retry_after")? {
        Some(retry_after) => Beginning::Refused { retry_after },
        None => Beginning::Counted {
            attempt: Attempt::of(&row)?,
            is_last_of_session: row.get("is_last_code")?,
            stored: Stored::of(&row)?,
            has_challenge: row.get("is_open")?,
        },
    })
}

/// The statement of [`finish_check`]. The condition uses the factor of the account `c.user_id` up; its parameters begin at `$7`.
macro_rules! finish_check {
    ($used:literal) => {
        concat!(
            "WITH caller AS MATERIALIZED (
                 SELECT $1::int4 AS user_id WHERE lock_caller($1, $2::int8, NULL)
             ), used AS MATERIALIZED (
                 SELECT c.user_id FROM caller c WHERE ",
            $used,
            "
             )
             SELECT finish_factor_check($2, $3::text[], $4::bytea, $5::bytea, $6::text::timestamptz) AS made FROM used"
        )
    };
}

/// Makes a session fresh, and uses the factor up. The attempt was no wrong one. False when the session has ended, or the factor was used or
/// removed meanwhile; then nothing was changed.
pub(crate) async fn finish_check(
    db: &Db,
    user: UserId,
    session: SessionId,
    proved: &Proved,
    attempt: &Attempt,
    limits: &Limits,
) -> Result<bool, DbError> {
    let statement = match proved {
        Proved::Totp { .. } => finish_check!("use_totp(c.user_id, $7::bytea, $8::bytea, $9::int8)"),
        Proved::RecoveryCode { .. } => finish_check!("use_recovery_code(c.user_id, $7::bytea, $8::bytea)"),
        Proved::Passkey(_) => finish_check!("use_passkey(c.user_id, $7::int8, $8::int8, $9::bool)"),
    };
    let [counted_key, counted_at] = attempt.values();
    let methods: Vec<String> = proved.methods().iter().map(|it| (*it).to_owned()).collect();
    let mut parameters: Vec<Value> = vec![
        user.into(),
        session.into(),
        methods.into(),
        limits.codes_key(session).as_slice().into(),
        counted_key,
        counted_at,
    ];
    parameters.extend(proved.values());
    Ok(db.change(statement, &parameters).await?.is_some())
}
