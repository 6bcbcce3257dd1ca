//! The table `sessions`.

use users_core::{Lifetimes, Session, SessionId, UserId};
use users_crypto::{LoginChallenge, RefreshToken};
use users_db::{Db, DbError};
use users_web::Client;

use super::accounts::Credentials;
use super::limits::{self, Attempt};
use super::passkeys::{self, Descriptors};
use super::{Grant, seconds};
use crate::limits::PasswordCounter;

/// The data with which a session is opened, or the challenge for a second factor is made.
pub(crate) struct Opening<'a> {
    /// The account, whose password was found right.
    pub(crate) account: &'a Credentials,
    /// The attempt that the login was counted as.
    pub(crate) attempt: &'a Attempt,
    pub(crate) passwords: &'a PasswordCounter,
    /// Replaces the password's hash.
    pub(crate) new_hash: Option<&'a str>,
    pub(crate) refresh: &'a RefreshToken,
    pub(crate) challenge: &'a LoginChallenge,
    pub(crate) client: &'a Client,
    pub(crate) lifetimes: &'a Lifetimes,
}

/// The outcome of a right password.
pub(crate) enum Opened {
    /// A session was opened.
    Session(Box<Grant>),
    /// The account has a second factor, by these methods: the challenge waits for it.
    NeedsFactor { methods: Vec<String>, passkeys: Descriptors },
    /// The account has changed since its credentials were read; nothing was changed.
    Changed,
}

/// Opens a session with its first refresh token, replaces the password's hash when there is a new one, and deletes the account's
/// expired sessions. The attempt was no wrong password, and the client's address is remembered. Returns the key that signs access tokens with
/// the session. The slot of the hash is returned in any case.
///
/// If the account has a second factor, the challenge is made instead, and nothing is remembered. The statement decides that, so a login without a
/// factor costs none more.
///
/// The account is locked first: it can be neither deactivated nor deleted between the check and the session, nor can its address become one that
/// counts as unverified, nor can it get its first factor.
pub(crate) async fn open(
    db: &Db,
    Opening { account, attempt, passwords, new_hash, refresh, challenge, client, lifetimes }: Opening<'_>,
) -> Result<Opened, DbError> {
    let [counted_key, counted_at] = attempt.values();
    let [slot, ticket] = attempt.slot();
    let row = db
        .change(
            "WITH account AS (
                 SELECT id, factors_since IS NOT NULL AS has_factor
                   FROM users
                  WHERE id = $1 AND password_hash = $2 AND is_active AND email_verified = $17
                    FOR NO KEY UPDATE
             ), rehashed AS (
                 UPDATE users SET password_hash = $3
                  WHERE id = (SELECT id FROM account) AND password_hash = $2 AND $3::text IS NOT NULL
             ), cleared AS (
                 DELETE FROM sessions WHERE user_id = (SELECT id FROM account) AND expires_at <= now()
             ), session AS (
                 INSERT INTO sessions (user_id, expires_at, client, address, authenticated_at, methods)
                 SELECT id, now() + least($5::int4, $6::int4) * interval '1 second', $7::text, $8::text, now(), '{pwd}'::text[]
                   FROM account
                  WHERE NOT has_factor
                 RETURNING id, user_id, expires_at, authenticated_at, methods
             ), token AS (
                 INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
                 SELECT $4, id, expires_at FROM session
             ), returned AS (
                 UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = $13::int4 AND ticket = $14::int8
             )
             SELECT session.user_id, session.id AS session_id, session.methods,
                    floor(extract(epoch FROM session.authenticated_at))::int8 AS auth_time,
                    floor(extract(epoch FROM now()))::int8 AS now,
                    floor(extract(epoch FROM session.expires_at - now()))::int8 AS refresh_expires_in,
                    CASE WHEN NOT account.has_factor
                         THEN finish_login(account.id, $9::bytea, $10::bytea, $11::text::timestamptz, $12::bytea)
                    END AS finished,
                    CASE WHEN account.has_factor
                         THEN make_login_challenge(
                                  account.id, $15::bytea, $9, $7, $16::bytea, $12, $10, $11::text::timestamptz
                              )
                    END AS factor_methods,
                    CASE WHEN account.has_factor THEN passkey_descriptors(account.id) END AS passkeys,
                    k.kid, k.sealed_key, k.is_due
               FROM account LEFT JOIN session ON true LEFT JOIN signing_key() k ON true",
            &[
                account.id.into(),
                account.password_hash.as_str().into(),
                new_hash.into(),
                refresh.hash().as_slice().into(),
                seconds(lifetimes.session_idle),
                seconds(lifetimes.session),
                client.program_within(Session::MAX_CLIENT_CHARACTERS).into(),
                client.address.map(|address| address.to_string()).into(),
                limits::network(passwords.network.as_ref()),
                counted_key,
                counted_at,
                passwords.own_key.as_slice().into(),
                slot,
                ticket,
                challenge.hash().as_slice().into(),
                passwords.shared.key.as_slice().into(),
                account.email_verified.into(),
            ],
        )
        .await?;
    let Some(row) = row else { return Ok(Opened::Changed) };
    Ok(match row.get("factor_methods")? {
        Some(methods) => {
            Opened::NeedsFactor { methods, passkeys: passkeys::descriptors(&row)?.unwrap_or_default() }
        }
        None => Opened::Session(Box::new(Grant::of(&row)?)),
    })
}

