//! `/account/api-keys`

use serde_json::{Value, json};

use super::HOSTILE;
use crate::support::{Pages, Reply, faults, problem, reply};

const PATH: &str = "/account/api-keys";
const KEY: &str = "uk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABf45VE";

fn key(name: &str, changed: &Value) -> Value {
    let mut key = json!({
        "id": 9, "name": name, "permissions": null, "addresses": null, "expires_at": null,
        "created_at": "2026-05-15T09:30:00.123456Z", "last_used_at": null,
    });
    for (name, value) in changed.as_object().unwrap() {
        key[name] = value.clone();
    }
    key
}

async fn pages() -> Pages {
    let pages = Pages::of_ada().await;
    pages.api.on("GET /auth/api-keys", || reply(200, &json!([])));
    pages
}

fn made() -> Reply {
    reply(201, &key("report", &json!({ "key": KEY })))
}

#[tokio::test]
async fn a_key_is_listed_with_its_limits_and_without_itself() {
    let pages = Pages::of_ada().await;
    pages.api.on("GET /auth/api-keys", || {
        reply(
            200,
            &json!([
                key(
                    "report",
                    &json!({
                        "permissions": ["accounts:read", "rbac:read"], "addresses": ["10.0.0.0/8"],
                        "expires_at": "2099-01-01T00:00:00Z", "last_used_at": "2026-05-16T07:00:00Z",
                    })
                ),
                key("old", &json!({ "permissions": [], "expires_at": "2020-01-01T00:00:00Z" })),
                key("all", &json!({})),
            ]),
        )
    });
    let page = pages.get(PATH).signed_in().send().await.expect(200);
    page.containing("accounts:read, rbac:read")
        .containing("10.0.0.0/8")
        .containing("<time datetime=\"2099-01-01T00:00:00.000000Z\">in ")
        .containing("Expired")
        .containing("Never")
        .containing("never used")
        .containing("Everywhere")
        .containing("All that I have")
        .containing("action=\"/account/api-keys/9/end\"")
        .without("uk_");
}

#[tokio::test]
async fn who_has_no_keys_reads_that() {
    pages().await.get(PATH).signed_in().send().await.expect(200).containing("You have no API keys.");
}

#[tokio::test]
async fn the_permissions_that_a_person_has_are_offered() {
    let pages = pages().await;
    pages.api.permit_ada(false, &["article:read", "accounts:read"]);
    let page = pages.get(PATH).signed_in().send().await.expect(200);
    page.containing("name=\"permissions\" value=\"accounts:read\"")
        .containing("name=\"permissions\" value=\"article:read\"");
}

#[tokio::test]
async fn an_administrator_is_offered_all_permissions_that_exist() {
    let pages = pages().await;
    pages.api.permit_ada(true, &[]);
    pages.api.on("GET /rbac/permissions?limit=1000", || {
        reply(
            200,
            &json!([{ "id": 1, "name": "x", "description": null, "resource": "rbac", "action": "write" }]),
        )
    });
    pages.get(PATH).signed_in().send().await.expect(200).containing("value=\"rbac:write\"");
}

#[tokio::test]
async fn an_administrator_where_the_administration_is_closed_has_the_page_all_the_same() {
    for (status, code) in [(403, "address_refused"), (403, "admin_required")] {
        let pages = pages().await;
        pages.api.permit_ada(true, &["article:read"]);
        pages.api.on("GET /rbac/permissions?limit=1000", move || problem(status, code));
        pages.get(PATH).signed_in().send().await.expect(200).containing("value=\"article:read\"");
    }
}

