//! `/profile/{user_id}`: the fields that a caller may see.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use users_tests::{
    Account, Answer, assert_common_headers, assert_no_store, assert_problem, fields, pointers, token,
};

use crate::support::{Fixture, PROFILE_FIELDS, PUBLIC_FIELDS, assert_holds, full};

async fn look(fixture: &Fixture, reader: &Account, id: i64) -> Answer {
    fixture.service.get(&format!("/profile/{id}")).bearer(&reader.tokens.access).send().await
}

async fn publish(fixture: &Fixture, public: &Value) {
    fixture.put("/profile/preferences", &json!({"privacy_public_profile": public})).await.expect(200);
}

#[tokio::test]
async fn each_reader_sees_the_permitted_fields() {
    let fixture = Fixture::start().await;
    let bob = fixture.service.account("bob@example.com").await;
    let root = fixture.service.administrator("root@example.com").await;
    fixture.post(&full()).await.expect(201);
    publish(&fixture, &json!(true)).await;
    let whole = fixture.profile().await;
    for (reader, expected) in
        [(&fixture.ada, &PROFILE_FIELDS[..]), (&root, &PROFILE_FIELDS), (&bob, &PUBLIC_FIELDS)]
    {
        let answer = look(&fixture, reader, fixture.ada.id).await.expect(200);
        assert_common_headers(&answer);
        assert_no_store(&answer);
        let seen = answer.json();
        assert_eq!(fields(&seen), expected, "expected the fields that {} may see", reader.email);
        for field in expected {
            assert_eq!(seen[field], whole[field], "expected the same {field} as its owner sees: {seen:#}");
        }
    }
    let answer = look(&fixture, &bob, fixture.ada.id).await.expect(200);
    for secret in ["ada@example.com", "7946-0958", "1915-12-10", "theme", "privacy"] {
        assert!(!answer.body.contains(secret), "expected no {secret}: {answer:#?}");
    }
}

#[tokio::test]
async fn strangers_see_a_profile_only_while_it_is_public() {
    let fixture = Fixture::start().await;
    let bob = fixture.service.account("bob@example.com").await;
    assert_problem(&look(&fixture, &bob, fixture.ada.id).await, 404, "not_found");
    fixture.post(&full()).await.expect(201);
    assert_problem(&look(&fixture, &bob, fixture.ada.id).await, 404, "not_found");
    for (public, status) in [(json!(true), 200), (json!(false), 404), (json!(true), 200), (Value::Null, 404)]
    {
        publish(&fixture, &public).await;
        look(&fixture, &bob, fixture.ada.id).await.expect(status);
    }
    publish(&fixture, &json!(true)).await;
    fixture.delete("/profile/").await.expect(204);
    assert_problem(&look(&fixture, &bob, fixture.ada.id).await, 404, "not_found");
}

#[tokio::test]
async fn a_hidden_profile_is_answered_like_a_missing_one() {
    let fixture = Fixture::start().await;
    let bob = fixture.service.account("bob@example.com").await;
    let private = fixture.service.account("private@example.com").await;
    fixture.service.put("/profile/").bearer(&private.tokens.access).json(&full()).send().await.expect(200);
    let empty = fixture.service.account("empty@example.com").await;
    fixture.post(&full()).await.expect(201);
    publish(&fixture, &json!(true)).await;
    look(&fixture, &bob, fixture.ada.id).await.expect(200);
    fixture.service.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", fixture.ada.id)).await;
    let missing = look(&fixture, &bob, i64::from(i32::MAX)).await;
    let expected = observable(&missing);
    for (what, id) in [("private", private.id), ("empty", empty.id), ("deactivated", fixture.ada.id)] {
        let answer = look(&fixture, &bob, id).await;
        assert_eq!(observable(&answer), expected, "expected the answer of a missing one for the {what} one");
    }
}

/// The body and the header of a 404. The request id and the date are left out.
#[track_caller]
fn observable(answer: &Answer) -> (Value, Vec<(String, String)>) {
    assert_problem(answer, 404, "not_found");
    assert_no_store(answer);
    let mut header: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), format!("{value:?}")))
        .collect();
    header.sort_unstable();
    (token::without(&answer.json(), "request_id"), header)
}

#[tokio::test]
async fn a_hidden_profile_runs_as_many_statements_as_a_missing_one() {
    let fixture = Fixture::start().await;
    let bob = fixture.service.account("bob@example.com").await;
    let mut counts = Vec::new();
    for (id, user) in [("private", fixture.ada.id), ("missing", i64::from(i32::MAX))] {
        let path = format!("/profile/{user}");
        fixture.service.get(&path).bearer(&bob.tokens.access).id(id).send().await.expect(404);
        counts.push(fixture.service.logs().of_request(id).await.statements().len());
    }
    assert_eq!(counts[0], counts[1], "expected the same work");
}

/// The number of requests per profile.
const REQUESTS: usize = 300;

/// All possible orders, so that each profile follows each other one equally often.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1], [2, 0, 1], [1, 0, 2]];

/// The maximum difference of the medians: relative to the smallest median, and absolute.
const TOLERANCE: (f64, Duration) = (0.25, Duration::from_micros(500));

