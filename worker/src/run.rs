//! The loop of the worker.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use users_core::{Event, Random};
use users_crypto::{OneTimeToken, OsRandom};

use crate::backoff;
use crate::delivery::{Delivery, Undelivered};
use crate::housekeeping::{self, Housekeeping};
use crate::limits::Limits;
use crate::log::{self, Line};
use crate::message::Composer;
use crate::probes::{self, Health};
use crate::store::{self, Begun, Claimed, Recipient};
use crate::wake;

/// The time limit of one delivery. Shorter than the claim on the message.
pub(crate) const DELIVERY_LIMIT: Duration = Duration::from_secs(60);
/// The pause of a worker that has nothing to do. A notification ends it; only retries and lost notifications wait for it.
const POLL: Duration = Duration::from_secs(10);
/// The time within which a delivery that is under way may end after a signal: that of a delivery and a little more. The manifest gives the
/// worker 75 s.
const FAREWELL: Duration = Duration::from_secs(65);
/// The time within which a delivery must be recorded. Together with the limit of a delivery it is shorter than the claim.
const RECORD_LIMIT: Duration = Duration::from_secs(90);
/// The pause before a delivery that could not be recorded is recorded again.
const RECORD_PAUSE: Duration = Duration::from_secs(1);

/// The settings of a worker.
#[derive(Debug)]
pub struct Config {
    /// Where messages go.
    pub delivery: Delivery,
    /// How they are written.
    pub composer: Composer,
    /// How many an account gets.
    pub limits: Limits,
    /// Ends when nothing is due any longer, instead of waiting for more.
    pub once: bool,
    /// Where probes are answered.
    pub listen: Option<SocketAddr>,
}

/// Works until `stop` is ready. What is under way then is finished or given back.
///
/// # Errors
/// One sentence for the operator: the address for probes is taken, or with `once` the mail server or the database cannot be reached.
pub async fn work(pool: PgPool, config: Config, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
    let health = Arc::new(Health::new());
    let mut helpers = tokio::task::JoinSet::new();
    if let Some(address) = config.listen {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("probes cannot be answered at {address}: choose another address"))?;
        helpers.spawn(probes::serve(listener, Arc::clone(&health)));
    }
    let wake = Arc::new(Notify::new());
    let once = config.once;
    if !once {
        helpers.spawn(wake::listen(pool.clone(), Arc::clone(&wake)));
    }
    let mut worker = Worker { pool, config, health, stopping: false };
    if once {
        return worker.run_once(stop).await;
    }
    log::event("info", "the worker has started", None);
    worker.run(&wake, stop).await;
    log::event("info", "the worker has ended", None);
    Ok(())
}

struct Worker {
    pool: PgPool,
    config: Config,
    health: Arc<Health>,
    stopping: bool,
}

/// The outcome of a round.
enum Round {
    /// Messages were due.
    Busy,
    Idle,
    /// Nothing could be done. Holds the reason.
    Outage(String),
}

impl Worker {
    async fn run_once(&mut self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let mut stop = std::pin::pin!(stop);
        while !self.stopping {
            match self.round(stop.as_mut(), 1).await {
                Ok(Round::Busy) => {}
                Ok(Round::Idle) => break,
                Ok(Round::Outage(cause)) => bail!("no message can be delivered: {cause}"),
                Err(error) => bail!("the database cannot be used: {}", cause_of(&error)),
            }
        }
        self.config.delivery.rest().await;
        if self.stopping {
            return Ok(());
        }
        Housekeeping::default()
            .round(&self.pool, true)
            .await
            .map_err(|error| anyhow::anyhow!("the database cannot be used: {}", cause_of(&error)))
    }

