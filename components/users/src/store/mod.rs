//! The SQL of the component. Every change is one statement.
//!
//! Each change first locks its accounts in the order of their ids, so that two changes cannot wait for each other. Before that, it asks if
//! its caller may make it (`permitted`), which takes the lock of changes of administrators for a caller who is not one, and for a
//! change that makes one.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod factors;
pub(crate) mod sessions;
pub(crate) mod statistics;

use users_core::{AccountKind, Event, Search, User, UserId};
use users_db::{Db, DbError, Listing, Page, Row};
use users_guard::{Authority, Overreach};

fn account(row: &Row) -> Result<User, DbError> {
    row.json("account")
}

/// The accounts that a list shows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Filter {
    pub(crate) active_only: bool,
    /// `None` for both kinds.
    pub(crate) kind: Option<AccountKind>,
}

/// A page of the accounts.
pub(crate) async fn page(db: &Db, page: &Page, filter: Filter) -> Result<Listing<User>, DbError> {
    let rows = db
        .read_all(
            "WITH page AS (
                 SELECT id, to_json(a)::text AS account
                   FROM accounts a
                  WHERE id > $1::int8 AND (is_active OR NOT $4::bool) AND ($6::text IS NULL OR kind = $6)
                  ORDER BY id
                 OFFSET $2 LIMIT $3
             ), total AS (
                 SELECT CASE WHEN $5::bool THEN (
                     SELECT count(*) FROM users
                      WHERE (is_active OR NOT $4::bool) AND ($6::text IS NULL OR kind = $6)
                 ) END AS total
             )
             SELECT * FROM total LEFT JOIN page ON true ORDER BY id",
            &[
                page.after(),
                page.offset(),
                page.limit(),
                filter.active_only.into(),
                page.total.into(),
                filter.kind.map(AccountKind::as_str).into(),
            ],
        )
        .await?;
    page.listing(&rows, account)
}

