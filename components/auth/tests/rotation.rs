//! The rotation of refresh tokens under random histories of two holders, lost answers and time, against a real Postgres.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use tokio::runtime;
use users_crypto::{OsRandom, RefreshToken};
use users_testing::{Answer, Client, TestDatabase};

/// In seconds. Between the two, a slow machine may be on either side of the grace of ten seconds: nobody sends anything then.
const SURELY_WITHIN_THE_GRACE: i64 = 4;
const SURELY_LATER: i64 = 11;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    Owner,
    Thief,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// So many seconds pass.
    Wait(i64),
    /// A holder sends its token. The answer may be lost.
    Refresh { by: Holder, lost: bool },
    /// The thief copies the owner's token.
    Steal,
    /// Another session of the account is refreshed.
    RefreshElsewhere,
}

fn step() -> impl Strategy<Value = Step> {
    let refresh = |by| prop::bool::weighted(0.4).prop_map(move |lost| Step::Refresh { by, lost });
    prop_oneof![
        4 => refresh(Holder::Owner),
        3 => refresh(Holder::Thief),
        2 => prop::sample::select(vec![1, 2]).prop_map(Step::Wait),
        2 => prop::sample::select(vec![12, 100]).prop_map(Step::Wait),
        1 => Just(Step::Steal),
        1 => Just(Step::RefreshElsewhere),
    ]
}

/// A token that a holder has, and when it was first sent.
#[derive(Debug, Clone)]
struct Held {
    token: String,
    sent: Option<i64>,
}

/// One history of one session.
struct History<'a> {
    client: &'a Client,
    db: &'a tokio_postgres::Client,
    session: i64,
    elsewhere: String,
    /// Seconds since the login.
    clock: i64,
    holders: HashMap<Holder, Held>,
    is_stolen: bool,
    has_ended: bool,
    /// When the service first saw a token, and the successor that it answered with.
    used: HashMap<String, (i64, String)>,
}

