//! The calls of the API that each page makes. A page waits for the API twice at most: first for who is signed in, then for all the rest
//! at once.

use serde_json::{Value, json};

use crate::support::{Pages, Visit, reply};

/// The calls that tell who is signed in.
const WHO: [&str; 3] = ["GET /auth/me", "GET /profile/preferences", "GET /rbac/my-permissions"];

/// Each page, and what it asks besides.
#[rustfmt::skip]
const PAGES: [(&str, &[&str]); 26] = [
    ("/account",                                 &[]),
    ("/account/profile",                         &["GET /profile"]),
    ("/account/preferences",                     &[]),
    ("/account/security",                        &["GET /auth/factors", "GET /auth/passkeys"]),
    ("/account/sessions",                        &["GET /auth/sessions"]),
    ("/account/api-keys",                        &["GET /auth/api-keys", "GET /rbac/permissions?limit=1000"]),
    ("/account/confirm",                         &["GET /auth/factors"]),
    ("/account/export",                          &[]),
    ("/account/delete",                          &[]),
    ("/console",                                 &["GET /users/statistics"]),
    ("/console/check",                           &[]),
    ("/console/api",                             &[]),
    ("/console/accounts",                        &["GET /rbac/role-names?limit=200", "GET /users/?limit=26"]),
    ("/console/accounts/new",                    &["GET /rbac/role-names?limit=200"]),
    ("/console/accounts/new?kind=service",       &["GET /rbac/role-names?limit=200"]),
    ("/console/accounts/7", &[
        "GET /profile/7", "GET /rbac/role-names?limit=200", "GET /rbac/users/7/roles", "GET /users/7",
        "GET /users/7/api-keys", "GET /users/7/sessions",
    ]),
    ("/console/accounts/7/delete",               &["GET /users/7"]),
    ("/console/accounts/7/make-admin",           &["GET /users/7"]),
    ("/console/accounts/7/factors",              &["GET /users/7"]),
    ("/console/roles",                           &["GET /rbac/roles?limit=26"]),
    ("/console/roles/3",                         &["GET /rbac/roles/3", "GET /rbac/users?limit=26&role_id=3"]),
    ("/console/roles/3/delete",                  &["GET /rbac/roles/3"]),
    ("/console/permissions",                     &["GET /rbac/permissions?limit=31", "GET /rbac/roles?limit=7"]),
    ("/console/permissions/5",                   &["GET /rbac/permissions/5"]),
    ("/console/permissions/5/delete",            &["GET /rbac/permissions/5"]),
    ("/console/accounts?search=a&active_only=true", &[
        "GET /rbac/role-names?limit=200", "GET /users/?search=a&active_only=true&limit=26",
    ]),
];

/// The pages for people who are not signed in. They need no answer of the API.
const FOR_GUESTS: [&str; 5] = [
    "/account",
    "/account/register",
    "/account/forgot-password",
    "/account/reset-password",
    "/account/verify-email",
];

/// The object at a path of the API; an empty list for every other path.
fn object(line: &str) -> Value {
    let time = "2026-05-15T09:30:00.123456Z";
    match line {
        "GET /profile" | "GET /profile/7" => json!({}),
        "GET /users/7" => json!({
            "id": 7, "email": "ada@example.com", "full_name": "Ada", "is_active": true, "is_admin": false,
            "created_at": time, "updated_at": time, "email_verified": true, "kind": "person",
        }),
        "GET /rbac/roles/3" => {
            json!({ "id": 3, "name": "editor", "description": null, "is_default": false, "permissions": [] })
        }
        "GET /rbac/permissions/5" => {
            json!({ "id": 5, "name": "read", "description": null, "resource": "article", "action": "read" })
        }
        "GET /auth/factors" => crate::support::factors(true, 1, 10),
        "GET /users/statistics" => json!({
            "accounts": 1, "new_this_week": 0, "active_sessions": 1, "oldest_unsent_mail_seconds": null,
            "schema_version": 34, "hours": [],
        }),
        _ => json!([]),
    }
}

/// The calls of a visit, in their order, and how often it waited for answers.
async fn calls(pages: &Pages, visit: Visit<'_>) -> (Vec<String>, usize) {
    let before = pages.api.all().len();
    visit.send().await.expect(200);
    let seen = pages.api.all().split_off(before);
    let mut waits: Vec<usize> = seen.iter().map(|call| call.answered).collect();
    waits.dedup();
    (seen.iter().map(crate::support::Seen::line).collect(), waits.len())
}

#[tokio::test]
async fn a_page_asks_the_api_for_nothing_else_and_for_all_of_it_at_once() {
    let pages = Pages::open().await;
    pages.api.permit_ada(false, &["admin:all"]);
    pages.api.off("GET /users/statistics");
    for line in PAGES.iter().flat_map(|(_, asked)| *asked) {
        pages.api.off(line);
        pages.api.on(line, move || reply(200, &object(line)));
    }
    for (path, asked) in PAGES {
        let (mut made, waits) = calls(&pages, pages.get(path).signed_in()).await;
        let mut rest = made.split_off(WHO.len());
        made.sort();
        rest.sort();
        assert_eq!(
            (made, rest),
            (WHO.map(str::to_owned).to_vec(), asked.iter().map(|it| (*it).to_owned()).collect()),
            "{path}"
        );
        assert_eq!(waits, if asked.is_empty() { 1 } else { 2 }, "{path}: expected all calls at once");
    }
}

#[tokio::test]
async fn a_page_for_guests_asks_the_api_for_nothing() {
    let pages = Pages::open().await;
    for path in FOR_GUESTS {
        assert_eq!(calls(&pages, pages.get(path)).await, (vec![], 0), "{path}");
    }
}