    async fn run(&mut self, wake: &Notify, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut housekeeping = Housekeeping::default();
        let mut housekept: Option<Instant> = None;
        let mut failures = 0;
        while !self.stopping {
            self.health.step();
            let round = self.round(stop.as_mut(), failures + 1).await;
            self.health.database(round.is_ok());
            let pause = match round {
                Ok(Round::Busy) => {
                    failures = 0;
                    Duration::ZERO
                }
                Ok(Round::Idle) => {
                    failures = 0;
                    self.config.delivery.rest().await;
                    POLL
                }
                Ok(Round::Outage(cause)) => {
                    failures += 1;
                    log::event("warn", "no message can be delivered", Some(&cause));
                    backoff::of_outage(failures, jitter())
                }
                Err(error) => {
                    failures += 1;
                    log::event("warn", "the database cannot be used", Some(&cause_of(&error)));
                    backoff::of_outage(failures, jitter())
                }
            };
            if !self.stopping && housekept.is_none_or(|at| at.elapsed() >= housekeeping::INTERVAL) {
                housekept = Some(Instant::now());
                let deleting = housekeeping.round(&self.pool, false);
                tokio::select! {
                    deleted = deleting => {
                        if let Err(error) = deleted {
                            log::event("warn", "expired rows could not be deleted", Some(&cause_of(&error)));
                        }
                    }
                    () = stop.as_mut() => self.stopping = true,
                }
            }
            if self.stopping || pause.is_zero() {
                continue;
            }
            let rest = tokio::time::sleep(pause);
            tokio::select! {
                () = rest => {}
                () = wake.notified(), if failures == 0 => {}
                () = stop.as_mut() => self.stopping = true,
            }
        }
        self.config.delivery.rest().await;
    }

    /// Claims messages and sends them one after the other.
    async fn round(
        &mut self,
        mut stop: Pin<&mut impl Future<Output = ()>>,
        failures: u32,
    ) -> sqlx::Result<Round> {
        let claimed = store::claim(&self.pool).await?;
        self.health.database(true);
        if claimed.is_empty() {
            return Ok(Round::Idle);
        }
        for (index, message) in claimed.iter().enumerate() {
            self.health.step();
            let rest = claimed.get(index..).unwrap_or_default();
            if self.stopping {
                store::give_back(&self.pool, rest, None, Duration::ZERO).await?;
                break;
            }
            let (outcome, stopped) = self.attempt_unless(stop.as_mut(), message).await;
            self.stopping |= stopped;
            let outage = match outcome {
                Ok(outage) => outage,
                Err(error) => {
                    // Another worker may take the rest now, or this one in its next round.
                    let rest = rest.get(1..).unwrap_or_default();
                    _ = store::give_back(&self.pool, rest, None, Duration::ZERO).await;
                    return Err(error);
                }
            };
            if let Some(cause) = outage {
                let pause = backoff::of_outage(failures, jitter());
                let given_up = store::give_back(&self.pool, rest, Some(&cause), pause).await?;
                if given_up > 0 {
                    log::event("error", "messages were given up after two days", Some(&cause));
                }
                return Ok(Round::Outage(cause));
            }
        }
        Ok(Round::Busy)
    }

    /// [`attempt`](Self::attempt). Also returns whether `stop` became ready meanwhile. Then the attempt may still end, but not take long: a
    /// message that is abandoned is taken by another worker after its claim.
    async fn attempt_unless(
        &mut self,
        mut stop: Pin<&mut impl Future<Output = ()>>,
        message: &Claimed,
    ) -> (sqlx::Result<Option<String>>, bool) {
        let (outcome, stopped) = {
            let mut attempt = std::pin::pin!(self.attempt(message));
            tokio::select! {
                outcome = attempt.as_mut() => (Some(outcome), false),
                () = stop.as_mut() => (tokio::time::timeout(FAREWELL, attempt).await.ok(), true),
            }
        };
        if outcome.is_none() {
            // The connection is in the middle of a message.
            self.config.delivery.give_up();
        }
        (outcome.unwrap_or(Ok(None)), stopped)
    }

