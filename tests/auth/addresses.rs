//! Spellings of addresses that belong to the same account.

use futures::future::join_all;
use users_tests::{PASSWORD, Service, assert_problem};

/// Spellings of one address.
const SPELLINGS: [[&str; 3]; 5] = [
    ["Alice@Example.com", "alice@example.COM", "ALICE@EXAMPLE.COM"],
    ["jürgen@example.com", "JÜRGEN@example.com", "ju\u{308}rgen@example.com"],
    ["σας@example.com", "ΣΑΣ@example.com", "σασ@Example.com"],
    ["info@bücher.example", "Info@xn--bcher-kva.example", "info@BU\u{308}CHER.example"],
    ["ёлка@пример.example", "ЁЛКА@ПРИМЕР.example", "е\u{308}лка@xn--e1afmkfd.example"],
];

/// A service on a database whose locale knows ASCII letters only.
async fn with_an_ascii_locale() -> Service {
    let options = "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'";
    let service = Service::builder().empty_database(options).start().await;
    let _ = service.database().usersctl(&["migrate", "upgrade"]);
    service
}

/// Makes all accounts look as if the previous release had created them.
async fn forget_keys(service: &Service) {
    service.sql("UPDATE users SET email_key = NULL, search_text = NULL").await;
}

#[tokio::test]
async fn an_address_may_be_in_any_script() {
    let service = Service::start().await;
    for good in
        ["उत्तम@test.com", "ਪ੍ਰੀਤ@उदाहरण.com", "தமிழ்@example.com", "用户@例子.公司", "a@xn--bcher-kva.example"]
    {
        let user = service.register(good, PASSWORD).await.expect(201).json();
        assert_eq!(user["email"], good);
        service.login(good, PASSWORD).await;
    }
}

async fn assert_spellings_are_one_account(service: &Service) {
    for spellings in SPELLINGS {
        service.register(spellings[0], PASSWORD).await.expect(201);
        for again in spellings {
            assert_problem(&service.register(again, PASSWORD).await, 409, "email_taken");
            service.login(again, PASSWORD).await;
        }
    }
    let stored = service.sql("SELECT email FROM users ORDER BY id").await;
    assert_eq!(stored, SPELLINGS.map(|spellings| spellings[0]));
}

#[tokio::test]
async fn spellings_of_one_address_are_one_account() {
    let service = Service::start().await;
    assert_spellings_are_one_account(&service).await;
    let keys = service.sql("SELECT email_key FROM users ORDER BY id").await;
    assert_eq!(
        keys,
        [
            "alice@example.com",
            "jürgen@example.com",
            "σασ@example.com",
            "info@xn--bcher-kva.example",
            "ёлка@xn--e1afmkfd.example",
        ]
    );
}

#[tokio::test]
async fn spellings_of_one_address_are_one_account_in_a_database_that_knows_ascii_only() {
    assert_spellings_are_one_account(&with_an_ascii_locale().await).await;
}

#[tokio::test]
async fn different_letters_are_different_accounts() {
    let service = with_an_ascii_locale().await;
    for (one, other) in [
        ("xİ@example.com", "xi@example.com"),
        ("straße@example.com", "strasse@example.com"),
        ("a@faß.example", "a@fass.example"),
    ] {
        for email in [one, other] {
            service.register(email, PASSWORD).await.expect(201);
        }
    }
}

#[tokio::test]
async fn of_registrations_of_one_address_at_the_same_instant_one_succeeds() {
    let service = Service::builder().one_request_per_instance().start().await;
    for (number, spellings) in SPELLINGS.iter().enumerate() {
        let registrations = spellings.iter().chain(spellings).map(|email| service.register(email, PASSWORD));
        let answers = join_all(registrations).await;
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(created, 1, "{answers:#?}");
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            assert_problem(refused, 409, "email_taken");
        }
        assert_eq!(service.sql("SELECT count(*) FROM users").await, [(number + 1).to_string()]);
    }
}

#[tokio::test]
async fn an_account_without_a_key_is_found_without_case() {
    let service = Service::start().await;
    service.register("Jürgen@Example.com", PASSWORD).await.expect(201);
    forget_keys(&service).await;
    for email in ["Jürgen@Example.com", "JÜRGEN@example.com", "ju\u{308}rgen@example.com"] {
        service.login(email, PASSWORD).await;
        assert_problem(&service.register(email, PASSWORD).await, 409, "email_taken");
    }
    assert_eq!(service.sql("SELECT count(*), count(email_key) FROM users").await, ["1|0"]);
    let _ = service.database().usersctl(&["migrate", "upgrade"]);
    service.login("JÜRGEN@example.com", PASSWORD).await;
    assert_eq!(service.sql("SELECT email_key FROM users").await, ["jürgen@example.com"]);
}

#[tokio::test]
async fn an_account_whose_address_an_older_one_has_cannot_log_in() {
    let service = Service::start().await;
    service.register("jürgen@example.com", "the password of the older one").await.expect(201);
    service.register("other@example.com", "the password of the younger one").await.expect(201);
    // For the previous release, this is a different address.
    service
        .sql("UPDATE users SET email = U&'ju\\0308rgen@example.com' WHERE email = 'other@example.com'")
        .await;
    assert_eq!(service.sql("SELECT count(email_key) FROM users").await, ["1"]);
    let younger = "ju\u{308}rgen@example.com";
    for step in ["before", "after"] {
        let refused = service.try_login(younger, "the password of the younger one").await;
        assert_problem(&refused, 401, "invalid_credentials");
        let wrong = service.try_login(younger, "not the password").await;
        assert_eq!(refused.json()["detail"], wrong.json()["detail"], "{step}");
        service.login(younger, "the password of the older one").await;
        assert_problem(&service.register(younger, PASSWORD).await, 409, "email_taken");
        let _ = service.database().usersctl(&["migrate", "upgrade"]);
    }
    let collisions = service.database().usersctl(&["accounts", "collisions"]);
    assert!(collisions.contains(younger) && collisions.lines().count() == 1, "{collisions}");
}

#[tokio::test]
async fn an_address_of_an_earlier_release_still_logs_in() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    service.sql("UPDATE users SET email = 'Alice@exam_ple.com'").await;
    for _ in ["before", "after"] {
        service.login("alice@EXAM_ple.com", PASSWORD).await;
        let _ = service.database().usersctl(&["migrate", "upgrade"]);
    }
    assert_eq!(service.sql("SELECT email_key FROM users").await, ["alice@exam_ple.com"]);
}
