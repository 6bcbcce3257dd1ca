//! The slots for hashing passwords: `hash_slots`, `lease_hash_slot()` of migration 0027.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;
use users_tests::{Answer, Front, PASSWORD, Request, Service, assert_problem, eventually};

/// The number of leased slots, and the number of requests that wait.
const IN_USE: &str = "SELECT count(*) FROM hash_slots WHERE leased_until > clock_timestamp();
                      SELECT count(*) FROM hash_queue";
/// Another replica has the only slot.
const TAKE_THE_ONLY_ONE: &str = "INSERT INTO hash_slots VALUES (1, 7, clock_timestamp() + interval '1 minute')
                                 ON CONFLICT (slot) DO UPDATE SET ticket = 7, leased_until = excluded.leased_until";
/// As many requests wait as may wait for one slot.
const FILL_THE_QUEUE: &str = "INSERT INTO hash_queue
                              SELECT n, clock_timestamp(), clock_timestamp() + interval '1 minute' FROM generate_series(1, 16) n";
const RETURN_IT: &str = "UPDATE hash_slots SET leased_until = 'epoch' WHERE ticket = 7";

async fn with_slots(slots: &str) -> Service {
    Service::builder().variable("hash_slots", slots).start().await
}

async fn a_request_waits(service: &Service) {
    eventually("a request waits for a slot", async || {
        service.sql("SELECT count(*) FROM hash_queue").await == ["1"]
    })
    .await;
}

/// The number of times that a slot was leased.
async fn leases(service: &Service) -> String {
    service.sql("SELECT count(*) FROM leases").await.concat()
}

/// Records each lease, and how many there were then.
async fn record_leases(service: &Service) {
    service
        .sql(
            "CREATE UNLOGGED TABLE leases (together bigint NOT NULL);
             GRANT INSERT ON leases TO PUBLIC;
             CREATE FUNCTION record_lease() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 INSERT INTO leases SELECT count(*) FROM hash_slots WHERE leased_until > clock_timestamp();
                 RETURN NULL;
             END $$;
             CREATE TRIGGER record_lease AFTER UPDATE ON hash_slots
                 FOR EACH ROW WHEN (NEW.leased_until > OLD.leased_until) EXECUTE FUNCTION record_lease()",
        )
        .await;
}

/// Sends a request that hashes passwords, and asserts that it leased a slot once and returned it.
async fn in_a_slot(service: &Service, request: impl Future<Output = Answer>, status: u16) -> Answer {
    service.sql("TRUNCATE leases").await;
    let answer = request.await.expect(status);
    assert_eq!(leases(service).await, "1", "{answer:#?}");
    assert_eq!(service.sql(IN_USE).await, ["0", "0"], "{answer:#?}");
    answer
}

#[tokio::test]
async fn every_hash_has_a_slot_and_every_slot_is_returned() {
    const OTHER: &str = "another fine password";
    const THIRD: &str = "a third fine password";
    let service = Service::start().await;
    record_leases(&service).await;
    in_a_slot(&service, service.register("alice@example.com", PASSWORD), 201).await;
    in_a_slot(&service, service.register("ALICE@example.com", PASSWORD), 409).await;
    in_a_slot(&service, service.try_login("alice@example.com", "wrong"), 401).await;
    in_a_slot(&service, service.try_login("bob@example.com", "wrong"), 401).await;
    let tokens = in_a_slot(&service, service.try_login("alice@example.com", PASSWORD), 200).await.json();
    let token = tokens["access_token"].as_str().unwrap();
    for (password, status) in [("wrong password", 403), (PASSWORD, 204)] {
        let body = json!({"current_password": password, "new_password": OTHER});
        in_a_slot(&service, service.put("/auth/password").bearer(token).json(&body).send(), status).await;
    }
    for (password, status) in [("wrong password", 403), (OTHER, 202)] {
        let body = json!({"email": "alice@example.org", "password": password});
        in_a_slot(&service, service.put("/auth/email").bearer(token).json(&body).send(), status).await;
    }
    let link = service.link("password_reset", 1, "alice@example.com").await;
    for (password, status) in [("alice@example.com", 422), (THIRD, 204)] {
        let body = json!({"token": link, "new_password": password});
        in_a_slot(&service, service.post("/auth/password/reset").json(&body).send(), status).await;
    }
    service.sql("UPDATE users SET is_active = false").await;
    in_a_slot(&service, service.try_login("alice@example.com", THIRD), 403).await;
    service.sql("UPDATE users SET is_active = true").await;
    let tokens = service.login("alice@example.com", THIRD).await;
    for (password, status) in [("wrong password", 403), (THIRD, 204)] {
        let request = service.delete("/auth/me").bearer(&tokens.access).json(&json!({"password": password}));
        in_a_slot(&service, request.send(), status).await;
    }
}

