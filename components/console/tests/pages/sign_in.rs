//! `/account/sign-in`

use serde_json::{Value, json};

use crate::support::{Pages, Reply, faults, problem, reply};

const FIELDS: [(&str, &str); 2] = [("email", "ada@example.com"), ("password", "correct horse & staple")];

fn pair() -> Reply {
    reply(
        200,
        &json!({
            "access_token": "new.access.token", "token_type": "bearer", "expires_in": 900,
            "refresh_token": "new-refresh", "refresh_expires_in": 2_592_000,
        }),
    )
}

async fn pages() -> Pages {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/login", pair);
    pages
}

#[tokio::test]
async fn the_tokens_go_into_a_cookie_that_no_script_reads() {
    let pages = pages().await;
    let answer = pages.post("/account/sign-in", &FIELDS).send().await;
    assert_eq!(answer.location(), "/account");
    assert_eq!(
        answer.cookie("__Host-session"),
        Some(
            "__Host-session=new.access.token~new-refresh; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax"
        )
    );
    assert_eq!(answer.text, "");
    let [login] = &pages.api.all()[..] else { panic!("expected one request") };
    assert_eq!(login.uri, "http://auth.spin.internal/auth/login");
    assert_eq!(
        login.body,
        "grant_type=password&username=ada%40example.com&password=correct+horse+%26+staple"
    );
}

#[tokio::test]
async fn without_tls_the_cookie_has_neither_prefix_nor_secure() {
    let pages = Pages::with(&[("public_url", "http://127.0.0.1:3000")]).await;
    pages.api.on("POST /auth/login", pair);
    let token = crate::support::CSRF;
    let fields = [&FIELDS[..], &[("csrf_token", token)]].concat();
    let visit = pages.post_without_token("/account/sign-in", &fields);
    let answer = visit.header("cookie", &format!("csrf={token}")).send().await;
    let session = "session=new.access.token~new-refresh; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax";
    assert_eq!(answer.cookie("session"), Some(session));
}

#[tokio::test]
async fn the_page_that_asked_for_it_comes_next_if_it_is_ours() {
    let pages = pages().await;
    for (next, expected) in [
        ("/console/accounts?search=a", "/console/accounts?search=a"),
        ("", "/account"),
        ("https://evil.example/account", "/account"),
        ("//evil.example/account", "/account"),
        ("/docs", "/account"),
    ] {
        let answer = pages.post("/account/sign-in", &[&FIELDS[..], &[("next", next)]].concat()).send().await;
        assert_eq!(answer.location(), expected, "{next}");
    }
}

#[tokio::test]
async fn a_refused_login_shows_the_form_again_with_the_reason_and_without_the_password() {
    let pages = Pages::open().await;
    for (status, code, words) in [
        (401, "invalid_credentials", "The e-mail address or the password is wrong."),
        (403, "inactive_account", "This account is deactivated."),
        (403, "email_unverified", "We have sent you the link again"),
        (503, "too_busy", "The service has too much to do"),
        (503, "database_unavailable", "cannot reach its data"),
        (418, "never_heard_of", "The sentence of the API."),
    ] {
        pages.api.off("POST /auth/login");
        pages.api.on("POST /auth/login", move || problem(status, code));
        let page = pages.post("/account/sign-in", &FIELDS).send().await.expect(status);
        assert_eq!(page.cookie("__Host-session"), None);
        page.containing(words)
            .containing("role=\"alert\"")
            .containing("value=\"ada@example.com\"")
            .without("correct horse");
    }
}

#[tokio::test]
async fn too_many_attempts_name_the_time_to_wait() {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/login", || {
        let Reply::Answer(mut answer) = problem(429, "too_many_requests") else { unreachable!() };
        answer.headers_mut().insert("retry-after", "420".parse().unwrap());
        Reply::Answer(answer)
    });
    let visit = pages.post("/account/sign-in", &FIELDS);
    let page = visit.send().await.expect(429);
    assert_eq!(page.headers["retry-after"], "420");
    page.containing("try again in 7 minutes");
}

#[tokio::test]
async fn faults_are_beside_their_fields() {
    let pages = Pages::open().await;
    pages
        .api
        .on("POST /auth/login", || faults(&[("/username", "is required"), ("/password", "is required")]));
    let page = pages.post("/account/sign-in", &[]).send().await.expect(422);
    page.containing("aria-describedby=\"email-faults\"")
        .containing("id=\"email-faults\"")
        .containing("aria-describedby=\"password-faults\"")
        .containing("aria-invalid=\"true\"")
        .containing("This field is required.");
}

#[tokio::test]
async fn the_session_that_the_browser_had_ends() {
    let pages = pages().await;
    pages.api.on("POST /auth/logout", || reply(204, &Value::Null));
    let answer = pages.post("/account/sign-in", &FIELDS).signed_in().send().await;
    assert!(answer.cookie("__Host-session").unwrap().contains("new-refresh"));
    let logouts = pages.api.seen("POST /auth/logout");
    assert_eq!(logouts[0].json(), json!({ "refresh_token": "refresh-1" }));
}

#[tokio::test]
async fn no_browser_refuses_an_address_of_another_script_than_ours() {
    let pages = Pages::of_ada().await;
    let guest = |path| pages.get(path);
    let person = |path| pages.get(path).signed_in();
    for visit in [
        guest("/account"),
        guest("/account/register"),
        guest("/account/forgot-password"),
        person("/account/security"),
    ] {
        let page = visit.send().await.expect(200);
        page.containing(
            "name=\"email\" type=\"text\" inputmode=\"email\" autocapitalize=\"none\" spellcheck=\"false\"",
        )
        .without("type=\"email\"");
    }
}

#[tokio::test]
async fn hostile_input_is_escaped() {
    let pages = Pages::open().await;
    pages.api.on("POST /auth/login", || problem(401, "invalid_credentials"));
    let fields = [("email", "\"><script>alert(1)</script>"), ("password", "x"), ("next", "/account\"><b>")];
    let page = pages.post("/account/sign-in", &fields).send().await.expect(401);
    page.without("<script>alert").without("<b>").containing("&quot;&gt;&lt;script&gt;");
}
