//! Access to the routes.

use users_tests::{Account, assert_no_store, assert_problem};

use crate::support::{Fixture, ask, everything, grant, prepare, routes};

impl Fixture {
    /// Asserts that every route refuses the caller and changes nothing.
    async fn assert_refused(&self, token: Option<&str>, status: u16, code: &str) {
        let id = self.add(1).await[0];
        let before = everything(&self.service).await;
        for route in &routes() {
            let answer = ask(&self.service, token, route, id).await;
            assert_problem(&answer, status, code);
            assert_no_store(&answer);
        }
        assert_eq!(everything(&self.service).await, before, "expected nothing to have changed");
        self.sql(&format!("DELETE FROM users WHERE id = {id}")).await;
    }

    /// Asserts that every route admits the caller.
    async fn assert_served(&self, caller: &Account) {
        for route in &routes() {
            let id = self.add(1).await[0];
            prepare(&self.service, route, id).await;
            let answer = ask(&self.service, Some(&caller.tokens.access), route, id).await;
            assert!([200, 201, 202, 204].contains(&answer.status), "{route:?}: {answer:#?}");
            assert_no_store(&answer);
            self.sql("DELETE FROM users WHERE password_hash = '!' OR kind = 'service'").await;
        }
    }
}

#[tokio::test]
async fn without_a_valid_token_every_route_is_401() {
    let fixture = Fixture::start().await;
    fixture.assert_refused(None, 401, "not_authenticated").await;
    fixture.assert_refused(Some("x.y.z"), 401, "invalid_token").await;
    fixture.assert_refused(Some(&fixture.root.tokens.refresh), 401, "invalid_token").await;
    fixture.service.post("/auth/logout").bearer(&fixture.root.tokens.access).send().await.expect(204);
    fixture.assert_refused(Some(&fixture.root.tokens.access), 401, "invalid_token").await;
}

#[tokio::test]
async fn an_ordinary_user_is_refused() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    fixture.assert_refused(Some(&alice.tokens.access), 403, "admin_required").await;
    // Requests about the caller's own account are refused, too.
    for route in &routes() {
        let answer = ask(&fixture.service, Some(&alice.tokens.access), route, alice.id).await;
        assert_problem(&answer, 403, "admin_required");
    }
}

#[tokio::test]
async fn permissions_on_users_do_not_make_an_administrator() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    for permission in
        ["user:read", "user:write", "user:all", "users:all", "admin:read", "admin:write", "all:all"]
    {
        grant(&fixture.service, alice.id, permission).await;
        fixture.assert_refused(Some(&alice.tokens.access), 403, "admin_required").await;
    }
}

#[tokio::test]
async fn administrators_are_admitted_by_is_admin() {
    let fixture = Fixture::start().await;
    fixture.assert_served(&fixture.root).await;
}

#[tokio::test]
async fn administrators_are_admitted_by_a_permission_of_their_roles() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    grant(&fixture.service, alice.id, "user:read").await;
    grant(&fixture.service, alice.id, "admin:all").await;
    fixture.assert_served(&alice).await;
}

#[tokio::test]
async fn a_grant_and_its_removal_count_at_the_next_request() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let list = || fixture.service.get("/users/").bearer(&alice.tokens.access).send();
    for removal in [
        "DELETE FROM user_roles",
        "DELETE FROM role_permissions",
        "DELETE FROM permissions",
        "DELETE FROM roles",
    ] {
        assert_problem(&list().await, 403, "admin_required");
        grant(&fixture.service, alice.id, "admin:all").await;
        list().await.expect(200);
        fixture.sql(removal).await;
        assert_problem(&list().await, 403, "admin_required");
        fixture.sql("DELETE FROM roles; DELETE FROM permissions").await;
    }
}

#[tokio::test]
async fn inactive_administrators_are_refused() {
    let fixture = Fixture::start().await;
    let (alice, bob) = (
        fixture.service.administrator("alice@example.com").await,
        fixture.service.account("bob@example.com").await,
    );
    grant(&fixture.service, bob.id, "admin:all").await;
    // This statement keeps Alice's session, so only the state of the account matters.
    fixture.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", alice.id)).await;
    fixture.put(&format!("/users/{}/deactivate", bob.id)).await.expect(200);
    for account in [&alice, &bob] {
        fixture.assert_refused(Some(&account.tokens.access), 403, "inactive_account").await;
    }
}

#[tokio::test]
async fn deleted_administrators_are_refused() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    fixture.delete(&format!("/users/{}", alice.id)).await.expect(204);
    fixture.assert_refused(Some(&alice.tokens.access), 401, "invalid_token").await;
}

/// The answer depends neither on the existence of an account nor on the validity of the request.
#[tokio::test]
async fn a_refused_caller_learns_nothing() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let id = fixture.add(1).await[0].to_string();
    for (token, status) in [(None, 401), (Some(&alice.tokens.access), 403)] {
        for (method, path) in routes() {
            let mut bodies = Vec::new();
            for target in [id.as_str(), "999999", "0", "abc"] {
                let path = path.replace("{id}", target);
                let query = if path == "/users" { "?limit=0&skip=x" } else { "" };
                let body = format!(r#"{{"user_ids": [{target}]}}"#);
                let mut request = fixture.service.request(method, &format!("{path}{query}")).id("same");
                if method == "PUT" {
                    request = request.body("application/json", body);
                }
                if let Some(token) = token {
                    request = request.bearer(token);
                }
                let answer = request.send().await.expect(status);
                bodies.push(answer.body);
            }
            bodies.dedup();
            assert_eq!(bodies.len(), 1, "{method} {path}: expected one answer: {bodies:#?}");
        }
    }
}
