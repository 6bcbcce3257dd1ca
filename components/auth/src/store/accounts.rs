//! The table `users`.

use users_core::{Email, EmailKey, Event, FullName, SessionId, User, UserId, search_text};
use users_db::{Db, DbError, Row};
use users_guard::{Caller, HashSlot, HashSlotRequest, Turn};

use super::limits::{self, Attempt, Counted};
use crate::limits::{Counter, PasswordCounter};

/// The unique index on the keys of addresses.
const USERS_EMAIL_KEY_KEY: &str = "users_email_key_key";
/// The unique index on addresses without case, of the release before. It finds accounts that have no key yet.
const USERS_EMAIL_KEY: &str = "users_email_key";

/// True if a change failed because another account has the address.
pub(crate) fn is_taken(error: &DbError) -> bool {
    error.violates(USERS_EMAIL_KEY_KEY) || error.violates(USERS_EMAIL_KEY)
}

/// Opens an account with the roles that every account gets, and asks for the link that verifies its address. `None` when the address
/// has an account.
///
/// The unique indexes decide. An account without a key, which the release before opened, is also found when its address is spelled like
/// the key: composed, or with the A-labels of the domain.
///
/// The slot of the hash is returned in any case.
pub(crate) async fn insert(
    db: &Db,
    email: &Email,
    full_name: Option<&FullName>,
    password_hash: &str,
    slot: HashSlot,
) -> Result<Option<User>, DbError> {
    let [number, ticket] = slot.values();
    let inserted = db
        .change(
            "WITH created AS (
                 INSERT INTO users AS u (email, full_name, password_hash, email_key, search_text)
                 SELECT $1::text, $2::text, $3::text, $4::text, $5::text
                  WHERE NOT EXISTS (
                            SELECT FROM users WHERE lower(email) = lower($4) AND email_key IS NULL AND search_text IS NULL
                        )
                 RETURNING u.id, to_json(account(u.id))::text AS account
             ), returned AS (
                 UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = $7::int4 AND ticket = $8::int8
             )
             SELECT account, grant_default_roles(id) AS roles, record_event($6, id, NULL) AS event FROM created",
            &[
                email.as_str().into(),
                full_name.map(FullName::as_str).into(),
                password_hash.into(),
                email.key().as_str().into(),
                search_text(email.as_str(), full_name.map(FullName::as_str)).into(),
                Event::EmailVerification.as_str().into(),
                number,
                ticket,
            ],
        )
        .await;
    match inserted {
        Err(error) if is_taken(&error) => {
            // The statement was rolled back.
            slot.give_back(db).await;
            Ok(None)
        }
        inserted => inserted?.map(|row| row.json("account")).transpose(),
    }
}

/// The credentials of an account.
pub(crate) struct Credentials {
    pub(crate) id: UserId,
    /// Empty until somebody has chosen a password.
    pub(crate) password_hash: String,
    pub(crate) is_active: bool,
    pub(crate) email_verified: bool,
}

/// The outcome of beginning a login.
pub(crate) enum Beginning {
    /// A limit is reached, and the attempt is not counted as a wrong password. The account, if there is one, is for the log.
    Refused {
        /// True for the limit of wrong passwords, false for that of logins.
        of_passwords: bool,
        retry_after: i32,
        user: Option<UserId>,
    },
    /// The password counts as wrong until the attempt is taken back.
    Counted {
        attempt: Attempt,
        /// The login itself, which counts whether or not the password is right.
        login: Counted,
        account: Option<Credentials>,
        /// The first answer about the slot.
        turn: Turn,
    },
}

