//! The SQL of the component. Every change is one statement.
//!
//! Accounts are locked in the order of their ids before they are changed, so that two changes of many cannot wait for each
//! other.

use users_core::{Search, User, UserId};
use users_db::{Db, DbError, Row};
use users_web::{ETag, IfMatch, Listing, Page, user_from};

/// The version of an account: the time of its last change in microseconds, which only moves forward.
pub(crate) fn version(user: &User) -> ETag {
    ETag::of(&[user.updated_at.micros()])
}

/// A page of the accounts.
pub(crate) async fn page(db: &Db, page: &Page, active_only: bool) -> Result<Listing<User>, DbError> {
    let rows = db
        .read_all(
            "WITH page AS (
                 SELECT id, email, full_name, is_active, is_admin,
                        created_at AT TIME ZONE 'UTC' AS created_at,
                        updated_at AT TIME ZONE 'UTC' AS updated_at
                   FROM users
                  WHERE id > $1 AND (is_active OR NOT $4::bool)
                  ORDER BY id
                 OFFSET $2 LIMIT $3
             ), total AS (
                 SELECT CASE WHEN $5::bool THEN (
                     SELECT count(*) FROM users WHERE is_active OR NOT $4::bool
                 ) END AS total
             )
             SELECT * FROM total LEFT JOIN page ON true ORDER BY id",
            &[page.after(), page.offset(), page.limit(), active_only.into(), page.total.into()],
        )
        .await?;
    page.listing(&rows, user_from)
}

/// A page of the accounts whose address or name contains a text.
///
/// How common the text is among the next 2,000 accounts (`sample`) tells what is best: when it fills the page, that is all;
/// when it promises to do so among the next 15,000, these are walked through, too (`near`); else the trigram index is asked
/// for all accounts that match, which then have to be sorted (`far`). The planner cannot know how common a text is: `id + 0`
/// keeps it from walking the primary key for a rare one, and `(SELECT lower(…))` from guessing, so that the plan is always the
/// same.
///
/// The index is asked for a piece of the text (see [`Search::index_pattern`]); unless that is `exact`, what it finds is looked
/// at again.
///
/// The address and the name are one text with a line break between them, which no address contains; the index is on that
/// expression. A search for a line break therefore looks at the name alone.
pub(crate) async fn search(
    db: &Db,
    page: &Page,
    active_only: bool,
    search: &Search,
) -> Result<Listing<User>, DbError> {
    let (pattern, exact) = search.index_pattern().map_or((None, false), |it| (Some(it.pattern), it.exact));
    let rows = db
        .read_all(
            "WITH sample AS MATERIALIZED (
                 SELECT n.* FROM (SELECT * FROM users WHERE id > $1 ORDER BY id LIMIT 2000) n
                  WHERE strpos(lower(n.email || E'\\n' || coalesce(n.full_name, '')), lower($6)) > 0
                    AND (strpos($6, E'\\n') = 0 OR strpos(lower(n.full_name), lower($6)) > 0)
                    AND (n.is_active OR NOT $4::bool)
                  ORDER BY n.id
                  LIMIT $2::int8 + $3::int8
             ), sampled AS MATERIALIZED (
                 SELECT (SELECT count(*) FROM sample) AS found,
                        (SELECT max(id) FROM (SELECT id FROM users WHERE id > $1 ORDER BY id LIMIT 2000) n) AS last
             ), near AS MATERIALIZED (
                 SELECT n.*
                   FROM (
                            SELECT * FROM users
                             WHERE id > (SELECT last FROM sampled)
                             ORDER BY id
                             LIMIT 13000
                        ) n
                  WHERE (SELECT found FROM sampled) < $2::int8 + $3::int8
                    AND (SELECT found FROM sampled) * 7 >= $2::int8 + $3::int8
                    AND strpos(lower(n.email || E'\\n' || coalesce(n.full_name, '')), lower($6)) > 0
                    AND (strpos($6, E'\\n') = 0 OR strpos(lower(n.full_name), lower($6)) > 0)
                    AND (n.is_active OR NOT $4::bool)
                  ORDER BY n.id
                  LIMIT $2::int8 + $3::int8
             ), far AS (
                 SELECT u.* FROM users u
                  WHERE (SELECT found FROM sampled) + (SELECT count(*) FROM near) < $2::int8 + $3::int8
                    AND u.id > (SELECT last FROM sampled)
                    AND ($7::text IS NULL
                         OR lower(u.email || E'\\n' || coalesce(u.full_name, '')) LIKE (SELECT lower($7)))
                    AND ($8::bool OR strpos(lower(u.email || E'\\n' || coalesce(u.full_name, '')), lower($6)) > 0)
                    AND (strpos($6, E'\\n') = 0 OR strpos(lower(u.full_name), lower($6)) > 0)
                    AND (u.is_active OR NOT $4::bool)
                  ORDER BY u.id + 0
                  LIMIT $2::int8 + $3::int8
             ), page AS (
                 SELECT id, email, full_name, is_active, is_admin,
                        created_at AT TIME ZONE 'UTC' AS created_at,
                        updated_at AT TIME ZONE 'UTC' AS updated_at
                   FROM (SELECT * FROM sample UNION SELECT * FROM near UNION SELECT * FROM far) found
                  ORDER BY id
                 OFFSET $2::int8 LIMIT $3::int8
             ), total AS (
                 SELECT CASE WHEN $5::bool THEN (
                     SELECT count(*) FROM users u
                      WHERE ($7::text IS NULL
                             OR lower(u.email || E'\\n' || coalesce(u.full_name, '')) LIKE (SELECT lower($7)))
                        AND ($8::bool OR strpos(lower(u.email || E'\\n' || coalesce(u.full_name, '')), lower($6)) > 0)
                        AND (strpos($6, E'\\n') = 0 OR strpos(lower(u.full_name), lower($6)) > 0)
                        AND (u.is_active OR NOT $4::bool)
                 ) END AS total
             )
             SELECT * FROM total LEFT JOIN page ON true ORDER BY id",
            &[
                page.after(),
                page.offset(),
                page.limit(),
                active_only.into(),
                page.total.into(),
                search.as_str().into(),
                pattern.into(),
                exact.into(),
            ],
        )
        .await?;
    page.listing(&rows, user_from)
}

