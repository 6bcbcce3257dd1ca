//! `/console/check`

use serde_json::json;

use crate::support::{Pages, reply};

#[tokio::test]
async fn an_address_that_is_longer_than_a_search_is_found_all_the_same() {
    let pages = Pages::open().await;
    pages.api.permit_ada(true, &[]);
    let address = format!("{}@{}.example.com", "a".repeat(64), "b".repeat(60));
    let other = format!("{}@{}.example.net", "a".repeat(64), "b".repeat(60));
    let line = format!("GET /users/?search={}%40{}&limit=100", "a".repeat(64), "b".repeat(35));
    let found = address.clone();
    pages.api.on(&line, move || {
        reply(
            200,
            &json!([{ "id": 9, "email": found, "full_name": null, "is_active": true, "is_admin": false }]),
        )
    });
    pages.api.on("POST /rbac/check-permission", || {
        reply(200, &json!({ "allowed": false, "user_id": 9, "resource": "article", "action": "read" }))
    });
    for (who, status, words) in
        [(&address, 200, "may not do article:read"), (&other, 200, "No account has this number or address.")]
    {
        let path = format!("/console/check?user_id={who}&resource=article&action=read");
        pages.get(&path).signed_in().send().await.expect(status).containing(words);
    }
    assert_eq!(
        pages.api.seen("POST /rbac/check-permission").len(),
        1,
        "expected no question about another account"
    );
}

#[tokio::test]
async fn a_role_that_counts_with_a_second_factor_only_explains_a_refusal() {
    let pages = Pages::open().await;
    pages.api.permit_ada(true, &[]);
    pages.api.on("POST /rbac/check-permission", || {
        reply(200, &json!({ "allowed": false, "user_id": 9, "resource": "article", "action": "read" }))
    });
    for (strict, words) in
        [(true, "count only with a second factor: editor"), (false, "By these roles: editor")]
    {
        pages.api.off("GET /rbac/users/9/roles");
        pages.api.on("GET /rbac/users/9/roles", move || {
            let permission = json!({ "id": 1, "name": "read", "resource": "article", "action": "read" });
            reply(
                200,
                &json!([{ "name": "editor", "requires_second_factor": strict, "permissions": [permission] }]),
            )
        });
        let path = "/console/check?user_id=9&resource=article&action=read";
        pages.get(path).signed_in().send().await.expect(200).containing(words);
    }
}
