//! The table `users`: new accounts, and changes of one account.

use users_core::{Change, Email, Event, FullName, RoleId, User, UserId, fold, search_text};
use users_db::{Db, DbError, Value};
use users_guard::{Authority, HashSlot, Overreach};

/// The unique index on the keys of addresses.
const USERS_EMAIL_KEY_KEY: &str = "users_email_key_key";
/// The unique index of the previous release, on addresses in lower case. It covers accounts that have no key yet.
const USERS_EMAIL_KEY: &str = "users_email_key";

/// A new account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewAccount<'a> {
    /// `None` for a service account.
    pub(crate) email: Option<&'a Email>,
    pub(crate) full_name: Option<&'a FullName>,
    /// `None` for a service account, and for a person who is invited to choose a password.
    pub(crate) password_hash: Option<&'a str>,
    pub(crate) is_active: bool,
    /// Roles besides the default ones.
    pub(crate) roles: &'a [RoleId],
    /// That of the caller, who gives the roles.
    pub(crate) authority: &'a Authority,
    /// The slot of the hash, which is returned with the change.
    pub(crate) slot: Option<HashSlot>,
}

/// The outcome of creating an account.
#[derive(Debug)]
pub(crate) enum Creation {
    Created(Box<User>),
    /// The caller may not give the roles; nothing was created.
    Refused(Overreach),
    /// Another account has the address.
    EmailTaken,
    /// No roles have these ids; nothing was created.
    UnknownRoles(Vec<RoleId>),
}

/// Creates an account with the default roles and the named roles. The statement locks the roles, so that nobody can delete a role
/// before it is granted. The owner of an active account gets a link: to verify the address, or to choose a password.
///
/// A service account has a reserved text in the place of an address, which is never shown, and nothing in the part of `search_text` for an
/// address.
pub(crate) async fn create(db: &Db, new: &NewAccount<'_>) -> Result<Creation, DbError> {
    let [slot, ticket] = new.slot.map_or([Value::Null, Value::Null], HashSlot::values);
    let event = if new.password_hash.is_some() { Event::EmailVerification } else { Event::Invitation };
    let created = db
        .change(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_give_roles($11::int4, $12::text[], NULL, $7::int4[]) AS refusal
             ), known AS MATERIALIZED (
                 SELECT held.id FROM hold_roles($7, true) AS held (id) WHERE (SELECT count(*) FROM permitted) > 0
             ), unknown AS (
                 SELECT coalesce(jsonb_agg(sent.id), '[]') AS unknown
                   FROM unnest($7) AS sent (id)
                  WHERE sent.id NOT IN (SELECT id FROM known)
             ), drawn AS (
                 SELECT nextval(pg_get_serial_sequence('users', 'id'))::int4 AS id
             ), created AS (
                 INSERT INTO users AS u (id, kind, email, full_name, password_hash, is_active, email_key, search_text)
                 SELECT drawn.id,
                        CASE WHEN $1::text IS NULL THEN 'service' ELSE 'person' END,
                        coalesce($1, 'service:' || drawn.id),
                        $2::text, $3::text, $4::bool,
                        coalesce($5::text, 'service:' || drawn.id),
                        $6::text
                   FROM drawn
                  WHERE (SELECT unknown FROM unknown) = '[]'
                    AND (SELECT refusal IS NULL FROM permitted)
                    AND NOT EXISTS (
                            SELECT FROM users WHERE lower(email) = lower($5) AND email_key IS NULL AND search_text IS NULL
                        )
                 RETURNING u.id, to_json(account(u.id))::text AS account
             ), granted AS (
                 INSERT INTO user_roles (user_id, role_id)
                 SELECT created.id, known.id FROM created, known
             ), told AS MATERIALIZED (
                 SELECT count(record_event($8, id, NULL)) FROM created WHERE $4 AND $1 IS NOT NULL
             ), returned AS (
                 UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = $9::int4 AND ticket = $10::int8
             )
             SELECT permitted.refusal, unknown.unknown::text, created.account
               FROM permitted CROSS JOIN unknown CROSS JOIN told LEFT JOIN created ON true",
            &[
                new.email.map(Email::as_str).into(),
                new.full_name.map(FullName::as_str).into(),
                new.password_hash.unwrap_or_default().into(),
                new.is_active.into(),
                new.email.map(|email| email.key().as_str().to_owned()).into(),
                search_text(new.email.map_or("", Email::as_str), new.full_name.map(FullName::as_str)).into(),
                new.roles.into(),
                event.as_str().into(),
                slot,
                ticket,
                new.authority.caller(),
                new.authority.rights(),
            ],
        )
        .await;
    if is_taken(&created) {
        if let Some(slot) = new.slot {
            // The statement was rolled back.
            slot.give_back(db).await;
        }
        return Ok(Creation::EmailTaken);
    }
    let row = created?.ok_or_else(DbError::missing_row)?;
    let unknown: Vec<RoleId> = row.json("unknown")?;
    if !unknown.is_empty() {
        return Ok(Creation::UnknownRoles(unknown));
    }
    if let Some(overreach) = row.get("refusal")? {
        return Ok(Creation::Refused(overreach));
    }
    let user: Option<User> = row.json("account")?;
    Ok(user.map_or(Creation::EmailTaken, |user| Creation::Created(Box::new(user))))
}

