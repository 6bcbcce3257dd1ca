//! `POST /auth/register`: invalid values.

use serde_json::{Value, json};
use users_tests::{Answer, PASSWORD, Service, assert_problem, pointers};

async fn send(service: &Service, body: &Value) -> Answer {
    service.post("/auth/register").json(body).send().await
}

/// An address of this length in bytes.
fn address(octets: usize) -> String {
    let domain = format!("{}.{}.{}.com", "d".repeat(61), "e".repeat(61), "f".repeat(61));
    format!("{}@{domain}", "a".repeat(octets - 1 - domain.len()))
}

#[tokio::test]
async fn every_broken_field_is_listed() {
    let service = Service::start().await;
    let all = json!({"email": "nobody", "password": "short", "full_name": "x".repeat(256)});
    assert_eq!(pointers(&send(&service, &all).await), ["/email", "/full_name", "/password"]);
    let two = json!({"email": "nobody", "password": "short", "full_name": "Alice"});
    assert_eq!(pointers(&send(&service, &two).await), ["/email", "/password"]);
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["0"], "expected no account");
}

#[tokio::test]
async fn every_missing_field_is_listed() {
    let service = Service::start().await;
    assert_eq!(pointers(&send(&service, &json!({})).await), ["/email", "/password"]);
    assert_eq!(pointers(&send(&service, &json!({"password": PASSWORD})).await), ["/email"]);
    assert_eq!(pointers(&send(&service, &json!({"email": "a@example.com"})).await), ["/password"]);
    let missing_and_broken = json!({"email": "nobody"});
    assert_eq!(pointers(&send(&service, &missing_and_broken).await), ["/email", "/password"]);
}

#[tokio::test]
async fn every_field_of_another_type_is_listed() {
    let service = Service::start().await;
    for other in [json!(1), json!([]), json!({}), json!(true), json!(["a@example.com"])] {
        let body = json!({"email": other, "password": other, "full_name": other});
        assert_eq!(pointers(&send(&service, &body).await), ["/email", "/full_name", "/password"], "{other}");
    }
    let nulls = json!({"email": null, "password": null, "full_name": null});
    assert_eq!(pointers(&send(&service, &nulls).await), ["/email", "/password"]);
}

#[tokio::test]
async fn an_invalid_address_is_refused() {
    let service = Service::start().await;
    for bad in [
        "",
        " ",
        "alice",
        "alice@",
        "@example.com",
        "alice@example",
        "a b@example.com",
        "a@exa mple.com",
        "a@@example.com",
        "a@example..com",
        "<a@example.com>",
        "Alice <a@example.com>",
        "a@example.com,b@example.com",
        "a@[127.0.0.1]",
        "a@example.com\r\nBcc: b@example.com",
        // Characters and labels that are invalid in a domain.
        "a@exam_ple.com",
        "a@exam`ple.com",
        "a@exam/ple.com",
        "a!b.com",
        "a@b!.com",
        "a@ｅｘａｍｐｌｅ.com",
        "a@example。com",
        "a@☃.example",
        "a@xn--a.com",
        "a@ab--cd.com",
        "a@-example.com",
    ] {
        let body = json!({"email": bad, "password": PASSWORD});
        assert_eq!(pointers(&send(&service, &body).await), ["/email"], "{bad:?}");
    }
}

#[tokio::test]
async fn an_address_has_at_most_254_octets() {
    let service = Service::start().await;
    let longest = address(254);
    let user = service.register(&format!(" {longest} "), PASSWORD).await.expect(201).json();
    assert_eq!(user["email"], longest);
    let too_long = service.register(&address(255), PASSWORD).await;
    assert_eq!(pointers(&too_long), ["/email"]);
    assert!(too_long.body.contains("254 octets"), "{too_long:#?}");
}

#[tokio::test]
async fn an_address_has_at_most_64_octets_before_the_at_sign() {
    let service = Service::start().await;
    let email = |local: String| format!("{local}@example.com");
    service.register(&email("ü".repeat(32)), PASSWORD).await.expect(201);
    let too_long = service.register(&email("ü".repeat(33)), PASSWORD).await;
    assert_eq!(pointers(&too_long), ["/email"]);
    assert!(too_long.body.contains("64 octets"), "{too_long:#?}");
}

#[tokio::test]
async fn a_name_has_at_most_255_characters() {
    let service = Service::start().await;
    let body = |name: &str| json!({"email": "alice@example.com", "password": PASSWORD, "full_name": name});
    assert_eq!(pointers(&send(&service, &body(&"é".repeat(256))).await), ["/full_name"]);
    let name = "é".repeat(255);
    assert_eq!(send(&service, &body(&name)).await.expect(201).json()["full_name"], name);
}

#[tokio::test]
async fn a_password_has_8_to_128_characters() {
    let service = Service::start().await;
    for bad in ["", "7 chars", &"x".repeat(129), &"é".repeat(129), &"é".repeat(7)] {
        assert_eq!(pointers(&service.register("alice@example.com", bad).await), ["/password"], "{bad:?}");
    }
    for (number, good) in
        ["eight ch", &"x".repeat(128), &"é".repeat(128), &"é".repeat(8)].into_iter().enumerate()
    {
        let email = format!("alice{number}@example.com");
        service.register(&email, good).await.expect(201);
        service.login(&email, good).await;
    }
}

