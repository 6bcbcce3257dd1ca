//! Which requests of a component go first when there are more than it can use.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Requests of a component that are on at once. Each may cost an instance: one that computes takes no other request, so
/// with two hundred clients there would soon be two hundred instances, and as many that want one of the 64 connections
/// of the component's pool.
const AT_ONCE: usize = 32;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long nobody waits after somebody has waited in vain: those before it wait themselves, for a hash, for a slow client's body
/// or for a lock in the database, and are not to keep others out.
const HASTE: Duration = Duration::from_secs(1);

/// The queue of a component: first come, first served.
pub(crate) struct Turns {
    places: Semaphore,
    /// Until when nobody waits.
    hasty: Mutex<Option<Instant>>,
}

impl Turns {
    /// The longest that a request waits.
    pub(crate) const PATIENCE: Duration = PATIENCE;

    pub(crate) fn new() -> Self {
        Self { places: Semaphore::new(AT_ONCE), hasty: Mutex::default() }
    }

    /// Waits for a turn, which ends when it is dropped; nothing when the request is to go on without one.
    pub(crate) async fn wait(&self) -> Option<SemaphorePermit<'_>> {
        if let Ok(turn) = self.places.try_acquire() {
            return Some(turn);
        }
        if self.hasty().is_some_and(|until| Instant::now() < until) {
            return None;
        }
        // It is never closed.
        let turn = tokio::time::timeout(PATIENCE, self.places.acquire()).await.ok().and_then(Result::ok);
        if turn.is_none() {
            *self.hasty() = Some(Instant::now() + HASTE);
        }
        turn
    }

    fn hasty(&self) -> MutexGuard<'_, Option<Instant>> {
        self.hasty.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_waits_until_another_is_done_or_its_patience_ends() {
        let turns = Turns::new();
        let mut busy = Vec::new();
        for _ in 0..AT_ONCE {
            busy.push(turns.wait().await.unwrap());
        }
        let (next, ()) = tokio::join!(turns.wait(), async { drop(busy.pop()) });
        busy.push(next.expect("somebody is done"));
        assert!(turns.wait().await.is_none(), "nobody is done");
        let begun = Instant::now();
        for _ in 0..100 {
            assert!(turns.wait().await.is_none(), "nobody is done");
        }
        assert!(begun.elapsed() < PATIENCE, "who comes now does not wait in vain as well");
        busy.pop();
        assert!(turns.wait().await.is_some(), "somebody is done");
    }
}
