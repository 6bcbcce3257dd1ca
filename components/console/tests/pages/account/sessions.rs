//! `/account/sessions`

use serde_json::{Value, json};

use super::HOSTILE;
use crate::support::{Pages, Reply, problem, reply};

const PATH: &str = "/account/sessions";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn session(id: i64, client: Option<&str>, is_current: bool) -> Value {
    json!({
        "id": id, "created_at": "2020-05-15T09:30:00.123456Z", "last_used_at": "2020-05-16T07:05:00.654321Z",
        "expires_at": "2099-06-15T07:05:00.654321Z", "client": client, "address": "192.0.2.7", "is_current": is_current,
    })
}

fn two() -> Reply {
    reply(200, &json!([session(9, Some(FIREFOX), true), session(8, Some("curl/8.14.1"), false)]))
}

async fn pages() -> Pages {
    let pages = Pages::of_ada().await;
    pages.api.on("GET /auth/sessions", two);
    pages
}

#[tokio::test]
async fn a_session_has_its_device_in_words_and_its_time_exactly() {
    let pages = pages().await;
    let page = pages.get(PATH).signed_in().send().await.expect(200);
    page.containing("Firefox on Linux")
        .containing("curl")
        .containing("This one")
        .containing("<time datetime=\"2020-05-15T09:30:00.123456Z\">")
        .containing("days ago</time>")
        .containing("192.0.2.7");
    let page = pages.get(PATH).signed_in().header("accept-language", "de").send().await.expect(200);
    page.containing("Firefox auf Linux").containing("Tagen</time>");
}

#[tokio::test]
async fn every_session_but_this_one_can_be_ended() {
    let page = pages().await.get(PATH).signed_in().send().await.expect(200);
    page.containing("action=\"/account/sessions/8/end\"")
        .containing("aria-label=\"End the session curl\"")
        .containing("action=\"/account/sessions/end-others\"")
        .without("action=\"/account/sessions/9/end\"");
}

#[tokio::test]
async fn the_only_session_has_no_others_to_end() {
    let pages = Pages::of_ada().await;
    pages.api.on("GET /auth/sessions", || reply(200, &json!([session(9, None, true)])));
    let page = pages.get(PATH).signed_in().send().await.expect(200);
    page.containing("You are signed in nowhere else.").containing("Unknown device").without("end-others");
}

/// The sessions of a person who has signed in at so many places.
fn many(count: i64) -> Reply {
    let others = (1..count).rev().map(|id| session(id, Some(FIREFOX), false));
    let all: Vec<Value> = std::iter::once(session(count, Some(FIREFOX), true)).chain(others).collect();
    reply(200, &all.into())
}

#[tokio::test]
async fn many_sessions_take_several_small_pages() {
    let pages = Pages::of_ada().await;
    pages.api.on("GET /auth/sessions", || many(60));
    let mut path = PATH.to_owned();
    let mut listed = 0;
    for rows in [25, 25, 10] {
        let page = pages.get(&path).signed_in().send().await.expect(200);
        let found = page.text.matches("<th scope=\"row\">").count();
        assert_eq!(found, rows, "{path}");
        assert!(page.text.len() < 30 * 1024, "{path} has {} octets", page.text.len());
        listed += found;
        path = format!("{PATH}?after={}", 61 - listed);
        assert_eq!(page.text.contains(&format!("href=\"{path}\"")), listed < 60, "{path}");
        page.containing("action=\"/account/sessions/end-others\"");
    }
    let page = pages.get("/account/sessions?after=nowhere").signed_in().send().await.expect(200);
    page.containing("This one");
}

#[tokio::test]
async fn more_sessions_than_an_answer_holds_can_be_ended() {
    let pages = Pages::of_ada().await;
    pages.api.on("GET /auth/sessions", || many(5000));
    let page = pages.get(PATH).signed_in().send().await.expect(200);
    page.containing("more places than this page can show")
        .containing("action=\"/account/sessions/end-others\"");
}

#[tokio::test]
async fn a_session_is_ended() {
    let pages = pages().await;
    pages.api.on("DELETE /auth/sessions/8", || reply(204, &Value::Null));
    let answer = pages.post("/account/sessions/8/end", &[]).signed_in().send().await;
    assert_eq!(answer.location(), "/account/sessions?done=other-session-ended");
    assert_eq!(pages.api.seen("DELETE /auth/sessions/8").len(), 1);
    pages.get(answer.location()).signed_in().send().await.containing("The session has ended.");
}

#[tokio::test]
async fn all_others_are_ended() {
    let pages = pages().await;
    pages.api.on("DELETE /auth/sessions", || reply(204, &Value::Null));
    let answer = pages.post("/account/sessions/end-others", &[]).signed_in().send().await;
    assert_eq!(answer.location(), "/account/sessions?done=other-sessions-ended");
    pages.get(answer.location()).signed_in().send().await.containing("All other sessions have ended.");
}

#[tokio::test]
async fn a_refusal_is_told_above_the_list() {
    let pages = pages().await;
    pages.api.on("DELETE /auth/sessions/8", || problem(404, "not_found"));
    pages.api.on("DELETE /auth/sessions", || problem(503, "database_unavailable"));
    let page = pages.post("/account/sessions/8/end", &[]).signed_in().send().await.expect(404);
    page.containing("It may have been deleted.").containing("Firefox on Linux");
    let page = pages.post("/account/sessions/end-others", &[]).signed_in().send().await.expect(503);
    page.containing("The service cannot reach its data").containing("Firefox on Linux");
    for path in ["/account/sessions/x/end", "/account/sessions/%ff/end"] {
        let page = pages.post(path, &[]).signed_in().send().await.expect(404);
        page.containing("role=\"alert\"").containing("Firefox on Linux");
    }
}

#[tokio::test]
async fn a_hostile_client_is_escaped() {
    let pages = Pages::of_ada().await;
    pages.api.on("GET /auth/sessions", || reply(200, &json!([session(8, Some(HOSTILE), false)])));
    pages.get(PATH).signed_in().send().await.expect(200).without("<script>alert");
}
