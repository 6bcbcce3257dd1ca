//! The table `limits`: attempts that count. The functions of migration 0028 have the rules.

use users_core::{Event, UserId};
use users_db::{Db, DbError, Row, Value};

use crate::limits::{Counter, PasswordCounter};

/// A password that counts as wrong until somebody says that it was right.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempt {
    /// The row that counts it. `None` when there is no limit.
    key: Option<Vec<u8>>,
    /// Its name within the row: its time, in Postgres' own text form.
    counted_at: Option<String>,
    /// True when no further password may be wrong for now.
    pub(crate) is_last: bool,
}

impl Attempt {
    /// Reads the columns `counted_key`, `counted_at` (as text) and `remaining`.
    pub(crate) fn of(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            key: row.get("counted_key")?,
            counted_at: row.get("counted_at")?,
            is_last: row.get::<Option<i32>>("remaining")? == Some(0),
        })
    }

    /// Key and time, for `take_attempt_back($n::bytea, $m::text::timestamptz)`.
    pub(crate) fn values(&self) -> [Value; 2] {
        [self.key.clone().into(), self.counted_at.clone().into()]
    }
}

/// Key, count and seconds of a counter, for `$n::bytea, $m::int4, $o::int4`; the last two are null without a limit.
pub(crate) fn values(counter: &Counter) -> [Value; 3] {
    [
        counter.key.as_slice().into(),
        counter.limit.map(users_core::Limit::count).into(),
        counter.limit.map(users_core::Limit::seconds).into(),
    ]
}

/// The client address of a counter, for `$n::bytea`.
pub(crate) fn network(network: Option<&[u8; 32]>) -> Value {
    network.map(|network| network.to_vec()).into()
}

/// Counts an attempt. Returns the seconds until the next one is free if this one is refused.
pub(crate) async fn count(db: &Db, counter: &Counter) -> Result<Option<i32>, DbError> {
    if counter.limit.is_none() {
        return Ok(None);
    }
    let [key, most, seconds] = values(counter);
    let row = db
        .change(
            "SELECT retry_after FROM count_attempt($1::bytea, $2::int4, $3::int4, NULL)",
            &[key, most, seconds],
        )
        .await?;
    row.ok_or_else(DbError::missing_row)?.get("retry_after")
}

/// Takes a password that was right out of the count of wrong ones, where no other statement does.
pub(crate) async fn take_back(db: &Db, attempt: &Attempt) -> Result<(), DbError> {
    if attempt.key.is_none() {
        return Ok(());
    }
    db.change("SELECT take_attempt_back($1::bytea, $2::text::timestamptz)", &attempt.values())
        .await
        .map(|_| ())
}

/// Tells the owner that as many wrong passwords as are allowed were tried for the account: at most once a day, and only if the limit is
/// still reached. Without an account, it does the same work for nobody.
pub(crate) async fn tell_of_guesses(
    db: &Db,
    user: Option<UserId>,
    attempt: &Attempt,
    counter: &PasswordCounter,
) -> Result<(), DbError> {
    let [key, _] = attempt.values();
    db.change(
        "SELECT record_event($4, u.id, NULL)
           FROM users u
          WHERE u.id = $1::int4
            AND EXISTS (SELECT FROM limits WHERE key = $2::bytea AND cardinality(attempts) >= $3::int4)
            AND NOT EXISTS (
                    SELECT FROM outbox o
                     WHERE o.user_id = u.id AND o.kind = $4 AND o.created_at > now() - interval '1 day'
                )",
        &[
            user.into(),
            key,
            counter.shared.limit.map(users_core::Limit::count).into(),
            Event::PasswordGuessed.as_str().into(),
        ],
    )
    .await
    .map(|_| ())
}
