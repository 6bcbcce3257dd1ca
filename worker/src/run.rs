//! The loop of the worker.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use sqlx::postgres::PgConnectOptions;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use users_core::{Event, Random};
use users_crypto::{KeySecret, OneTimeToken, OsRandom};

use crate::backoff;
use crate::database::{self, Database};
use crate::delivery::{DELIVERY_LIMIT, Delivery, Undelivered};
use crate::housekeeping::{self, Housekeeping};
use crate::limits::Limits;
use crate::log::{self, Line};
use crate::message::Composer;
use crate::probes::{self, Health};
use crate::stop::Stop;
use crate::store::{self, Begun, Claimed, DELIVERY_LEASE, Recipient};
use crate::wake;

/// The pause of a worker that has nothing to do. A notification ends it; only retries and lost notifications wait for it.
const POLL: Duration = Duration::from_secs(10);
/// The time within which a delivery that is under way may end after a signal. A worker that did not wait for a slow mail server would leave a
/// message that is sent twice. The manifest gives the worker 780 s.
const FAREWELL: Duration = Duration::from_secs(DELIVERY_LIMIT.as_secs() + 30);
/// The time within which a statement may end after a signal. Messages that were claimed or not given back are another worker's after the
/// claim.
const STATEMENT_FAREWELL: Duration = Duration::from_secs(5);
/// The time within which a delivery must be recorded.
pub(crate) const RECORD_LIMIT: Duration = Duration::from_secs(90);
/// The pause before a delivery that could not be recorded is recorded again.
const RECORD_PAUSE: Duration = Duration::from_secs(1);
/// The time limit of a round of housekeeping. The next round goes on.
const HOUSEKEEPING_LIMIT: Duration = Duration::from_secs(2 * 60);
/// The number of statements that drop what needs no message, in a round.
const SIFTINGS: usize = 20;

// The last attempt to record a delivery may begin at the end of its time.
const _: () = assert!(
    DELIVERY_LIMIT.as_secs() + RECORD_LIMIT.as_secs() + database::LIMIT.as_secs() < DELIVERY_LEASE.as_secs()
);

/// The settings of a worker.
#[derive(Debug)]
pub struct Config {
    /// Where messages go.
    pub delivery: Delivery,
    /// How they are written.
    pub composer: Composer,
    /// How many an account gets.
    pub limits: Limits,
    /// Encrypts signing keys. Without it, the worker makes none, and leaves that to the component `auth`.
    pub key_secret: Option<KeySecret>,
    /// Ends when nothing is due any longer, instead of waiting for more.
    pub once: bool,
    /// Where probes are answered.
    pub listen: Option<SocketAddr>,
}

/// Works until `stop` is ready. What is under way then is finished or given back.
///
/// # Errors
/// One sentence for the operator: the address for probes is taken, or with `once` the mail server or the database cannot be reached.
pub async fn work(
    options: PgConnectOptions,
    config: Config,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
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
        helpers.spawn(wake::listen(options.clone(), Arc::clone(&wake)));
    }
    let mut worker = Worker { database: Database::new(options), config, health, sifted: 0 };
    let mut stop = Stop::new(stop);
    if once {
        return worker.run_once(&mut stop).await;
    }
    log::event("info", "the worker has started", None);
    if worker.config.key_secret.is_none() {
        log::event(
            "warn",
            "KEY_SECRET is not set, so the service makes a signing key only when one is due",
            None,
        );
    }
    worker.run(&wake, &mut stop).await;
    log::event("info", "the worker has ended", None);
    Ok(())
}

struct Worker {
    database: Database,
    config: Config,
    health: Arc<Health>,
    /// The forgotten passwords up to this id need a message. Zero while the mail server can be reached.
    sifted: i64,
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
    async fn run_once(&mut self, stop: &mut Stop<'_>) -> anyhow::Result<()> {
        while !stop.has_come() {
            match self.round(stop, 1).await {
                Ok(Round::Busy) => {}
                Ok(Round::Idle) => break,
                Ok(Round::Outage(cause)) => bail!("no message can be delivered: {cause}"),
                Err(error) => bail!("the database cannot be used: {}", cause_of(&error)),
            }
        }
        self.config.delivery.rest().await;
        if stop.has_come() {
            return Ok(());
        }
        Housekeeping::default()
            .round(&mut self.database, self.config.key_secret.as_ref(), true)
            .await
            .map_err(|error| anyhow::anyhow!("the database cannot be used: {}", cause_of(&error)))
    }

