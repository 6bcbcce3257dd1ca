//! Roles with `requires_second_factor`. They count only for callers who have proved a second factor.

use serde_json::{Value, json};
use users_tests::{Account, assert_problem};

use crate::{Rbac, id};

/// The states of an account and its sessions, by their names: the statements that make it of any other one (`{id}` is the account), and whether
/// strict roles count.
const STATES: [(&str, &str, bool); 4] = [
    (
        "no factor",
        "UPDATE users SET factors_since = NULL WHERE id = {id};
         UPDATE sessions SET factor_at = NULL WHERE user_id = {id}",
        false,
    ),
    (
        "a factor, but not in the session",
        "UPDATE users SET factors_since = now() WHERE id = {id};
         UPDATE sessions SET factor_at = NULL WHERE user_id = {id}",
        false,
    ),
    (
        "a factor in the session, long ago",
        "UPDATE users SET factors_since = now() - interval '1 year' WHERE id = {id};
         UPDATE sessions SET factor_at = now() - interval '30 days' WHERE user_id = {id}",
        true,
    ),
    (
        "a factor in the session, which is removed",
        "UPDATE users SET factors_since = NULL WHERE id = {id};
         UPDATE sessions SET factor_at = now() WHERE user_id = {id}",
        false,
    ),
];

/// The state in which strict roles count.
const PROVED: &str = STATES[2].1;

async fn enter(rbac: &Rbac, user: i64, statements: &str) {
    rbac.sql(&statements.replace("{id}", &user.to_string())).await;
}

/// An account with a strict role that grants these rights. The role has the account's name.
async fn strict(rbac: &Rbac, name: &str, rights: &[&str]) -> Account {
    let account = rbac.account_with(name, rights).await;
    rbac.sql(&format!("UPDATE roles SET requires_second_factor = true WHERE name = '{name}'")).await;
    account
}

/// The answer of `GET /rbac/my-permissions`: the names of the roles, and of the permissions.
async fn mine(rbac: &Rbac, token: &str) -> Value {
    let answer = rbac.service.get("/rbac/my-permissions").bearer(token).send().await.expect(200).json();
    let permissions = answer["permissions"].as_array().expect("a list").iter();
    let names: Vec<&Value> = permissions.map(|it| &it["name"]).collect();
    json!([answer["roles"], names])
}

async fn may(rbac: &Rbac, token: &str, question: Value) -> bool {
    let request = rbac.service.post("/rbac/check-permission").bearer(token).json(&question);
    let answer = request.send().await.expect(200).json();
    answer["allowed"].as_bool().expect("an answer")
}

/// True if the bearer may read the list of accounts, which needs `accounts:read`.
async fn reads_accounts(rbac: &Rbac, token: &str) -> bool {
    let answer = rbac.service.get("/users/").bearer(token).send().await;
    if answer.status != 200 {
        assert_problem(&answer, 403, "admin_required");
    }
    answer.status == 200
}

#[tokio::test]
async fn a_strict_role_counts_in_a_session_with_a_factor_only() {
    let rbac = Rbac::start().await;
    let alice = strict(&rbac, "alice", &["accounts:read"]).await;
    let lax = rbac.permission("report:read").await;
    let lax = rbac.role("zeta", &[lax]).await;
    rbac.assign(alice.id, &[lax]).await;
    let token = &alice.tokens.access;
    for (state, statements, counts) in STATES {
        enter(&rbac, alice.id, statements).await;
        let expected = if counts {
            json!([["alice", "zeta"], ["alice accounts:read", "report:read"]])
        } else {
            json!([["zeta"], ["report:read"]])
        };
        assert_eq!(mine(&rbac, token).await, expected, "{state}");
        assert_eq!(reads_accounts(&rbac, token).await, counts, "{state}");
        for question in [
            json!({"resource": "accounts", "action": "read"}),
            json!({"resource": "accounts", "action": "read", "user_id": alice.id}),
        ] {
            assert_eq!(may(&rbac, token, question).await, counts, "{state}");
        }
        assert!(may(&rbac, token, json!({"resource": "report", "action": "read"})).await, "{state}");
    }
    let question = json!({"resource": "accounts", "action": "read", "user_id": alice.id});
    let request = rbac.service.post("/rbac/check-permission").bearer(token).id("check").json(&question);
    request.send().await.expect(200);
    let log = rbac.service.logs().of_request("check").await;
    assert_eq!(log.statements().len(), 1, "{log:#?}");
}

#[tokio::test]
async fn a_right_that_a_lax_role_grants_too_counts_without_a_factor() {
    let rbac = Rbac::start().await;
    let alice = strict(&rbac, "alice", &["accounts:read"]).await;
    let same = rbac.permission("accounts:read").await;
    let lax = rbac.role("lax", &[same]).await;
    rbac.assign(alice.id, &[lax]).await;
    assert!(reads_accounts(&rbac, &alice.tokens.access).await);
}

