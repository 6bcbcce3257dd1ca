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
/// It holds neither memory nor a connection while it waits. A statement that asks has the parameters [`Self::slots`] and
/// [`Self::ticket`] for `lease_hash_slot()`, and makes its own change only with a slot:
///
/// ```ignore
/// let mut asking = HashSlotRequest::new(slots, random);
/// let slot = loop {
///     let turn = store::ask(db, &asking).await?;
///     if let Some(slot) = asking.obey(turn).await? {
///         break slot;
///     }
/// };
/// ```
#[derive(Debug)]
pub struct HashSlotRequest {
    slots: HashSlots,
    ticket: i64,
    has_waited: bool,
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
    /// A request that has not asked yet.
    pub fn new(slots: HashSlots, random: &dyn Random) -> Self {
        let mut ticket = [0; 8];
        random.fill(&mut ticket);
        Self { slots, ticket: i64::from_le_bytes(ticket), has_waited: false }
    }

    /// The first parameter of `lease_hash_slot()`: the number of slots.
    #[must_use]
    pub fn slots(&self) -> Value {
        self.slots.get().into()
    }

    /// The second parameter of `lease_hash_slot()`: the random number of this request, the same each time it asks.
    #[must_use]
    pub fn ticket(&self) -> Value {
        self.ticket.into()
    }

    /// Does what the database said. Returns the slot, or `None` when it is time to ask again.
    ///
    /// # Errors
    /// 503 `too_busy`.
    pub async fn obey(&mut self, turn: Turn) -> Result<Option<HashSlot>, Problem> {
        match turn {
            Turn::Leased(number) => {
                if self.has_waited {
                    retire();
                }
                Ok(Some(HashSlot { number, ticket: self.ticket }))
            }
            Turn::Wait(time) => {
                self.has_waited = true;
                wait(time).await;
                Ok(None)
            }
            Turn::Refused => {
                // A client that ignores `Retry-After` comes back once a second, and not a thousand times.
                wait(Self::REFUSAL_DELAY).await;
                Err(TOO_BUSY.into())
            }
        }
    }

    /// The time from a refusal to its answer.
    const REFUSAL_DELAY: Duration = Duration::from_secs(1);

    /// Leases a slot by a statement of its own.
    ///
    /// # Errors
    /// 503 `too_busy`, or the failure of the database.
    pub async fn lease(mut self, db: &Db) -> Result<HashSlot, Problem> {
        loop {
            let row = db
                .change("SELECT slot, wait_ms FROM lease_hash_slot($1, $2)", &[self.slots(), self.ticket()])
                .await?
                .ok_or_else(DbError::missing_row)?;
            if let Some(slot) = self.obey(Turn::of(&row)?).await? {
                return Ok(slot);
            }
        }
    }
}

impl Turn {
    /// Reads the columns `slot` and `wait_ms` of `lease_hash_slot()`.
    ///
    /// # Errors
    /// A defect of the statement: it has no such columns.
    pub fn of(row: &Row) -> Result<Self, DbError> {
        let (slot, wait): (Option<i32>, Option<i32>) = (row.get("slot")?, row.get("wait_ms")?);
        Ok(match (slot, wait) {
            (Some(slot), _) => Self::Leased(slot),
            (None, Some(wait)) => Self::Wait(Duration::from_millis(wait.max(0).unsigned_abs().into())),
            (None, None) => Self::Refused,
        })
    }
}

impl HashSlot {
    /// The parameter `slot` of a statement that returns the slot:
    ///
    /// ```sql
    /// returned AS (UPDATE hash_slots SET leased_until = '-infinity' WHERE slot = $1 AND ticket = $2)
    /// ```
    #[must_use]
    pub fn number(self) -> Value {
        self.number.into()
    }

    /// The parameter `ticket` of a statement that returns the slot. A slot that another request has leased meanwhile has another ticket.
    #[must_use]
    pub fn ticket(self) -> Value {
        self.ticket.into()
    }

    /// Returns the slot by a statement of its own, where no other statement follows the hash. A failure is of no consequence: the lease
    /// ends by itself.
    pub async fn give_back(self, db: &Db) {
        let returned = db
            .change(
                "UPDATE hash_slots SET leased_until = '-infinity' WHERE slot = $1 AND ticket = $2",
                &[self.number(), self.ticket()],
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
