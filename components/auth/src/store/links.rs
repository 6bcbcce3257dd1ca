//! The table `one_time_tokens`: the links in e-mails.
//!
//! A handler first looks up a link. The statement that makes the change then takes the link with `take_link()`. Only this function
//! decides whether the link is valid: it locks the account first, so it sees all earlier changes.

use users_core::{EmailKey, Event, Purpose, UserId, search_text};
use users_db::{Db, DbError, Row, Value};
use users_guard::{HashSlot, HashSlotRequest, Turn};

use super::accounts::is_taken;
use super::limits;

/// The purposes of links that set a password.
pub(crate) const PASSWORD: [Purpose; 2] = [Purpose::PasswordReset, Purpose::Invitation];
/// The purposes of links that verify an address.
pub(crate) const EMAIL: [Purpose; 2] = [Purpose::EmailVerification, Purpose::EmailChange];

/// A link that was found.
pub(crate) struct Link {
    pub(crate) user: UserId,
    is_change: bool,
    /// The address to which the link was sent.
    email: String,
    /// The account's address.
    pub(crate) former_email: String,
    /// The full name of the account's owner.
    pub(crate) full_name: Option<String>,
}

/// The outcome of using a link that verifies an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The account has the address, and the address is verified.
    Done,
    /// Another account has the address; nothing was changed.
    Taken,
    /// The link ended in the meantime.
    Ended,
}

fn names(purposes: &[Purpose]) -> Value {
    purposes.iter().map(|purpose| purpose.as_str().to_owned()).collect::<Vec<_>>().into()
}

/// The link with this token and one of these purposes, if it has not expired. The link may still turn out to be invalid when it is
/// used.
pub(crate) async fn find(db: &Db, token: &[u8; 32], purposes: &[Purpose]) -> Result<Option<Link>, DbError> {
    let row = db
        .read(
            "SELECT u.id, t.purpose, t.email, u.email AS former_email, u.full_name
               FROM one_time_tokens t JOIN users u ON u.id = t.user_id
              WHERE t.token_hash = $1 AND t.purpose = ANY ($2) AND t.expires_at > now()",
            &[token.as_slice().into(), names(purposes)],
        )
        .await?;
    row.map(|row| Link::of(&row)).transpose()
}

impl Link {
    fn of(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            user: row.get("id")?,
            is_change: row.get::<String>("purpose")? == Purpose::EmailChange.as_str(),
            email: row.get("email")?,
            former_email: row.get("former_email")?,
            full_name: row.get("full_name")?,
        })
    }
}

/// The link with this token that sets a password, like [`find`]. If there is one, asks for a slot for the hash of the password.
pub(crate) async fn find_for_password(
    db: &Db,
    token: &[u8; 32],
    asking: &HashSlotRequest,
) -> Result<Option<(Link, Turn)>, DbError> {
    let [slots, ticket] = asking.values();
    let row = db
        .change(
            "SELECT u.id, t.purpose, t.email, u.email AS former_email, u.full_name,
                    lease_hash_slot($3::int4, $4::int8) AS turn
               FROM one_time_tokens t JOIN users u ON u.id = t.user_id
              WHERE t.token_hash = $1 AND t.purpose = ANY ($2) AND t.expires_at > now()",
            &[token.as_slice().into(), names(&PASSWORD), slots, ticket],
        )
        .await?;
    row.map(|row| Ok((Link::of(&row)?, Turn::of(&row)?))).transpose()
}

/// Sets the password of the link's account, ends its sessions and links, and marks its address as verified. Earlier wrong passwords no
/// longer count, and the statement remembers the client's address. The trigger `users_end_api_keys` ends the account's API keys. The owner
/// gets a notice, unless this is the account's first password. Returns false when the link ended in the meantime. The slot of the hash is returned in any case.
pub(crate) async fn reset_password(
    db: &Db,
    token: &[u8; 32],
    hash: &str,
    network: Option<&[u8; 32]>,
    slot: HashSlot,
) -> Result<bool, DbError> {
    let [slot, ticket] = slot.values();
    let row = db
        .change(
            "WITH link AS MATERIALIZED (
                 SELECT user_id, had_password FROM take_link($1, $2)
             ), ended AS MATERIALIZED (
                 SELECT end_sessions(ARRAY[user_id]), end_links(ARRAY[user_id]) FROM link
             ), changed AS (
                 UPDATE users u
                    SET password_hash = $3,
                        email_verified = true,
                        failures_forgiven_at = clock_timestamp(),
                        updated_at = greatest(now(), u.updated_at + interval '1 microsecond')
                   FROM link
                  WHERE u.id = link.user_id
                 RETURNING u.id
             ), returned AS (
                 UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = $6::int4 AND ticket = $7::int8
             )
             SELECT changed.id, remember_address(changed.id, $5::bytea),
                    CASE WHEN link.had_password THEN record_event($4, changed.id, NULL) END AS event
               FROM changed CROSS JOIN link CROSS JOIN ended",
            &[
                token.as_slice().into(),
                names(&PASSWORD),
                hash.into(),
                Event::PasswordChanged.as_str().into(),
                limits::network(network),
                slot,
                ticket,
            ],
        )
        .await?;
    Ok(row.is_some())
}

