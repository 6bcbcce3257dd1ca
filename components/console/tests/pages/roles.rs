//! `/console/roles/{role_id}`

use serde_json::{Value, json};

use crate::support::{Pages, reply};

#[tokio::test]
async fn the_page_of_a_role_that_grants_much_stays_small() {
    let pages = Pages::open().await;
    pages.api.permit_ada(true, &[]);
    pages.api.on("GET /rbac/roles/3", || {
        let permissions: Vec<Value> = (1..=1000)
            .map(|id| json!({ "id": id, "name": format!("read articles of the shelf {id}"), "description": null, "resource": "article", "action": format!("read-{id}") }))
            .collect();
        reply(200, &json!({ "id": 3, "name": "reader", "description": null, "is_default": false, "permissions": permissions }))
    });
    pages.api.on("GET /rbac/users?limit=26&role_id=3", || reply(200, &json!([])));
    let page = pages.get("/console/roles/3").signed_in().send().await.expect(200);
    assert!(page.text.len() < 30 * 1024, "the page has {} octets", page.text.len());
    page.containing("article:read-100</code>").without("article:read-101</code>").containing("And 900 more.");
}

#[tokio::test]
async fn a_role_that_wants_a_second_factor_says_so() {
    for (is_strict, words) in [(true, 1), (false, 0)] {
        let pages = Pages::open().await;
        pages.api.permit_ada(true, &[]);
        let role = move || {
            json!({
                "id": 3, "name": "auditor", "description": null, "is_default": false, "requires_second_factor": is_strict,
                "permissions": [],
            })
        };
        pages.api.on("GET /rbac/roles/3", move || reply(200, &role()));
        pages.api.on("GET /rbac/roles?limit=26", move || reply(200, &json!([role()])));
        pages.api.on("GET /rbac/users?limit=26&role_id=3", || reply(200, &json!([])));
        for path in ["/console/roles/3", "/console/roles"] {
            let page = pages.get(path).signed_in().send().await.expect(200);
            assert_eq!(page.text.matches(">second factor</span>").count(), words, "{path}");
        }
        let page = pages.get("/console/roles/3").signed_in().send().await.expect(200);
        let checked = "name=\"requires_second_factor\" value=\"true\" checked";
        assert_eq!(page.text.matches(checked).count(), words);
    }
}
