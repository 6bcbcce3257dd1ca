//! The number of statements of each route: the guard's statement and one more.

use users_tests::{Answer, PASSWORD};

use crate::support::{Fixture, body, everything, routes};

impl Fixture {
    async fn assert_statements(&self, id: &str, limit: usize, answer: &Answer) {
        let log = self.service.logs().of_request(id).await;
        assert!(log.statements().len() <= limit, "{id}: expected at most {limit}: {log:#?} {answer:#?}");
    }
}

#[tokio::test]
async fn every_route_runs_at_most_two_statements() {
    let fixture = Fixture::start().await;
    for (number, route) in routes().into_iter().enumerate() {
        let (method, path) = &route;
        let id = fixture.add(1).await[0];
        // A route may end the sessions of its caller.
        let token = fixture.service.login("root@example.com", PASSWORD).await.access;
        for (case, target) in [("found", id), ("missing", 999_999), ("own", fixture.root.id)] {
            let name = format!("{number}-{case}");
            let request = fixture.service.request(method, &path.replace("{id}", &target.to_string()));
            let mut request = request.bearer(&token).id(&name);
            if let Some(body) = body(&route, target) {
                request = request.json(&body);
            }
            let answer = request.send().await;
            assert!([200, 201, 202, 204, 404, 409].contains(&answer.status), "{method} {path}: {answer:#?}");
            fixture.assert_statements(&name, 2, &answer).await;
        }
        fixture.sql("DELETE FROM users WHERE password_hash = '!'").await;
    }
}

#[tokio::test]
async fn a_list_of_a_thousand_users_is_two_statements() {
    let fixture = Fixture::start().await;
    fixture.add(1200).await;
    for (id, query) in [
        ("plain", "limit=1000"),
        ("total", "limit=1000&total=true"),
        ("search", "limit=1000&search=example&active_only=true&total=true"),
        ("key", "limit=1000&after=5"),
        ("empty", "skip=5000&total=true"),
        ("nobody", "search=nobody&total=true"),
    ] {
        let token = &fixture.root.tokens.access;
        let answer =
            fixture.service.get(&format!("/users/?{query}")).bearer(token).id(id).send().await.expect(200);
        let log = fixture.service.logs().of_request(id).await;
        assert_eq!(log.statements().len(), 2, "{id}: {log:#?} {answer:#?}");
    }
}

#[tokio::test]
async fn a_refusal_is_one_statement_at_most() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let before = everything(&fixture.service).await;
    for (number, (method, path)) in routes().into_iter().enumerate() {
        let path = path.replace("{id}", &fixture.root.id.to_string());
        for (case, token, limit) in [("stranger", "x.y.z", 0), ("user", alice.tokens.access.as_str(), 1)] {
            let name = format!("{number}-{case}");
            let answer = fixture.service.request(method, &path).bearer(token).id(&name).send().await;
            assert!([401, 403].contains(&answer.status), "{method} {path}: {answer:#?}");
            fixture.assert_statements(&name, limit, &answer).await;
        }
    }
    // Invalid input is refused before a statement runs.
    for (name, path) in [("limit", "/users/?limit=0"), ("id", "/users/abc")] {
        let request = fixture.service.get(path).bearer(&fixture.root.tokens.access).id(name);
        let answer = request.send().await.expect(422);
        fixture.assert_statements(name, 1, &answer).await;
    }
    assert_eq!(everything(&fixture.service).await, before);
}
