//! The things that people do with their own account in a browser, without a script.

use users_tests::{Browser, Mail, PASSWORD, Service, assert_problem, between};

const NEW_PASSWORD: &str = "nine purple elephants dance";

/// The link to a page in the e-mails that wait to be sent to an address.
async fn link(service: &Service, address: &str, page: &str) -> String {
    let sent = service.mail().await;
    let own = sent.iter().filter(|mail| mail.to == address);
    let found = own.filter_map(Mail::link).find(|link| link.contains(page)).map(str::to_owned);
    found.unwrap_or_else(|| panic!("expected a link to {page} for {address}: {sent:#?}"))
}

async fn signed_in() -> (Service, Browser) {
    let service = Service::start().await;
    let account = service.account("ada@example.com").await;
    let browser = Browser::signed_in(&service, &account.email).await;
    (service, browser)
}

#[track_caller]
fn assert_told(page: &str, words: &str) {
    assert!(page.contains(words), "expected {words:?}: {page}");
}

#[tokio::test]
async fn a_person_comes_and_goes_without_being_told_how() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    assert_told(&browser.open("/account").await, "href=\"/account/register\"");
    let fields = [("email", "ada@example.com"), ("full_name", "Ada"), ("password", PASSWORD)];
    let page = browser.change("/account/register", "/account/register", &fields).await;
    assert_told(&page, "Your account is ready.");

    let verify = link(&service, "ada@example.com", "/account/verify-email").await;
    let path = "/account/verify-email";
    assert_told(&browser.change(path, path, &[("token", &verify)]).await, "Your address is confirmed.");
    let again = browser.submit(path, path, &[("token", &verify)]).await.expect(410).body;
    assert_told(&again, "This link does not work any more");

    let path = "/account/forgot-password";
    let page = browser.change(path, path, &[("email", "ada@example.com")]).await;
    assert_told(&page, "If an account has this address");
    let reset = link(&service, "ada@example.com", "/account/reset-password").await;
    let path = "/account/reset-password";
    let short = [("token", reset.as_str()), ("new_password", "short")];
    assert_told(&browser.submit(path, path, &short).await.expect(422).body, "Use 8 to 128 characters.");
    let fields = [("token", reset.as_str()), ("new_password", NEW_PASSWORD)];
    assert_told(&browser.change(path, path, &fields).await, "Your password is saved.");

    browser.sign_in("ada@example.com", PASSWORD).await.expect(401);
    browser.sign_in("ada@example.com", NEW_PASSWORD).await.expect(303);
    assert_told(&browser.open("/account").await, "ada@example.com");

    let elsewhere = Browser::new(&service);
    elsewhere.sign_in("ada@example.com", NEW_PASSWORD).await.expect(303);
    let sessions = browser.open("/account/sessions").await;
    // The form for all others has no id in its address.
    let mut ids = between(&sessions, "action=\"/account/sessions/", "/end\"");
    ids.retain(|id| id.parse::<i64>().is_ok());
    let [id] = ids[..] else { panic!("expected one other session: {sessions}") };
    let action = format!("/account/sessions/{id}/end");
    assert_told(&browser.change("/account/sessions", &action, &[]).await, "The session has ended.");
    elsewhere.get("/account/profile").await.expect(303);

    let path = "/account/delete";
    let wrong = [("password", PASSWORD), ("confirmation", "true")];
    assert_told(&browser.submit(path, path, &wrong).await.expect(403).body, "This password is wrong.");
    let fields = [("password", NEW_PASSWORD), ("confirmation", "true")];
    assert_told(&browser.change(path, path, &fields).await, "Your account is deleted.");
    assert_eq!(browser.cookie("session"), None);
    browser.sign_in("ada@example.com", NEW_PASSWORD).await.expect(401);
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["0"]);
}

#[tokio::test]
async fn where_registration_is_closed_nobody_registers() {
    let service = Service::builder().variable("registration", "closed").start().await;
    let browser = Browser::new(&service);
    assert!(!browser.open("/account").await.contains("/account/register"));
    assert_told(&browser.open("/account/register").await, "This service creates no accounts by itself.");
    let fields = [("email", "ada@example.com"), ("password", PASSWORD)];
    let answer = browser.submit("/account", "/account/register", &fields).await.expect(403);
    assert_told(&answer.body, "This service creates no accounts by itself.");
}

#[tokio::test]
async fn a_profile_is_changed_and_a_change_of_somebody_else_is_not_lost() {
    let (service, browser) = signed_in().await;
    let path = "/account/profile";
    let first = browser.open(path).await;
    let version = between(&first, "name=\"version\" value=\"", "\"")[0].replace("&quot;", "\"");
    let fields = [("version", version.as_str()), ("full_name", "Ada King"), ("bio", "Two\r\nlines")];
    assert_told(&browser.change(path, path, &fields).await, "Your profile is saved.");
    assert_eq!(service.sql("SELECT bio FROM profiles").await, ["Two\nlines"]);

    let stale = [("version", version.as_str()), ("full_name", "Somebody")];
    let page = browser.submit(path, path, &stale).await.expect(412).body;
    assert_told(&page, "Your profile was changed somewhere else");
    assert_told(&page, "Stored now: Ada King");
    assert_eq!(service.sql("SELECT full_name FROM users").await, ["Ada King"]);

    let wrong = [("phone_number", "12"), ("birth_date", "2999-01-01"), ("website", "ftp://x.example")];
    let page = browser.submit(path, path, &wrong).await.expect(422).body;
    for words in
        ["Write the number with the code", "Choose a date in the past.", "Write an address that begins"]
    {
        assert_told(&page, words);
    }
}