impl<'a> History<'a> {
    async fn begin(client: &'a Client, db: &'a tokio_postgres::Client) -> Self {
        let (session, token) = open_session(db).await;
        let (_, elsewhere) = open_session(db).await;
        Self {
            client,
            db,
            session,
            elsewhere,
            clock: 0,
            holders: HashMap::from([(Holder::Owner, Held { token, sent: None })]),
            is_stolen: false,
            has_ended: false,
            used: HashMap::new(),
        }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Wait(seconds) => self.wait(seconds).await,
            Step::Refresh { by, lost } => self.refresh(by, lost).await,
            Step::Steal => {
                if let Some(held) = self.holders.get(&Holder::Owner).cloned() {
                    self.is_stolen = true;
                    self.holders.insert(Holder::Thief, held);
                }
            }
            Step::RefreshElsewhere => {
                let answer = refresh(self.client, &self.elsewhere).await.expect(200);
                answer.text("refresh_token").clone_into(&mut self.elsewhere);
            }
        }
        self.assert_rows().await;
    }

    /// Moves everything that is stored into the past.
    async fn wait(&mut self, seconds: i64) {
        let back = |column: &str| format!("{column} = {column} - interval '{seconds} s'");
        let (created, expires, spent) = (back("created_at"), back("expires_at"), back("spent_at"));
        let statements = format!(
            "UPDATE sessions SET {created}, {expires};
             UPDATE refresh_tokens SET {created}, {expires}, {spent};
             UPDATE refresh_nonces SET {expires}"
        );
        self.db.batch_execute(&statements).await.unwrap();
        self.clock += seconds;
    }

    async fn refresh(&mut self, by: Holder, lost: bool) {
        let Some(held) = self.holders.get(&by).cloned() else { return };
        if by == Holder::Owner && held.sent.is_some_and(|sent| self.clock - sent > SURELY_WITHIN_THE_GRACE) {
            // An honest client does not repeat a token so late: its owner logs in again, in another session.
            self.holders.remove(&by);
            return;
        }
        let age = self.used.get(&held.token).map(|(first, _)| self.clock - first);
        if age.is_some_and(|age| age > SURELY_WITHIN_THE_GRACE && age < SURELY_LATER) {
            return;
        }
        let answer = refresh(self.client, &held.token).await;
        match self.expected(&held.token) {
            Some(repeated) => {
                let successor = answer.expect(200).text("refresh_token").to_owned();
                if let Some(repeated) = repeated {
                    assert_eq!(successor, repeated, "expected the same successor again");
                } else {
                    assert!(!self.used.contains_key(&successor), "expected a new token");
                    self.used.insert(held.token.clone(), (self.clock, successor.clone()));
                }
                let sent = Some(held.sent.unwrap_or(self.clock));
                let next = if lost { Held { sent, ..held } } else { Held { token: successor, sent: None } };
                self.holders.insert(by, next);
            }
            None => {
                assert_eq!(answer.expect(401).text("code"), "invalid_token");
                assert!(self.is_stolen, "expected an honest client to stay logged in");
                self.has_ended = true;
            }
        }
    }

    /// The promise of the rule for a token: a new successor (`Some(None)`), the same one again, or the end of the session.
    fn expected(&self, token: &str) -> Option<Option<String>> {
        if self.has_ended {
            return None;
        }
        let Some((first, successor)) = self.used.get(token) else { return Some(None) };
        let is_repeatable =
            self.clock - first <= SURELY_WITHIN_THE_GRACE && !self.used.contains_key(successor);
        is_repeatable.then(|| Some(successor.clone()))
    }

    /// At most one refresh token of a session is live, and none after its end. At most one nonce is stored for it.
    async fn assert_rows(&self) {
        let rows = "SELECT (SELECT count(*) FROM sessions WHERE id = $1),
                           (SELECT count(*) FROM refresh_tokens WHERE session_id = $1 AND spent_at IS NULL),
                           (SELECT count(*) FROM refresh_nonces WHERE session_id = $1)";
        let row = self.db.query_one(rows, &[&self.session]).await.unwrap();
        let (sessions, live, nonces): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
        let one = i64::from(!self.has_ended);
        assert_eq!((sessions, live), (one, one), "expected one live token, or the end of the session");
        assert!(nonces <= one, "expected no more than one nonce");
    }

    /// When both still hold tokens, the second of them is noticed as soon as it refreshes later than the grace.
    async fn end(mut self) {
        if self.holders.len() < 2 {
            return;
        }
        for by in [Holder::Owner, Holder::Thief] {
            self.take(Step::Wait(20)).await;
            if let Some(held) = self.holders.get_mut(&by) {
                // From now on the owner's client is not careful either.
                held.sent = None;
            }
            self.take(Step::Refresh { by, lost: false }).await;
        }
        assert!(self.has_ended, "expected the theft to be noticed");
    }
}

async fn open_session(db: &tokio_postgres::Client) -> (i64, String) {
    let token = RefreshToken::generate(&OsRandom);
    let open = "WITH session AS (
                    INSERT INTO sessions (user_id, expires_at)
                    SELECT min(id), now() + interval '30 days' FROM users RETURNING id, expires_at
                )
                INSERT INTO refresh_tokens (token_hash, session_id, expires_at) SELECT $1, id, expires_at FROM session
                RETURNING session_id";
    let row = db.query_one(open, &[&token.hash().as_slice()]).await.unwrap();
    (row.get(0), token.as_str().to_owned())
}

async fn refresh(client: &Client, token: &str) -> Answer {
    client.post("/auth/refresh", None, &json!({"refresh_token": token})).await
}

#[test]
fn a_session_has_one_live_token_an_honest_client_stays_and_a_thief_is_noticed() {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (database, client, db) = runtime.block_on(async {
        let database = TestDatabase::create().await;
        let client = Client(auth::component(&database.component_of(auth::NAME)).await.unwrap());
        database.sign_in("alice@example.com", false).await;
        let db = database.connect().await;
        (database, client, db)
    });
    let mut runner = TestRunner::new(Config {
        cases: 200,
        max_shrink_iters: 500,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&prop::collection::vec(step(), 1..25), |steps| {
        runtime.block_on(async {
            let mut history = History::begin(&client, &db).await;
            for step in steps {
                history.take(step).await;
            }
            history.end().await;
        });
        Ok(())
    });
    drop(database);
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