#[tokio::test]
async fn administration_by_a_strict_role_needs_a_factor_and_is_admin_needs_none() {
    let rbac = Rbac::start().await;
    let by_role = strict(&rbac, "by-role", &["admin:all"]).await;
    for (state, statements, counts) in STATES {
        enter(&rbac, by_role.id, statements).await;
        enter(&rbac, rbac.root.id, statements).await;
        assert_eq!(reads_accounts(&rbac, &by_role.tokens.access).await, counts, "{state}");
        assert!(reads_accounts(&rbac, &rbac.root.tokens.access).await, "{state}: is_admin is no role");
        let path = format!("/users/{}/make-admin", rbac.root.id);
        let made = rbac.service.put(&path).bearer(&by_role.tokens.access).send().await;
        assert_eq!(made.status, if counts { 200 } else { 403 }, "{state}: {made:#?}");
    }
}

#[tokio::test]
async fn a_key_has_the_proof_of_the_session_that_made_it() {
    let rbac = Rbac::start().await;
    let alice = strict(&rbac, "alice", &["accounts:read"]).await;
    let make = async |body: Value| rbac.service.api_key(&alice.tokens.access, &body).await;
    let without = make(json!({"name": "without"})).await;
    enter(&rbac, alice.id, PROVED).await;
    rbac.sql("UPDATE sessions SET factor_at = now()").await;
    let with = make(json!({"name": "with"})).await;
    let limited = make(json!({"name": "limited", "permissions": ["accounts:read"]})).await;
    for (state, statements, counts) in STATES {
        enter(&rbac, alice.id, statements).await;
        // A key needs no session, but the account must still have a factor.
        let has_factor = counts || state.starts_with("a factor, but");
        assert!(!reads_accounts(&rbac, &without).await, "{state}");
        assert_eq!(reads_accounts(&rbac, &with).await, has_factor, "{state}");
        assert_eq!(reads_accounts(&rbac, &limited).await, has_factor, "{state}");
        let (roles, rights): (&[&str], &[&str]) =
            if has_factor { (&["alice"], &["alice accounts:read"]) } else { (&[], &[]) };
        assert_eq!(mine(&rbac, &with).await, json!([roles, rights]), "{state}");
        assert_eq!(mine(&rbac, &limited).await, json!([[], rights]), "{state}");
        assert_eq!(mine(&rbac, &without).await, json!([[], []]), "{state}");
    }
    let listed = rbac.service.get("/auth/api-keys").bearer(&alice.tokens.access).send().await.expect(200);
    let marks: Vec<Value> =
        listed.json().as_array().expect("a list").iter().map(|it| it["second_factor"].clone()).collect();
    assert_eq!(marks, [true, true, false], "the newest first");
}

#[tokio::test]
async fn the_key_of_a_program_has_the_proof_of_whoever_made_it() {
    let rbac = Rbac::start().await;
    let role = id(&rbac
        .post(
            "/rbac/roles",
            &json!({"name": "strict", "requires_second_factor": true,
            "permission_ids": [rbac.permission("accounts:read").await]}),
        )
        .await
        .expect(201));
    let body = json!({"kind": "service", "full_name": "Report", "role_ids": [role]});
    let program = id(&rbac.post("/users/", &body).await.expect(201));
    let path = format!("/users/{program}/api-keys");
    let make = async |token: &str| {
        let request = rbac.service.post(&path).bearer(token).json(&json!({"name": "a key"}));
        request.send().await.expect(201).json()["key"].as_str().expect("a key").to_owned()
    };
    let root = &rbac.root.tokens.access;
    let without = make(root).await;
    let key_without = rbac.service.api_key(root, &json!({"name": "without"})).await;
    enter(&rbac, rbac.root.id, PROVED).await;
    rbac.sql("UPDATE sessions SET factor_at = now()").await;
    let with = make(root).await;
    let key_with = rbac.service.api_key(root, &json!({"name": "with"})).await;
    // A key that makes a key passes on the proof that it has.
    for (key, counts) in
        [(without, false), (with, true), (make(&key_without).await, false), (make(&key_with).await, true)]
    {
        assert_eq!(reads_accounts(&rbac, &key).await, counts);
    }
    assert!(may(&rbac, root, json!({"resource": "accounts", "action": "read", "user_id": program})).await);
}

#[tokio::test]
async fn a_question_about_somebody_else_is_about_a_session_with_the_factor_that_they_have() {
    let rbac = Rbac::start().await;
    let alice = strict(&rbac, "alice", &["accounts:read"]).await;
    let question = json!({"resource": "accounts", "action": "read", "user_id": alice.id});
    for (state, statements, _) in STATES {
        enter(&rbac, alice.id, statements).await;
        let has_factor = state.starts_with("a factor") && !state.ends_with("removed");
        assert_eq!(may(&rbac, &rbac.root.tokens.access, question.clone()).await, has_factor, "{state}");
    }
}