#[tokio::test]
async fn a_login_without_a_verified_address_returns_its_slot_with_the_request_for_the_link() {
    let service = Service::builder().variable("require_verified_email", "true").start().await;
    record_leases(&service).await;
    in_a_slot(&service, service.register("alice@example.com", PASSWORD), 201).await;
    in_a_slot(&service, service.try_login("alice@example.com", PASSWORD), 403).await;
}

#[tokio::test]
async fn a_login_and_a_registration_cost_two_statements() {
    let service = Service::start().await;
    // The first login of an installation also makes the key that signs tokens.
    service.account("first@example.com").await;
    let body = json!({"email": "alice@example.com", "password": PASSWORD});
    service.post("/auth/register").id("registration").json(&body).send().await.expect(201);
    let form = [("username", "alice@example.com"), ("password", PASSWORD)];
    service.post("/auth/login").id("login").form(&form).send().await.expect(200);
    for id in ["registration", "login"] {
        let log = service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), 2, "{id}: {log:#?}");
    }
}

#[tokio::test]
async fn an_administrator_who_chooses_a_password_for_somebody_needs_a_slot_and_an_invitation_none() {
    let service = Service::start().await;
    let root = service.administrator("root@example.com").await;
    record_leases(&service).await;
    let create = async |body| service.post("/users/").bearer(&root.tokens.access).json(&body).send().await;
    for (body, status, leased) in [
        (json!({"email": "bob@example.com", "password": PASSWORD}), 201, "1"),
        (json!({"email": "bob@example.com", "password": PASSWORD}), 409, "2"),
        (json!({"email": "carol@example.com", "password": PASSWORD, "role_ids": [99]}), 422, "3"),
        (json!({"email": "carol@example.com"}), 201, "3"),
    ] {
        let answer = create(body).await;
        assert_eq!(answer.status, status, "{answer:#?}");
        assert_eq!(leases(&service).await, leased);
        assert_eq!(service.sql(IN_USE).await, ["0", "0"]);
    }
}

#[tokio::test]
async fn a_request_without_a_slot_waits_for_one() {
    let service = with_slots("1").await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    service.sql(TAKE_THE_ONLY_ONE).await;
    let login = service.try_login("alice@example.com", PASSWORD);
    let other = async {
        a_request_waits(&service).await;
        assert_eq!(service.sql("SELECT count(*) FROM sessions").await, ["0"]);
        service.sql(RETURN_IT).await;
    };
    let (answer, ()) = tokio::join!(login, other);
    answer.expect(200);
    assert_eq!(service.sql(IN_USE).await, ["0", "0"]);
}

#[tokio::test]
async fn the_slot_of_a_replica_that_died_is_free_after_three_seconds() {
    let service = with_slots("1").await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    // A replica that dies between its two statements leaves this.
    let leased = service.sql("SELECT lease_hash_slot(1, 7)").await;
    assert_eq!(leased, ["1"]);
    let within_three_seconds = "SELECT leased_until - clock_timestamp() BETWEEN interval '1 second' AND interval '3 seconds' FROM hash_slots";
    assert_eq!(service.sql(within_three_seconds).await, ["t"]);
    let started = Instant::now();
    service.try_login("alice@example.com", PASSWORD).await.expect(200);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!(service.sql("SELECT count(*) FROM hash_slots WHERE ticket = 7").await, ["0"]);
}

#[tokio::test]
async fn who_waits_when_a_slot_expires_does_not_return_the_next_holders() {
    let service = with_slots("1").await;
    service.sql("SELECT lease_hash_slot(1, 7); UPDATE hash_slots SET leased_until = now()").await;
    service.sql("SELECT lease_hash_slot(1, 8)").await;
    let late = "UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = 1 AND ticket = 7 RETURNING slot";
    assert_eq!(service.sql(late).await, [""; 0]);
    assert_eq!(service.sql(IN_USE).await, ["1", "0"]);
}

#[tokio::test]
async fn a_request_that_finds_too_many_waiting_is_503_and_leaves_no_trace() {
    let service = with_slots("1").await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    service.sql(TAKE_THE_ONLY_ONE).await;
    service.sql(FILL_THE_QUEUE).await;
    let logins = ["alice@example.com", "nobody@example.com"].map(|email| service.try_login(email, PASSWORD));
    let registration = service.register("bob@example.com", PASSWORD);
    let (logins, registration) = tokio::join!(join_all(logins), registration);
    for answer in &logins {
        assert_problem(answer, 503, "too_busy");
        assert_eq!(answer.json()["error"], "temporarily_unavailable");
    }
    assert_problem(&registration, 503, "too_busy");
    let left = "SELECT count(*) FROM sessions; SELECT count(*) FROM users; SELECT count(*) FROM hash_queue WHERE ticket > 16";
    assert_eq!(service.sql(left).await, ["0", "1", "0"]);
}

