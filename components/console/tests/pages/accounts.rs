//! `/console/accounts/{user_id}`

use serde_json::{Value, json};

use crate::support::{Pages, problem, reply};

const PATH: &str = "/console/accounts/8";

/// The pages for an operator of accounts, and the account with the id 8.
async fn pages() -> Pages {
    let pages = Pages::open().await;
    pages.api.permit_ada(false, &["accounts:read", "accounts:write"]);
    pages.api.on("GET /users/8", || {
        reply(
            200,
            &json!({
                "id": 8, "email": "mallory@example.com", "full_name": null, "is_active": true, "is_admin": false,
                "created_at": "2026-05-15T09:30:00.123456Z", "updated_at": "2026-05-15T09:30:00.123456Z",
                "email_verified": true, "kind": "person",
            }),
        )
    });
    pages.api.on("GET /users/8/sessions", || reply(200, &json!([])));
    pages.api.on("GET /users/8/api-keys", || reply(200, &json!([])));
    pages
}

/// More than an answer may hold.
fn too_much() -> Value {
    json!(["x".repeat(1024 * 1024)])
}

#[tokio::test]
async fn nobody_hides_an_account_behind_more_sessions_and_keys_than_an_answer_holds() {
    for list in ["sessions", "api-keys"] {
        let pages = pages().await;
        let line = format!("GET /users/8/{list}");
        pages.api.off(&line);
        pages.api.on(&line, || reply(200, &too_much()));
        let page = pages.get(PATH).signed_in().send().await.expect(200);
        page.containing("mallory@example.com")
            .containing("more sessions, API keys or roles than this page can show")
            .containing("href=\"/console/accounts/8/sessions\"")
            .containing("href=\"/console/accounts/8/deactivate\"");
    }
    pages().await.get(PATH).signed_in().send().await.expect(200).without("than this page can show");
}

#[tokio::test]
async fn a_limit_of_the_api_tells_browsers_when_to_come_back() {
    let pages = pages().await;
    pages.api.off("GET /users/8");
    pages.api.on("GET /users/8", || {
        let crate::support::Reply::Answer(mut answer) = problem(503, "database_unavailable") else {
            unreachable!()
        };
        answer.headers_mut().insert("retry-after", "5".parse().unwrap());
        crate::support::Reply::Answer(answer)
    });
    let page = pages.get(PATH).signed_in().send().await.expect(503);
    assert_eq!(page.headers["retry-after"], "5");
}
