//! The tables `passkeys` and `passkey_challenges`. The functions of migration 0042 have the rules.

use serde::Deserialize;
use users_core::{Event, Lifetimes, Passkey, PasskeyId, PasskeyName, Session, SessionId, UserId};
use users_crypto::{OneTimeToken, RefreshToken};
use users_db::{Db, DbError, Row, Value};
use users_passkeys::{Challenge, CredentialId, NewPasskey, Octets, Transport, Used, UserHandle};
use users_web::Client;

use super::limits;
use super::{Grant, seconds};
use crate::limits::{Counter, PasswordCounter};

/// The hash under which a challenge is kept.
pub(super) fn hash(challenge: &Challenge) -> Value {
    OneTimeToken::hash_of(&challenge.to_base64url()).as_slice().into()
}

/// The passkeys of an account, as a browser asks for them.
pub(crate) type Descriptors = Vec<(CredentialId, Vec<Transport>)>;

#[derive(Deserialize)]
struct Descriptor {
    id: Octets,
    transports: Vec<Transport>,
}

/// Reads the column `passkeys`. `None` when it is null.
pub(super) fn descriptors(row: &Row) -> Result<Option<Descriptors>, DbError> {
    let found: Option<Vec<Descriptor>> = row.json("passkeys")?;
    let read = |it: Descriptor| Some((CredentialId::from_octets(&it.id)?, it.transports));
    Ok(found.map(|found| found.into_iter().filter_map(read).collect()))
}

