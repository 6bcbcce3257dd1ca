//! Which requests of a component go first when there are more than it can use.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

/// Requests of a component that are on at once. Each may cost an instance: one that computes takes no other request, so
/// with two hundred clients there would soon be two hundred instances, and as many that want one of the 64 connections
/// of the component's pool.
const AT_ONCE: usize = 32;
/// How long a request waits for its turn. Those before it may wait themselves, for a slow client's body or for a lock in
/// the database, and are not to keep others out.
const PATIENCE: Duration = Duration::from_millis(100);

/// The queue of a component: first come, first served.
pub(crate) struct Turns(Semaphore);

impl Turns {
    pub(crate) fn new() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }

    /// Waits for a turn, which ends when it is dropped; nothing after [`PATIENCE`], when the request is to go on without.
    pub(crate) async fn wait(&self) -> Option<SemaphorePermit<'_>> {
        if let Ok(turn) = self.0.try_acquire() {
            return Some(turn);
        }
        // It is never closed.
        tokio::time::timeout(PATIENCE, self.0.acquire()).await.ok()?.ok()
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
        assert!(turns.wait().await.is_none(), "nobody is done");
        let (next, ()) = tokio::join!(turns.wait(), async { drop(busy.pop()) });
        assert!(next.is_some(), "somebody is done");
    }
}
