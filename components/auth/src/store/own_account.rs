//! The current account as a whole: deletion and export.

use serde::de::DeserializeOwned;
use users_core::{Event, SessionId, UserId};
use users_db::{Db, DbError};

use super::limits::Attempt;

/// The outcome of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// The account and its data are gone.
    Deleted,
    /// No active administrator would have been left; nothing was changed.
    LastAdmin,
    /// The password or the account has changed, or the session has ended; nothing was changed.
    Changed,
}

/// Deletes an account whose password has this hash, on behalf of this session. The owner gets a notice at the former address, in the former
/// language. The attempt was no wrong password; it is taken back if the account is deleted.
pub(crate) async fn delete(
    db: &Db,
    user: UserId,
    session: SessionId,
    password_hash: &str,
    attempt: &Attempt,
) -> Result<Deletion, DbError> {
    let [key, counted_at] = attempt.values();
    let [slot, ticket] = attempt.slot();
    let row = db
        .change(
            "WITH remaining AS MATERIALIZED (
                 SELECT may_go($1) AS remains
             ), account AS (
                 SELECT id, email
                   FROM users
                  WHERE id = $1 AND password_hash = $2 AND is_active AND (SELECT remains FROM remaining)
                    FOR UPDATE
             ), told AS MATERIALIZED (
                 SELECT id, record_event($4, id, jsonb_build_object('email', email, 'language', language_of(id))),
                        take_attempt_back($5::bytea, $6::text::timestamptz)
                   FROM account
                  WHERE session_remains(id, $3)
             ), deleted AS (
                 DELETE FROM users u USING told WHERE u.id = told.id RETURNING u.id
             ), returned AS (
                 UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = $7::int4 AND ticket = $8::int8
             )
             SELECT remaining.remains, deleted.id FROM remaining LEFT JOIN deleted ON true",
            &[
                user.into(),
                password_hash.into(),
                session.into(),
                Event::AccountDeleted.as_str().into(),
                key,
                counted_at,
                slot,
                ticket,
            ],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    Ok(if !row.get::<bool>("remains")? {
        Deletion::LastAdmin
    } else if row.get::<Option<UserId>>("id")?.is_some() {
        Deletion::Deleted
    } else {
        Deletion::Changed
    })
}

/// Everything that is kept about an account, in JSON. The statement names each column, so that a new column is only exported by
/// decision.
///
/// A message about a forgotten password is recorded for an address and not for an account. The export includes the messages for the
/// account's address that wait to be sent.
pub(crate) async fn export<T: DeserializeOwned>(db: &Db, user: UserId) -> Result<Option<T>, DbError> {
    let row = db
        .read(
            "SELECT json_build_object(
                        'exported_at', now(),
                        'account', to_json(account(u.id)),
                        'failures_forgiven_at', u.failures_forgiven_at,
                        'factors_since', u.factors_since,
                        'profile', (
                            SELECT json_build_object(
                                       'is_created', p.is_created,
                                       'bio', p.bio,
                                       'avatar_url', p.avatar_url,
                                       'location', p.location,
                                       'website', p.website,
                                       'phone_number', p.phone_number,
                                       'birth_date', p.birth_date,
                                       'preferences', p.preferences,
                                       'created_at', p.created_at,
                                       'updated_at', p.updated_at
                                   )
                              FROM profiles p
                             WHERE p.user_id = u.id
                        ),
                        'roles', (
                            SELECT coalesce(json_agg(json_build_object('id', r.id, 'name', r.name) ORDER BY r.id), '[]')
                              FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                             WHERE ur.user_id = u.id
                        ),
                        'sessions', (
                            SELECT coalesce(json_agg(json_build_object(
                                       'id', s.id,
                                       'created_at', s.created_at,
                                       'last_used_at', s.last_used_at,
                                       'expires_at', s.expires_at,
                                       'client', s.client,
                                       'address', s.address,
                                       'authenticated_at', s.authenticated_at,
                                       'factor_at', s.factor_at,
                                       'methods', s.methods,
                                       'refresh_tokens', (
                                           SELECT coalesce(json_agg(json_build_object(
                                                      'created_at', t.created_at,
                                                      'expires_at', t.expires_at,
                                                      'spent_at', t.spent_at
                                                  ) ORDER BY t.created_at, t.expires_at), '[]')
                                             FROM refresh_tokens t
                                            WHERE t.session_id = s.id
                                       )
                                   ) ORDER BY s.id), '[]')
                              FROM sessions s
                             WHERE s.user_id = u.id
                        ),
                        'api_keys', api_keys_of(u.id)::json,
                        'factors', exported_factors(u.id)::json,
                        'known_addresses', (
                            SELECT coalesce(json_agg(json_build_object(
                                       'last_login_at', k.last_login_at
                                   ) ORDER BY k.last_login_at), '[]')
                              FROM known_addresses k
                             WHERE k.user_id = u.id
                        ),
                        'links', (
                            SELECT coalesce(json_agg(json_build_object(
                                       'purpose', o.purpose,
                                       'email', o.email,
                                       'message_id', o.message_id,
                                       'created_at', o.created_at,
                                       'expires_at', o.expires_at
                                   ) ORDER BY o.created_at, o.message_id), '[]')
                              FROM one_time_tokens o
                             WHERE o.user_id = u.id
                        ),
                        'messages', (
                            SELECT coalesce(json_agg(json_build_object(
                                       'id', m.id,
                                       'kind', m.kind,
                                       'carries', m.carries,
                                       'created_at', m.created_at,
                                       'next_attempt_at', m.next_attempt_at,
                                       'attempts', m.attempts,
                                       'last_error', m.last_error,
                                       'failing_since', m.failing_since,
                                       'begun_at', m.begun_at,
                                       'sent_at', m.sent_at,
                                       'failed_at', m.failed_at
                                   ) ORDER BY m.id), '[]')
                              FROM (
                                       SELECT * FROM outbox WHERE user_id = u.id
                                       UNION ALL
                                       SELECT *
                                         FROM outbox
                                        WHERE kind = 'password_forgotten' AND sent_at IS NULL AND user_id IS NULL
                                          AND (carries ->> 'email_key' = coalesce(u.email_key, lower(u.email))
                                               OR (u.email_key IS NULL AND lower(carries ->> 'email') = lower(u.email)))
                                   ) m
                        )
                    )::text AS export
               FROM users u
              WHERE u.id = $1",
            &[user.into()],
        )
        .await?;
    row.map(|row| row.json("export")).transpose()
}