/// A page of the accounts whose address or name contains a text.
///
/// The next 2,000 accounts (`sample`) show how common the text is. If they fill the page, the search is over. If the next 15,000
/// are likely to fill the page, the statement reads them, too (`near`). Otherwise the trigram index finds all accounts that match,
/// and the statement sorts them (`far`). The planner cannot know how common a text is. `id + 0` stops it from using the primary key,
/// which is slow for a rare text. `(SELECT …)` hides the values from the planner, so that the plan is always the same.
///
/// The statement looks up a part of the text in the index (see [`Search::index_pattern`]). Unless that part is `exact`, it compares
/// each account that the index finds with the whole text.
///
/// The column `search_text` holds the folded address, a line break and the folded name. A text with a line break is compared with
/// the name alone.
///
/// An account that the previous release wrote has no `search_text` until `usersctl migrate upgrade` fills it. While there are such
/// accounts, the statement compares them as that release does: with `lower()` and the text as it was sent (`unfilled`).
pub(crate) async fn search(
    db: &Db,
    page: &Page,
    filter: Filter,
    search: &Search,
) -> Result<Listing<User>, DbError> {
    let (pattern, exact) = search.index_pattern().map_or((None, false), |it| (Some(it.pattern), it.exact));
    let rows = db
        .read_all(
            "WITH sample AS MATERIALIZED (
                 SELECT n.id
                   FROM (
                            SELECT id, is_active, kind,
                                   coalesce(search_text, lower(email || E'\\n' || coalesce(full_name, ''))) AS text,
                                   CASE WHEN search_text IS NULL THEN lower($9) ELSE $6::text END AS sought
                              FROM users
                             WHERE id > $1::int8
                             ORDER BY id
                             LIMIT 2000
                        ) n
                  WHERE strpos(n.text, n.sought) > 0
                    AND (strpos($6, E'\\n') = 0 OR strpos(substr(n.text, strpos(n.text, E'\\n') + 1), n.sought) > 0)
                    AND (n.is_active OR NOT $4::bool) AND ($11::text IS NULL OR n.kind = $11)
                  ORDER BY n.id
                  LIMIT $2::int8 + $3::int8
             ), sampled AS MATERIALIZED (
                 SELECT (SELECT count(*) FROM sample) AS found,
                        (SELECT max(id) FROM (SELECT id FROM users WHERE id > $1::int8 ORDER BY id LIMIT 2000) n) AS last
             ), near AS MATERIALIZED (
                 SELECT n.id
                   FROM (
                            SELECT id, is_active, kind,
                                   coalesce(search_text, lower(email || E'\\n' || coalesce(full_name, ''))) AS text,
                                   CASE WHEN search_text IS NULL THEN lower($9) ELSE $6::text END AS sought
                              FROM users
                             WHERE id > (SELECT last FROM sampled)
                             ORDER BY id
                             LIMIT 13000
                        ) n
                  WHERE (SELECT found FROM sampled) < $2::int8 + $3::int8
                    AND (SELECT found FROM sampled) * 7 >= $2::int8 + $3::int8
                    AND strpos(n.text, n.sought) > 0
                    AND (strpos($6, E'\\n') = 0 OR strpos(substr(n.text, strpos(n.text, E'\\n') + 1), n.sought) > 0)
                    AND (n.is_active OR NOT $4::bool) AND ($11::text IS NULL OR n.kind = $11)
                  ORDER BY n.id
                  LIMIT $2::int8 + $3::int8
             ), far AS (
                 SELECT u.id FROM users u
                  WHERE (SELECT found FROM sampled) + (SELECT count(*) FROM near) < $2::int8 + $3::int8
                    AND u.id + 0 > (SELECT last FROM sampled)
                    AND ($7::text IS NULL OR u.search_text LIKE (SELECT $7))
                    AND ($8::bool OR strpos(u.search_text, $6) > 0)
                    AND (strpos($6, E'\\n') = 0
                         OR strpos(substr(u.search_text, strpos(u.search_text, E'\\n') + 1), $6) > 0)
                    AND (u.is_active OR NOT $4::bool) AND ($11 IS NULL OR u.kind = $11)
                  ORDER BY u.id + 0
                  LIMIT $2::int8 + $3::int8
             ), unfilled AS (
                 SELECT u.id FROM users u
                  WHERE (SELECT found FROM sampled) + (SELECT count(*) FROM near) < $2::int8 + $3::int8
                    AND EXISTS (SELECT FROM users WHERE search_text IS NULL)
                    AND u.id + 0 > (SELECT last FROM sampled)
                    AND u.search_text IS NULL
                    AND ($10::text IS NULL
                         OR lower(u.email || E'\\n' || coalesce(u.full_name, '')) LIKE (SELECT lower($10)))
                    AND strpos(lower(u.email || E'\\n' || coalesce(u.full_name, '')), lower($9)) > 0
                    AND (strpos($9, E'\\n') = 0 OR strpos(lower(u.full_name), lower($9)) > 0)
                    AND (u.is_active OR NOT $4::bool) AND ($11 IS NULL OR u.kind = $11)
                  ORDER BY u.id + 0
                  LIMIT $2::int8 + $3::int8
             ), chosen AS (
                 SELECT id
                   FROM (
                            SELECT id FROM sample UNION SELECT id FROM near
                            UNION SELECT id FROM far UNION SELECT id FROM unfilled
                        ) found
                  ORDER BY id
                 OFFSET $2::int8 LIMIT $3::int8
             ), page AS (
                 SELECT id, (SELECT to_json(a)::text FROM accounts a WHERE a.id = chosen.id) AS account FROM chosen
             ), total AS (
                 SELECT CASE WHEN $5::bool THEN (
                     SELECT count(*) FROM users u
                      WHERE ($7::text IS NULL OR u.search_text LIKE (SELECT $7))
                        AND ($8::bool OR strpos(u.search_text, $6) > 0)
                        AND (strpos($6, E'\\n') = 0
                             OR strpos(substr(u.search_text, strpos(u.search_text, E'\\n') + 1), $6) > 0)
                        AND (u.is_active OR NOT $4::bool) AND ($11 IS NULL OR u.kind = $11)
                 ) + (
                     SELECT count(*) FROM users u
                      WHERE EXISTS (SELECT FROM users WHERE search_text IS NULL)
                        AND u.search_text IS NULL
                        AND ($10::text IS NULL
                             OR lower(u.email || E'\\n' || coalesce(u.full_name, '')) LIKE (SELECT lower($10)))
                        AND strpos(lower(u.email || E'\\n' || coalesce(u.full_name, '')), lower($9)) > 0
                        AND (strpos($9, E'\\n') = 0 OR strpos(lower(u.full_name), lower($9)) > 0)
                        AND (u.is_active OR NOT $4::bool) AND ($11 IS NULL OR u.kind = $11)
                 ) END AS total
             )
             SELECT * FROM total LEFT JOIN page ON true ORDER BY id",
            &[
                page.after(),
                page.offset(),
                page.limit(),
                filter.active_only.into(),
                page.total.into(),
                search.folded().into(),
                pattern.into(),
                exact.into(),
                search.as_str().into(),
                search.pattern_as_sent().map(|it| it.pattern).into(),
                filter.kind.map(AccountKind::as_str).into(),
            ],
        )
        .await?;
    page.listing(&rows, account)
}