/// Keeps the challenge of a registration for a session. Returns the handle of the account, which is this new one if it had none, and its
/// passkeys; `None` when the session has ended.
pub(crate) async fn offer_registration(
    db: &Db,
    user: UserId,
    session: SessionId,
    new_handle: &UserHandle,
    challenge: &Challenge,
) -> Result<Option<(UserHandle, Descriptors)>, DbError> {
    let row = db
        .change(
            "SELECT handle, passkeys FROM offer_passkey_registration($1::int4, $2::int8, $3::bytea, $4::bytea)",
            &[user.into(), session.into(), new_handle.octets().into(), hash(challenge)],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let handle: Vec<u8> = row.get("handle")?;
    // The table has constraints for this and for the counters.
    let handle = UserHandle::from_octets(&handle).ok_or_else(DbError::missing_row)?;
    Ok(Some((handle, descriptors(&row)?.unwrap_or_default())))
}

/// Counts a login of a client that has yet to present a passkey, and keeps its challenge. Returns the seconds until the next one is free if
/// this one is refused.
pub(crate) async fn offer_login(
    db: &Db,
    counter: &Counter,
    challenge: &Challenge,
) -> Result<Option<i32>, DbError> {
    let [key, most, seconds] = limits::values(counter);
    db.change(
        "SELECT offer_passkey_login($1::bytea, $2::int4, $3::int4, $4::bytea) AS retry_after",
        &[key, most, seconds, hash(challenge)],
    )
    .await?
    .ok_or_else(DbError::missing_row)?
    .get("retry_after")
}

/// Keeps a challenge with which the owner of a session proves who they are. Returns the passkeys of the account; `None` when the session has
/// ended.
pub(crate) async fn offer_proof(
    db: &Db,
    user: UserId,
    session: SessionId,
    challenge: &Challenge,
) -> Result<Option<Descriptors>, DbError> {
    let row = db
        .change(
            "SELECT offer_passkey_proof($1::int4, $2::int8, $3::bytea) AS passkeys",
            &[user.into(), session.into(), hash(challenge)],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    descriptors(&row)
}

/// Counts a request for options, and looks up the passkeys of the account whose login waits with this challenge, for a client at this address.
/// `None` when no such login waits. The inner error holds the seconds until the next request is free if this one is refused.
pub(crate) async fn of_waiting_login(
    db: &Db,
    counter: &Counter,
    network: Option<&[u8; 32]>,
    challenge: &str,
) -> Result<Result<Option<Descriptors>, i32>, DbError> {
    let [key, most, seconds] = limits::values(counter);
    let challenge = OneTimeToken::hash_of(challenge);
    let row = db
        .change(
            "SELECT retry_after, passkeys
               FROM offer_passkeys_to_login($1::bytea, $2::int4, $3::int4, $4::bytea, $5::bytea)",
            &[key, most, seconds, challenge.as_slice().into(), limits::network(network)],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    match row.get("retry_after")? {
        Some(retry_after) => Ok(Err(retry_after)),
        None => descriptors(&row).map(Ok),
    }
}

/// The outcome of adding a passkey.
pub(crate) enum Addition {
    Added {
        passkey: Box<Passkey>,
        /// True if the account had no recovery codes, and has these now.
        has_new_codes: bool,
    },
    /// The account has as many passkeys as it may have; nothing was added.
    TooMany,
    /// The passkey is registered already; nothing was added.
    Exists,
    /// No such challenge of the session waits for an answer; nothing was added.
    NoChallenge,
    /// The session that asks has ended meanwhile; nothing was added.
    Refused,
}

/// The passkey that is to be added to an account.
pub(crate) struct New<'a> {
    /// The challenge that was answered.
    pub(crate) challenge: &'a Challenge,
    pub(crate) name: Option<&'a PasskeyName>,
    pub(crate) passkey: &'a NewPasskey,
    /// The methods (RFC 8176) that the session has proved with it.
    pub(crate) methods: &'static [&'static str],
    /// The hashes of recovery codes, in hexadecimal, for an account that has none.
    pub(crate) code_hashes: Vec<String>,
}

/// Adds a passkey to an account, in answer to a challenge of this session, and tells the owner. The first factor of the account ends its other
/// sessions, and makes this one fresh.
///
/// The account is locked first: a recovery at the same moment either ends the session that asks before there is a passkey, or finds the passkey.
pub(crate) async fn add(
    db: &Db,
    user: UserId,
    session: SessionId,
    New { challenge, name, passkey, methods, code_hashes }: New<'_>,
) -> Result<Addition, DbError> {
    let transports: Vec<String> = passkey.transports.iter().map(|it| it.as_str().to_owned()).collect();
    let row = db
        .change(
            "SELECT refusal, passkey, has_new_codes
               FROM add_passkey(
                        $1::int4, $2::int8, $3::bytea, $4::text, $5::bytea, $6::bytea, $7::int4, $8::int8, $9::bool, $10::bool, $11::bool,
                        $12::text[], $13::text, $14::int4, $15::text[], $16::text[]
                    )",
            &[
                user.into(),
                session.into(),
                hash(challenge),
                name.map(PasskeyName::as_str).into(),
                passkey.credential_id.octets().into(),
                passkey.public_key.as_slice().into(),
                passkey.algorithm.cose_id().into(),
                i64::from(passkey.sign_count).into(),
                passkey.backup_eligible.into(),
                passkey.backed_up.into(),
                passkey.user_verified.into(),
                transports.into(),
                passkey.aaguid.to_string().into(),
                Passkey::MAX_PER_ACCOUNT.into(),
                methods.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>().into(),
                code_hashes.into(),
            ],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    if let Some(passkey) = row.json("passkey")? {
        return Ok(Addition::Added { passkey, has_new_codes: row.get("has_new_codes")? });
    }
    Ok(match row.get::<Option<String>>("refusal")?.as_deref() {
        Some("too_many") => Addition::TooMany,
        Some("exists") => Addition::Exists,
        Some("challenge") => Addition::NoChallenge,
        _ => Addition::Refused,
    })
}

/// Ends the challenge of a registration whose answer was refused, if it is one of the session.
pub(crate) async fn end_registration(
    db: &Db,
    session: SessionId,
    challenge: &Challenge,
) -> Result<(), DbError> {
    db.change("SELECT end_passkey_registration($1::int8, $2::bytea)", &[session.into(), hash(challenge)])
        .await
        .map(|_| ())
}

/// The passkeys of an account, the newest first.
pub(crate) async fn list(db: &Db, user: UserId) -> Result<Vec<Passkey>, DbError> {
    db.read("SELECT passkeys_of($1) AS passkeys", &[user.into()])
        .await?
        .ok_or_else(DbError::missing_row)?
        .json("passkeys")
}

/// The outcome of a change to a passkey on behalf of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    Done(T),
    /// The account has no such passkey.
    Missing,
    /// The session that asks has ended meanwhile; nothing was changed.
    Refused,
}

/// Gives a passkey of an account another name.
pub(crate) async fn rename(
    db: &Db,
    user: UserId,
    session: SessionId,
    passkey: PasskeyId,
    name: &PasskeyName,
) -> Result<Outcome<Passkey>, DbError> {
    let row = db
        .change(
            "SELECT is_asking, passkey FROM rename_passkey($1::int4, $2::int8, $3::int8, $4::text)",
            &[user.into(), session.into(), passkey.into(), name.as_str().into()],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    Ok(match row.json("passkey")? {
        Some(passkey) => Outcome::Done(passkey),
        None if row.get("is_asking")? => Outcome::Missing,
        None => Outcome::Refused,
    })
}

/// Removes a passkey from an account, and tells the owner. With the last factor of the account, its recovery codes go. Logins that wait for a
/// second factor end.
pub(crate) async fn remove(
    db: &Db,
    user: UserId,
    session: SessionId,
    passkey: PasskeyId,
) -> Result<Outcome<()>, DbError> {
    let row = db
        .change(
            "SELECT is_asking, is_removed FROM remove_passkey($1::int4, $2::int8, $3::int8)",
            &[user.into(), session.into(), passkey.into()],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    Ok(if row.get("is_removed")? {
        Outcome::Done(())
    } else if row.get("is_asking")? {
        Outcome::Missing
    } else {
        Outcome::Refused
    })
}

/// A passkey that an answer names, with what its signature is verified with.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) id: PasskeyId,
    pub(crate) public_key: Vec<u8>,
    pub(crate) sign_count: u32,
    pub(crate) backup_eligible: bool,
    /// The handle of the account that owns it.
    pub(crate) handle: Vec<u8>,
}

impl Named {
    /// Reads the columns of `passkey_key()`. `None` when they are null.
    pub(crate) fn of(row: &Row) -> Result<Option<Self>, DbError> {
        let Some(id) = row.get("passkey_id")? else { return Ok(None) };
        let sign_count: i64 = row.get("sign_count")?;
        Ok(Some(Self {
            id,
            public_key: row.get("public_key")?,
            sign_count: u32::try_from(sign_count).map_err(|_| DbError::missing_row())?,
            backup_eligible: row.get("backup_eligible")?,
            handle: row.get("handle")?,
        }))
    }
}

/// The account whose passkey an answer names.
pub(crate) struct Owner {
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) is_active: bool,
    pub(crate) email_verified: bool,
    pub(crate) passkey: Named,
}

/// The outcome of taking an answer to a challenge of a login.
pub(crate) enum Taken {
    /// The challenge has ended. The passkey, if there is one, is to be verified.
    Open(Option<Owner>),
    /// No such challenge waits for an answer.
    NoChallenge,
}

/// Counts a login by a passkey, ends its challenge, and finds the passkey. The inner error holds the seconds until the next login of the client
/// is free, if this one is refused; then the challenge stays.
pub(crate) async fn begin_login(
    db: &Db,
    logins: &Counter,
    challenge: &Challenge,
    credential: &CredentialId,
) -> Result<Result<Taken, i32>, DbError> {
    let [key, most, seconds] = limits::values(logins);
    let row = db
        .change(
            "SELECT retry_after, is_open, user_id, email, is_active, email_verified,
                    passkey_id, public_key, sign_count, backup_eligible, handle
               FROM begin_passkey_login($1::bytea, $2::int4, $3::int4, $4::bytea, $5::bytea)",
            &[key, most, seconds, hash(challenge), credential.octets().into()],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    if let Some(retry_after) = row.get("retry_after")? {
        return Ok(Err(retry_after));
    }
    if !row.get::<bool>("is_open")? {
        return Ok(Ok(Taken::NoChallenge));
    }
    let Some(passkey) = Named::of(&row)? else { return Ok(Ok(Taken::Open(None))) };
    Ok(Ok(Taken::Open(Some(Owner {
        id: row.get("user_id")?,
        email: row.get("email")?,
        is_active: row.get("is_active")?,
        email_verified: row.get("email_verified")?,
        passkey,
    }))))
}

/// A use of a passkey whose signature was verified, with the methods (RFC 8176) that it proves.
pub(crate) struct Verified {
    pub(crate) passkey: PasskeyId,
    pub(crate) used: Used,
    pub(crate) methods: &'static [&'static str],
}

impl Verified {
    /// Id, counter and state of the backup, for `use_passkey(…, $n::int8, $m::int8, $o::bool)`.
    pub(crate) fn values(&self) -> [Value; 3] {
        [self.passkey.into(), i64::from(self.used.sign_count).into(), self.used.backed_up.into()]
    }
}

/// The data with which a passkey opens a session.
pub(crate) struct Opening<'a> {
    pub(crate) user: UserId,
    pub(crate) verified: &'a Verified,
    /// The count of the wrong passwords from the client, which the login clears, and its address, which is remembered.
    pub(crate) passwords: &'a PasswordCounter,
    pub(crate) refresh: &'a RefreshToken,
    pub(crate) client: &'a Client,
    pub(crate) lifetimes: &'a Lifetimes,
}

