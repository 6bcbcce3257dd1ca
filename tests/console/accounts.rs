//! `/console/accounts…`: the list and the page of one account.

use users_tests::{Browser, PASSWORD, between, text_of};

use crate::support::{Fixture, assert_says, grant, numbers};

/// The numbers of the accounts that a page lists.
fn listed(page: &str) -> Vec<i64> {
    between(page, "name=\"user_ids\" value=\"", "\"").iter().map(|id| id.parse().expect("a number")).collect()
}

#[tokio::test]
async fn accounts_are_listed_page_by_page() {
    let fixture = Fixture::start().await;
    let mut all = vec![fixture.root.id];
    all.extend(fixture.add(60).await);
    let mut seen = Vec::new();
    let mut path = "/console/accounts".to_owned();
    for pages in 1.. {
        let page = fixture.browser.open(&path).await;
        seen.extend(listed(&page));
        let Some(next) =
            between(&page, "rel=\"next\" href=\"", "\"").first().map(|it| it.replace("&amp;", "&"))
        else {
            assert_eq!(pages, 3);
            break;
        };
        path = next;
    }
    assert_eq!(seen, all);
}

#[tokio::test]
async fn accounts_are_searched_and_filtered() {
    let fixture = Fixture::start().await;
    let ids = fixture.add(12).await;
    fixture.service.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", ids[1])).await;
    let robot = ids[4];
    fixture
        .service
        .sql(&format!(
            "UPDATE users SET kind = 'service', email = 'service:' || id, email_key = 'service:' || id, password_hash = ''
              WHERE id = {robot}"
        ))
        .await;
    for (query, expected) in [
        ("search=USER+1", vec![ids[0], ids[9], ids[10], ids[11]]),
        ("search=user2@", vec![ids[1]]),
        ("search=user2@&active_only=true", vec![]),
        ("search=user&kind=service", vec![robot]),
        ("search=nobody", vec![]),
    ] {
        let page = fixture.browser.open(&format!("/console/accounts?{query}")).await;
        assert_eq!(listed(&page), expected, "{query}");
        assert_eq!(text_of(&page).contains("No account matches."), expected.is_empty(), "{query}");
    }
    let too_long = fixture.browser.get(&format!("/console/accounts?search={}", "x".repeat(101))).await;
    assert_eq!(too_long.status, 422, "{too_long:#?}");
}

#[tokio::test]
async fn a_person_is_invited_or_gets_a_password() {
    let fixture = Fixture::start().await;
    let browser = &fixture.browser;
    let invited = [("kind", "person"), ("email", "ada@example.com"), ("full_name", "Ada"), ("password", "")];
    let page = browser.change("/console/accounts/new", "/console/accounts", &invited).await;
    assert!(text_of(&page).contains("the invitation is on its way"), "{page}");
    let kinds = fixture.rows("SELECT kind FROM outbox WHERE kind = 'invitation'").await;
    assert_eq!(kinds, ["invitation"]);

    let with_password =
        [("kind", "person"), ("email", "bob@example.com"), ("full_name", ""), ("password", PASSWORD)];
    browser.change("/console/accounts/new", "/console/accounts", &with_password).await;
    Browser::signed_in(&fixture.service, "bob@example.com").await;

    let taken = browser.submit("/console/accounts/new", "/console/accounts", &with_password).await;
    assert_says(&taken, 409, "Another account has this e-mail address.");
    assert!(!taken.body.contains(PASSWORD), "expected no password in the page");
    let broken = [("kind", "person"), ("email", "ada"), ("password", "short")];
    let broken = browser.submit("/console/accounts/new", "/console/accounts", &broken).await;
    assert_eq!(broken.status, 422, "{broken:#?}");
    assert_eq!(broken.body.matches("aria-invalid=\"true\"").count(), 2, "{}", broken.body);
    assert!(broken.body.contains("value=\"ada\"") && !broken.body.contains("value=\"short\""));
}

#[tokio::test]
async fn the_key_of_a_service_account_is_shown_once_and_ended() {
    let fixture = Fixture::start().await;
    let browser = &fixture.browser;
    let robot = [("kind", "service"), ("full_name", "robot")];
    browser.change("/console/accounts/new?kind=service", "/console/accounts", &robot).await;
    let id = numbers(&fixture.rows("SELECT id FROM users WHERE kind = 'service'").await)[0];
    let path = format!("/console/accounts/{id}");
    let fields = [("name", "nightly"), ("permissions", ""), ("addresses", ""), ("expires_at", "2099-01-02")];
    let made = browser.submit(&path, &format!("{path}/api-keys"), &fields).await.expect(200).body;
    let key = between(&made, "<code", "</code>")[0].rsplit('>').next().expect("a key").to_owned();
    fixture.service.me(&key).await.expect(200);
    let page = browser.open(&path).await;
    assert!(page.contains("nightly") && page.contains("2099-01-02 23:59") && !page.contains(&key), "{page}");

    let unnamed = browser.submit(&path, &format!("{path}/api-keys"), &[("name", "")]).await;
    assert_eq!(unnamed.status, 422, "{unnamed:#?}");
    let number = numbers(&fixture.rows("SELECT id FROM api_keys").await)[0];
    browser.change(&path, &format!("{path}/api-keys/{number}/end"), &[]).await;
    assert_eq!(fixture.service.me(&key).await.status, 401);
    let missing = browser.submit(&path, &format!("{path}/api-keys/{number}/end"), &[]).await;
    assert_eq!(missing.status, 404, "{missing:#?}");
}