    /// Tries to send one message. Returns the reason when nothing can be delivered at all.
    async fn attempt(&mut self, message: &Claimed) -> sqlx::Result<Option<String>> {
        let start = Instant::now();
        // First, so that no token is made while the mail server is away.
        if let Err(cause) = self.config.delivery.prepare().await {
            return Ok(Some(cause));
        }
        let Some(event) = Event::named(&message.kind) else { return Ok(None) };
        let token = OneTimeToken::generate(&OsRandom);
        let begun = store::begin(&self.pool, message, event, token.hash(), &self.config.limits).await?;
        let line = |level, outcome, cause| Line {
            level,
            message_id: message.id,
            kind: &message.kind,
            user_id: message.user_id,
            attempt: message.attempts + 1,
            outcome,
            cause,
            ms: log::milliseconds(start.elapsed()),
        };
        let recipient = match begun {
            Begun::Send(recipient) => recipient,
            Begun::Dropped(reason) => {
                line("info", "dropped", Some(&reason)).write();
                return Ok(None);
            }
            Begun::Gone => return Ok(None),
        };
        let line = |level, outcome, cause| Line { user_id: recipient.user_id, ..line(level, outcome, cause) };
        match self.deliver(message, event, &recipient, &token).await {
            Ok(()) => {
                let recorded = self.record(message.id, &recipient.claimed_until).await;
                // Also when the record failed: the message has left.
                line("info", "sent", recorded.as_ref().err().map(|_| "the delivery could not be recorded"))
                    .write();
                recorded.map(|()| None)
            }
            Err(undelivered) => {
                let (cause, is_permanent) = match &undelivered {
                    Undelivered::Permanent(cause) => (cause, true),
                    Undelivered::Temporary(cause) | Undelivered::Outage(cause) => (cause, false),
                };
                let attempts = u32::try_from(message.attempts).unwrap_or_default().saturating_add(1);
                let pause = backoff::after_attempts(attempts, jitter());
                let given_up = store::failed(
                    &self.pool,
                    message.id,
                    &recipient.claimed_until,
                    cause,
                    is_permanent,
                    pause,
                )
                .await?;
                if given_up {
                    line("error", "given_up", Some(cause)).write();
                } else {
                    line("warn", "deferred", Some(cause)).write();
                }
                Ok(match undelivered {
                    Undelivered::Outage(cause) => Some(cause),
                    _ => None,
                })
            }
        }
    }

    /// Records a delivery. Without the record the message would be sent again, so this waits for a database that is away.
    async fn record(&self, id: i64, claimed_until: &str) -> sqlx::Result<()> {
        let deadline = Instant::now() + RECORD_LIMIT;
        loop {
            match store::sent(&self.pool, id, claimed_until).await {
                Err(_) if Instant::now() < deadline => tokio::time::sleep(RECORD_PAUSE).await,
                recorded => return recorded,
            }
        }
    }

    async fn deliver(
        &mut self,
        message: &Claimed,
        event: Event,
        recipient: &Recipient,
        token: &OneTimeToken,
    ) -> Result<(), Undelivered> {
        let now = SystemTime::now();
        let letter = self
            .config
            .composer
            .compose(
                event,
                &recipient.address,
                recipient.language.as_deref(),
                token.as_str(),
                message.id,
                now,
            )
            .map_err(|unwritable| Undelivered::Permanent(unwritable.to_string()))?;
        let milliseconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let name = format!("{milliseconds:015}-{}-{event}", message.id);
        let delivered =
            tokio::time::timeout(DELIVERY_LIMIT, self.config.delivery.deliver(&letter, &name)).await;
        delivered.unwrap_or_else(|_| {
            self.config.delivery.give_up();
            Err(Undelivered::Temporary("the mail server did not answer in time".to_owned()))
        })
    }
}

/// The cause without Postgres' details, which may quote a row.
fn cause_of(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => {
            format!("{} (SQLSTATE {})", error.message(), error.code().as_deref().unwrap_or("unknown"))
        }
        other => other.to_string(),
    }
}

/// From 0 to 1.
fn jitter() -> f64 {
    let mut octets = [0; 4];
    OsRandom.fill(&mut octets);
    f64::from(u32::from_ne_bytes(octets)) / f64::from(u32::MAX)
}
