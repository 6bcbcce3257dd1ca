//! Signing keys are replaced and revoked while clients use two replicas, and while Postgres is away.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use users_tests::{Answer, Front, KEY_SECRET, PASSWORD, Service, Tokens, token, within};

/// The number of clients. Each alternates between the replicas.
const CLIENTS: usize = 4;
/// The access tokens that a client keeps and goes on using.
const KEPT: usize = 6;
/// How long Postgres is away.
const OUTAGE: Duration = Duration::from_secs(10);
/// The time limit for every wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the clients may expect, and what they have seen.
#[derive(Debug, Default)]
struct Seen {
    stop: AtomicBool,
    /// Postgres may be away, or was.
    was_away: AtomicBool,
    /// Keys whose revocation has begun: their tokens may be refused.
    doubtful: Mutex<BTreeSet<String>>,
    /// Keys whose revocation is complete: their tokens must be refused.
    revoked: Mutex<BTreeSet<String>>,
    /// Rounds of each client.
    rounds: [AtomicUsize; CLIENTS],
    /// Tokens that were accepted, by their key.
    accepted: Mutex<BTreeMap<String, usize>>,
    /// Tokens that were refused, by their key.
    refused: Mutex<BTreeMap<String, usize>>,
    unavailable: AtomicUsize,
    failures: Mutex<Vec<String>>,
}

