//! The signal to stop.

use std::pin::{Pin, pin};
use std::time::Duration;

/// A signal that comes once.
pub(crate) struct Stop<'a> {
    signal: Pin<Box<dyn Future<Output = ()> + 'a>>,
    has_come: bool,
}

impl<'a> Stop<'a> {
    pub(crate) fn new(signal: impl Future<Output = ()> + 'a) -> Self {
        Self { signal: Box::pin(signal), has_come: false }
    }

    pub(crate) fn has_come(&self) -> bool {
        self.has_come
    }

    /// Waits for the signal. Returns at once if it has come before.
    pub(crate) async fn wait(&mut self) {
        if !self.has_come {
            self.signal.as_mut().await;
            self.has_come = true;
        }
    }

    /// Does some work. After the signal, the work may go on for `farewell`. Then it is abandoned, and `None` is returned.
    pub(crate) async fn or_abandon<T>(
        &mut self,
        farewell: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let mut work = pin!(work);
        tokio::select! {
            biased;
            done = work.as_mut() => return Some(done),
            () = self.wait() => {}
        }
        tokio::time::timeout(farewell, work).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    const FAREWELL: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn work_may_end_within_the_farewell() {
        let mut stop = Stop::new(ready(()));
        let work = async |seconds| tokio::time::sleep(Duration::from_secs(seconds)).await;
        assert_eq!(stop.or_abandon(FAREWELL, work(4)).await, Some(()));
        assert!(stop.has_come());
        assert_eq!(stop.or_abandon(FAREWELL, work(6)).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn work_takes_its_time_without_a_signal() {
        let mut stop = Stop::new(pending());
        let work = tokio::time::sleep(Duration::from_secs(3600));
        assert_eq!(stop.or_abandon(FAREWELL, work).await, Some(()));
        assert!(!stop.has_come());
    }
}
