//! Who may use the routes.

use users_tests::{Account, assert_no_store, assert_problem};

use crate::support::{Office, ROUTES, ask, everything, grant};

impl Office {
    /// Every route refuses the caller, and changes nothing.
    async fn assert_refused(&self, token: Option<&str>, status: u16, code: &str) {
        let id = self.add(1).await[0];
        let before = everything(&self.service).await;
        for route in ROUTES {
            let answer = ask(&self.service, token, route, id).await;
            assert_problem(&answer, status, code);
            assert_no_store(&answer);
        }
        assert_eq!(everything(&self.service).await, before, "expected nothing to have changed");
        self.sql(&format!("DELETE FROM users WHERE id = {id}")).await;
    }

    /// Every route does its work for the caller.
    async fn assert_served(&self, caller: &Account) {
        for route in ROUTES {
            let id = self.add(1).await[0];
            let answer = ask(&self.service, Some(&caller.tokens.access), route, id).await;
            assert!([200, 204].contains(&answer.status), "{route:?}: {answer:#?}");
            assert_no_store(&answer);
            self.sql("DELETE FROM users WHERE password_hash = '!'").await;
        }
    }
}

#[tokio::test]
async fn without_a_good_token_nobody_may() {
    let office = Office::open().await;
    office.assert_refused(None, 401, "not_authenticated").await;
    office.assert_refused(Some("x.y.z"), 401, "invalid_token").await;
    office.assert_refused(Some(&office.root.tokens.refresh), 401, "invalid_token").await;
    office.service.post("/auth/logout").bearer(&office.root.tokens.access).send().await.expect(204);
    office.assert_refused(Some(&office.root.tokens.access), 401, "invalid_token").await;
}

#[tokio::test]
async fn an_ordinary_user_may_not() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    office.assert_refused(Some(&alice.tokens.access), 403, "admin_required").await;
    // Not even about themselves.
    for route in ROUTES {
        let answer = ask(&office.service, Some(&alice.tokens.access), route, alice.id).await;
        assert_problem(&answer, 403, "admin_required");
    }
}

#[tokio::test]
async fn permissions_on_users_make_nobody_an_administrator() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    for permission in
        ["user:read", "user:write", "user:all", "users:all", "admin:read", "admin:write", "all:all"]
    {
        grant(&office.service, alice.id, permission).await;
        office.assert_refused(Some(&alice.tokens.access), 403, "admin_required").await;
    }
}

#[tokio::test]
async fn administrators_may_by_their_mark() {
    let office = Office::open().await;
    office.assert_served(&office.root).await;
}

#[tokio::test]
async fn administrators_may_by_a_permission_of_their_roles() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    grant(&office.service, alice.id, "user:read").await;
    grant(&office.service, alice.id, "admin:all").await;
    office.assert_served(&alice).await;
}

#[tokio::test]
async fn a_grant_and_its_removal_count_from_the_next_request_on() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    let list = || office.service.get("/users/").bearer(&alice.tokens.access).send();
    for taking_away in [
        "DELETE FROM user_roles",
        "DELETE FROM role_permissions",
        "DELETE FROM permissions",
        "DELETE FROM roles",
    ] {
        assert_problem(&list().await, 403, "admin_required");
        grant(&office.service, alice.id, "admin:all").await;
        list().await.expect(200);
        office.sql(taking_away).await;
        assert_problem(&list().await, 403, "admin_required");
        office.sql("DELETE FROM roles; DELETE FROM permissions").await;
    }
}

#[tokio::test]
async fn inactive_administrators_may_not() {
    let office = Office::open().await;
    let (alice, bob) = (
        office.service.administrator("alice@example.com").await,
        office.service.account("bob@example.com").await,
    );
    grant(&office.service, bob.id, "admin:all").await;
    // By SQL the sessions live on, so that it is the account alone which counts.
    office.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", alice.id)).await;
    office.put(&format!("/users/{}/deactivate", bob.id)).await.expect(200);
    for account in [&alice, &bob] {
        office.assert_refused(Some(&account.tokens.access), 403, "inactive_account").await;
    }
}

#[tokio::test]
async fn deleted_administrators_may_not() {
    let office = Office::open().await;
    let alice = office.service.administrator("alice@example.com").await;
    office.delete(&format!("/users/{}", alice.id)).await.expect(204);
    office.assert_refused(Some(&alice.tokens.access), 401, "invalid_token").await;
}

/// A stranger learns neither whether an account exists nor which requests are well-formed.
#[tokio::test]
async fn who_may_not_learns_nothing() {
    let office = Office::open().await;
    let alice = office.service.account("alice@example.com").await;
    let id = office.add(1).await[0].to_string();
    for (token, status) in [(None, 401), (Some(&alice.tokens.access), 403)] {
        for (method, path) in ROUTES {
            let mut bodies = Vec::new();
            for target in [id.as_str(), "999999", "0", "abc"] {
                let path = path.replace("{id}", target);
                let query = if path == "/users" { "?limit=0&skip=x" } else { "" };
                let body = format!(r#"{{"user_ids": [{target}]}}"#);
                let mut request = office.service.request(method, &format!("{path}{query}")).id("same");
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
