//! The table `users`.

use users_core::{Email, EmailKey, Event, FullName, User, UserId, search_text};
use users_db::{Db, DbError};
use users_guard::{Caller, HashSlot, HashSlotRequest, Turn};

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
/// The roles are locked, so that none of them is deleted between being read and being granted. Returns the slot of the hash.
pub(crate) async fn insert(
    db: &Db,
    email: &Email,
    full_name: Option<&FullName>,
    password_hash: &str,
    slot: HashSlot,
) -> Result<Option<User>, DbError> {
    let inserted = db
        .change(
            "WITH created AS (
                 INSERT INTO users AS u (email, full_name, password_hash, email_key, search_text)
                 SELECT $1::text, $2::text, $3::text, $4::text, $5::text
                  WHERE NOT EXISTS (
                            SELECT FROM users WHERE lower(email) = lower($4) AND email_key IS NULL AND search_text IS NULL
                        )
                 RETURNING u.id, to_json(account(u))::text AS account
             ), defaults AS (
                 SELECT id FROM roles WHERE is_default FOR KEY SHARE
             ), granted AS (
                 INSERT INTO user_roles (user_id, role_id)
                 SELECT created.id, defaults.id FROM created, defaults
             ), returned AS (
                 UPDATE hash_slots SET leased_until = '-infinity' WHERE slot = $7 AND ticket = $8
             )
             SELECT account, record_event($6, id, NULL) AS event FROM created",
            &[
                email.as_str().into(),
                full_name.map(FullName::as_str).into(),
                password_hash.into(),
                email.key().as_str().into(),
                search_text(email.as_str(), full_name.map(FullName::as_str)).into(),
                Event::EmailVerification.as_str().into(),
                slot.number(),
                slot.ticket(),
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

/// The credentials of the account with this address.
///
/// The key finds it. An account that has no key yet is found without case as the database's locale knows it, as in the release before.
/// An account whose address became another's is not found: it has a `search_text`, but no key.
///
/// Leases a slot for the hash, for unknown addresses like for known ones.
pub(crate) async fn credentials(
    db: &Db,
    email: &str,
    asking: &HashSlotRequest,
) -> Result<(Turn, Option<Credentials>), DbError> {
    let row = db
        .change(
            "SELECT turn.slot, turn.wait_ms, account.id, account.password_hash, account.is_active, account.email_verified
               FROM lease_hash_slot($3, $4) AS turn
               LEFT JOIN LATERAL (
                   (
                       SELECT id, password_hash, is_active, email_verified FROM users WHERE email_key = $1
                   ) UNION ALL (
                       SELECT id, password_hash, is_active, email_verified
                         FROM users
                        WHERE lower(email) IN (lower($2), lower($1)) AND email_key IS NULL AND search_text IS NULL
                          AND NOT EXISTS (SELECT FROM users WHERE email_key = $1)
                        ORDER BY id
                   )
                   LIMIT 1
               ) AS account ON turn.slot IS NOT NULL",
            &[EmailKey::of(email).as_str().into(), email.into(), asking.slots(), asking.ticket()],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    let account = match row.get("id")? {
        None => None,
        Some(id) => Some(Credentials {
            id,
            password_hash: row.get("password_hash")?,
            is_active: row.get("is_active")?,
            email_verified: row.get("email_verified")?,
        }),
    };
    Ok((Turn::of(&row)?, account))
}

/// The password hash of an account; `None` until somebody has chosen a password. Leases a slot to verify it.
pub(crate) async fn password_hash(
    db: &Db,
    id: UserId,
    asking: &HashSlotRequest,
) -> Result<(Turn, Option<String>), DbError> {
    let row = db
        .change(
            "SELECT turn.slot, turn.wait_ms, account.password_hash
               FROM lease_hash_slot($2, $3) AS turn
               LEFT JOIN (
                   SELECT password_hash FROM users WHERE id = $1 AND password_hash <> ''
               ) AS account ON true",
            &[id.into(), asking.slots(), asking.ticket()],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    Ok((Turn::of(&row)?, row.get("password_hash")?))
}

/// Changes the caller's password, ends the account's other sessions and its links, and tells the owner. False when the session has ended
/// or the hash is no longer the one that was verified. Returns the slot of the hashes in any case.
pub(crate) async fn change_password(
    db: &Db,
    caller: &Caller,
    verified_hash: &str,
    new_hash: &str,
    slot: HashSlot,
) -> Result<bool, DbError> {
    let row = db
        .change(
            "WITH caller AS MATERIALIZED (
                 SELECT $1::int4 AS id WHERE lock_caller($1, $2::int8, $3::text)
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
                 UPDATE hash_slots SET leased_until = '-infinity' WHERE slot = $6 AND ticket = $7
             )
             SELECT record_event($5, changed.id, NULL) AS event FROM changed CROSS JOIN ended",
            &[
                caller.user.id.into(),
                caller.session.into(),
                verified_hash.into(),
                new_hash.into(),
                Event::PasswordChanged.as_str().into(),
                slot.number(),
                slot.ticket(),
            ],
        )
        .await?;
    Ok(row.is_some())
}