#[tokio::test]
async fn a_new_key_is_shown_once() {
    let pages = pages().await;
    pages.api.on("POST /auth/api-keys", made);
    let fields = [
        ("name", "report"),
        ("scope", "some"),
        ("permissions", "accounts:read"),
        ("permissions", "rbac:read, article:read"),
        ("expires_at", "2099-05-15"),
        ("addresses", "192.0.2.7, 10.0.0.0/8"),
    ];
    let page = pages.post(PATH, &fields).signed_in().send().await.expect(200);
    assert_eq!(page.headers["cache-control"], "no-store");
    page.containing(KEY).containing("data-copy=\"key\"").containing("It is shown this once");
    assert_eq!(
        pages.api.seen("POST /auth/api-keys")[0].json(),
        json!({
            "name": "report", "expires_at": "2099-05-15T23:59:59Z",
            "permissions": ["accounts:read", "rbac:read", "article:read"],
            "addresses": ["192.0.2.7", "10.0.0.0/8"],
        })
    );
    pages.get(PATH).signed_in().send().await.expect(200).without(KEY);
}

#[tokio::test]
async fn a_form_without_rights_makes_no_key() {
    let pages = pages().await;
    for fields in [&[("name", "report")][..], &[("name", "report"), ("scope", "some")]] {
        let page = pages.post(PATH, fields).signed_in().send().await.expect(422);
        page.containing("id=\"permissions-faults\"><li>Choose “All that I have”")
            .containing("value=\"report\"");
    }
    let contradiction = [("name", "report"), ("scope", "all"), ("permissions", "accounts:read")];
    let page = pages.post(PATH, &contradiction).signed_in().send().await.expect(422);
    page.containing("id=\"permissions-faults\"><li>Choose “Only these”");
    assert_eq!(pages.api.seen("POST /auth/api-keys").len(), 0);
}

#[tokio::test]
async fn faults_are_beside_their_fields_and_the_input_stays() {
    let pages = pages().await;
    pages.api.on("POST /auth/api-keys", || {
        faults(&[
            ("/name", "must be 1 to 100 characters long"),
            ("/permissions/1", "must be a resource and an action, such as accounts:read"),
            ("/expires_at", "must be in the future"),
            (
                "/addresses/0",
                "must be an address such as 192.0.2.7, or the first address of a network and its length such as 10.0.0.0/8",
            ),
        ])
    });
    let fields = [
        ("name", HOSTILE),
        ("scope", "some"),
        ("permissions", "a:b c"),
        ("expires_at", "2020-01-01"),
        ("addresses", "x"),
    ];
    let page = pages.post(PATH, &fields).signed_in().send().await.expect(422);
    page.containing("id=\"name-faults\"><li>Use 1 to 100 characters.")
        .containing("id=\"permissions-faults\"><li>Write a resource and an action")
        .containing("id=\"expires_at-faults\"><li>Choose a date in the future.")
        .containing("id=\"addresses-faults\"><li>Write an address such as 192.0.2.7")
        .containing("value=\"some\" checked")
        .containing("value=\"a:b c\"")
        .containing("value=\"2020-01-01\"")
        .without("<script>alert");
}

#[tokio::test]
async fn too_many_keys_are_told() {
    let pages = pages().await;
    pages.api.on("POST /auth/api-keys", || problem(409, "too_many_api_keys"));
    let page = pages.post(PATH, &[("name", "report"), ("scope", "all")]).signed_in().send().await.expect(409);
    page.containing("role=\"alert\"").containing("value=\"report\"");
}

#[tokio::test]
async fn a_key_is_ended() {
    let pages = pages().await;
    pages.api.on("DELETE /auth/api-keys/9", || reply(204, &Value::Null));
    let answer = pages.post("/account/api-keys/9/end", &[]).signed_in().send().await;
    assert_eq!(answer.location(), "/account/api-keys?done=api-key-ended");
    pages.get(answer.location()).signed_in().send().await.containing("The key has ended.");
    for id in ["8", "x"] {
        let path = format!("/account/api-keys/{id}/end");
        pages.post(&path, &[]).signed_in().send().await.expect(404).containing("role=\"alert\"");
    }
}

#[tokio::test]
async fn a_hostile_name_is_escaped() {
    let pages = Pages::of_ada().await;
    pages
        .api
        .on("GET /auth/api-keys", || reply(200, &json!([key(HOSTILE, &json!({ "addresses": [HOSTILE] }))])));
    pages.get(PATH).signed_in().send().await.expect(200).without("<script>alert");
}