#[tokio::test]
async fn every_other_route_that_hashes_a_password_is_503_without_a_slot() {
    let service = with_slots("1").await;
    let alice = service.account("alice@example.com").await;
    let admin = service.administrator("admin@example.com").await;
    let token = service.link("password_reset", alice.id, &alice.email).await;
    service.sql(TAKE_THE_ONLY_ONE).await;
    service.sql(FILL_THE_QUEUE).await;
    let new = "another fine password";
    let own = |request: Request| request.bearer(&alice.tokens.access);
    let requests = [
        own(service.put("/auth/password")).json(&json!({"current_password": PASSWORD, "new_password": new})),
        own(service.put("/auth/email")).json(&json!({"email": "new@example.com", "password": PASSWORD})),
        own(service.delete("/auth/me")).json(&json!({"password": PASSWORD})),
        own(service.post("/auth/reauthenticate")).json(&json!({"password": PASSWORD})),
        service.post("/auth/password/reset").json(&json!({"token": token, "new_password": new})),
        service
            .post("/users/")
            .bearer(&admin.tokens.access)
            .json(&json!({"email": "bob@example.com", "password": new})),
    ];
    for answer in join_all(requests.map(Request::send)).await {
        assert_problem(&answer, 503, "too_busy");
    }
    service.sql(RETURN_IT).await;
    service.sql("TRUNCATE hash_queue").await;
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["2"]);
    service.login("alice@example.com", PASSWORD).await;
}

#[tokio::test]
async fn what_is_refused_for_want_of_a_slot_is_no_attempt() {
    let builder = Service::builder().variable("hash_slots", "1").variable("limit_password_failures", "1/10m");
    let builder = builder.variable("limit_logins", "2/1m").variable("limit_registrations", "1/1h");
    let service = builder.start().await;
    let account = service.account("alice@example.com").await;
    service.sql("DELETE FROM known_addresses; DELETE FROM limits").await;
    service.sql(TAKE_THE_ONLY_ONE).await;
    service.sql(FILL_THE_QUEUE).await;
    let body = json!({"current_password": "wrong", "new_password": "another fine password"});
    for _ in 0..2 {
        for email in ["alice@example.com", "nobody@example.com"] {
            assert_problem(&service.try_login(email, "wrong").await, 503, "too_busy");
        }
        assert_problem(&service.register("bob@example.com", PASSWORD).await, 503, "too_busy");
        let change = service.put("/auth/password").bearer(&account.tokens.access).json(&body);
        assert_problem(&change.send().await, 503, "too_busy");
    }
    assert_eq!(service.sql("SELECT count(*) FROM limits WHERE attempts <> '{}'").await, ["0"]);
    service.sql(RETURN_IT).await;
    service.sql("TRUNCATE hash_queue").await;
    assert_problem(&service.try_login("alice@example.com", "wrong").await, 401, "invalid_credentials");
    assert_problem(&service.try_login("alice@example.com", "wrong").await, 429, "too_many_requests");
}

#[tokio::test]
async fn who_waits_is_counted_once_and_whoever_is_over_a_limit_does_not_wait() {
    let builder = Service::builder().variable("hash_slots", "1").variable("limit_password_failures", "2/10m");
    let service = builder.start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    service.sql(TAKE_THE_ONLY_ONE).await;
    let guesses = join_all((0..4).map(|_| service.try_login("alice@example.com", "wrong")));
    let other = async {
        eventually("two requests wait", async || {
            service.sql("SELECT count(*) FROM hash_queue").await == ["2"]
        })
        .await;
        service.sql(RETURN_IT).await;
    };
    let (answers, ()) = tokio::join!(guesses, other);
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [401, 401, 429, 429]);
    assert_eq!(service.sql("SELECT sum(cardinality(attempts)) FROM limits").await, ["2"]);
}

#[tokio::test]
async fn a_request_that_has_waited_for_five_seconds_is_503() {
    let service = with_slots("1").await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    service.sql(TAKE_THE_ONLY_ONE).await;
    let login = service.try_login("alice@example.com", PASSWORD);
    let time = async {
        a_request_waits(&service).await;
        service.sql("UPDATE hash_queue SET arrived_at = arrived_at - interval '5 seconds'").await;
    };
    let (answer, ()) = tokio::join!(login, time);
    assert_problem(&answer, 503, "too_busy");
    assert_eq!(
        service.sql("SELECT count(*) FROM sessions; SELECT count(*) FROM hash_queue").await,
        ["0", "0"]
    );
}

