//! `GET /console/check`

use users_tests::{Answer, Browser, text_of};

use crate::support::{Fixture, assert_says, grant};

impl Fixture {
    /// The page for a question.
    async fn ask(&self, who: &str, right: &str) -> Answer {
        let (resource, action) = right.split_once(':').expect("a right is written resource:action");
        let who: String = who.bytes().map(|octet| format!("%{octet:02X}")).collect();
        self.browser.get(&format!("/console/check?user_id={who}&resource={resource}&action={action}")).await
    }
}

#[tokio::test]
async fn the_form_asks_for_account_resource_and_action() {
    let fixture = Fixture::start().await;
    let page = fixture.browser.open("/console/check").await;
    for name in ["user_id", "resource", "action"] {
        assert!(page.contains(&format!("name=\"{name}\"")), "{page}");
    }
    assert!(page.contains("<form class=\"card\" method=\"get\" action=\"/console/check\">"), "{page}");
    assert!(!text_of(&page).contains("Answer"), "{page}");
}

#[tokio::test]
async fn an_account_is_named_by_its_number_or_its_address_and_the_roles_explain_the_answer() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    fixture.service.account("alice@example.com.invalid").await;
    grant(&fixture.service, alice.id, "editor", &["article:publish"]).await;
    grant(&fixture.service, alice.id, "chief", &["article:all"]).await;
    grant(&fixture.service, alice.id, "reader", &["report:read"]).await;
    for who in [alice.id.to_string(), " alice@example.com ".to_owned(), "ALICE@example.com".to_owned()] {
        let answer = fixture.ask(&who, "article:publish").await;
        assert_says(&answer, 200, "Yes: alice@example.com may do article:publish.");
        assert_says(&answer, 200, "By these roles: editor, chief.");
        let answer = fixture.ask(&who, "report:approve").await;
        assert_says(&answer, 200, "No: alice@example.com may not do report:approve.");
        assert_says(&answer, 200, "No role of the account grants it.");
    }
}

#[tokio::test]
async fn an_administrator_may_do_everything_and_a_deactivated_account_nothing() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    grant(&fixture.service, alice.id, "editor", &["article:publish"]).await;
    fixture.rows(&format!("UPDATE users SET is_active = false WHERE id = {}", alice.id)).await;
    let answer = fixture.ask("alice", "article:publish").await;
    assert_says(&answer, 200, "No: alice@example.com may not do article:publish.");
    assert_says(&answer, 200, "The account is deactivated.");
    // Without an account, the question is about oneself.
    let answer = fixture.ask("", "article:publish").await;
    assert_says(&answer, 200, "Yes: root@example.com may do article:publish.");
    assert_says(&answer, 200, "The account is marked as an administrator and may do everything.");
}

#[tokio::test]
async fn a_question_about_nobody_or_several_accounts_has_no_answer() {
    let fixture = Fixture::start().await;
    fixture.add(3).await;
    for who in ["nobody@example.com", "99999", "99999999999999999999999"] {
        assert_says(&fixture.ask(who, "article:read").await, 200, "No account has this number or address.");
    }
    assert_says(&fixture.ask("user", "article:read").await, 200, "Several accounts match.");
    assert_says(
        &fixture.ask("user2@", "article:read").await,
        200,
        "No: user2@example.com may not do article:read.",
    );
}

#[tokio::test]
async fn a_broken_field_is_marked_and_keeps_what_was_sent() {
    let fixture = Fixture::start().await;
    let answer = fixture.ask("0", "Article:read").await;
    assert_eq!(answer.status, 422, "{answer:#?}");
    for (name, value) in [("user_id", "0"), ("resource", "Article")] {
        let start = format!("<input id=\"{name}\" name=\"{name}\" type=\"text\" value=\"{value}\"");
        let field =
            answer.body.split(&start).nth(1).unwrap_or_else(|| panic!("expected {start}: {answer:#?}"));
        assert!(
            field.split('>').next().is_some_and(|it| it.contains("aria-invalid=\"true\"")),
            "{answer:#?}"
        );
    }
}

#[tokio::test]
async fn hostile_text_is_shown_as_text() {
    let fixture = Fixture::start().await;
    let hostile = "\"><script>alert(1)</script>";
    let answer = fixture.ask(hostile, "article:read").await;
    assert!(!answer.body.contains("<script>alert"), "{answer:#?}");
    fixture.rows("INSERT INTO roles (name) VALUES ('<img src=x onerror=alert(1)>')").await;
    fixture
        .rows(
            "INSERT INTO permissions (name, resource, action) VALUES ('a', 'article', 'read');
             INSERT INTO role_permissions SELECT r.id, p.id FROM roles r, permissions p WHERE r.name LIKE '<img%' AND p.name = 'a';
             INSERT INTO user_roles SELECT u.id, r.id FROM users u, roles r WHERE r.name LIKE '<img%'",
        )
        .await;
    let answer = fixture.ask("root@example.com", "article:read").await;
    assert!(answer.body.contains("&lt;img src=x onerror=alert(1)&gt;"), "{answer:#?}");
    assert!(!answer.body.contains("<img"), "{answer:#?}");
}

#[tokio::test]
async fn who_may_read_accounts_only_checks_nobody_else() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    grant(&fixture.service, alice.id, "support", &["accounts:read"]).await;
    let browser = Browser::signed_in(&fixture.service, &alice.email).await;
    let answer = browser.get("/console/check?user_id=1&resource=article&action=read").await;
    assert_says(&answer, 403, "Only administrators may do this.");
    let answer = browser.get("/console/check?user_id=&resource=accounts&action=read").await;
    assert_says(&answer, 200, "Yes: alice@example.com may do accounts:read.");
}
