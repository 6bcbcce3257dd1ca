//! The table `limits`: attempts that count. The functions of migration 0028 have the rules.

use users_core::{Event, Limit, UserId};
use users_db::{Db, DbError, Row, Value};
use users_guard::{HashSlot, HashSlotRequest, Turn};

use crate::limits::Counter;

/// A password that counts as wrong until somebody says that it was right, with the slot in which it is hashed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempt {
    /// The row that counts it. `None` when there is no limit.
    key: Option<Vec<u8>>,
    /// Its name within the row: its time, in Postgres' own text form.
    counted_at: Option<String>,
    /// True when no further password may be wrong for now.
    pub(crate) is_last: bool,
    /// The slot, which is returned by the statement that follows the hash.
    pub(crate) slot: Option<HashSlot>,
}

impl Attempt {
    /// Reads the columns `counted_key`, `counted_at` (as text) and `remaining`.
    pub(crate) fn of(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            key: row.get("counted_key")?,
            counted_at: row.get("counted_at")?,
            is_last: row.get::<Option<i32>>("remaining")? == Some(0),
            slot: None,
        })
    }

    /// Key and time, for `take_attempt_back($n::bytea, $m::text::timestamptz)`.
    pub(crate) fn values(&self) -> [Value; 2] {
        [self.key.clone().into(), self.counted_at.clone().into()]
    }

    /// Number and ticket of the slot, for the statement that returns it.
    pub(crate) fn slot(&self) -> [Value; 2] {
        self.slot.map_or([Value::Null, Value::Null], HashSlot::values)
    }
}

/// Key, count and seconds of a counter, for `$n::bytea, $m::int4, $o::int4`; the last two are null without a limit.
pub(crate) fn values(counter: &Counter) -> [Value; 3] {
    [
        counter.key.as_slice().into(),
        counter.limit.map(Limit::count).into(),
        counter.limit.map(Limit::seconds).into(),
    ]
}

/// The client address of a counter, for `$n::bytea`.
pub(crate) fn network(network: Option<&[u8; 32]>) -> Value {
    network.map(|network| network.to_vec()).into()
}

/// An attempt other than a password, such as a login, that may have to be taken back.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    key: [u8; 32],
    /// Its time, in Postgres' own text form. `None` when there is no limit.
    at: Option<String>,
}

impl Counted {
    pub(crate) fn new(counter: &Counter, at: Option<String>) -> Self {
        Self { key: counter.key, at }
    }
}

/// Counts an attempt, and asks for the slot that it needs. The inner error holds the seconds until the next one is free if this one is
/// refused and not counted.
pub(crate) async fn count_for_slot(
    db: &Db,
    counter: &Counter,
    asking: &HashSlotRequest,
) -> Result<Result<(Counted, Turn), i32>, DbError> {
    let [key, most, seconds] = values(counter);
    let [slots, ticket] = asking.values();
    let row = db
        .change(
            "SELECT counted_at::text AS counted_at, retry_after, turn
               FROM begin_attempt($1::bytea, $2::int4, $3::int4, $4::int4, $5::int8)",
            &[key, most, seconds, slots, ticket],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    match row.get::<Option<i32>>("retry_after")? {
        Some(retry_after) => Ok(Err(retry_after)),
        None => Ok(Ok((Counted::new(counter, row.get("counted_at")?), Turn::of(&row)?))),
    }
}

/// Takes a password out of the count of wrong ones that was not compared, for want of a slot. Without a count, there is nothing to do.
pub(crate) async fn forget(db: &Db, attempt: &Attempt) -> Result<(), DbError> {
    if attempt.counted_at.is_none() {
        return Ok(());
    }
    take_back(db, attempt).await
}

/// Takes a password that was right out of the count of wrong ones, where no other statement does, and returns its slot.
pub(crate) async fn take_back(db: &Db, attempt: &Attempt) -> Result<(), DbError> {
    let [key, counted_at] = attempt.values();
    let [slot, ticket] = attempt.slot();
    db.change(
        "WITH returned AS (
             UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = $3::int4 AND ticket = $4::int8
         )
         SELECT take_attempt_back($1::bytea, $2::text::timestamptz)",
        &[key, counted_at, slot, ticket],
    )
    .await
    .map(|_| ())
}

/// Takes what was counted for a request out of the counts again: it got no slot, so it was no attempt.
pub(crate) async fn uncount(db: &Db, counted: &Counted, password: &Attempt) -> Result<(), DbError> {
    let [key, counted_at] = password.values();
    if counted.at.is_none() && password.counted_at.is_none() {
        return Ok(());
    }
    db.change(
        "SELECT take_attempt_back($1::bytea, $2::text::timestamptz), take_attempt_back($3::bytea, $4::text::timestamptz)",
        &[counted.key.as_slice().into(), counted.at.clone().into(), key, counted_at],
    )
    .await
    .map(|_| ())
}

/// Tells the owner that as many wrong passwords as are allowed were tried for the account: at most once a day, and only if the limit is
/// still reached. Without an account, it does the same work for nobody. The slot of the hash is returned in any case.
pub(crate) async fn tell_of_guesses(
    db: &Db,
    user: Option<UserId>,
    attempt: &Attempt,
    failures: Option<Limit>,
) -> Result<(), DbError> {
    let [key, _] = attempt.values();
    let [slot, ticket] = attempt.slot();
    db.change(
        "WITH returned AS (
             UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = $5::int4 AND ticket = $6::int8
         )
         SELECT tell_of_guesses($4::text, $1::int4, $2::bytea, $3::int4)",
        &[
            user.into(),
            key,
            failures.map(Limit::count).into(),
            Event::PasswordGuessed.as_str().into(),
            slot,
            ticket,
        ],
    )
    .await
    .map(|_| ())
}
