//! Versions of a profile: `ETag`, `If-None-Match` and `If-Match`.

use serde_json::{Value, json};
use users_tests::{Answer, Request, assert_no_store, assert_problem, etag};

use crate::support::{Fixture, full};

/// The routes with versions, and two changes for each.
fn routes() -> [(&'static str, Value, Value); 2] {
    [
        ("/profile/", json!({"bio": "one"}), json!({"bio": "two"})),
        ("/profile/preferences", json!({"x": 1}), json!({"x": 2})),
    ]
}

fn put_if(fixture: &Fixture, path: &str, tag: &str, body: &Value) -> Request {
    fixture.ask("PUT", path).header("if-match", tag).json(body)
}

async fn get_unless(fixture: &Fixture, path: &str, tag: &str) -> Answer {
    fixture.ask("GET", path).header("if-none-match", tag).send().await
}

#[track_caller]
fn assert_not_modified(answer: &Answer, tag: &str) {
    assert_eq!(answer.status, 304, "expected 304: {answer:#?}");
    assert_eq!(answer.body, "", "expected no body: {answer:#?}");
    assert_eq!(etag(answer), tag, "expected the version: {answer:#?}");
    assert_no_store(answer);
    assert!(!answer.request_id().is_empty(), "expected an id: {answer:#?}");
    assert_eq!(answer.header("x-content-type-options").as_deref(), Some("nosniff"), "{answer:#?}");
    for name in ["content-type", "content-length"] {
        assert_eq!(answer.header(name), None, "expected no {name} (RFC 9110 section 15.4.5): {answer:#?}");
    }
}

#[tokio::test]
async fn a_known_version_is_304() {
    let fixture = Fixture::start().await;
    for created in [false, true] {
        if created {
            fixture.put("/profile/", &full()).await.expect(200);
        }
        for (path, ..) in routes() {
            let tag = etag(&fixture.get(path).await.expect(200));
            assert_eq!(etag(&fixture.get(path).await.expect(200)), tag, "expected a version to last");
            for known in [&tag, &format!("W/{tag}"), &format!("\"x\", {tag}"), &"*".to_owned()] {
                assert_not_modified(&get_unless(&fixture, path, known).await, &tag);
            }
            for unknown in ["\"x\"", "\"\""] {
                let answer = get_unless(&fixture, path, unknown).await.expect(200);
                assert_eq!(etag(&answer), tag);
                assert!(answer.json().is_object());
            }
        }
    }
}

#[tokio::test]
async fn a_304_runs_one_statement() {
    let fixture = Fixture::start().await;
    for (number, (path, ..)) in routes().into_iter().enumerate() {
        let tag = etag(&fixture.get(path).await.expect(200));
        let id = format!("known-{number}");
        fixture.ask("GET", path).header("if-none-match", &tag).id(&id).send().await.expect(304);
        let log = fixture.service.logs().of_request(&id).await;
        assert_eq!(log.statements().len(), 1, "expected one statement: {log:#?}");
    }
}

/// A list may be split over several header fields (RFC 9110 section 5.3).
#[tokio::test]
async fn versions_in_several_fields_are_one_list() {
    let fixture = Fixture::start().await;
    for (path, first, second) in routes() {
        let tag = etag(&fixture.get(path).await.expect(200));
        let read = fixture.ask("GET", path).header("if-none-match", "\"x\"").header("if-none-match", &tag);
        assert_not_modified(&read.send().await, &tag);
        put_if(&fixture, path, "\"x\"", &first).header("if-match", &tag).send().await.expect(200);
        let stale = put_if(&fixture, path, "\"x\"", &second).header("if-match", &tag).send().await;
        assert_problem(&stale, 412, "precondition_failed");
    }
}

#[tokio::test]
async fn every_change_makes_another_version() {
    let fixture = Fixture::start().await;
    let root = fixture.service.administrator("root@example.com").await;
    let mut seen = vec![etag(&fixture.get("/profile/").await.expect(200))];
    let changes = [
        ("PUT", "/profile/", Some(full())),
        ("PUT", "/profile/", Some(json!({"full_name": "Augusta"}))),
        ("PUT", "/profile/", Some(json!({"bio": null}))),
        ("PUT", "/profile/preferences", Some(json!({"theme": "light"}))),
        ("DELETE", "/profile/avatar", None),
    ];
    for (method, path, body) in changes {
        let mut request = fixture.ask(method, path);
        if let Some(body) = &body {
            request = request.json(body);
        }
        let answer = request.send().await;
        assert!([200, 204].contains(&answer.status), "expected success: {answer:#?}");
        let now = fixture.get("/profile/").await.expect(200);
        if path == "/profile/" {
            assert_eq!(etag(&answer), etag(&now), "expected the new version: {answer:#?}");
        }
        assert!(!seen.contains(&etag(&now)), "expected another version after {method} {path} {body:?}");
        get_unless(&fixture, "/profile/", &seen[seen.len() - 1]).await.expect(200);
        seen.push(etag(&now));
    }
    // A read by another user does not change the version.
    let path = format!("/profile/{}", fixture.ada.id);
    fixture.service.get(&path).bearer(&root.tokens.access).send().await.expect(200);
    assert_eq!(seen.last(), Some(&etag(&fixture.get("/profile/").await.expect(200))));
}

#[tokio::test]
async fn a_creation_returns_its_etag() {
    let fixture = Fixture::start().await;
    let created = fixture.post(&full()).await.expect(201);
    assert_eq!(etag(&created), etag(&fixture.get("/profile/").await.expect(200)));
}

#[tokio::test]
async fn a_stale_change_is_412_and_changes_nothing() {
    let fixture = Fixture::start().await;
    for (path, first, second) in routes() {
        let stale = etag(&fixture.get(path).await.expect(200));
        fixture.put(path, &first).await.expect(200);
        let before = fixture.everything().await;
        let fresh = etag(&fixture.get(path).await.expect(200));
        for tag in [&stale, &format!("W/{fresh}"), &"\"x\"".to_owned(), &format!("{stale}, \"x\"")] {
            let answer = put_if(&fixture, path, tag, &second).send().await;
            assert_problem(&answer, 412, "precondition_failed");
        }
        assert_eq!(fixture.everything().await, before, "expected nothing to change");
    }
}

#[tokio::test]
async fn a_change_of_the_current_version_returns_the_new_etag() {
    let fixture = Fixture::start().await;
    for (path, first, second) in routes() {
        let mut tag = etag(&fixture.get(path).await.expect(200));
        for body in [&first, &second] {
            let answer = put_if(&fixture, path, &tag, body).send().await.expect(200);
            let next = etag(&answer);
            assert_ne!(next, tag, "expected a new version: {answer:#?}");
            let read = fixture.get(path).await.expect(200);
            assert_eq!((etag(&read), read.json()), (next.clone(), answer.json()));
            assert_not_modified(&get_unless(&fixture, path, &next).await, &next);
            tag = next;
        }
        put_if(&fixture, path, &format!("\"x\", {tag}"), &first).send().await.expect(200);
        put_if(&fixture, path, "*", &second).send().await.expect(200);
    }
}

#[tokio::test]
async fn only_the_current_version_is_deleted() {
    let fixture = Fixture::start().await;
    for path in ["/profile/avatar", "/profile/"] {
        let stale = etag(&fixture.get("/profile/").await.expect(200));
        fixture.put("/profile/", &full()).await.expect(200);
        let fresh = etag(&fixture.get("/profile/").await.expect(200));
        let before = fixture.everything().await;
        for tag in [&stale, &format!("W/{fresh}"), &"\"x\"".to_owned()] {
            let refused = fixture.ask("DELETE", path).header("if-match", tag).send().await;
            assert_problem(&refused, 412, "precondition_failed");
        }
        assert_eq!(fixture.everything().await, before, "expected nothing to change");
        fixture.ask("DELETE", path).header("if-match", &fresh).send().await.expect(204);
        assert_ne!(fixture.everything().await, before, "expected {path} to be done");
        fixture.ask("DELETE", path).header("if-match", "*").send().await.expect(204);
    }
}

#[tokio::test]
async fn a_change_of_the_account_makes_a_profile_stale() {
    let fixture = Fixture::start().await;
    fixture.post(&full()).await.expect(201);
    let stale = etag(&fixture.get("/profile/").await.expect(200));
    fixture.put("/profile/", &json!({"full_name": "Augusta"})).await.expect(200);
    let answer = put_if(&fixture, "/profile/", &stale, &json!({"full_name": "Eve"})).send().await;
    assert_problem(&answer, 412, "precondition_failed");
    assert_eq!(fixture.profile().await["full_name"], "Augusta");
}

#[tokio::test]
async fn a_deleted_profile_makes_a_change_stale() {
    let fixture = Fixture::start().await;
    for (path, first, second) in routes() {
        fixture.put(path, &first).await.expect(200);
        let stale = etag(&fixture.get(path).await.expect(200));
        fixture.delete("/profile/").await.expect(204);
        let before = fixture.everything().await;
        let answer = put_if(&fixture, path, &stale, &second).send().await;
        assert_problem(&answer, 412, "precondition_failed");
        assert_eq!(fixture.everything().await, before, "expected nothing to change");
    }
}

#[tokio::test]
async fn without_if_match_every_change_succeeds() {
    let fixture = Fixture::start().await;
    for (path, first, second) in routes() {
        fixture.put(path, &first).await.expect(200);
        fixture.put(path, &second).await.expect(200);
        let key = if path == "/profile/" { "bio" } else { "x" };
        assert_eq!(fixture.get(path).await.expect(200).json()[key], second[key]);
    }
}

#[tokio::test]
async fn only_one_of_two_concurrent_changes_of_a_version_succeeds() {
    let fixture = Fixture::with_many_instances().await;
    for (path, ..) in routes() {
        let key = if path == "/profile/" { "bio" } else { "x" };
        for round in 0..20 {
            // In some rounds, there is no row at first.
            if round % 4 == 0 {
                fixture.delete("/profile/").await.expect(204);
            }
            let tag = etag(&fixture.get(path).await.expect(200));
            let bodies = ["a", "b"].map(|who| json!({key: format!("{who}{round}")}));
            let (a, b) = tokio::join!(
                put_if(&fixture, path, &tag, &bodies[0]).send(),
                put_if(&fixture, path, &tag, &bodies[1]).send()
            );
            let (won, lost) = if a.status == 200 { (a, b) } else { (b, a) };
            assert_eq!((won.status, lost.status), (200, 412), "expected one of them: {won:#?} {lost:#?}");
            assert_problem(&lost, 412, "precondition_failed");
            let now = fixture.get(path).await.expect(200);
            assert_eq!(
                (etag(&now), now.json()),
                (etag(&won), won.json()),
                "expected the change that was made"
            );
        }
    }
}

#[tokio::test]
async fn only_one_of_two_concurrent_names_for_a_version_is_kept() {
    let fixture = Fixture::with_many_instances().await;
    for round in 0..20 {
        let tag = etag(&fixture.get("/profile/").await.expect(200));
        let bodies = ["a", "b"].map(|who| json!({"full_name": format!("{who}{round}")}));
        let (a, b) = tokio::join!(
            put_if(&fixture, "/profile/", &tag, &bodies[0]).send(),
            put_if(&fixture, "/profile/", &tag, &bodies[1]).send()
        );
        let (won, lost) = if a.status == 200 { (a, b) } else { (b, a) };
        assert_eq!((won.status, lost.status), (200, 412), "expected one of them: {won:#?} {lost:#?}");
        assert_eq!(fixture.profile().await, won.json());
    }
}