/// The account with this id.
pub(crate) async fn user(db: &Db, id: UserId) -> Result<Option<User>, DbError> {
    let row =
        db.read("SELECT to_json(a)::text AS account FROM accounts a WHERE id = $1", &[id.into()]).await?;
    row.map(|row| account(&row)).transpose()
}

/// The outcome of a change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    /// The accounts that exist were changed.
    Changed(Vec<T>),
    /// The caller may not make the change: nothing was changed.
    Refused(Overreach),
    /// No active administrator would have been left: nothing was changed.
    LastAdmin,
    /// The account has none of the expected versions: nothing was changed.
    Stale,
}

impl<T> Outcome<T> {
    /// Builds the outcome from rows. `refusal` is null when the caller may make the change. `remains` is true when an administrator is left. `is_expected` is true when the account has one of
    /// the expected versions. Both are null, and so is `id`, when there is nothing to change.
    fn of(rows: &[Row], item: impl Fn(&Row) -> Result<T, DbError>) -> Result<Self, DbError> {
        let mut changed = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(overreach) = row.get("refusal")? {
                return Ok(Self::Refused(overreach));
            }
            if row.get::<Option<bool>>("remains")? == Some(false) {
                return Ok(Self::LastAdmin);
            }
            if row.get::<Option<bool>>("is_expected")? == Some(false) {
                return Ok(Self::Stale);
            }
            if row.get::<Option<UserId>>("id")?.is_some() {
                changed.push(item(row)?);
            }
        }
        Ok(Self::Changed(changed))
    }
}

/// A mark of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The account may be used.
    Active,
    /// The account is granted everything.
    Admin,
}

/// Sets a mark on the accounts that exist. If versions are given (`updated_at` in microseconds since 1970), an account must have one
/// of them.
///
/// Whoever makes an administrator takes the lock of changes of administrators: a caller who is not one and changes the account at the
/// same time then sees it.
///
/// An activation sends an invitation to a person's account without a password: an earlier deactivation ended the previous one, and an account
/// that was created inactive never got one.
pub(crate) async fn mark(
    db: &Db,
    ids: &[UserId],
    mark: Mark,
    versions: Option<&[i64]>,
    authority: &Authority,
) -> Result<Outcome<User>, DbError> {
    let rows = db
        .change_all(
            "WITH locked AS MATERIALIZED (
                 SELECT lock_administrators() WHERE NOT $3::bool
             ), permitted AS MATERIALIZED (
                 SELECT refusal_to_change_accounts($5::int4, $1) AS refusal FROM (SELECT count(*) FROM locked) AS locked
             ), target AS (
                 SELECT id, ($2::int8[] IS NULL OR (extract(epoch FROM updated_at) * 1000000)::int8 = ANY ($2))
                            AS is_expected,
                        $3 AND NOT is_active AND NOT has_password(id) AND kind = 'person' AS is_invited
                   FROM users
                  WHERE id = ANY ($1) AND (SELECT refusal IS NULL FROM permitted)
                  ORDER BY id
                    FOR NO KEY UPDATE
             ), invited AS MATERIALIZED (
                 SELECT count(record_event($4, id, NULL)) AS invited FROM target WHERE is_expected AND is_invited
             ), changed AS (
                 UPDATE users u
                    SET is_active = u.is_active OR $3,
                        is_admin = u.is_admin OR NOT $3,
                        updated_at = CASE WHEN CASE WHEN $3 THEN u.is_active ELSE u.is_admin END THEN u.updated_at
                                          ELSE greatest(now(), u.updated_at + interval '1 microsecond') END
                   FROM target t
                  WHERE u.id = t.id AND t.is_expected
                 RETURNING u.id, to_json(account(u.id))::text AS account
             )
             SELECT permitted.refusal, true AS remains, target.is_expected, changed.*
               FROM permitted CROSS JOIN invited
               LEFT JOIN target ON true
               LEFT JOIN changed ON changed.id = target.id",
            &[
                ids.into(),
                versions.map(<[i64]>::to_vec).into(),
                (mark == Mark::Active).into(),
                Event::Invitation.as_str().into(),
                authority.caller(),
            ],
        )
        .await?;
    Outcome::of(&rows, account)
}

