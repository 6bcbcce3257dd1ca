//! Overlapping changes. Both callers have read the old state before either change is made.

use serde_json::{Value, json};
use users_tests::{Answer, Barrier, assert_problem, etag};

use crate::support::{Fixture, assert_holds};

const PROFILE: &str = "/profile/";
const PREFERENCES: &str = "/profile/preferences";

/// Conflicting changes of a profile, of preferences, and of preferences within a profile.
fn conflicts() -> [(&'static str, [Value; 2]); 4] {
    [
        (PROFILE, [json!({"bio": "a", "location": "London"}), json!({"bio": "b", "website": null})]),
        (PROFILE, [json!({"full_name": "a"}), json!({"full_name": "b"})]),
        (PROFILE, [json!({"preferences": {"x": "a"}}), json!({"preferences": {"y": "b"}})]),
        (PREFERENCES, [json!({"x": "a"}), json!({"y": "b"})]),
    ]
}

/// With a row and without one.
const ROWS: [bool; 2] = [true, false];

/// A service where every write of a profile is blocked. Changes are insertions with `ON CONFLICT`, so one barrier blocks insertions
/// and changes.
async fn fixture_with_barrier() -> (Fixture, Barrier) {
    let fixture = Fixture::with_many_instances().await;
    let barrier = Barrier::before(&fixture.service, "INSERT ON profiles").await;
    (fixture, barrier)
}

impl Fixture {
    /// Resets the row. The trigger of the barrier does not fire.
    async fn reset(&self, with_row: bool) {
        self.service
            .sql(&format!(
                "SET session_replication_role = replica;
                 UPDATE users SET full_name = NULL;
                 DELETE FROM profiles;
                 INSERT INTO profiles (user_id, is_created, bio, preferences)
                 SELECT id, true, 'before', '{{\"before\": 1}}' FROM users WHERE {with_row}"
            ))
            .await;
    }

    /// Returns the stored fields.
    async fn stored(&self) -> Value {
        let row = "SELECT jsonb_build_object('full_name', u.full_name, 'bio', p.bio, 'location', p.location,
                                             'website', p.website, 'preferences', p.preferences)
                     FROM users u LEFT JOIN profiles p ON p.user_id = u.id";
        serde_json::from_str(&self.service.sql(row).await[0]).expect("the database gives JSON")
    }
}

