//! `/account/export`

use axum::http::HeaderValue;
use serde_json::json;

use crate::support::{Pages, Reply, problem, reply};

const PATH: &str = "/account/export";

#[tokio::test]
async fn the_file_is_what_the_api_exports() {
    let pages = Pages::of_ada().await;
    pages.api.on("GET /auth/export", || {
        let Reply::Answer(mut answer) = reply(200, &json!({ "account": { "id": 7 } })) else {
            unreachable!()
        };
        let name = HeaderValue::from_static("attachment; filename=\"account-7.json\"");
        answer.headers_mut().insert("content-disposition", name);
        Reply::Answer(answer)
    });
    pages.get(PATH).signed_in().send().await.expect(200).containing("action=\"/account/export\"");
    let file = pages.post(PATH, &[]).signed_in().send().await.expect(200);
    assert_eq!(file.text, "{\"account\":{\"id\":7}}");
    assert_eq!(file.headers["content-type"], "application/json");
    assert_eq!(file.headers["content-disposition"], "attachment; filename=\"account-7.json\"");
    assert_eq!(file.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn an_export_of_some_megabytes_is_complete() {
    let pages = Pages::of_ada().await;
    let text = "x".repeat(5 * 1024 * 1024);
    let length = text.len();
    pages.api.on("GET /auth/export", move || reply(200, &json!(text)));
    let file = pages.post(PATH, &[]).signed_in().send().await.expect(200);
    assert_eq!(file.text.len(), length + "\"\"".len());
}

#[tokio::test]
async fn a_refusal_is_a_page_and_no_file() {
    let pages = Pages::of_ada().await;
    pages.api.on("GET /auth/export", || problem(503, "database_unavailable"));
    let page = pages.post(PATH, &[]).signed_in().send().await.expect(503);
    assert!(!page.headers.contains_key("content-disposition"), "{page:?}");
    page.containing("The service cannot reach its data");
}