#[tokio::test]
async fn a_role_becomes_strict_and_lax_from_the_next_request_on() {
    let rbac = Rbac::start().await;
    let alice = rbac.account_with("alice", &["accounts:read"]).await;
    let path = "/rbac/roles/1";
    for strict in [true, false, true] {
        let changed = rbac.put(path, &json!({"requires_second_factor": strict})).await.expect(200).json();
        assert_eq!(changed["requires_second_factor"], strict);
        assert_eq!(rbac.get(path).await.expect(200).json(), changed);
        assert_eq!(rbac.get("/rbac/roles").await.expect(200).json(), json!([changed]));
        assert_eq!(reads_accounts(&rbac, &alice.tokens.access).await, !strict);
    }
}

#[tokio::test]
async fn an_operator_makes_roles_strict_and_only_those_lax_whose_rights_the_operator_has() {
    let rbac = Rbac::start().await;
    let operator = rbac.account_with("operator", &["rbac:write", "report:read"]).await;
    let (held, lacked) = (rbac.permission("report:read").await, rbac.permission("report:write").await);
    let role = rbac.role("reporter", &[held, lacked]).await;
    let path = format!("/rbac/roles/{role}");
    let put =
        async |body: Value| rbac.service.put(&path).bearer(&operator.tokens.access).json(&body).send().await;
    put(json!({"requires_second_factor": true})).await.expect(200);
    put(json!({"requires_second_factor": true, "name": "renamed"})).await.expect(200);
    put(json!({"description": "stays strict"})).await.expect(200);
    let before = rbac.state().await;
    let refused = [
        json!({"requires_second_factor": false}),
        json!({"requires_second_factor": false, "permission_ids": [held, lacked]}),
    ];
    for body in refused {
        assert_problem(&put(body).await, 403, "exceeds_own_rights");
        assert_eq!(rbac.state().await, before);
    }
    put(json!({"requires_second_factor": false, "permission_ids": [held]})).await.expect(200);
}

#[tokio::test]
async fn an_operator_without_the_factor_gives_nobody_what_a_strict_role_of_theirs_grants() {
    let rbac = Rbac::start().await;
    let operator = rbac.account_with("operator", &["rbac:write"]).await;
    let right = rbac.permission("report:read").await;
    let strict = json!({"name": "strict", "requires_second_factor": true, "permission_ids": [right]});
    let strict = id(&rbac.post("/rbac/roles", &strict).await.expect(201));
    rbac.assign(operator.id, &[strict]).await;
    let token = &operator.tokens.access;
    for (state, statements, counts) in STATES {
        enter(&rbac, operator.id, statements).await;
        let name = format!("mine {state}");
        let body = json!({"name": name, "permission_ids": [right]});
        let made = rbac.service.post("/rbac/roles").bearer(token).json(&body).send().await;
        if counts {
            made.expect(201);
        } else {
            assert_problem(&made, 403, "exceeds_own_rights");
        }
        let path = format!("/rbac/roles/{strict}");
        let lax = rbac
            .service
            .put(&path)
            .bearer(token)
            .json(&json!({"requires_second_factor": false}))
            .send()
            .await;
        if counts {
            lax.expect(200);
            rbac.sql("UPDATE roles SET requires_second_factor = true WHERE name = 'strict'").await;
        } else {
            assert_problem(&lax, 403, "exceeds_own_rights");
        }
    }
}

/// The holder of a strict role can set up a factor without anybody's help, so administration is not lost with the last lax administrator.
#[tokio::test]
async fn whoever_administrates_by_a_strict_role_may_be_the_last_one() {
    let rbac = Rbac::start().await;
    let boss = strict(&rbac, "boss", &["admin:all"]).await;
    let other = rbac.service.administrator("other@example.com").await;
    let remove = format!("/users/{}/remove-admin", other.id);
    rbac.request("PUT", &remove).send().await.expect(200);
    enter(&rbac, boss.id, PROVED).await;
    let remove = format!("/users/{}/remove-admin", rbac.root.id);
    rbac.service.put(&remove).bearer(&boss.tokens.access).send().await.expect(200);
    enter(&rbac, boss.id, STATES[0].1).await;
    assert!(!reads_accounts(&rbac, &boss.tokens.access).await);
    enter(&rbac, boss.id, PROVED).await;
    let last = rbac.service.delete(&format!("/rbac/users/{}/roles/1", boss.id)).bearer(&boss.tokens.access);
    assert_problem(&last.send().await, 409, "last_admin");
}
