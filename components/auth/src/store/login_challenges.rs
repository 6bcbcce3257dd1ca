//! The table `login_challenges`: logins that wait for the second factor. The functions of migration 0041 have the rules.

use users_core::{Authentication, Lifetimes, UserId};
use users_crypto::RefreshToken;
use users_db::{Db, DbError};
use users_web::Client;

use super::factors::Stored;
use super::limits::{self, Attempt};
use super::signing_keys::StoredKey;
use super::{Grant, seconds};
use crate::factors::proof::{Proof, Proved};
use crate::limits::Limits;

/// The lifetime of a challenge, in seconds: as in migration 0041.
pub(crate) const LIFETIME: i32 = 300;

/// The outcome of beginning to compare a factor.
pub(crate) enum Beginning {
    /// The account's count of wrong passwords refuses it, and nothing is counted.
    Refused { user: UserId, retry_after: i32 },
    /// The factor counts as wrong until the attempt is taken back.
    Counted(Box<Begun>),
}

/// The data with which a factor is compared, and the key for the tokens.
pub(crate) struct Begun {
    pub(crate) user: UserId,
    pub(crate) attempt: Attempt,
    /// False when the client address is another one than that of the password: then nothing is compared.
    pub(crate) is_same_client: bool,
    pub(crate) stored: Stored,
    /// The key that signs. `None` when there is none.
    pub(crate) key: Option<StoredKey>,
}

/// Counts a factor as wrong, for its challenge and as a wrong password of the account, and reads what it is compared with. `None` when there is
/// no such challenge, or it has ended.
pub(crate) async fn begin(
    db: &Db,
    challenge: &[u8; 32],
    proof: &Proof,
    network: Option<&[u8; 32]>,
    limits: &Limits,
) -> Result<Option<Beginning>, DbError> {
    let failures = limits.password_failures();
    let row = db
        .change(
            "SELECT b.user_id, b.fits, b.secret, b.last_step, b.now, b.counted_key, b.counted_at::text AS counted_at, b.remaining, b.retry_after,
                    p.passkey_id, p.public_key, p.sign_count, p.backup_eligible, p.handle,
                    k.kid, k.sealed_key, k.is_due
               FROM begin_login_factor($1::bytea, $2::bytea, $3::int4, $4::int4, $5::int4) b
               LEFT JOIN LATERAL passkey_key(b.user_id, $6::bytea) p ON b.fits
               LEFT JOIN signing_key() k ON b.fits",
            &[
                challenge.as_slice().into(),
                limits::network(network),
                limits.codes().into(),
                failures.map(users_core::Limit::count).into(),
                failures.map(users_core::Limit::seconds).into(),
                proof.credential().map(|it| it.octets().to_vec()).into(),
            ],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let user = row.get("user_id")?;
    Ok(Some(match row.get::<Option<i32>>("retry_after")? {
        Some(retry_after) => Beginning::Refused { user, retry_after },
        None => Beginning::Counted(Box::new(Begun {
            user,
            attempt: Attempt::of(&row)?,
            is_same_client: row.get("fits")?,
            stored: Stored::of(&row)?,
            key: StoredKey::of(&row)?,
        })),
    }))
}

/// The data with which a login is completed.
pub(crate) struct Completion<'a> {
    /// SHA-256 of the challenge.
    pub(crate) challenge: &'a [u8; 32],
    pub(crate) proved: &'a Proved,
    pub(crate) attempt: &'a Attempt,
    pub(crate) refresh: &'a RefreshToken,
    pub(crate) client: &'a Client,
    pub(crate) lifetimes: &'a Lifetimes,
}

/// The statement of [`complete`]. The condition uses the factor of the account `c.user_id` up; its parameters begin at `$9`.
macro_rules! complete {
    ($used:literal) => {
        concat!(
            "WITH challenge AS MATERIALIZED (
                 SELECT user_id, network, client, own_key FROM hold_login_challenge($1::bytea)
             ), used AS MATERIALIZED (
                 SELECT c.user_id, c.network, c.client, c.own_key
                   FROM challenge c
                  WHERE CASE WHEN ",
            $used,
            " THEN end_login_challenge($1) ELSE false END
             ), cleared AS (
                 DELETE FROM sessions WHERE user_id = (SELECT user_id FROM used) AND expires_at <= now()
             ), session AS (
                 INSERT INTO sessions (user_id, expires_at, client, address, authenticated_at, factor_at, methods)
                 SELECT user_id, now() + least($3::int4, $4::int4) * interval '1 second', client, $5::text, now(), now(), $6::text[]
                   FROM used
                 RETURNING id, user_id, expires_at, authenticated_at, methods
             ), token AS (
                 INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
                 SELECT $2::bytea, id, expires_at FROM session
             )
             SELECT session.user_id, session.id AS session_id, session.methods,
                    floor(extract(epoch FROM session.authenticated_at))::int8 AS auth_time,
                    floor(extract(epoch FROM now()))::int8 AS now,
                    floor(extract(epoch FROM session.expires_at - now()))::int8 AS refresh_expires_in,
                    finish_login(session.user_id, used.network, $7::bytea, $8::text::timestamptz, used.own_key),
                    k.kid, k.sealed_key, k.is_due
               FROM session CROSS JOIN used LEFT JOIN signing_key() k ON true"
        )
    };
}

/// Opens the session of a login that waited, and uses its factor up. The attempt was no wrong one, and the client's address is remembered.
/// `None` when the challenge has ended meanwhile, the factor was used, or the account has changed; then nothing was changed.
///
/// The account is locked first. Of two requests with one challenge or one code, one opens a session.
pub(crate) async fn complete(
    db: &Db,
    Completion { challenge, proved, attempt, refresh, client, lifetimes }: Completion<'_>,
) -> Result<Option<Grant>, DbError> {
    let statement = match proved {
        Proved::Totp { .. } => complete!("use_totp(c.user_id, $9::bytea, $10::bytea, $11::int8)"),
        Proved::RecoveryCode { .. } => complete!("use_recovery_code(c.user_id, $9::bytea, $10::bytea)"),
        Proved::Passkey(_) => complete!("use_passkey(c.user_id, $9::int8, $10::int8, $11::bool)"),
    };
    let [counted_key, counted_at] = attempt.values();
    let methods: Vec<String> =
        [Authentication::PASSWORD].iter().chain(proved.methods()).map(|it| (*it).to_owned()).collect();
    let mut parameters = vec![
        challenge.as_slice().into(),
        refresh.hash().as_slice().into(),
        seconds(lifetimes.session_idle),
        seconds(lifetimes.session),
        client.address.map(|address| address.to_string()).into(),
        methods.into(),
        counted_key,
        counted_at,
    ];
    parameters.extend(proved.values());
    db.change(statement, &parameters).await?.map(|row| Grant::of(&row)).transpose()
}
