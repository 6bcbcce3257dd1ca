//! Several hosts on one database: one of them dies, or has another idea of the time.

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

/// Sends a request to a replica that is killed while the statement waits before this; the statement then goes on by itself.
async fn ask_a_dying_replica(service: &Service, before: &str, request: impl FnOnce(&Front) -> Request) {
    let dying = replica(service, &[]);
    let request = request(&Front::new(dying.address(), true));
    let barrier = Barrier::before(service, before).await;
    let kill = async {
        barrier.until_one_waits().await;
        dying.kill();
        barrier.raise().await;
    };
    let (answer, ()) = tokio::join!(request.try_send(), kill);
    assert!(answer.is_err(), "expected no answer: {answer:?}");
}

#[tokio::test]
async fn a_registration_whose_host_was_killed_before_the_answer_was_made_once() {
    let service = Service::start().await;
    let account = json!({"email": "alice@example.com", "password": PASSWORD});
    let register = |front: &Front| front.post("/auth/register").json(&account);
    ask_a_dying_replica(&service, "INSERT ON users", register).await;
    // The client asks again, and is answered by another replica.
    let again = service.register("alice@example.com", PASSWORD).await;
    assert!([201, 409].contains(&again.status), "{again:?}");
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["1"]);
    service.login("alice@example.com", PASSWORD).await;
}

#[tokio::test]
async fn a_refresh_whose_host_was_killed_before_the_answer_can_be_asked_for_again() {
    let service = Service::start().await;
    let tokens = service.account("alice@example.com").await.tokens;
    let body = json!({"refresh_token": tokens.refresh});
    let refresh = |front: &Front| front.post("/auth/refresh").json(&body);
    ask_a_dying_replica(&service, "INSERT ON refresh_tokens", refresh).await;
    // Spent or not: within the grace the same token works, and the session goes on.
    let next = Tokens::of(&service.refresh(&tokens.refresh).await.expect(200));
    service.me(&next.access).await.expect(200);
    service.refresh(&next.refresh).await.expect(200);
}

#[tokio::test]
async fn replicas_whose_clocks_differ_by_an_hour_accept_each_others_tokens() {
    if environment().host_kind == HostKind::Spin {
        // Spin's clock is that of the machine.
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
        // Times that are kept are the database's.
        let query = format!(
            "SELECT abs(extract(epoch FROM now() - created_at)) < 60 FROM users WHERE email = '{email}'"
        );
        assert_eq!(service.sql(&query).await, ["t"]);
    }
}