    async fn run(&mut self, wake: &Notify, stop: &mut Stop<'_>) {
        let mut housekeeping = Housekeeping::default();
        let mut housekept: Option<Instant> = None;
        let mut failures = 0;
        while !stop.has_come() {
            let round = self.round(stop, failures + 1).await;
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
            if !stop.has_come() && housekept.is_none_or(|at| at.elapsed() >= housekeeping::INTERVAL) {
                housekept = Some(Instant::now());
                self.keep_house(&mut housekeeping, stop).await;
            }
            if stop.has_come() || pause.is_zero() {
                continue;
            }
            self.health.step(pause);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = wake.notified(), if failures == 0 => {}
                () = stop.wait() => {}
            }
        }
        self.config.delivery.rest().await;
    }

    async fn keep_house(&mut self, housekeeping: &mut Housekeeping, stop: &mut Stop<'_>) {
        self.health.step(HOUSEKEEPING_LIMIT);
        let round = housekeeping.round(&mut self.database, self.config.key_secret.as_ref(), false);
        let keeping = tokio::time::timeout(HOUSEKEEPING_LIMIT, round);
        // Each of its statements stands for itself.
        if let Some(Ok(Err(error))) = stop.or_abandon(Duration::ZERO, keeping).await {
            log::event(
                "warn",
                "housekeeping failed, and is tried again in five minutes",
                Some(&cause_of(&error)),
            );
        }
    }

    /// Claims messages and sends them one after the other.
    async fn round(&mut self, stop: &mut Stop<'_>, failures: u32) -> sqlx::Result<Round> {
        self.health.step(database::LIMIT);
        let claimed = stop.or_abandon(STATEMENT_FAREWELL, store::claim(&mut self.database)).await;
        let Some(claimed) = claimed.transpose()? else { return Ok(Round::Idle) };
        self.health.database(true);
        if claimed.is_empty() {
            return Ok(Round::Idle);
        }
        for (index, message) in claimed.iter().enumerate() {
            let rest = claimed.get(index..).unwrap_or_default();
            if stop.has_come() {
                self.give_back(stop, rest, None, Duration::ZERO).await?;
                break;
            }
            self.health.step(DELIVERY_LEASE);
            // A message that is abandoned is another worker's after its claim.
            let outcome = stop.or_abandon(FAREWELL, self.attempt(message)).await;
            let outage = match outcome.unwrap_or(Ok(None)) {
                Ok(outage) => outage,
                Err(error) => {
                    // Another worker may take the rest now, or this one in its next round.
                    let rest = rest.get(1..).unwrap_or_default();
                    _ = self.give_back(stop, rest, None, Duration::ZERO).await;
                    return Err(error);
                }
            };
            if let Some(cause) = outage {
                let pause = backoff::of_outage(failures, jitter());
                let given_up = self.give_back(stop, rest, Some(&cause), pause).await?;
                if given_up > 0 {
                    log::event("error", "messages were given up after two days", Some(&cause));
                }
                self.sift(stop).await?;
                return Ok(Round::Outage(cause));
            }
            self.sifted = 0;
        }
        Ok(Round::Busy)
    }

    /// Gives messages back. Returns the number of those that are given up.
    async fn give_back(
        &mut self,
        stop: &mut Stop<'_>,
        messages: &[Claimed],
        error: Option<&str>,
        pause: Duration,
    ) -> sqlx::Result<usize> {
        self.health.step(database::LIMIT);
        let giving_back = store::give_back(&mut self.database, messages, error, pause);
        stop.or_abandon(STATEMENT_FAREWELL, giving_back).await.unwrap_or(Ok(0))
    }

    /// Drops what needs no message, while the mail server is away.
    async fn sift(&mut self, stop: &mut Stop<'_>) -> sqlx::Result<()> {
        let mut dropped = 0;
        for _ in 0..SIFTINGS {
            self.health.step(database::LIMIT);
            let sifting = store::drop_needless(&mut self.database, self.sifted, &self.config.limits);
            let sifted = stop.or_abandon(STATEMENT_FAREWELL, sifting).await.transpose()?;
            let Some((Some(last), rows)) = sifted else { break };
            self.sifted = last;
            dropped += rows;
        }
        if dropped > 0 {
            log::dropped(dropped);
        }
        Ok(())
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
        let begun =
            store::begin(&mut self.database, message, event, token.hash(), &self.config.limits).await?;
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
                let attempts = u32::try_from(message.attempts).unwrap_or_default().saturating_add(1);
                let (cause, is_permanent, pause) = match &undelivered {
                    Undelivered::Permanent(cause) => (cause, true, Duration::ZERO),
                    Undelivered::Temporary(cause) | Undelivered::Outage(cause) => {
                        (cause, false, backoff::after_attempts(attempts, jitter()))
                    }
                    Undelivered::Unanswered(cause) => {
                        (cause, false, backoff::after_unanswered(attempts, jitter()))
                    }
                };
                let claim = &recipient.claimed_until;
                let given_up =
                    store::failed(&mut self.database, message.id, claim, cause, is_permanent, pause).await?;
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
    async fn record(&mut self, id: i64, claimed_until: &str) -> sqlx::Result<()> {
        let deadline = Instant::now() + RECORD_LIMIT;
        loop {
            match store::sent(&mut self.database, id, claimed_until).await {
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
        self.config.delivery.deliver(&letter, &name).await
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
