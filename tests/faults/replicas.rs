//! Several hosts on one database. One of them is killed or has another clock.

use std::collections::BTreeMap;

use serde_json::json;
use users_tests::{
    Barrier, Front, Host, HostKind, JWT_SECRET, PASSWORD, Request, Service, Tokens, environment,
};

/// Another replica of a service.
fn replica(service: &Service, arguments: &[&str]) -> Host {
    let mut variables: BTreeMap<String, String> = service.database().variables().into_iter().collect();
    variables.insert("jwt_secret".to_owned(), JWT_SECRET.to_owned());
    let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
    Host::start(&environment().manifest, &variables, &arguments).expect("the host serves")
}

/// Sends a request to a replica. Kills the replica while the request's statement is blocked before `event`. Postgres then completes
/// the statement.
async fn ask_a_dying_replica(service: &Service, event: &str, request: impl FnOnce(&Front) -> Request) {
    let dying = replica(service, &[]);
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
        let other = replica(&service, &[offset]);
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