fn is_taken<T>(outcome: &Result<T, DbError>) -> bool {
    outcome
        .as_ref()
        .is_err_and(|error| error.violates(USERS_EMAIL_KEY_KEY) || error.violates(USERS_EMAIL_KEY))
}

/// A change of an account. A field that is `None` stays as it is.
#[derive(Debug, Clone)]
pub(crate) struct AccountChange {
    pub(crate) email: Option<Email>,
    pub(crate) full_name: Change<FullName>,
    pub(crate) email_verified: Option<bool>,
}

/// The outcome of a change.
#[derive(Debug)]
pub(crate) enum Update {
    /// The account after the change.
    Updated(Box<User>),
    /// The caller may not change the account; nothing was changed.
    Refused(Overreach),
    /// There is no such account.
    Missing,
    /// The account has none of the expected versions; nothing was changed.
    Stale,
    /// Another account has the address; nothing was changed.
    EmailTaken,
    /// A service account has no address; nothing was changed.
    Service,
}

/// Changes an account. If versions are given, the account must have one of them.
///
/// An address with another key is a new address (`is_new`). It is unverified unless the change says otherwise. Both addresses get a
/// notice.
///
/// Only the name of a service account changes.
///
/// An account that the previous release wrote has no `search_text`. A change of one field leaves it null: `usersctl migrate upgrade`
/// fills it.
pub(crate) async fn update(
    db: &Db,
    id: UserId,
    change: &AccountChange,
    versions: Option<&[i64]>,
    authority: &Authority,
) -> Result<Update, DbError> {
    let email = change.email.as_ref();
    let (sets_name, name) = change.full_name.parts();
    let changed = db
        .change(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_change_accounts($12::int4, ARRAY[$1::int4]) AS refusal
             ), target AS (
                 SELECT id, email, ($2::int8[] IS NULL OR (extract(epoch FROM updated_at) * 1000000)::int8 = ANY ($2))
                            AS is_expected,
                        coalesce($3::text <> email AND coalesce(email_key, lower(email)) <> $4::text AND lower(email) <> lower($3), false)
                            AS is_new,
                        kind = 'service' AND ($3 IS NOT NULL OR $9::bool IS NOT NULL) AS is_refused
                   FROM users
                  WHERE id = $1 AND (SELECT refusal IS NULL FROM permitted)
                    FOR NO KEY UPDATE
             ), allowed AS MATERIALIZED (
                 SELECT t.*,
                        EXISTS (
                            SELECT FROM users
                             WHERE lower(email) = lower($4) AND email_key IS NULL AND search_text IS NULL AND id <> $1
                        ) AS is_taken
                   FROM target t
             ), changed AS (
                 UPDATE users u
                    SET email = coalesce($3, u.email),
                        email_key = CASE WHEN $3 IS NULL THEN u.email_key ELSE $4 END,
                        full_name = CASE WHEN $6::bool THEN $7::text ELSE u.full_name END,
                        search_text = CASE WHEN $3 IS NULL THEN split_part(u.search_text, E'\\n', 1) ELSE $5::text END
                            || E'\\n'
                            || CASE WHEN $6 THEN $8::text
                                    ELSE substr(u.search_text, strpos(u.search_text, E'\\n') + 1) END,
                        email_verified = coalesce($9, u.email_verified AND NOT a.is_new),
                        updated_at = CASE WHEN (u.email, u.full_name, u.email_verified) IS DISTINCT FROM (
                                                   coalesce($3, u.email),
                                                   CASE WHEN $6 THEN $7 ELSE u.full_name END,
                                                   coalesce($9, u.email_verified AND NOT a.is_new)
                                               )
                                          THEN greatest(now(), u.updated_at + interval '1 microsecond')
                                          ELSE u.updated_at END
                   FROM allowed a
                  WHERE u.id = a.id AND a.is_expected AND NOT a.is_taken AND NOT a.is_refused
                 RETURNING u.id, to_json(account(u.id))::text AS account
             ), told AS MATERIALIZED (
                 SELECT count(record_event($10, a.id, jsonb_build_object('email', a.email, 'language', language_of(a.id)))),
                        count(record_event($11, a.id, NULL))
                   FROM allowed a JOIN changed ON changed.id = a.id
                  WHERE a.is_new
             )
             SELECT permitted.refusal, a.is_expected, a.is_refused, changed.account
               FROM permitted CROSS JOIN told LEFT JOIN allowed a ON true LEFT JOIN changed ON true",
            &[
                id.into(),
                versions.map(<[i64]>::to_vec).into(),
                email.map(Email::as_str).into(),
                email.map(|email| email.key().as_str().to_owned()).into(),
                email.map(|email| fold(email.as_str())).into(),
                sets_name.into(),
                name.map(FullName::as_str).into(),
                fold(name.map_or("", FullName::as_str)).into(),
                change.email_verified.into(),
                Event::EmailChangedFrom.as_str().into(),
                Event::EmailChangedTo.as_str().into(),
                authority.caller(),
            ],
        )
        .await;
    if is_taken(&changed) {
        return Ok(Update::EmailTaken);
    }
    let row = changed?.ok_or_else(DbError::missing_row)?;
    if let Some(overreach) = row.get("refusal")? {
        return Ok(Update::Refused(overreach));
    }
    match row.get::<Option<bool>>("is_expected")? {
        None => return Ok(Update::Missing),
        Some(false) => return Ok(Update::Stale),
        Some(true) => {}
    }
    if row.get::<bool>("is_refused")? {
        return Ok(Update::Service);
    }
    let user: Option<User> = row.json("account")?;
    Ok(user.map_or(Update::EmailTaken, |user| Update::Updated(Box::new(user))))
}

