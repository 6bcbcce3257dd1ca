//! Several hosts on one database. One of them is killed or has another clock.

use serde_json::json;
use users_tests::{Barrier, Front, HostKind, PASSWORD, Request, Service, Tokens, environment};

/// Sends a request to a replica. Kills the replica while the request's statement is blocked before `event`. Postgres then completes
/// the statement.
async fn ask_a_dying_replica(service: &Service, event: &str, request: impl FnOnce(&Front) -> Request) {
    let dying = service.replica(&[]);
    let request = request(&Front::new(dying.address(), true));
    let barrier = Barrier::before(service, event).await;
    let kill = async {
        barrier.one_is_blocked().await;
        dying.kill();
        barrier.release().await;
    };
    let (answer, ()) = tokio::join!(request.try_send(), kill);
    assert!(answer.is_err(), "expected no answer: {answer:?}");
}

#[tokio::test]
async fn a_registration_on_a_killed_host_creates_one_account() {
    let service = Service::start().await;
    let account = json!({"email": "alice@example.com", "password": PASSWORD});
    let register = |front: &Front| front.post("/auth/register").json(&account);
    ask_a_dying_replica(&service, "INSERT ON users", register).await;
    // The client retries with another replica.
    let again = service.register("alice@example.com", PASSWORD).await;
    assert!([201, 409].contains(&again.status), "{again:?}");
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["1"]);
    service.login("alice@example.com", PASSWORD).await;
}

#[tokio::test]
async fn a_refresh_on_a_killed_host_can_be_retried() {
    let service = Service::start().await;
    let tokens = service.account("alice@example.com").await.tokens;
    let body = json!({"refresh_token": tokens.refresh});
    let refresh = |front: &Front| front.post("/auth/refresh").json(&body);
    ask_a_dying_replica(&service, "INSERT ON refresh_tokens", refresh).await;
    // In the grace period, the same token works even if it was spent.
    let next = Tokens::of(&service.refresh(&tokens.refresh).await.expect(200));
    service.me(&next.access).await.expect(200);
    service.refresh(&next.refresh).await.expect(200);
}

#[tokio::test]
async fn replicas_with_clocks_an_hour_apart_accept_each_others_tokens() {
    if environment().host_kind == HostKind::Spin {
        // Spin uses the clock of the machine.
        return;
    }
    let service = Service::start().await;
    for offset in ["--clock-offset=3600", "--clock-offset=-3600"] {
        let other = service.replica(&[offset]);
        let front = Front::new(other.address(), true);
        let email = format!("user{}@example.com", offset.len());
        let account = front.account(&email).await;
        service.me(&account.tokens.access).await.expect(200);
        front.me(&service.login(&email, PASSWORD).await.access).await.expect(200);
        let next = Tokens::of(&service.refresh(&account.tokens.refresh).await.expect(200));
        front.me(&next.access).await.expect(200);
        // Stored times come from the database.
        let query = format!(
            "SELECT abs(extract(epoch FROM now() - created_at)) < 60 FROM users WHERE email = '{email}'"
        );
        assert_eq!(service.sql(&query).await, ["t"]);
    }
}

#[tokio::test]
async fn limits_hold_across_replicas_with_clocks_an_hour_apart() {
    if environment().host_kind == HostKind::Spin {
        // Spin uses the clock of the machine.
        return;
    }
    let service = Service::builder().variable("limit_password_failures", "4/10m").start().await;
    let replicas = ["--clock-offset=3600", "--clock-offset=-3600"].map(|offset| service.replica(&[offset]));
    let mut statuses = Vec::new();
    for _ in 0..2 {
        statuses.push(service.try_login("alice@example.com", "wrong").await.status);
        for replica in &replicas {
            statuses.push(
                Front::new(replica.address(), true).try_login("alice@example.com", "wrong").await.status,
            );
        }
    }
    assert_eq!(statuses, [401, 401, 401, 401, 429, 429]);
}
