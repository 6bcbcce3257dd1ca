//! `GET /users/?search=…`: letters that are the same however they are written, in every database.

use serde_json::json;
use users_tests::{PASSWORD, Service};

use crate::support::{Fixture, encoded, ids};

const NAMES: [(&str, &str); 4] = [
    ("jürgen@bücher.example", "Jürgen Groß"),
    ("maria@example.net", "ΜΑΡΊΑ Παπαδόπουλος"),
    ("zoya@example.net", "Зоя Ёлкина"),
    ("x@example.net", "Te\u{301}re\u{300}se"),
];

/// Texts, and the place of the account that they find.
const SEARCHES: [(&str, usize); 12] = [
    ("JÜRGEN", 0),
    ("ju\u{308}rgen", 0),
    ("BÜCHER.EX", 0),
    ("gROß", 0),
    ("groẞ", 0),
    ("παπαδόπουλοσ", 1),
    ("ΠΑΠΑΔΌΠΟΥΛΟΣ", 1),
    ("παπαδόπουλος", 1),
    ("ёлк", 2),
    ("Е\u{308}ЛКИНА", 2),
    ("TÉRÈSE", 3),
    ("te\u{301}r", 3),
];

async fn found(fixture: &Fixture, text: &str) -> Vec<i64> {
    ids(&fixture.get(&format!("/users/?search={}&total=true", encoded(text))).await.expect(200))
}

/// Registers the accounts, and searches among the first accounts and by the index.
async fn assert_found(fixture: &Fixture) {
    let mut accounts = Vec::new();
    for (email, full_name) in NAMES {
        let body = json!({"email": email, "password": PASSWORD, "full_name": full_name});
        let user = fixture.service.post("/auth/register").json(&body).send().await.expect(201).json();
        accounts.push(user["id"].as_i64().expect("an id"));
    }
    for (text, place) in SEARCHES {
        assert_eq!(found(fixture, text).await, [accounts[place]], "{text}");
    }
    assert_eq!(found(fixture, "gross").await, [0_i64; 0], "expected ß to be no ss");
    // Now more than 2,000 accounts precede these accounts, so the index finds them.
    fixture
        .sql(
            "UPDATE users SET id = id + 20000 WHERE password_hash <> '!' AND NOT is_admin;
             INSERT INTO users (id, email, password_hash, email_key, search_text)
             SELECT n, 'crowd' || n || '@example.com', '!', 'crowd' || n || '@example.com', 'crowd' || n || E'@example.com\\n'
               FROM generate_series(1000, 3500) n;
             ANALYZE users",
        )
        .await;
    for (text, place) in SEARCHES {
        assert_eq!(found(fixture, text).await, [accounts[place] + 20_000], "{text}");
    }
}

#[tokio::test]
async fn letters_are_found_however_they_are_written() {
    assert_found(&Fixture::start().await).await;
}

#[tokio::test]
async fn letters_are_found_in_a_database_that_knows_ascii_only() {
    let options = "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'";
    let service = Service::builder().empty_database(options).start().await;
    let _ = service.database().usersctl(&["migrate", "upgrade"]);
    assert_found(&Fixture::of(service).await).await;
}

#[tokio::test]
async fn a_new_name_is_found_and_the_old_one_is_not() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.net").await;
    let rename = async |name: &str| {
        let body = json!({"full_name": name});
        fixture.service.put("/profile/").bearer(&alice.tokens.access).json(&body).send().await.expect(200);
    };
    rename("Jürgen").await;
    assert_eq!(found(&fixture, "JÜRGEN").await, [alice.id]);
    let stored = "SELECT search_text FROM users WHERE email = 'alice@example.net'";
    assert_eq!(fixture.sql(stored).await, ["alice@example.net\njürgen"]);
    rename("Maria").await;
    assert_eq!(found(&fixture, "maria").await, [alice.id]);
    assert_eq!(found(&fixture, "jürgen").await, [0_i64; 0]);
    rename("MARIA").await;
    assert_eq!(fixture.sql(stored).await, ["alice@example.net\nmaria"]);
    // A replica of the previous release renames the account. It does not know the column `search_text`.
    fixture.sql("UPDATE users SET full_name = 'Zoe' WHERE email = 'alice@example.net'").await;
    assert_eq!(found(&fixture, "ZOE").await, [alice.id]);
    assert_eq!(found(&fixture, "maria").await, [0_i64; 0]);
    let _ = fixture.service.database().usersctl(&["migrate", "upgrade"]);
    assert_eq!(fixture.sql(stored).await, ["alice@example.net\nzoe"]);
    assert_eq!(found(&fixture, "ZOE").await, [alice.id]);
}

#[tokio::test]
async fn accounts_with_and_without_keys_are_found_together() {
    let fixture = Fixture::start().await;
    let added = fixture.add(5).await;
    let mut expected = added.clone();
    for number in 0..5 {
        let email = format!("user-x{number}@example.net");
        expected.push(fixture.service.account(&email).await.id);
    }
    for path in
        ["/users/?search=USER&limit=3", "/users/?search=user&limit=1000", "/users/?search=se&limit=2&skip=0"]
    {
        assert_eq!(fixture.walk(path).await, expected, "{path}");
    }
    let page = fixture.get("/users/?search=user&limit=2&total=true").await.expect(200);
    assert_eq!(page.header("x-total-count").as_deref(), Some("10"));
}