fn locked<T>(value: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The key that signed a token.
fn kid(access: &str) -> String {
    token::header(access)["kid"].as_str().expect("a token names its key").to_owned()
}

impl Seen {
    fn fail(&self, what: String) {
        locked(&self.failures).push(what);
    }

    /// Notes an answer that the database was away. It is a failure if the database was never away.
    fn is_unavailable(&self, what: &str, answer: &Answer) -> bool {
        if answer.status != 503 {
            return false;
        }
        self.unavailable.fetch_add(1, Ordering::Relaxed);
        if !self.was_away.load(Ordering::Relaxed) {
            self.fail(format!("{what}: expected Postgres to be there: {answer:?}"));
        }
        true
    }

    /// Uses an access token. Returns false if it was refused.
    async fn uses(&self, front: &Front, access: &str) -> bool {
        let kid = kid(access);
        let must_fail = locked(&self.revoked).contains(&kid);
        let answer = front.me(access).await;
        if self.is_unavailable("me", &answer) {
            return true;
        }
        match answer.status {
            200 if must_fail => self.fail(format!("a token of the revoked key {kid} was accepted")),
            200 => *locked(&self.accepted).entry(kid).or_default() += 1,
            // The revocation may have begun while the request was on its way.
            401 if locked(&self.doubtful).contains(&kid) => {
                *locked(&self.refused).entry(kid).or_default() += 1
            }
            _ => self.fail(format!("a good token of the key {kid} was refused: {answer:?}")),
        }
        answer.status == 200
    }

    /// A new access token, by the refresh token or a login. A refresh whose answer is lost may have spent its token, so that one is not
    /// used again.
    async fn renews(&self, front: &Front, email: &str, refresh: &mut Option<String>) -> Option<String> {
        let answer = match refresh.take() {
            Some(token) => front.post("/auth/refresh").json(&json!({"refresh_token": token})).send().await,
            None => front.try_login(email, PASSWORD).await,
        };
        if answer.status == 200 {
            let tokens = Tokens::of(&answer);
            *refresh = Some(tokens.refresh);
            return Some(tokens.access);
        }
        if !self.is_unavailable("new tokens", &answer) {
            self.fail(format!("no new tokens: {answer:?}"));
        }
        None
    }

    /// Uses all tokens that it keeps, and gets new ones, by turns through both replicas.
    async fn client(&self, number: usize, fronts: [Front; 2], email: String, first: Tokens) {
        let mut refresh = Some(first.refresh);
        let mut kept = vec![first.access];
        for round in number.. {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let [front, other] = [&fronts[round % 2], &fronts[(round + 1) % 2]];
            let mut good = Vec::new();
            for access in kept {
                if self.uses(front, &access).await {
                    good.push(access);
                }
            }
            good.extend(self.renews(other, &email, &mut refresh).await);
            let surplus = good.len().saturating_sub(KEPT);
            kept = good.split_off(surplus);
            self.rounds[number].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until every client has made so many more rounds.
    async fn goes_on_for(&self, rounds: usize) {
        for client in &self.rounds {
            let enough = client.load(Ordering::Relaxed) + rounds;
            within(PATIENCE, "more rounds", async || client.load(Ordering::Relaxed) >= enough).await;
        }
    }
}

/// `usersctl keys …` with the secret of the service.
async fn keys(service: &Service, arguments: &[&str]) -> String {
    let arguments = [&["keys"], arguments, &["--key-secret", KEY_SECRET]].concat();
    tokio::task::block_in_place(|| service.database().usersctl(&arguments))
}

/// The key that signs now.
async fn signs(service: &Service) -> String {
    let newest = "SELECT kid FROM signing_keys WHERE signs_from <= now() ORDER BY signs_from DESC LIMIT 1";
    service.sql(newest).await.concat()
}

/// Plans a key, and has it sign at once.
async fn rotate_now(service: &Service) -> String {
    keys(service, &["rotate"]).await;
    keys(service, &["rotate", "--now"]).await;
    signs(service).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keys_are_replaced_and_revoked_under_load_without_a_wrong_answer() {
    let service = Service::builder().own_postgres().start().await;
    let replica = service.replica(&[]);
    let fronts = [Front::new(service.address(), true), Front::new(replica.address(), true)];
    let seen = Arc::new(Seen::default());
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let account = service.account(&format!("client{number}@example.com")).await;
        let (seen, fronts) = (Arc::clone(&seen), fronts.clone());
        clients.spawn(async move { seen.client(number, fronts, account.email, account.tokens).await });
    }
    let first = signs(&service).await;
    seen.goes_on_for(3).await;

    // A planned key begins to sign. The tokens of the former one stay good.
    let second = rotate_now(&service).await;
    assert_ne!(second, first);
    seen.goes_on_for(3).await;

    // The former key is revoked, and the next one begins to sign while Postgres is away.
    keys(&service, &["rotate"]).await;
    service
        .sql("UPDATE signing_keys SET signs_from = now() + interval '5 seconds' WHERE signs_from > now()")
        .await;
    locked(&seen.doubtful).insert(first.clone());
    keys(&service, &["revoke", &first]).await;
    locked(&seen.revoked).insert(first.clone());
    seen.was_away.store(true, Ordering::Relaxed);
    service.postgres().stop().expect("Postgres stops");
    tokio::time::sleep(OUTAGE).await;
    service.postgres().start().expect("Postgres starts");
    seen.goes_on_for(3).await;
    let third = signs(&service).await;
    assert!(![&first, &second].contains(&&third), "expected the planned key to sign");

    // The key that signs is revoked. Another one signs at once, and refresh tokens still work.
    locked(&seen.doubtful).insert(third.clone());
    keys(&service, &["revoke", &third]).await;
    locked(&seen.revoked).insert(third.clone());
    seen.goes_on_for(3).await;
    let fourth = signs(&service).await;
    seen.stop.store(true, Ordering::Relaxed);
    while let Some(client) = clients.join_next().await {
        client.expect("a client does not panic");
    }

    let failures = locked(&seen.failures).clone();
    assert!(failures.is_empty(), "expected no wrong answer: {failures:#?}");
    for kid in [&first, &second, &third, &fourth] {
        let accepted = locked(&seen.accepted).get(kid).copied().unwrap_or_default();
        assert!(accepted > 0, "expected tokens of the key {kid} to be used: {seen:#?}");
    }
    assert!(locked(&seen.refused).contains_key(&third), "expected refused tokens: {seen:#?}");
    assert!(seen.unavailable.load(Ordering::Relaxed) > 0, "expected Postgres to be away: {seen:#?}");
    for front in &fronts {
        front.login("client0@example.com", PASSWORD).await;
    }
}
