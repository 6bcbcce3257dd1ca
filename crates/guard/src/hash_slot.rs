//! The slots for hashing passwords, which all replicas share.
//!
//! A hash occupies a core and 19 MiB of memory, in an instance that answers nothing else meanwhile. Spin starts as many instances as
//! there are requests that compute. Only the database sees all of them, so it says who may compute: `lease_hash_slot()` of migration 0027.

use std::time::Duration;

use users_core::{HashSlots, Random};
use users_db::{Db, DbError, Row, Value};
use users_web::{Code, Problem, StatusCode, Variables, wait};

/// 503: more passwords are to be hashed than the service has slots for. Nothing was counted or changed.
pub const TOO_BUSY: Code = Code::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "too_busy",
    "Too many people are logging in at this moment; try again in a few seconds.",
)
.with_header(&("retry-after", "3"));

/// Reads the variable `hash_slots`.
///
/// # Errors
/// A defect of the deployment: the variable is missing or has another value.
pub async fn read_hash_slots(variables: &impl Variables) -> Result<HashSlots, Problem> {
    HashSlots::parse(&variables.get("hash_slots").await?).map_err(Problem::internal)
}

/// A request that asks for a slot, until it has one or is refused.
///
/// It holds neither memory nor a connection while it waits. The first statement that asks may do something else as well: it has the
/// parameters [`Self::values`] for `lease_hash_slot()`, and its answer goes to [`Self::settle`].
#[derive(Debug)]
pub struct HashSlotRequest {
    slots: HashSlots,
    ticket: i64,
}

/// The answer of `lease_hash_slot()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The slot with this number is leased.
    Leased(i32),
    /// The request asks again after this time.
    Wait(Duration),
    /// Too many wait, or this request has waited for too long.
    Refused,
}

/// A leased slot. It is returned by the statement that follows the hash, or by [`Self::give_back`]. Otherwise it is free again three
/// seconds after it was leased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a slot that is not returned is missing for three seconds"]
pub struct HashSlot {
    number: i32,
    ticket: i64,
}

impl HashSlotRequest {
    /// The time from a refusal to its answer. A client that ignores `Retry-After` comes back once a second, and not a thousand times.
    const REFUSAL_DELAY: Duration = Duration::from_secs(1);

    /// A request that has not asked yet.
    pub fn new(slots: HashSlots, random: &dyn Random) -> Self {
        let mut ticket = [0; 8];
        random.fill(&mut ticket);
        Self { slots, ticket: i64::from_le_bytes(ticket) }
    }

    /// The number of slots and the random number of this request, for `lease_hash_slot($n::int4, $m::int8)`.
    #[must_use]
    pub fn values(&self) -> [Value; 2] {
        [self.slots.get().into(), self.ticket.into()]
    }

    /// Asks for a slot.
    ///
    /// # Errors
    /// 503 `too_busy`, or the failure of the database.
    pub async fn lease(self, db: &Db) -> Result<HashSlot, Problem> {
        let turn = self.ask(db).await?;
        self.settle(db, turn).await
    }

    /// Does what the database said when the request asked first, and asks again as often as it says so.
    ///
    /// # Errors
    /// 503 `too_busy`, or the failure of the database.
    pub async fn settle(self, db: &Db, first: Turn) -> Result<HashSlot, Problem> {
        let mut turn = first;
        loop {
            match turn {
                Turn::Leased(number) => {
                    if turn != first {
                        retire();
                    }
                    return Ok(HashSlot { number, ticket: self.ticket });
                }
                Turn::Wait(time) => wait(time).await,
                Turn::Refused => {
                    // A request that is refused later has waited already.
                    if turn == first {
                        wait(Self::REFUSAL_DELAY).await;
                    }
                    return Err(TOO_BUSY.into());
                }
            }
            turn = self.ask(db).await?;
        }
    }

    async fn ask(&self, db: &Db) -> Result<Turn, DbError> {
        let row = db.change("SELECT lease_hash_slot($1::int4, $2::int8) AS turn", &self.values()).await?;
        Turn::of(&row.ok_or_else(DbError::missing_row)?)
    }
}

impl Turn {
    /// Reads the column `turn`, the answer of `lease_hash_slot()`.
    ///
    /// # Errors
    /// A defect of the statement: it has no such column.
    pub fn of(row: &Row) -> Result<Self, DbError> {
        Ok(match row.get::<i32>("turn")? {
            0 => Self::Refused,
            slot @ 1.. => Self::Leased(slot),
            pause => Self::Wait(Duration::from_millis(pause.unsigned_abs().into())),
        })
    }
}

impl HashSlot {
    /// Number and ticket, for a statement that returns the slot. If another request has leased the slot meanwhile, it has another ticket.
    ///
    /// ```sql
    /// returned AS (UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = $n::int4 AND ticket = $m::int8)
    /// ```
    #[must_use]
    pub fn values(self) -> [Value; 2] {
        [self.number.into(), self.ticket.into()]
    }

    /// Returns the slot by a statement of its own, where no other statement follows the hash. A failure is of no consequence: the lease
    /// ends by itself.
    pub async fn give_back(self, db: &Db) {
        let returned = db
            .change(
                "UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = $1::int4 AND ticket = $2::int8",
                &self.values(),
            )
            .await;
        drop(returned);
    }
}

/// Lets the instance end when its requests have ended. Linear memory never shrinks: an instance that has computed a hash keeps 19 MiB. In
/// a flood of logins, requests go to all instances in turn, so each of them would.
#[cfg(target_family = "wasm")]
fn retire() {
    users_web::spin::retire();
}

/// A native program has one hasher, whose memory it keeps.
#[cfg(not(target_family = "wasm"))]
fn retire() {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use futures::executor::block_on;

    use super::*;

    #[test]
    fn a_wrong_number_of_slots_is_a_defect_of_the_deployment() {
        let read = |text: &str| {
            let variables = BTreeMap::from([("hash_slots".to_owned(), text.to_owned())]);
            block_on(read_hash_slots(&variables))
        };
        assert_eq!(read("8").unwrap().get(), 8);
        assert!(read("0").unwrap_err().cause().unwrap().contains("the variable hash_slots"));
        assert!(block_on(read_hash_slots(&BTreeMap::new())).is_err());
    }
}