/// Counts a login, reads the credentials of the account with this address, and asks for a slot to verify them. It does the same work without
/// an account.
pub(crate) async fn begin_login(
    db: &Db,
    email: &str,
    logins: &Counter,
    passwords: &PasswordCounter,
    asking: &HashSlotRequest,
) -> Result<Beginning, DbError> {
    let [slots, ticket] = asking.values();
    let [logins_key, most_logins, logins_seconds] = limits::values(logins);
    let [shared_key, most_failures, failures_seconds] = limits::values(&passwords.shared);
    let row = db
        .change(
            "SELECT limited, retry_after, user_id AS id, password_hash, is_active, email_verified,
                    counted_key, counted_at::text AS counted_at, remaining, login_counted_at::text AS login_counted_at, turn
               FROM begin_login(
                        $1::text, $2::text, $3::bytea, $4::bytea, $5::int4, $6::int4, $7::bytea, $8::bytea, $9::int4, $10::int4,
                        $11::int4, $12::int8
                    )",
            &[
                email.into(),
                EmailKey::of(email).as_str().into(),
                limits::network(passwords.network.as_ref()),
                logins_key,
                most_logins,
                logins_seconds,
                shared_key,
                passwords.own_key.as_slice().into(),
                most_failures,
                failures_seconds,
                slots,
                ticket,
            ],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    let user: Option<UserId> = row.get("id")?;
    Ok(match row.get::<Option<String>>("limited")? {
        Some(limited) => Beginning::Refused {
            of_passwords: limited == "password_failures",
            retry_after: row.get("retry_after")?,
            user,
        },
        None => Beginning::Counted {
            attempt: Attempt::of(&row)?,
            login: Counted::new(logins, row.get("login_counted_at")?),
            turn: Turn::of(&row)?,
            account: user.is_some().then(|| Credentials::of(&row)).transpose()?,
        },
    })
}

/// The credentials of the account with this address, found as by [`begin_login`].
pub(crate) async fn credentials(db: &Db, email: &str) -> Result<Option<Credentials>, DbError> {
    let row = db
        .read(
            "SELECT id, password_hash, is_active, email_verified
               FROM users
              WHERE id = account_with_address($1::text, $2::text)",
            &[email.into(), EmailKey::of(email).as_str().into()],
        )
        .await?;
    row.map(|row| Credentials::of(&row)).transpose()
}

impl Credentials {
    fn of(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get("id")?,
            password_hash: row.get("password_hash")?,
            is_active: row.get("is_active")?,
            email_verified: row.get("email_verified")?,
        })
    }
}

/// Counts a password of the caller as wrong, reads the hash that it is compared with (`None` until somebody has chosen a password), and asks
/// for a slot to compare them.
///
/// The inner error holds the seconds until the next attempt is free, if this one is refused and not counted.
pub(crate) async fn begin_check(
    db: &Db,
    caller: &Caller,
    passwords: &PasswordCounter,
    asking: &HashSlotRequest,
) -> Result<Result<(Attempt, Option<String>, Turn), i32>, DbError> {
    let [slots, ticket] = asking.values();
    let [shared_key, most, seconds] = limits::values(&passwords.shared);
    let row = db
        .change(
            "SELECT counted_key, counted_at::text AS counted_at, remaining, retry_after, password_hash, turn
               FROM begin_check(
                        $1::int4, $2::bytea, $3::bytea, $4::bytea, $5::int4, $6::int4, $7::int4, $8::int8
                    )",
            &[
                caller.user.id.into(),
                limits::network(passwords.network.as_ref()),
                shared_key,
                passwords.own_key.as_slice().into(),
                most,
                seconds,
                slots,
                ticket,
            ],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    match row.get::<Option<i32>>("retry_after")? {
        Some(retry_after) => Ok(Err(retry_after)),
        None => Ok(Ok((Attempt::of(&row)?, row.get("password_hash")?, Turn::of(&row)?))),
    }
}

/// The password hash of an account; `None` until somebody has chosen a password.
pub(crate) async fn password_hash(db: &Db, id: UserId) -> Result<Option<String>, DbError> {
    let row = db
        .read("SELECT password_hash FROM users WHERE id = $1 AND password_hash <> ''", &[id.into()])
        .await?;
    row.map(|row| row.get("password_hash")).transpose()
}

/// Changes the caller's password, ends the account's other sessions and its links, and tells the owner. The attempt was no wrong password.
/// False when the session has ended or the hash is no longer the one that was verified.
pub(crate) async fn change_password(
    db: &Db,
    user: UserId,
    session: SessionId,
    verified_hash: &str,
    attempt: &Attempt,
    new_hash: &str,
) -> Result<bool, DbError> {
    let [key, counted_at] = attempt.values();
    let [slot, ticket] = attempt.slot();
    let row = db
        .change(
            "WITH caller AS MATERIALIZED (
                 SELECT $1::int4 AS id, take_attempt_back($6::bytea, $7::text::timestamptz)
                  WHERE lock_caller($1, $2::int8, $3::text)
             ), ended AS MATERIALIZED (
                 SELECT end_other_sessions(id, $2), end_links(ARRAY[id]) FROM caller
             ), changed AS (
                 UPDATE users u
                    SET password_hash = $4,
                        updated_at = greatest(now(), u.updated_at + interval '1 microsecond')
                   FROM caller
                  WHERE u.id = caller.id
                 RETURNING u.id
             ), returned AS (
                 UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = $8::int4 AND ticket = $9::int8
             )
             SELECT record_event($5, changed.id, NULL) AS event FROM changed CROSS JOIN ended",
            &[
                user.into(),
                session.into(),
                verified_hash.into(),
                new_hash.into(),
                Event::PasswordChanged.as_str().into(),
                key,
                counted_at,
                slot,
                ticket,
            ],
        )
        .await?;
    Ok(row.is_some())
}