/// Asserts that the database contains the values from the answer.
#[track_caller]
fn assert_is_stored(stored: &Value, path: &str, answer: &Answer) {
    if path == PREFERENCES {
        assert_eq!(stored["preferences"], answer.json());
    } else {
        assert_holds(&answer.json(), stored);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_two_overlapping_changes_of_a_version_succeeds() {
    let (fixture, barrier) = fixture_with_barrier().await;
    for (path, bodies) in conflicts() {
        for with_row in ROWS {
            fixture.reset(with_row).await;
            let tag = etag(&fixture.get(path).await.expect(200));
            let [a, b] = [&bodies[0], &bodies[1]]
                .map(|body| fixture.ask("PUT", path).header("if-match", &tag).json(body).send());
            let (a, b) = barrier.overlap(a, b).await;
            let (won, lost) = if a.status == 200 { (a, b) } else { (b, a) };
            assert_eq!((won.status, lost.status), (200, 412), "expected one success: {won:#?} {lost:#?}");
            assert_problem(&lost, 412, "precondition_failed");
            assert_is_stored(&fixture.stored().await, path, &won);
            let now = fixture.get(path).await.expect(200);
            assert_eq!((etag(&now), now.json()), (etag(&won), won.json()), "expected the successful change");
            barrier.block().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_two_overlapping_creations_succeeds() {
    let (fixture, barrier) = fixture_with_barrier().await;
    let bodies = ["a", "b"].map(|who| json!({"bio": who, "full_name": who, "preferences": {who: 1}}));
    let (a, b) = barrier.overlap(fixture.post(&bodies[0]), fixture.post(&bodies[1])).await;
    let (won, lost) = if a.status == 201 { (a, b) } else { (b, a) };
    assert_eq!(won.status, 201, "expected one success: {won:#?} {lost:#?}");
    assert_problem(&lost, 409, "profile_exists");
    assert_is_stored(&fixture.stored().await, PROFILE, &won);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_overlapping_changes_of_different_fields_both_succeed() {
    let (fixture, barrier) = fixture_with_barrier().await;
    let pairs = [
        [(PREFERENCES, json!({"x": 1})), (PREFERENCES, json!({"y": 2}))],
        [(PREFERENCES, json!({"x": 1})), (PREFERENCES, json!({"before": null}))],
        [(PREFERENCES, json!({"x": 1})), (PROFILE, json!({"preferences": {"y": 2}}))],
        [(PROFILE, json!({"preferences": {"x": 1}})), (PREFERENCES, json!({"y": 2}))],
        [(PROFILE, json!({"location": "London"})), (PREFERENCES, json!({"y": 2}))],
        [(PROFILE, json!({"location": "London"})), (PROFILE, json!({"website": "https://example.com/"}))],
        [(PROFILE, json!({"full_name": "Ada"})), (PROFILE, json!({"bio": "after"}))],
    ];
    for pair in &pairs {
        for with_row in ROWS {
            fixture.reset(with_row).await;
            let mut expected = fixture.stored().await;
            if !with_row {
                expected["preferences"] = json!({});
            }
            for (path, body) in pair {
                apply(&mut expected, path, body);
            }
            let [a, b] = [&pair[0], &pair[1]].map(|(path, body)| fixture.put(path, body));
            let (a, b) = barrier.overlap(a, b).await;
            assert_eq!((a.status, b.status), (200, 200), "expected both: {a:#?} {b:#?}");
            assert_eq!(fixture.stored().await, expected, "with a row: {with_row}; {pair:?}");
            barrier.block().await;
        }
    }
}

/// Applies the expected effect: fields are replaced, preferences are merged, and null removes a preference.
fn apply(stored: &mut Value, path: &str, body: &Value) {
    let whole = if path == PREFERENCES { json!({"preferences": body}) } else { body.clone() };
    for (field, value) in whole.as_object().expect("a body is an object") {
        if field != "preferences" {
            stored[field] = value.clone();
            continue;
        }
        let preferences = stored[field].as_object_mut().expect("preferences are an object");
        for (key, value) in value.as_object().expect("preferences are an object") {
            preferences.insert(key.clone(), value.clone());
        }
        preferences.retain(|_, value| !value.is_null());
    }
}

/// `If-Match: *` accepts every version.
#[tokio::test(flavor = "multi_thread")]
async fn two_overlapping_changes_of_any_version_both_succeed() {
    let (fixture, barrier) = fixture_with_barrier().await;
    for (path, bodies) in conflicts() {
        for with_row in ROWS {
            fixture.reset(with_row).await;
            let [a, b] = [&bodies[0], &bodies[1]]
                .map(|body| fixture.ask("PUT", path).header("if-match", "*").json(body).send());
            let (a, b) = barrier.overlap(a, b).await;
            assert_eq!((a.status, b.status), (200, 200), "{path}, with a row: {with_row}: {a:#?} {b:#?}");
            barrier.block().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conditional_change_that_waits_for_a_deletion_is_412() {
    let fixture = Fixture::with_many_instances().await;
    let barrier = Barrier::before(&fixture.service, "DELETE ON profiles").await;
    for (path, [body, _]) in conflicts() {
        fixture.reset(true).await;
        let tag = etag(&fixture.get(path).await.expect(200));
        let change = fixture.ask("PUT", path).header("if-match", &tag).json(&body).send();
        let (deletion, change) = barrier.overlap(fixture.delete("/profile/"), change).await;
        deletion.expect(204);
        assert_problem(&change, 412, "precondition_failed");
        assert_eq!(fixture.service.sql("SELECT * FROM profiles").await, [""; 0], "expected no profile");
        barrier.block().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_waits_for_the_deletion_of_its_account_is_401() {
    let fixture = Fixture::with_many_instances().await;
    let root = fixture.service.administrator("root@example.com").await;
    let barrier = Barrier::before(&fixture.service, "DELETE ON users").await;
    for (number, (method, path, body)) in [
        ("POST", PROFILE, json!({"bio": "x"})),
        ("PUT", PROFILE, json!({"full_name": "x"})),
        ("PUT", PREFERENCES, json!({"x": 1})),
    ]
    .into_iter()
    .enumerate()
    {
        let someone = fixture.service.account(&format!("someone{number}@example.com")).await;
        let user = format!("/users/{}", someone.id);
        let deletion = fixture.service.delete(&user).bearer(&root.tokens.access).send();
        let change = fixture.service.request(method, path).bearer(&someone.tokens.access).json(&body).send();
        let (deletion, change) = barrier.overlap(deletion, change).await;
        deletion.expect(204);
        assert_problem(&change, 401, "invalid_token");
        assert_eq!(fixture.service.sql("SELECT * FROM profiles").await, [""; 0], "expected no profile");
        barrier.block().await;
    }
}