#[tokio::test]
async fn slots_go_to_those_who_wait_in_the_order_of_their_arrival() {
    let service = with_slots("2").await;
    let ask = async |ticket: i64| {
        let statement = format!(
            "SELECT CASE WHEN turn < 0 THEN 'waits' ELSE turn::text END FROM lease_hash_slot(2, {ticket}) turn"
        );
        service.sql(&statement).await.concat()
    };
    for (ticket, answer) in [(1, "1"), (2, "2"), (3, "waits"), (4, "waits"), (5, "waits")] {
        assert_eq!(ask(ticket).await, answer, "{ticket}");
    }
    service.sql("UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = 2").await;
    for (ticket, answer) in [(6, "waits"), (5, "waits"), (4, "waits"), (3, "2"), (4, "waits")] {
        assert_eq!(ask(ticket).await, answer, "{ticket}");
    }
    // The next request in the queue has given up: it does not ask again.
    service.sql("UPDATE hash_queue SET expires_at = now() WHERE ticket = 4").await;
    service.sql("UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = 1").await;
    assert_eq!(ask(6).await, "waits");
    assert_eq!(ask(5).await, "1");
}

#[tokio::test]
async fn two_replicas_together_never_hash_more_passwords_than_there_are_slots() {
    let service = with_slots("2").await;
    let host = service.replica(&[]);
    let other = Front::new(host.address(), true);
    service.register("alice@example.com", PASSWORD).await.expect(201);
    record_leases(&service).await;
    let logins = (0..60).map(|number| {
        let front: &Front = if number % 2 == 0 { &service } else { &other };
        front.try_login("alice@example.com", PASSWORD)
    });
    let answers = join_all(logins).await;
    let accepted = answers.iter().filter(|answer| answer.status == 200).count();
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_problem(answer, 503, "too_busy");
    }
    assert!(accepted >= 2, "expected logins: {answers:#?}");
    let seen =
        "SELECT max(together) <= 2 FROM leases; SELECT count(*) FROM leases; SELECT count(*) FROM sessions";
    assert_eq!(service.sql(seen).await, ["t".to_owned(), accepted.to_string(), accepted.to_string()]);
    assert_eq!(service.sql(IN_USE).await[0], "0");
}

#[tokio::test]
async fn tables_that_are_emptied_in_use_do_no_harm() {
    let service = with_slots("2").await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let logins = join_all((0..20).map(|_| service.try_login("alice@example.com", PASSWORD)));
    let crash = async {
        for _ in 0..5 {
            eventually("a slot is leased", async || service.sql(IN_USE).await[0] != "0").await;
            // As after a crash of Postgres.
            service.sql("TRUNCATE hash_slots").await;
            service.sql("TRUNCATE hash_queue").await;
        }
    };
    let (answers, ()) = tokio::join!(logins, crash);
    for answer in answers {
        answer.expect(200);
    }
    assert_eq!(service.sql(IN_USE).await, ["0", "0"]);
    assert_eq!(service.sql("SELECT count(*) FROM hash_slots").await, ["2"]);
}

#[tokio::test]
async fn more_slots_are_added_and_fewer_are_respected_without_a_migration() {
    let service = with_slots("3").await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    assert_eq!(service.sql("SELECT count(*) FROM hash_slots").await, ["3"]);
    for (slots, ticket, answer) in [(1, 11, "1"), (1, 12, "waits"), (4, 13, "2"), (4, 14, "3"), (4, 15, "4")]
    {
        service.sql("DELETE FROM hash_queue").await;
        let statement = format!(
            "SELECT CASE WHEN turn < 0 THEN 'waits' ELSE turn::text END FROM lease_hash_slot({slots}, {ticket}) turn"
        );
        assert_eq!(service.sql(&statement).await, [answer], "{slots} {ticket}");
    }
}

#[tokio::test]
async fn an_invalid_number_of_slots_is_a_defect_of_the_deployment_that_the_log_names() {
    for value in ["0", "1001", "many", ""] {
        let service = with_slots(value).await;
        for (path, id) in [("/auth/me", "auth"), ("/users/", "users")] {
            let answer = service.get(path).id(id).send().await;
            assert_problem(&answer, 500, "internal_error");
            assert!(!answer.body.contains("hash_slots"), "{answer:#?}");
            let log = service.logs().of_request(id).await;
            assert!(format!("{log:?}").contains("the variable hash_slots must be"), "{log:#?}");
        }
    }
}