/// The account with this id.
pub(crate) async fn user(db: &Db, id: UserId) -> Result<Option<User>, DbError> {
    let row = db
        .read(
            "SELECT id, email, full_name, is_active, is_admin,
                    created_at AT TIME ZONE 'UTC' AS created_at,
                    updated_at AT TIME ZONE 'UTC' AS updated_at
               FROM users
              WHERE id = $1",
            &[id.into()],
        )
        .await?;
    row.map(|row| user_from(&row)).transpose()
}

/// What came of a change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    /// It was made to these; others there are not.
    Changed(Vec<T>),
    /// No active administrator would have been left: nothing was changed.
    NobodyLeft,
    /// The account has another version than the client expects: nothing was changed.
    Stale,
}

impl<T> Outcome<T> {
    /// From rows that each say in `remains` whether an administrator is left and in `is_expected` whether the account has a
    /// version that the client expects; both are null, and so is `id`, when there is nothing to change.
    fn of(rows: &[Row], item: impl Fn(&Row) -> Result<T, DbError>) -> Result<Self, DbError> {
        let mut changed = Vec::with_capacity(rows.len());
        for row in rows {
            if row.get::<Option<bool>>("remains")? == Some(false) {
                return Ok(Self::NobodyLeft);
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

/// What an account may be marked as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It may be used.
    Active,
    /// Everything is granted to it.
    Admin,
}

/// Marks the accounts that there are.
pub(crate) async fn mark(
    db: &Db,
    ids: &[UserId],
    mark: Mark,
    expected: &IfMatch,
) -> Result<Outcome<User>, DbError> {
    let rows = db
        .change_all(
            "WITH target AS (
                 SELECT id, ($2::int8[] IS NULL OR (extract(epoch FROM updated_at) * 1000000)::int8 = ANY ($2))
                            AS is_expected
                   FROM users
                  WHERE id = ANY ($1)
                  ORDER BY id
                    FOR NO KEY UPDATE
             ), changed AS (
                 UPDATE users u
                    SET is_active = u.is_active OR $3::bool,
                        is_admin = u.is_admin OR NOT $3,
                        updated_at = CASE WHEN CASE WHEN $3 THEN u.is_active ELSE u.is_admin END THEN u.updated_at
                                          ELSE greatest(now(), u.updated_at + interval '1 microsecond') END
                   FROM target t
                  WHERE u.id = t.id AND t.is_expected
                 RETURNING u.id, u.email, u.full_name, u.is_active, u.is_admin,
                           u.created_at AT TIME ZONE 'UTC' AS created_at,
                           u.updated_at AT TIME ZONE 'UTC' AS updated_at
             )
             SELECT true AS remains, target.is_expected, changed.*
               FROM target LEFT JOIN changed ON changed.id = target.id",
            &[ids.into(), expected.numbers().into(), (mark == Mark::Active).into()],
        )
        .await?;
    Outcome::of(&rows, user_from)
}

/// Takes a mark from the accounts that there are, unless no administrator would be left; the sessions of those that may not be
/// used any more end. The accounts are locked first: a login either is over, and its session ends here, or finds the account
/// inactive.
pub(crate) async fn unmark(
    db: &Db,
    ids: &[UserId],
    mark: Mark,
    expected: &IfMatch,
) -> Result<Outcome<User>, DbError> {
    let rows = db
        .change_all(
            "WITH remaining AS MATERIALIZED (
                 SELECT an_administrator_remains($1, NULL, NULL, NULL) AS remains
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
                 RETURNING u.id, u.email, u.full_name, u.is_active, u.is_admin,
                           u.created_at AT TIME ZONE 'UTC' AS created_at,
                           u.updated_at AT TIME ZONE 'UTC' AS updated_at
             )
             SELECT remaining.remains, target.is_expected, changed.*
               FROM remaining CROSS JOIN ended
               LEFT JOIN target ON true
               LEFT JOIN changed ON changed.id = target.id",
            &[ids.into(), expected.numbers().into(), (mark == Mark::Active).into()],
        )
        .await?;
    Outcome::of(&rows, user_from)
}

/// Deletes the accounts that there are, with all that is theirs, unless no administrator would be left.
pub(crate) async fn delete(db: &Db, ids: &[UserId], expected: &IfMatch) -> Result<Outcome<UserId>, DbError> {
    let rows = db
        .change_all(
            "WITH remaining AS MATERIALIZED (
                 SELECT an_administrator_remains($1, NULL, NULL, NULL) AS remains
             ), target AS (
                 SELECT id, ($2::int8[] IS NULL OR (extract(epoch FROM updated_at) * 1000000)::int8 = ANY ($2))
                            AS is_expected
                   FROM users
                  WHERE id = ANY ($1) AND (SELECT remains FROM remaining)
                  ORDER BY id
                    FOR UPDATE
             ), deleted AS (
                 DELETE FROM users u USING target t WHERE u.id = t.id AND t.is_expected RETURNING u.id
             )
             SELECT remaining.remains, target.is_expected, deleted.*
               FROM remaining
               LEFT JOIN target ON true
               LEFT JOIN deleted ON deleted.id = target.id",
            &[ids.into(), expected.numbers().into()],
        )
        .await?;
    Outcome::of(&rows, |row| row.get("id"))
}