/// Opens a session by a passkey alone, with its first refresh token, and deletes the account's expired sessions. `None` when the account was
/// deactivated or the passkey was removed or used meanwhile. The account is locked first, as for a login by the password.
pub(crate) async fn open_session(db: &Db, opening: Opening<'_>) -> Result<Option<Grant>, DbError> {
    let Opening { user, verified, passwords, refresh, client, lifetimes } = opening;
    let [passkey, sign_count, backed_up] = verified.values();
    let methods: Vec<String> = verified.methods.iter().map(|it| (*it).to_owned()).collect();
    let row = db
        .change(
            "WITH account AS MATERIALIZED (
                 SELECT id FROM users WHERE id = $1 AND is_active FOR NO KEY UPDATE
             ), used AS MATERIALIZED (
                 SELECT id FROM account WHERE use_passkey(id, $2::int8, $3::int8, $4::bool)
             ), cleared AS (
                 DELETE FROM sessions WHERE user_id = (SELECT id FROM used) AND expires_at <= now()
             ), session AS (
                 INSERT INTO sessions (user_id, expires_at, client, address, authenticated_at, factor_at, methods)
                 SELECT id, now() + least($6::int4, $7::int4) * interval '1 second', $8::text, $9::text, now(), now(), $10::text[]
                   FROM used
                 RETURNING id, user_id, expires_at, authenticated_at, methods
             ), token AS (
                 INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
                 SELECT $5, id, expires_at FROM session
             )
             SELECT session.user_id, session.id AS session_id, session.methods,
                    floor(extract(epoch FROM session.authenticated_at))::int8 AS auth_time,
                    floor(extract(epoch FROM now()))::int8 AS now,
                    floor(extract(epoch FROM session.expires_at - now()))::int8 AS refresh_expires_in,
                    finish_login(session.user_id, $11::bytea, NULL, NULL, $12::bytea),
                    k.kid, k.sealed_key, k.is_due
               FROM session LEFT JOIN signing_key() k ON true",
            &[
                user.into(),
                passkey,
                sign_count,
                backed_up,
                refresh.hash().as_slice().into(),
                seconds(lifetimes.session_idle),
                seconds(lifetimes.session),
                client.program_within(Session::MAX_CLIENT_CHARACTERS).into(),
                client.address.map(|address| address.to_string()).into(),
                methods.into(),
                limits::network(passwords.network.as_ref()),
                passwords.own_key.as_slice().into(),
            ],
        )
        .await?;
    row.map(|row| Grant::of(&row)).transpose()
}

/// Asks for the link again that verifies the address of an account whose passkey was verified. Notes no use of the passkey: it was no login.
pub(crate) async fn verification_at_login(db: &Db, user: UserId) -> Result<(), DbError> {
    db.change(
        "WITH account AS MATERIALIZED (
             SELECT id FROM users WHERE id = $1 AND is_active AND NOT email_verified FOR NO KEY UPDATE
         )
         SELECT record_event($2, id, NULL) AS event FROM account",
        &[user.into(), Event::EmailVerification.as_str().into()],
    )
    .await
    .map(|_| ())
}