#[tokio::test]
async fn the_pages_have_the_preferred_theme_and_language() {
    let (_service, browser) = signed_in().await;
    let path = "/account/preferences";
    let page = browser.change(path, path, &[("theme", "dark"), ("language", "de")]).await;
    assert_told(&page, "data-theme=\"dark\"");
    assert_told(&page, "Ihre Einstellungen sind gespeichert.");
    let wrong = [("theme", "system"), ("timezone", "Europe/Nowhere")];
    let page = browser.submit(path, path, &wrong).await.expect(422).body;
    assert_told(&page, "Schreiben Sie den Namen einer Zeitzone");
}

#[tokio::test]
async fn a_changed_password_ends_all_other_sessions() {
    let (service, browser) = signed_in().await;
    let elsewhere = Browser::signed_in(&service, "ada@example.com").await;
    let (page, action) = ("/account/security", "/account/security/password");
    let same = [("current_password", PASSWORD), ("new_password", PASSWORD)];
    let told = browser.submit(page, action, &same).await.expect(422).body;
    assert_told(&told, "Choose a password that differs from the current one.");
    let wrong = [("current_password", "a wrong password"), ("new_password", NEW_PASSWORD)];
    assert_told(&browser.submit(page, action, &wrong).await.expect(403).body, "This password is wrong.");
    let fields = [("current_password", PASSWORD), ("new_password", NEW_PASSWORD)];
    assert_told(&browser.change(page, action, &fields).await, "Your password is changed.");
    elsewhere.get(page).await.expect(303);
    browser.get(page).await.expect(200);
}

#[tokio::test]
async fn an_address_changes_by_the_link_that_goes_to_it() {
    let (service, browser) = signed_in().await;
    service.account("bob@example.com").await;
    let (page, action) = ("/account/security", "/account/security/email");
    let taken = [("email", "bob@example.com"), ("password", PASSWORD)];
    let told = browser.submit(page, action, &taken).await.expect(409).body;
    assert_told(&told, "Another account has this address.");
    let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
    assert_told(&browser.change(page, action, &fields).await, "Open the link that we have sent");
    let link = link(&service, "ada@example.org", "/account/verify-email").await;
    let path = "/account/verify-email";
    assert_told(&browser.change(path, path, &[("token", &link)]).await, "ada@example.org");
}

#[tokio::test]
async fn a_key_is_shown_once_and_works_until_it_is_ended() {
    let (service, browser) = signed_in().await;
    let path = "/account/api-keys";
    let fields = [("name", "nightly report"), ("scope", "all"), ("expires_at", "2099-05-15")];
    let page = browser.submit(path, path, &fields).await.expect(200).body;
    let key = format!("uk_{}", between(&page, ">uk_", "<")[0]);
    service.get("/auth/me").bearer(&key).send().await.expect(200);

    let list = browser.open(path).await;
    assert!(
        list.contains("nightly report") && list.contains("2099-05-15T23:59:59") && !list.contains(&key),
        "{list}"
    );
    let [id] = between(&list, "action=\"/account/api-keys/", "/end\"")[..] else {
        panic!("expected one key: {list}")
    };
    let page = browser.change(path, &format!("/account/api-keys/{id}/end"), &[]).await;
    assert_told(&page, "The key has ended.");
    assert_problem(&service.get("/auth/me").bearer(&key).send().await, 401, "invalid_token");

    let wrong = [("name", ""), ("scope", "some"), ("permissions", "x"), ("addresses", "y")];
    let page = browser.submit(path, path, &wrong).await.expect(422).body;
    for words in
        ["Use 1 to 100 characters.", "Write a resource and an action", "Write an address such as 192.0.2.7"]
    {
        assert_told(&page, words);
    }
}

#[tokio::test]
async fn an_export_is_a_file() {
    let (_service, browser) = signed_in().await;
    let answer = browser.submit("/account/export", "/account/export", &[]).await.expect(200);
    assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
    let disposition = answer.header("content-disposition").unwrap_or_default();
    assert!(disposition.starts_with("attachment; filename="), "{disposition}");
    assert_eq!(answer.json()["account"]["email"], "ada@example.com");
}

#[tokio::test]
async fn who_signed_in_a_while_ago_confirms_it_first() {
    let (service, browser) = signed_in().await;
    service.sql("UPDATE sessions SET authenticated_at = now() - interval '11 minutes'").await;
    let (path, confirm) = ("/account/export", "/account/confirm?next=%2Faccount%2Fexport");
    let answer = browser.submit(path, path, &[]).await.expect(303);
    assert_eq!(answer.header("location").as_deref(), Some(confirm));
    let wrong = [("next", path), ("password", "not the password")];
    let page = browser.submit(confirm, "/account/confirm", &wrong).await.expect(403).body;
    assert_told(&page, "This password is wrong.");
    let page = browser.change(confirm, "/account/confirm", &[("next", path), ("password", PASSWORD)]).await;
    assert_told(&page, "Press the button again now");
    assert_eq!(browser.submit(path, path, &[]).await.expect(200).json()["account"]["email"], "ada@example.com");
}

#[tokio::test]
async fn the_last_administrator_cannot_delete_the_own_account() {
    let service = Service::start().await;
    let account = service.administrator("root@example.com").await;
    let browser = Browser::signed_in(&service, &account.email).await;
    let fields = [("password", PASSWORD), ("confirmation", "true")];
    let page = browser.submit("/account/delete", "/account/delete", &fields).await.expect(409).body;
    assert_told(&page, "role=\"alert\"");
    assert_told(&browser.open("/account").await, "root@example.com");
}