/// Removes a mark from the accounts that exist, unless no administrator would be left. If versions are given, an account must have
/// one of them. A deactivation ends the sessions. The statement locks the accounts first: a login at the same time has either
/// finished, and its session ends here, or it finds the account inactive. A caller who is not an administrator cannot take one away.
pub(crate) async fn unmark(
    db: &Db,
    ids: &[UserId],
    mark: Mark,
    versions: Option<&[i64]>,
    authority: &Authority,
) -> Result<Outcome<User>, DbError> {
    let rows = db
        .change_all(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_change_accounts($4::int4, $1) AS refusal
             ), remaining AS MATERIALIZED (
                 SELECT CASE
                            WHEN refusal IS NOT NULL THEN NULL
                            WHEN $4 IS NOT NULL THEN true
                            ELSE an_administrator_remains($1, NULL, NULL, NULL)
                        END AS remains
                   FROM permitted
             ), target AS (
                 SELECT id, ($2::int8[] IS NULL OR (extract(epoch FROM updated_at) * 1000000)::int8 = ANY ($2))
                            AS is_expected
                   FROM users
                  WHERE id = ANY ($1) AND (SELECT remains FROM remaining)
                  ORDER BY id
                    FOR NO KEY UPDATE
             ), ended AS MATERIALIZED (
                 SELECT end_sessions(array_agg(id)) FROM target WHERE is_expected AND $3::bool
             ), changed AS (
                 UPDATE users u
                    SET is_active = u.is_active AND NOT $3,
                        is_admin = u.is_admin AND $3,
                        updated_at = CASE WHEN CASE WHEN $3 THEN u.is_active ELSE u.is_admin END
                                          THEN greatest(now(), u.updated_at + interval '1 microsecond')
                                          ELSE u.updated_at END
                   FROM target t
                  WHERE u.id = t.id AND t.is_expected
                 RETURNING u.id, to_json(account(u.id))::text AS account
             )
             SELECT permitted.refusal, remaining.remains, target.is_expected, changed.*
               FROM permitted CROSS JOIN remaining CROSS JOIN ended
               LEFT JOIN target ON true
               LEFT JOIN changed ON changed.id = target.id",
            &[
                ids.into(),
                versions.map(<[i64]>::to_vec).into(),
                (mark == Mark::Active).into(),
                authority.caller(),
            ],
        )
        .await?;
    Outcome::of(&rows, account)
}

/// Deletes the accounts that exist, and all their data, unless no administrator would be left. If versions are given, an account
/// must have one of them. The owners get a notice at their former addresses, in their former languages.
pub(crate) async fn delete(
    db: &Db,
    ids: &[UserId],
    versions: Option<&[i64]>,
    authority: &Authority,
) -> Result<Outcome<UserId>, DbError> {
    let rows = db
        .change_all(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_change_accounts($4::int4, $1) AS refusal
             ), remaining AS MATERIALIZED (
                 SELECT CASE
                            WHEN refusal IS NOT NULL THEN NULL
                            WHEN $4 IS NOT NULL THEN true
                            ELSE an_administrator_remains($1, NULL, NULL, NULL)
                        END AS remains
                   FROM permitted
             ), target AS (
                 SELECT id, email,
                        ($2::int8[] IS NULL OR (extract(epoch FROM updated_at) * 1000000)::int8 = ANY ($2))
                            AS is_expected
                   FROM users
                  WHERE id = ANY ($1) AND (SELECT remains FROM remaining)
                  ORDER BY id
                    FOR UPDATE
             ), told AS MATERIALIZED (
                 SELECT id, record_event($3, id, jsonb_build_object('email', email, 'language', language_of(id)))
                   FROM target
                  WHERE is_expected
             ), deleted AS (
                 DELETE FROM users u USING told WHERE u.id = told.id RETURNING u.id
             )
             SELECT permitted.refusal, remaining.remains, target.is_expected, deleted.*
               FROM permitted CROSS JOIN remaining
               LEFT JOIN target ON true
               LEFT JOIN deleted ON deleted.id = target.id",
            &[
                ids.into(),
                versions.map(<[i64]>::to_vec).into(),
                Event::AccountDeleted.as_str().into(),
                authority.caller(),
            ],
        )
        .await?;
    Outcome::of(&rows, |row| row.get("id"))
}