#[tokio::test]
async fn a_password_may_consist_of_any_characters() {
    let service = Service::start().await;
    for (number, good) in
        ["lowercaseonly", "49301857264", "ALL CAPS HERE", "пароль без цифр", "\t\u{1f600}é\"\\ &=%+"]
            .into_iter()
            .enumerate()
    {
        let email = format!("alice{number}@example.com");
        service.register(&email, good).await.expect(201);
        service.login(&email, good).await;
    }
}

#[tokio::test]
async fn a_common_password_is_refused_in_any_case() {
    let service = Service::start().await;
    for bad in
        ["password", "Password", "PASSWORD123", "12345678", "qwertyuiop", "iloveyou", "football", "sunshine"]
    {
        assert_eq!(pointers(&service.register("alice@example.com", bad).await), ["/password"], "{bad}");
    }
}

/// The former list of 3,000 had none of them but the last.
#[tokio::test]
async fn a_password_that_was_common_in_breaches_is_refused() {
    let service = Service::start().await;
    for bad in ["qwertyuiopasdfghjkl", "Beautiful12", "000webhost"] {
        let answer = service.register("alice@example.com", bad).await;
        assert_eq!(pointers(&answer), ["/password"], "{bad}");
        assert!(answer.body.contains("must not be one of the most common passwords"), "{answer:#?}");
    }
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["0"], "expected no account");
}

#[tokio::test]
async fn a_password_with_a_denied_word_in_it_is_refused_in_any_spelling() {
    let service = Service::builder().variable("denied_words", "Acme, kestrel").start().await;
    for (bad, word) in [
        ("acme and more", "Acme"),
        ("my ACME password", "Acme"),
        ("xx-@cm3-xx", "Acme"),
        ("Àçmé Àçmé", "Acme"),
        ("ＡＣＭＥ 2026", "Acme"),
        ("ke57re1-2026", "kestrel"),
        ("KESTR3L!", "kestrel"),
    ] {
        let answer = service.register("alice@example.com", bad).await;
        assert_eq!(pointers(&answer), ["/password"], "{bad}");
        let expected = format!("must not contain the word {word}, however it is spelled");
        assert!(answer.body.contains(&expected), "{answer:#?}");
        assert!(!answer.body.contains(bad), "expected no echo: {answer:#?}");
    }
    let all = json!({"email": "nobody", "password": "acme and more", "full_name": "x".repeat(256)});
    assert_eq!(pointers(&send(&service, &all).await), ["/email", "/full_name", "/password"]);
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["0"], "expected no account");
    service.register("alice@example.com", "a c m e is fine").await.expect(201);
}

#[tokio::test]
async fn without_denied_words_their_passwords_are_accepted() {
    let service = Service::start().await;
    service.register("alice@example.com", "acme and more").await.expect(201);
    service.login("alice@example.com", "acme and more").await;
}

#[tokio::test]
async fn a_denied_word_that_is_too_short_is_a_500_and_the_log_names_the_variable() {
    let service = Service::builder().variable("denied_words", "acme,xy").start().await;
    for (number, path) in ["/auth/register", "/users/"].into_iter().enumerate() {
        let id = format!("words-{number}");
        let answer = service.post(path).id(&id).json(&json!({})).send().await;
        assert_problem(&answer, 500, "internal_error");
        assert!(!answer.body.contains("denied"), "expected a fixed text: {answer:#?}");
        let log = service.logs().of_request(&id).await;
        let named = log.causes().iter().any(|it| it.contains("denied_words") && it.contains("xy is shorter"));
        assert!(named, "{log:#?}");
    }
}

#[tokio::test]
async fn the_address_is_refused_as_the_password() {
    let service = Service::start().await;
    for bad in ["alice@example.com", "ALICE@example.com"] {
        assert_eq!(pointers(&service.register("Alice@example.com", bad).await), ["/password"], "{bad}");
    }
}

#[tokio::test]
async fn a_nul_character_is_refused_in_every_text() {
    let service = Service::start().await;
    let good = json!({"email": "alice@example.com", "password": PASSWORD, "full_name": "Alice"});
    for (field, bad) in [
        ("email", "alice\0@example.com"),
        ("email", "alice@example.com\0"),
        ("password", "correct\0horse"),
        ("full_name", "A\0lice"),
    ] {
        let mut body = good.clone();
        body[field] = json!(bad);
        assert_eq!(pointers(&send(&service, &body).await), [format!("/{field}")], "{bad:?}");
    }
    send(&service, &good).await.expect(201);
}

#[tokio::test]
async fn refused_values_are_not_in_the_answer() {
    let service = Service::start().await;
    let answer = service.register("not-an-address-quux", "hunter2").await;
    assert_problem(&answer, 422, "validation_failed");
    assert!(
        !answer.body.contains("quux") && !answer.body.contains("hunter2"),
        "expected no echo: {answer:#?}"
    );
}

#[tokio::test]
async fn sql_in_a_field_is_plain_text() {
    let service = Service::start().await;
    let name = "Robert'); DROP TABLE users;--";
    let body = json!({"email": "o'neil@example.com", "password": PASSWORD, "full_name": name});
    assert_eq!(send(&service, &body).await.expect(201).json()["full_name"], name);
    service.login("o'neil@example.com", PASSWORD).await;
    let answer = service.try_login("' OR 1=1 --", PASSWORD).await;
    assert_problem(&answer, 401, "invalid_credentials");
}

#[tokio::test]
async fn a_nul_character_does_not_hide_other_errors() {
    let service = Service::start().await;
    let body = json!({"email": "no address", "password": "short", "full_name": "a\0b"});
    let mut broken = pointers(&send(&service, &body).await);
    broken.sort();
    assert_eq!(broken, ["/email", "/full_name", "/password"]);
}
