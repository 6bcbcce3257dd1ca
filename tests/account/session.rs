//! Signing in and out, and the session of a browser.

use std::time::{SystemTime, UNIX_EPOCH};

use futures::future::join_all;
use users_tests::token::{self, Key, with};
use users_tests::{Account, Browser, PASSWORD, Service, assert_problem};

/// Puts an access token that has expired into the cookie of the browser.
async fn expire(service: &Service, browser: &Browser) {
    let key = Key::numbered(1);
    service.knows(&key).await;
    let cookie = browser.cookie("session").expect("the browser is signed in");
    let (access, refresh) = cookie.split_once('~').expect("two tokens");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs();
    let expired = key.signed(&key.header(), &with(&token::claims(access), "exp", now - 60));
    browser.set_cookie("session", &format!("{expired}~{refresh}"));
}

async fn start() -> (Service, Account, Browser) {
    let service = Service::start().await;
    let account = service.account("ada@example.com").await;
    let browser = Browser::signed_in(&service, &account.email).await;
    (service, account, browser)
}

/// The tokens in the browser's cookie.
fn tokens(browser: &Browser) -> (String, String) {
    let cookie = browser.cookie("session").expect("the browser is signed in");
    let (access, refresh) = cookie.split_once('~').expect("two tokens");
    (access.to_owned(), refresh.to_owned())
}

#[tokio::test]
async fn who_signs_in_is_greeted_and_who_signs_out_is_gone() {
    let (service, account, browser) = start().await;
    assert!(browser.open("/account").await.contains(&account.email));
    let (access, refresh) = tokens(&browser);
    service.me(&access).await.expect(200);

    let page = browser.change("/account", "/account/sign-out", &[]).await;
    assert!(page.contains("You are signed out.") && !page.contains(&account.email), "{page}");
    assert_eq!(browser.cookie("session"), None);
    assert_problem(&service.me(&access).await, 401, "invalid_token");
    assert_problem(&service.refresh(&refresh).await, 401, "invalid_token");
    assert!(!browser.open("/account").await.contains(&account.email));
}

#[tokio::test]
async fn a_wrong_password_shows_the_form_again() {
    let service = Service::start().await;
    let account = service.account("ada@example.com").await;
    let browser = Browser::new(&service);
    let page = browser.sign_in(&account.email, "a wrong password").await.expect(401).body;
    assert!(page.contains("The e-mail address or the password is wrong."), "{page}");
    assert!(page.contains("value=\"ada@example.com\"") && !page.contains("a wrong password"), "{page}");
    let page = browser.sign_in("nobody@example.com", PASSWORD).await.expect(401).body;
    assert!(page.contains("The e-mail address or the password is wrong."), "{page}");
    browser.sign_in("", "").await.expect(422);
    assert_eq!(browser.cookie("session"), None);
}

#[tokio::test]
async fn too_many_wrong_passwords_are_refused_with_the_time_to_wait() {
    let service = Service::builder().with_limits().variable("limit_password_failures", "1/10m").start().await;
    let account = service.account("ada@example.com").await;
    let browser = Browser::new(&service);
    browser.sign_in(&account.email, "a wrong password").await.expect(401);
    let page = browser.sign_in(&account.email, PASSWORD).await.expect(429).body;
    assert!(page.contains("Please try again in") && page.contains("minutes"), "{page}");
}

#[tokio::test]
async fn an_address_has_to_be_verified_where_the_operator_demands_it() {
    let service = Service::builder().variable("require_verified_email", "true").start().await;
    service.register("ada@example.com", PASSWORD).await.expect(201);
    let page = Browser::new(&service).sign_in("ada@example.com", PASSWORD).await.expect(403).body;
    assert!(page.contains("We have sent you the link again"), "{page}");
}

#[tokio::test]
async fn an_expired_access_token_is_renewed_without_the_person() {
    let (service, account, browser) = start().await;
    let before = tokens(&browser);
    expire(&service, &browser).await;
    assert!(browser.open("/account").await.contains(&account.email));
    let after = tokens(&browser);
    assert_ne!(before.1, after.1, "expected another refresh token");
    service.me(&after.0).await.expect(200);
    assert!(browser.open("/account").await.contains(&account.email));
    assert_eq!(tokens(&browser), after, "expected no further renewal");
}

