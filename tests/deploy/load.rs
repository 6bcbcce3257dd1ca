//! Clients that send requests without a pause.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use users_tests::{Answer, Front, PASSWORD, Request, Tokens};

/// The number of concurrent clients.
const CLIENTS: usize = 4;
/// The time limit for every wait in this module.
const PATIENCE: Duration = Duration::from_secs(60);

/// The results of the clients so far.
#[derive(Debug, Default)]
struct Seen {
    stop: AtomicBool,
    answers: AtomicUsize,
    /// The number of finished journeys of each client.
    journeys: [AtomicUsize; CLIENTS],
    /// Wrong answers other than 503s.
    failures: Mutex<Vec<String>>,
    /// The number of 503s for each code of the service. `none` counts the 503s of the load balancer.
    unavailable: Mutex<BTreeMap<String, usize>>,
    /// The addresses of successfully registered accounts.
    accounts: Mutex<Vec<String>>,
}

/// Running clients.
pub(crate) struct Load {
    seen: Arc<Seen>,
    clients: JoinSet<()>,
}

/// The clients' results.
#[derive(Debug)]
pub(crate) struct Report {
    /// The number of answers.
    pub(crate) answers: usize,
    /// Wrong answers other than 503s.
    pub(crate) failures: Vec<String>,
    /// The number of 503s for each code of the service. `none` counts the 503s of the load balancer.
    pub(crate) unavailable: BTreeMap<String, usize>,
    /// The addresses of successfully registered accounts.
    pub(crate) accounts: Vec<String>,
}

impl Load {
    /// Starts the clients. They run until [`Load::stop`].
    pub(crate) fn start(front: &Front) -> Self {
        let seen = Arc::new(Seen::default());
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let (front, seen) = (front.clone(), Arc::clone(&seen));
            clients.spawn(async move {
                for journey in 0.. {
                    if seen.stop.load(Ordering::Relaxed) {
                        break;
                    }
                    // After a failure, the next journey starts again from the beginning.
                    let _ = seen.journey(&front, &format!("client{client}.{journey}@example.com")).await;
                    seen.journeys[client].fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        Self { seen, clients }
    }

    /// Waits until every client has finished one more complete journey.
    pub(crate) async fn one_more_journey(&self) {
        for journeys in &self.seen.journeys {
            // The current journey and the next one.
            let enough = journeys.load(Ordering::Relaxed) + 2;
            self.until("more journeys", || journeys.load(Ordering::Relaxed) >= enough).await;
        }
    }

    /// Waits until a client got a 503.
    pub(crate) async fn first_503(&self) {
        self.until("a 503", || {
            !self.seen.unavailable.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
        })
        .await;
    }

    async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < deadline, "expected {what}: {:#?}", self.seen);
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Stops the clients after their current journeys.
    pub(crate) async fn stop(mut self) -> Report {
        self.seen.stop.store(true, Ordering::Relaxed);
        while let Some(client) = self.clients.join_next().await {
            client.expect("a client does not panic");
        }
        let take = |text: &Mutex<Vec<String>>| {
            std::mem::take(&mut *text.lock().unwrap_or_else(PoisonError::into_inner))
        };
        Report {
            answers: self.seen.answers.load(Ordering::Relaxed),
            failures: take(&self.seen.failures),
            unavailable: std::mem::take(
                &mut *self.seen.unavailable.lock().unwrap_or_else(PoisonError::into_inner),
            ),
            accounts: take(&self.seen.accounts),
        }
    }
}

impl Seen {
    /// Sends a user's requests from the registration to the logout. Returns `None` after the first wrong answer.
    async fn journey(&self, front: &Front, email: &str) -> Option<()> {
        let account = json!({"email": email, "password": PASSWORD});
        self.ask("register", front.post("/auth/register").json(&account), 201).await?;
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).push(email.to_owned());
        let form = [("username", email), ("password", PASSWORD)];
        let tokens = Tokens::of(&self.ask("login", front.post("/auth/login").form(&form), 200).await?);
        for _ in 0..5 {
            self.ask("me", front.get("/auth/me").bearer(&tokens.access), 200).await?;
        }
        let bio = json!({"bio": "Here and now"});
        self.ask("change", front.put("/profile/").bearer(&tokens.access).json(&bio), 200).await?;
        let profile = self.ask("profile", front.get("/profile/").bearer(&tokens.access), 200).await?;
        if profile.json()["bio"] != "Here and now" {
            self.fail(format!("a change was lost: {profile:?}"));
        }
        let refresh = json!({"refresh_token": tokens.refresh});
        let tokens = Tokens::of(&self.ask("refresh", front.post("/auth/refresh").json(&refresh), 200).await?);
        let right = json!({"resource": "user", "action": "read"});
        let check = front.post("/rbac/check-permission").bearer(&tokens.access).json(&right);
        self.ask("right", check, 200).await?;
        self.ask("logout", front.post("/auth/logout").bearer(&tokens.access), 204).await.map(drop)
    }

    /// Sends a request and returns the answer if it has the expected status.
    async fn ask(&self, what: &str, request: Request, status: u16) -> Option<Answer> {
        let answer = match request.try_send().await {
            Ok(answer) => answer,
            Err(error) => {
                self.fail(format!("{what}: no answer: {error:?}"));
                return None;
            }
        };
        self.answers.fetch_add(1, Ordering::Relaxed);
        if answer.status == 503 {
            let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
            let code = body["code"].as_str().unwrap_or("none").to_owned();
            if code == "database_unavailable" && answer.header("retry-after").is_none() {
                self.fail(format!("{what}: a 503 without Retry-After: {answer:?}"));
            }
            *self.unavailable.lock().unwrap_or_else(PoisonError::into_inner).entry(code).or_default() += 1;
            return None;
        }
        if answer.status != status {
            self.fail(format!("{what}: expected {status}: {answer:?}"));
            return None;
        }
        Some(answer)
    }

    fn fail(&self, what: String) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

impl Report {
    /// Asserts that every answer was right.
    #[track_caller]
    pub(crate) fn assert_flawless(&self) {
        assert!(self.failures.is_empty() && self.unavailable.is_empty(), "expected no failure: {self:#?}");
        assert!(self.answers > 50, "expected more answers: {self:#?}");
    }
}
