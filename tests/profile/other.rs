//! `/profile/{user_id}`: somebody's profile, as far as the caller may see it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use users_tests::{
    Account, Answer, assert_common_headers, assert_no_store, assert_problem, fields, pointers, token,
};

use crate::support::{Home, PROFILE_FIELDS, PUBLIC_FIELDS, assert_holds, full};

async fn look(home: &Home, reader: &Account, id: i64) -> Answer {
    home.service.get(&format!("/profile/{id}")).bearer(&reader.tokens.access).send().await
}

async fn publish(home: &Home, public: &Value) {
    home.put("/profile/preferences", &json!({"privacy_public_profile": public})).await.expect(200);
}

#[tokio::test]
async fn everybody_sees_the_fields_that_are_for_them() {
    let home = Home::new().await;
    let bob = home.service.account("bob@example.com").await;
    let root = home.service.administrator("root@example.com").await;
    home.post(&full()).await.expect(201);
    publish(&home, &json!(true)).await;
    let whole = home.profile().await;
    for (reader, expected) in
        [(&home.ada, &PROFILE_FIELDS[..]), (&root, &PROFILE_FIELDS), (&bob, &PUBLIC_FIELDS)]
    {
        let answer = look(&home, reader, home.ada.id).await.expect(200);
        assert_common_headers(&answer);
        assert_no_store(&answer);
        let seen = answer.json();
        assert_eq!(fields(&seen), expected, "expected what {} may see", reader.email);
        for field in expected {
            assert_eq!(seen[field], whole[field], "expected the same {field} as its owner sees: {seen:#}");
        }
    }
    let answer = look(&home, &bob, home.ada.id).await.expect(200);
    for secret in ["ada@example.com", "7946-0958", "1915-12-10", "theme", "privacy"] {
        assert!(!answer.body.contains(secret), "expected no {secret}: {answer:#?}");
    }
}

#[tokio::test]
async fn strangers_see_a_profile_only_while_it_is_public() {
    let home = Home::new().await;
    let bob = home.service.account("bob@example.com").await;
    assert_problem(&look(&home, &bob, home.ada.id).await, 404, "not_found");
    home.post(&full()).await.expect(201);
    assert_problem(&look(&home, &bob, home.ada.id).await, 404, "not_found");
    for (public, status) in [(json!(true), 200), (json!(false), 404), (json!(true), 200), (Value::Null, 404)]
    {
        publish(&home, &public).await;
        look(&home, &bob, home.ada.id).await.expect(status);
    }
    publish(&home, &json!(true)).await;
    home.delete("/profile/").await.expect(204);
    assert_problem(&look(&home, &bob, home.ada.id).await, 404, "not_found");
}

#[tokio::test]
async fn a_profile_that_may_not_be_seen_is_as_one_that_is_not_there() {
    let home = Home::new().await;
    let bob = home.service.account("bob@example.com").await;
    let private = home.service.account("private@example.com").await;
    home.service.put("/profile/").bearer(&private.tokens.access).json(&full()).send().await.expect(200);
    let empty = home.service.account("empty@example.com").await;
    home.post(&full()).await.expect(201);
    publish(&home, &json!(true)).await;
    look(&home, &bob, home.ada.id).await.expect(200);
    home.service.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", home.ada.id)).await;
    let missing = look(&home, &bob, i64::from(i32::MAX)).await;
    let expected = shown(&missing);
    for (what, id) in [("private", private.id), ("empty", empty.id), ("deactivated", home.ada.id)] {
        let answer = look(&home, &bob, id).await;
        assert_eq!(shown(&answer), expected, "expected the {what} one to be as a missing one");
    }
}

/// What can be told of a 404: the body and the header, apart from the id of the request and the time.
#[track_caller]
fn shown(answer: &Answer) -> (Value, Vec<(String, String)>) {
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
async fn as_many_statements_run_for_a_private_profile_as_for_a_missing_one() {
    let home = Home::new().await;
    let bob = home.service.account("bob@example.com").await;
    let mut counts = Vec::new();
    for (id, user) in [("private", home.ada.id), ("missing", i64::from(i32::MAX))] {
        let path = format!("/profile/{user}");
        home.service.get(&path).bearer(&bob.tokens.access).id(id).send().await.expect(404);
        counts.push(home.service.logs().of_request(id).await.statements().len());
    }
    assert_eq!(counts[0], counts[1], "expected the same work");
}

/// How often each of the profiles is looked at.
const LOOKS: usize = 300;

/// Every order, so that nobody always comes after the same one.
const TURNS: [[usize; 3]; 6] = [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1], [2, 0, 1], [1, 0, 2]];