/// Alternates the requests on one connection, so that other work on this machine delays all profiles equally.
async fn assert_takes_as_long_as_a_missing_one(profile: &Value) {
    let fixture = Fixture::start().await;
    let bob = fixture.service.account("bob@example.com").await;
    let locked_out = fixture.service.account("locked-out@example.com").await;
    fixture.post(profile).await.expect(201);
    for body in [profile, &json!({"preferences": {"privacy_public_profile": true}})] {
        let request = fixture.service.put("/profile/").bearer(&locked_out.tokens.access).json(body);
        request.send().await.expect(200);
    }
    fixture.service.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", locked_out.id)).await;
    let mut profiles = [
        ("missing", i64::from(i32::MAX), Vec::new()),
        ("private", fixture.ada.id, Vec::new()),
        ("locked out", locked_out.id, Vec::new()),
    ];
    let mut expected = None;
    for round in 0..REQUESTS {
        for place in 0..3 {
            let (what, id, times) = &mut profiles[ORDERS[round % ORDERS.len()][place]];
            // The body contains the request id, so the same id makes the bodies equal.
            let request =
                fixture.service.get(&format!("/profile/{id}")).bearer(&bob.tokens.access).id("same");
            let start = Instant::now();
            let answer = request.send().await;
            times.push(start.elapsed());
            let seen = (answer.body.clone(), observable(&answer).1);
            assert_eq!(expected.get_or_insert_with(|| seen.clone()), &seen, "expected {what} to look alike");
        }
    }
    let medians = profiles.map(|(what, _, times)| (what, median(times)));
    let mut sorted = medians.map(|(_, time)| time);
    sorted.sort_unstable();
    let allowed = sorted[0].mul_f64(TOLERANCE.0).max(TOLERANCE.1);
    assert!(sorted[2] - sorted[0] <= allowed, "expected them to differ by at most {allowed:?}: {medians:?}");
}

#[tokio::test]
async fn a_hidden_profile_takes_as_long_as_a_missing_one() {
    assert_takes_as_long_as_a_missing_one(&full()).await;
}

/// If the service read a large profile and then withheld it, the answer would take longer.
#[tokio::test]
async fn a_large_hidden_profile_takes_as_long_as_a_missing_one() {
    let mut large = full();
    large["bio"] = "🦀".repeat(2000).into();
    large["preferences"] = json!({"theme": "dark", "many": vec!["x"; 4000]});
    assert_takes_as_long_as_a_missing_one(&large).await;
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::test]
async fn administrators_see_every_field() {
    let fixture = Fixture::start().await;
    let root = fixture.service.administrator("root@example.com").await;
    let unset = look(&fixture, &root, fixture.ada.id).await.expect(200).json();
    assert_eq!(unset, fixture.profile().await, "expected an empty profile to be visible, too");
    fixture.post(&full()).await.expect(201);
    let seen = look(&fixture, &root, fixture.ada.id).await.expect(200).json();
    assert_holds(&seen, &full());
    fixture.service.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", fixture.ada.id)).await;
    assert_holds(&look(&fixture, &root, fixture.ada.id).await.expect(200).json(), &full());
    assert_problem(&look(&fixture, &root, i64::from(i32::MAX)).await, 404, "not_found");
}

#[tokio::test]
async fn the_permission_of_administrators_shows_private_profiles() {
    let fixture = Fixture::start().await;
    let bob = fixture.service.account("bob@example.com").await;
    assert_problem(&look(&fixture, &bob, fixture.ada.id).await, 404, "not_found");
    fixture
        .service
        .sql(&format!(
            "WITH p AS (
                 INSERT INTO permissions (name, resource, action)
                 VALUES ('admin:all', 'admin', 'all') RETURNING id
             ), r AS (
                 INSERT INTO roles (name) VALUES ('office') RETURNING id
             ), rp AS (
                 INSERT INTO role_permissions (role_id, permission_id) SELECT r.id, p.id FROM r, p
             )
             INSERT INTO user_roles (user_id, role_id) SELECT {}, id FROM r",
            bob.id
        ))
        .await;
    assert_eq!(fields(&look(&fixture, &bob, fixture.ada.id).await.expect(200).json()), PROFILE_FIELDS);
}

#[tokio::test]
async fn owners_see_their_private_profile() {
    let fixture = Fixture::start().await;
    assert_eq!(
        look(&fixture, &fixture.ada, fixture.ada.id).await.expect(200).json(),
        fixture.profile().await
    );
    fixture.post(&full()).await.expect(201);
    let seen = look(&fixture, &fixture.ada, fixture.ada.id).await.expect(200).json();
    assert_eq!(seen, fixture.profile().await);
}

#[tokio::test]
async fn an_id_is_a_positive_number() {
    let fixture = Fixture::start().await;
    for bad in ["0", "-1", "x", "1.5", "2147483648", "99999999999999999999"] {
        assert_eq!(pointers(&fixture.get(&format!("/profile/{bad}")).await), ["/user_id"], "{bad}");
    }
}

#[tokio::test]
async fn without_a_token_a_profile_is_401() {
    let fixture = Fixture::start().await;
    publish(&fixture, &json!(true)).await;
    let answer = fixture.service.get(&format!("/profile/{}", fixture.ada.id)).send().await;
    assert_problem(&answer, 401, "not_authenticated");
}

#[tokio::test]
async fn a_deleted_user_has_no_profile() {
    let fixture = Fixture::start().await;
    let root = fixture.service.administrator("root@example.com").await;
    fixture.post(&full()).await.expect(201);
    let count = "SELECT count(*) FROM profiles";
    assert_eq!(fixture.service.sql(count).await, ["1"]);
    let path = format!("/users/{}", fixture.ada.id);
    fixture.service.delete(&path).bearer(&root.tokens.access).send().await.expect(204);
    assert_eq!(fixture.service.sql(count).await, ["0"]);
    assert_problem(&look(&fixture, &root, fixture.ada.id).await, 404, "not_found");
}