/// Uses a link that verifies an address. If the link is for a change of address, the account gets the new address.
pub(crate) async fn verify_email(db: &Db, token: &[u8; 32], link: &Link) -> Result<Outcome, DbError> {
    if link.is_change { change_email(db, token, link).await } else { mark_verified(db, token).await }
}

async fn mark_verified(db: &Db, token: &[u8; 32]) -> Result<Outcome, DbError> {
    let row = db
        .change(
            "WITH link AS MATERIALIZED (
                 SELECT user_id FROM take_link($1, $2)
             )
             UPDATE users u
                SET email_verified = true,
                    updated_at = CASE WHEN u.email_verified THEN u.updated_at
                                      ELSE greatest(now(), u.updated_at + interval '1 microsecond') END
               FROM link
              WHERE u.id = link.user_id
             RETURNING u.id",
            &[token.as_slice().into(), names(&[Purpose::EmailVerification])],
        )
        .await?;
    Ok(if row.is_some() { Outcome::Done } else { Outcome::Ended })
}

/// The unique indexes decide which account has an address. `taken` finds accounts without a key, as a registration does. The trigger
/// `users_end_links` ends the account's other links.
///
/// The statement keeps the name in `search_text`, because the name may have changed in the meantime. It leaves an empty `search_text`
/// to `usersctl migrate upgrade`.
async fn change_email(db: &Db, token: &[u8; 32], link: &Link) -> Result<Outcome, DbError> {
    let key = EmailKey::of(&link.email);
    let tells_former = EmailKey::of(&link.former_email) != key;
    let changed = db
        .change(
            "WITH taken AS MATERIALIZED (
                 SELECT EXISTS (
                     SELECT FROM users
                      WHERE lower(email) IN (lower($4), lower($5)) AND email_key IS NULL AND search_text IS NULL
                        AND id <> $3::int4
                 ) AS is_taken
             ), link AS MATERIALIZED (
                 SELECT user_id, email, former_email
                   FROM take_link((SELECT CASE WHEN NOT is_taken THEN $1::bytea END FROM taken), $2)
             ), changed AS (
                 UPDATE users u
                    SET email = link.email,
                        email_key = $5,
                        search_text = $6::text || substr(u.search_text, strpos(u.search_text, E'\\n') + 1),
                        email_verified = true,
                        updated_at = greatest(now(), u.updated_at + interval '1 microsecond')
                   FROM link
                  WHERE u.id = link.user_id
                 RETURNING u.id
             ), told AS MATERIALIZED (
                 SELECT changed.id, CASE WHEN $8::bool THEN record_event(
                            $7, changed.id,
                            jsonb_build_object('email', link.former_email, 'language', language_of(changed.id))
                        ) END AS event
                   FROM changed CROSS JOIN link
             )
             SELECT taken.is_taken, told.id, told.event FROM taken LEFT JOIN told ON true",
            &[
                token.as_slice().into(),
                names(&[Purpose::EmailChange]),
                link.user.into(),
                link.email.as_str().into(),
                key.as_str().into(),
                search_text(&link.email, None).into(),
                Event::EmailChangedFrom.as_str().into(),
                tells_former.into(),
            ],
        )
        .await;
    let row = match changed {
        Err(error) if is_taken(&error) => return Ok(Outcome::Taken),
        changed => changed?.ok_or_else(DbError::missing_row)?,
    };
    if row.get("is_taken")? {
        return Ok(Outcome::Taken);
    }
    Ok(if row.get::<Option<UserId>>("id")?.is_some() { Outcome::Done } else { Outcome::Ended })
}