/// By how much medians may differ, in relation to the smallest and in any case.
const TOLERANCE: (f64, Duration) = (0.25, Duration::from_micros(500));

/// The requests take turns on one connection, in changing order, so that whatever else this machine does delays all alike.
async fn assert_takes_as_long_as_a_missing_one(profile: &Value) {
    let home = Home::new().await;
    let bob = home.service.account("bob@example.com").await;
    let locked_out = home.service.account("locked-out@example.com").await;
    home.post(profile).await.expect(201);
    for body in [profile, &json!({"preferences": {"privacy_public_profile": true}})] {
        let request = home.service.put("/profile/").bearer(&locked_out.tokens.access).json(body);
        request.send().await.expect(200);
    }
    home.service.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", locked_out.id)).await;
    let mut profiles = [
        ("missing", i64::from(i32::MAX), Vec::new()),
        ("private", home.ada.id, Vec::new()),
        ("locked out", locked_out.id, Vec::new()),
    ];
    let mut expected = None;
    for round in 0..LOOKS {
        for place in 0..3 {
            let (what, id, times) = &mut profiles[TURNS[round % TURNS.len()][place]];
            // One id for all, which the body repeats, so that the bodies can be compared as they are.
            let request = home.service.get(&format!("/profile/{id}")).bearer(&bob.tokens.access).id("same");
            let start = Instant::now();
            let answer = request.send().await;
            times.push(start.elapsed());
            let seen = (answer.body.clone(), shown(&answer).1);
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
async fn a_profile_that_may_not_be_seen_takes_as_long_as_one_that_is_not_there() {
    assert_takes_as_long_as_a_missing_one(&full()).await;
}

/// All that there may be of one: it would show if it were read only to be withheld.
#[tokio::test]
async fn a_large_profile_that_may_not_be_seen_takes_as_long_as_one_that_is_not_there() {
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
async fn administrators_see_everything() {
    let home = Home::new().await;
    let root = home.service.administrator("root@example.com").await;
    let unset = look(&home, &root, home.ada.id).await.expect(200).json();
    assert_eq!(unset, home.profile().await, "expected a profile that is not set to be seen too");
    home.post(&full()).await.expect(201);
    let seen = look(&home, &root, home.ada.id).await.expect(200).json();
    assert_holds(&seen, &full());
    home.service.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", home.ada.id)).await;
    assert_holds(&look(&home, &root, home.ada.id).await.expect(200).json(), &full());
    assert_problem(&look(&home, &root, i64::from(i32::MAX)).await, 404, "not_found");
}

#[tokio::test]
async fn the_permission_of_administrators_is_enough() {
    let home = Home::new().await;
    let bob = home.service.account("bob@example.com").await;
    assert_problem(&look(&home, &bob, home.ada.id).await, 404, "not_found");
    home.service
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
    assert_eq!(fields(&look(&home, &bob, home.ada.id).await.expect(200).json()), PROFILE_FIELDS);
}

#[tokio::test]
async fn owners_see_their_own_profile_even_if_it_is_private() {
    let home = Home::new().await;
    assert_eq!(look(&home, &home.ada, home.ada.id).await.expect(200).json(), home.profile().await);
    home.post(&full()).await.expect(201);
    let seen = look(&home, &home.ada, home.ada.id).await.expect(200).json();
    assert_eq!(seen, home.profile().await);
}

#[tokio::test]
async fn an_id_is_a_positive_number() {
    let home = Home::new().await;
    for bad in ["0", "-1", "x", "1.5", "2147483648", "99999999999999999999"] {
        assert_eq!(pointers(&home.get(&format!("/profile/{bad}")).await), ["/user_id"], "{bad}");
    }
}

#[tokio::test]
async fn without_a_token_nobody_sees_anything() {
    let home = Home::new().await;
    publish(&home, &json!(true)).await;
    let answer = home.service.get(&format!("/profile/{}", home.ada.id)).send().await;
    assert_problem(&answer, 401, "not_authenticated");
}

#[tokio::test]
async fn a_deleted_user_has_no_profile() {
    let home = Home::new().await;
    let root = home.service.administrator("root@example.com").await;
    home.post(&full()).await.expect(201);
    let count = "SELECT count(*) FROM profiles";
    assert_eq!(home.service.sql(count).await, ["1"]);
    let path = format!("/users/{}", home.ada.id);
    home.service.delete(&path).bearer(&root.tokens.access).send().await.expect(204);
    assert_eq!(home.service.sql(count).await, ["0"]);
    assert_problem(&look(&home, &root, home.ada.id).await, 404, "not_found");
}