#[tokio::test]
async fn tabs_that_renew_at_once_stay_signed_in() {
    let (service, account, browser) = start().await;
    expire(&service, &browser).await;
    for page in join_all((0..4).map(|_| browser.open("/account"))).await {
        assert!(page.contains(&account.email), "{page}");
    }
    assert!(browser.open("/account").await.contains(&account.email));
    let (access, refresh) = tokens(&browser);
    service.me(&access).await.expect(200);
    service.refresh(&refresh).await.expect(200);
}

#[tokio::test]
async fn a_session_that_was_ended_elsewhere_leads_to_the_form() {
    let (service, account, browser) = start().await;
    service.sql("DELETE FROM sessions").await;
    let answer = browser.get("/account").await.expect(303);
    assert_eq!(answer.header("location").as_deref(), Some("/account?done=session-ended"));
    assert_eq!(browser.cookie("session"), None);
    let page = browser.open("/account?done=session-ended").await;
    assert!(page.contains("Your session has ended.") && !page.contains(&account.email), "{page}");
}

#[tokio::test]
async fn a_deactivated_account_is_signed_out_and_told() {
    let (service, account, browser) = start().await;
    service.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", account.id)).await;
    let answer = browser.get("/account").await.expect(303);
    assert_eq!(answer.header("location").as_deref(), Some("/account?done=account-inactive"));
    assert_eq!(browser.cookie("session"), None);
    assert!(browser.open("/account?done=account-inactive").await.contains("This account is deactivated."));
    let page = browser.sign_in(&account.email, PASSWORD).await.expect(403).body;
    assert!(page.contains("This account is deactivated."), "{page}");
}

#[tokio::test]
async fn signing_in_again_ends_the_session_that_the_browser_had() {
    let (service, account, browser) = start().await;
    let (first, _) = tokens(&browser);
    browser.open("/account").await;
    let fields = [("email", account.email.as_str()), ("password", PASSWORD)];
    browser.submit("/account", "/account/sign-in", &fields).await.expect(303);
    assert_problem(&service.me(&first).await, 401, "invalid_token");
    service.me(&tokens(&browser).0).await.expect(200);
}

#[tokio::test]
async fn who_came_to_another_page_gets_there_by_signing_in() {
    let service = Service::start().await;
    let account = service.administrator("root@example.com").await;
    let browser = Browser::new(&service);
    let form = browser.get("/console?x=1").await.expect(303).header("location").expect("a place");
    assert_eq!(form, "/account?next=%2Fconsole%3Fx%3D1");
    assert!(browser.open(&form).await.contains("name=\"next\" value=\"/console?x=1\""));
    let fields = [("email", account.email.as_str()), ("password", PASSWORD), ("next", "/console?x=1")];
    let answer = browser.submit(&form, "/account/sign-in", &fields).await.expect(303);
    assert_eq!(answer.header("location").as_deref(), Some("/console?x=1"));
    browser.open("/console?x=1").await;
}

#[tokio::test]
async fn who_may_not_administrate_gets_a_page_and_no_redirect() {
    let (_service, account, browser) = start().await;
    let page = browser.get("/console").await.expect(403).body;
    assert!(page.contains("administrative rights") && page.contains(&account.email), "{page}");
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let (_service, account, browser) = start().await;
    for fields in [&[][..], &[("csrf_token", "0123456789abcdef0123456789abcdef")]] {
        browser.post("/account/sign-out", fields).await.expect(403);
    }
    assert!(browser.open("/account").await.contains(&account.email));
}

#[tokio::test]
async fn the_session_is_that_of_the_browser_in_the_list_of_sessions() {
    let (service, account, browser) = start().await;
    let (access, _) = tokens(&browser);
    let request = service.get("/auth/sessions").bearer(&access).send().await.expect(200);
    let sessions = request.json();
    assert_eq!(sessions[0]["is_current"], true);
    assert_eq!(sessions[0]["address"], "127.0.0.1", "{sessions:#}");
    assert!(browser.open("/account").await.contains(&account.email));
}