/// Notes that the owner of a session has proved who they are by the password, whose hash this is. The attempt was no wrong password. False when the
/// session has ended, the password or the account has changed, or a second factor is set up meanwhile; then nothing was changed. The slot of the
/// hash is returned in any case.
///
/// The methods are those of this authentication: what the session proved before may be older than the time says.
pub(crate) async fn mark_password(
    db: &Db,
    user: UserId,
    session: SessionId,
    password_hash: &str,
    attempt: &Attempt,
) -> Result<bool, DbError> {
    let [key, counted_at] = attempt.values();
    let [slot, ticket] = attempt.slot();
    let row = db
        .change(
            "WITH account AS (
                 SELECT id FROM users
                  WHERE id = $1 AND password_hash = $3 AND is_active AND factors_since IS NULL
                    FOR NO KEY UPDATE
             ), asking AS MATERIALIZED (
                 SELECT id, take_attempt_back($4::bytea, $5::text::timestamptz) FROM account WHERE session_remains(id, $2)
             ), marked AS (
                 UPDATE sessions s SET authenticated_at = now(), methods = '{pwd}'
                   FROM asking
                  WHERE s.id = $2 AND s.user_id = asking.id
                 RETURNING s.id
             ), returned AS (
                 UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = $6::int4 AND ticket = $7::int8
             )
             SELECT marked.id FROM marked",
            &[user.into(), session.into(), password_hash.into(), key, counted_at, slot, ticket],
        )
        .await?;
    Ok(row.is_some())
}

/// The sessions of an account that have not expired, the newest first. `current` is the one of the request.
pub(crate) async fn list(db: &Db, user: UserId, current: SessionId) -> Result<Vec<Session>, DbError> {
    db.read("SELECT sessions_of($1, $2) AS sessions", &[user.into(), current.into()])
        .await?
        .ok_or_else(DbError::missing_row)?
        .json("sessions")
}

/// The outcome of ending sessions, or an API key, on behalf of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// They have ended.
    Ended,
    /// The account has no such session or key.
    Missing,
    /// The session that asks has ended meanwhile; nothing was changed.
    Refused,
}

/// Ends another session of an account, or the one that asks, if that one still exists. The account is locked first: a recovery at the
/// same moment ends the session that asks before it can end any other.
pub(crate) async fn end_one(
    db: &Db,
    user: UserId,
    asking: SessionId,
    ended: SessionId,
) -> Result<Ending, DbError> {
    let row = db
        .change(
            "WITH account AS (
                 SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE
             ), asked AS MATERIALIZED (
                 SELECT id FROM account WHERE session_remains(id, $2)
             ), ended AS (
                 DELETE FROM sessions s USING asked
                  WHERE s.id = $3 AND s.user_id = asked.id AND s.expires_at > now()
                 RETURNING s.id
             )
             SELECT ended.id FROM asked LEFT JOIN ended ON true",
            &[user.into(), asking.into(), ended.into()],
        )
        .await?;
    Ok(match row {
        None => Ending::Refused,
        Some(row) if row.get::<Option<SessionId>>("id")?.is_none() => Ending::Missing,
        Some(_) => Ending::Ended,
    })
}

/// Ends all sessions of an account but the one that asks, if that one still exists.
pub(crate) async fn end_others(db: &Db, user: UserId, asking: SessionId) -> Result<Ending, DbError> {
    let row = db
        .change(
            "WITH account AS (
                 SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE
             ), asked AS MATERIALIZED (
                 SELECT id FROM account WHERE session_remains(id, $2)
             ), ended AS MATERIALIZED (
                 SELECT end_other_sessions(id, $2) FROM asked
             )
             SELECT asked.id FROM asked CROSS JOIN ended",
            &[user.into(), asking.into()],
        )
        .await?;
    Ok(if row.is_some() { Ending::Ended } else { Ending::Refused })
}

/// Ends a session, and with it all of its tokens. Doing it again changes nothing.
pub(crate) async fn end(db: &Db, session: SessionId) -> Result<(), DbError> {
    db.change("DELETE FROM sessions WHERE id = $1", &[session.into()]).await.map(|_| ())
}

/// Ends the session that the refresh token with this hash belongs to, whether or not the token is spent. Returns the session's
/// account; `None` when there is no such session.
pub(crate) async fn end_of(db: &Db, refresh: &[u8; 32]) -> Result<Option<UserId>, DbError> {
    let row = db
        .change(
            "DELETE FROM sessions s USING refresh_tokens t
              WHERE t.token_hash = $1 AND s.id = t.session_id
             RETURNING s.user_id",
            &[refresh.as_slice().into()],
        )
        .await?;
    row.map(|row| row.get("user_id")).transpose()
}