#[tokio::test]
async fn each_action_says_what_it_will_do_and_does_it() {
    let fixture = Fixture::start().await;
    let ada = fixture.service.account("ada@example.com").await;
    let path = format!("/console/accounts/{}", ada.id);
    let column = async |column: &str| {
        fixture.rows(&format!("SELECT {column} FROM users WHERE id = {}", ada.id)).await.concat()
    };
    for (action, column_, value, message) in [
        ("make-admin", "is_admin", "t", "The account is an administrator’s now."),
        ("remove-admin", "is_admin", "f", "The account is no administrator’s any more."),
        ("verify", "email_verified", "t", "The address counts as verified."),
        ("unverify", "email_verified", "f", "The address counts as not verified."),
        ("password-reset", "is_active", "t", "The link is on its way."),
        ("sessions", "is_active", "t", "All sessions of the account have ended."),
        ("deactivate", "is_active", "f", "The account is deactivated."),
        ("activate", "is_active", "t", "The account is active."),
    ] {
        let confirm = format!("{path}/{action}");
        let question = fixture.browser.open(&confirm).await;
        assert!(text_of(&question).contains("ada@example.com"), "{action}: {question}");
        let page = fixture.browser.change(&confirm, &confirm, &[]).await;
        assert!(text_of(&page).contains(message), "{action}: {}", text_of(&page));
        assert_eq!(column(column_).await, value, "{action}");
    }
    assert_eq!(fixture.service.me(&ada.tokens.access).await.status, 401, "expected no session");
    let delete = format!("{path}/delete");
    let page = fixture.browser.change(&delete, &delete, &[]).await;
    assert!(text_of(&page).contains("The account is deleted."), "{page}");
    assert_eq!(fixture.browser.get(&path).await.status, 404);
    assert_eq!(
        fixture.browser.get(&format!("/console/accounts/{}/explode", fixture.root.id)).await.status,
        404
    );
}

#[tokio::test]
async fn the_address_and_the_name_are_changed() {
    let fixture = Fixture::start().await;
    let ada = fixture.service.account("ada@example.com").await;
    let path = format!("/console/accounts/{}", ada.id);
    let fields = [("email", "lovelace@example.com"), ("full_name", "Ada Lovelace")];
    let page = fixture.browser.change(&path, &path, &fields).await;
    assert!(page.contains("lovelace@example.com") && page.contains("<h1>Ada Lovelace</h1>"), "{page}");
    let broken = [("email", "nonsense"), ("full_name", "Ada")];
    let broken = fixture.browser.submit(&path, &path, &broken).await;
    assert_eq!(broken.status, 422, "{broken:#?}");
    assert!(broken.body.contains("value=\"nonsense\""), "expected what was entered");
    let taken =
        fixture.browser.submit(&path, &path, &[("email", "root@example.com"), ("full_name", "")]).await;
    assert_says(&taken, 409, "Another account has this e-mail address.");
}

#[tokio::test]
async fn a_refusal_is_told_in_words() {
    let fixture = Fixture::start().await;
    let path = format!("/console/accounts/{}", fixture.root.id);
    for action in ["deactivate", "remove-admin", "delete", "verify"] {
        let own = format!("{path}/{action}");
        let refused = fixture.browser.submit(&own, &own, &[]).await;
        assert_says(&refused, 409, "You cannot do this to your own account.");
    }
    let ada = fixture.service.account("ada@example.com").await;
    fixture.service.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", ada.id)).await;
    let reset = format!("/console/accounts/{}/password-reset", ada.id);
    let refused = fixture.browser.submit(&reset, &reset, &[]).await;
    assert_says(&refused, 409, "The account is deactivated. Activate it first.");

    // An administrator by a role, who is the last one, and would take the role away.
    let role = grant(&fixture.service, fixture.root.id, "everything", &["admin:all"]).await;
    fixture.service.sql("UPDATE users SET is_admin = false").await;
    let take = format!("{path}/roles/{role}/take");
    let refused = fixture.browser.submit(&path, &take, &[]).await;
    assert_says(&refused, 409, "No active administrator would be left.");
}

#[tokio::test]
async fn roles_are_given_and_taken() {
    let fixture = Fixture::start().await;
    let ada = fixture.service.account("ada@example.com").await;
    let role = numbers(&fixture.rows("INSERT INTO roles (name) VALUES ('editor') RETURNING id").await)[0];
    let path = format!("/console/accounts/{}", ada.id);
    let role_id = role.to_string();
    let page = fixture.browser.change(&path, &format!("{path}/roles"), &[("role_ids", &role_id)]).await;
    assert!(text_of(&page).contains("The account has the role."), "{page}");
    assert_eq!(numbers(&fixture.rows("SELECT role_id FROM user_roles").await), [role]);
    let page = fixture.browser.change(&path, &format!("{path}/roles/{role}/take"), &[]).await;
    assert!(text_of(&page).contains("No roles."), "{page}");
    assert!(fixture.rows("SELECT role_id FROM user_roles").await.is_empty());
    let none = fixture.browser.submit(&path, &format!("{path}/roles"), &[("role_ids", "999999")]).await;
    assert_eq!(none.status, 422, "{none:#?}");
}