/// The outcome of a request for a link that sets a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sending {
    /// The link will be sent.
    Recorded,
    /// The caller may not do this to the account; nothing is sent.
    Refused(Overreach),
    /// The account is deactivated; nothing is sent.
    Inactive,
    /// The account has no address; nothing is sent.
    Service,
    /// There is no such account.
    Missing,
}

/// Records a link that sets a password. An account without a password gets another invitation. The statement locks the account, so
/// that a concurrent deactivation ends this link, too.
pub(crate) async fn send_reset(db: &Db, id: UserId, authority: &Authority) -> Result<Sending, DbError> {
    let row = db
        .change(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_change_accounts($4::int4, ARRAY[$1::int4]) AS refusal
             ), account AS (
                 SELECT id, is_active, NOT has_password(id) AS is_invited, kind = 'service' AS is_service
                   FROM users
                  WHERE id = $1 AND (SELECT refusal IS NULL FROM permitted)
                    FOR NO KEY UPDATE
             ), told AS MATERIALIZED (
                 SELECT count(record_event(CASE WHEN is_invited THEN $3::text ELSE $2::text END, id, NULL))
                   FROM account
                  WHERE is_active AND NOT is_service
             )
             SELECT permitted.refusal, account.is_active, account.is_service
               FROM permitted CROSS JOIN told LEFT JOIN account ON true",
            &[
                id.into(),
                Event::PasswordReset.as_str().into(),
                Event::Invitation.as_str().into(),
                authority.caller(),
            ],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    if let Some(overreach) = row.get("refusal")? {
        return Ok(Sending::Refused(overreach));
    }
    Ok(match row.get::<Option<bool>>("is_active")? {
        None => Sending::Missing,
        Some(_) if row.get("is_service")? => Sending::Service,
        Some(true) => Sending::Recorded,
        Some(false) => Sending::Inactive,
    })
}
