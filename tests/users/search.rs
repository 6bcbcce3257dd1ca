//! `GET /users/?search=…`

use serde_json::Value;
use users_tests::{assert_common_headers, pointers};

use crate::support::{Fixture, encoded, ids};

impl Fixture {
    async fn found(&self, text: &str) -> Vec<i64> {
        let answer = self.get(&format!("/users/?search={}", encoded(text))).await.expect(200);
        assert_common_headers(&answer);
        ids(&answer)
    }
}

#[tokio::test]
async fn a_text_is_found_anywhere_in_the_address_or_the_name() {
    let fixture = Fixture::start().await;
    let alice = fixture.add_named("alice.jones@example.org", "Zoe Miller").await;
    let bob = fixture.add_named("bob@example.net", "Robert Alison").await;
    let nameless =
        numbers_of(&fixture, "INSERT INTO users (email, password_hash) VALUES ('ali@example.net', '!')")
            .await;
    for (text, expected) in [
        ("ali", vec![alice, bob, nameless]),
        ("alice", vec![alice]),
        (".jones@ex", vec![alice]),
        ("example.org", vec![alice]),
        ("example.net", vec![bob, nameless]),
        ("alice.jones@example.org", vec![alice]),
        ("Zoe Miller", vec![alice]),
        ("e M", vec![alice]),
        ("miller", vec![alice]),
        ("z", vec![alice]),
        ("alison", vec![bob]),
        ("alicia", vec![]),
        ("Zoe  Miller", vec![]),
        ("null", vec![]),
    ] {
        assert_eq!(fixture.found(text).await, expected, "{text:?}");
    }
}

async fn numbers_of(fixture: &Fixture, insert: &str) -> i64 {
    crate::support::numbers(&fixture.sql(&format!("{insert} RETURNING id")).await)[0]
}

#[tokio::test]
async fn letters_beyond_ascii_are_compared_without_case() {
    let fixture = Fixture::start().await;
    let uta = fixture.add_named("Uta.Maier@Example.NET", "Üta ÅSTRÖM").await;
    let zoya = fixture.add_named("zoya@example.net", "Зоя Ёлкина").await;
    let maria = fixture.add_named("maria@example.net", "ΜΑΡΊΑ").await;
    for (text, expected) in [
        ("uta.maier@example.net", uta),
        ("UTA.MAIER@EXAMPLE.NET", uta),
        ("uTa", uta),
        ("Üta", uta),
        ("üta", uta),
        ("ÜTA", uta),
        ("åström", uta),
        ("Åström", uta),
        ("ЗОЯ", zoya),
        ("зоя ё", zoya),
        ("μαρία", maria),
    ] {
        assert_eq!(fixture.found(text).await, [expected], "{text:?}");
    }
    assert_eq!(fixture.found("Uta Å").await, [0_i64; 0], "expected Ü to be no U");
}

#[tokio::test]
async fn pattern_characters_are_searched_for_literally() {
    let fixture = Fixture::start().await;
    let percent = fixture.add_named("a@example.net", "fifty 50% off").await;
    let underscore = fixture.add_named("b_c@example.net", "under score").await;
    let backslash = fixture.add_named("d@example.net", r"back\slash").await;
    let both = fixture.add_named("e@example.net", r"a\%b\_c").await;
    let star = fixture.add_named("f@example.net", "st*r [a-z]? (x|y)^$").await;
    for (text, expected) in [
        ("%", vec![percent, both]),
        ("50%", vec![percent]),
        ("5%o", vec![]),
        ("%%", vec![]),
        ("_", vec![underscore, both]),
        ("b_c", vec![underscore]),
        ("under_score", vec![]),
        ("\\", vec![backslash, both]),
        (r"k\s", vec![backslash]),
        (r"\\", vec![]),
        (r"\%", vec![both]),
        (r"\_", vec![both]),
        (r"a\%b\_c", vec![both]),
        ("*", vec![star]),
        ("[a-z]", vec![star]),
        ("(x|y)^$", vec![star]),
        (".*", vec![]),
        ("fifty%off", vec![]),
    ] {
        assert_eq!(fixture.found(text).await, expected, "{text:?}");
    }
}

#[tokio::test]
async fn a_search_is_a_value_and_never_sql() {
    let fixture = Fixture::start().await;
    let quoted = fixture.add_named("o@example.net", "Conan O'Brien \"Coco\" $1 $$ ; -- /*").await;
    for text in ["O'Brien", "'", "\"Coco\"", "$1", "$$", "; --", "/*"] {
        assert_eq!(fixture.found(text).await, [quoted], "{text:?}");
    }
    for text in [
        "' OR '1'='1",
        "'; DROP TABLE users; --",
        "x') OR true --",
        "$6",
        "\\'; SELECT pg_sleep(9); --",
        "%' ESCAPE '!",
        "E'\\n'",
    ] {
        assert_eq!(fixture.found(text).await, [0_i64; 0], "{text:?}");
    }
    assert_eq!(fixture.sql("SELECT count(*) FROM users").await, ["2"]);
}

#[tokio::test]
async fn an_empty_search_is_no_filter() {
    let fixture = Fixture::start().await;
    let all = [vec![fixture.root.id], fixture.add(4).await].concat();
    for query in ["search=", "search", "search=&active_only=true"] {
        assert_eq!(ids(&fixture.get(&format!("/users/?{query}")).await.expect(200)), all, "{query}");
    }
    assert_eq!(fixture.walk("/users/?search=&limit=2").await, all);
}

#[tokio::test]
async fn a_search_without_a_match_is_an_empty_list() {
    let fixture = Fixture::start().await;
    fixture.add(4).await;
    let answer = fixture.get("/users/?search=nobody").await.expect(200);
    assert_common_headers(&answer);
    assert_eq!(answer.json(), Value::Array(vec![]));
    assert_eq!(answer.header("link"), None);
}

#[tokio::test]
async fn a_search_has_at_most_100_characters() {
    let fixture = Fixture::start().await;
    for character in ["x", "ü", "😀", "%", "'", "\\"] {
        let longest = character.repeat(100);
        let id = fixture
            .add_named(&format!("{}@example.net", encoded(character).replace('%', "p")), &longest)
            .await;
        assert_eq!(fixture.found(&longest).await, [id], "{character:?}");
        let answer = fixture.get(&format!("/users/?search={}", encoded(&character.repeat(101)))).await;
        assert_eq!(pointers(&answer), ["/search"], "{character:?}");
    }
}

#[tokio::test]
async fn a_nul_character_in_a_search_is_refused() {
    let fixture = Fixture::start().await;
    for text in ["\0", "a\0", "\0b", "a\0b"] {
        let answer = fixture.get(&format!("/users/?search={}", encoded(text))).await;
        assert_eq!(pointers(&answer), ["/search"], "{text:?}");
    }
}

#[tokio::test]
async fn other_invisible_characters_are_searched_for() {
    let fixture = Fixture::start().await;
    let tabbed = fixture.add_named("t@example.net", "tab\there").await;
    assert_eq!(fixture.found("tab\there").await, [tabbed]);
    for text in ["\u{1}", "\u{200b}", "\u{feff}", "\r", "\u{ffff}"] {
        assert_eq!(fixture.found(text).await, [0_i64; 0], "{text:?}");
    }
}

/// The search index may join the two columns.
#[tokio::test]
async fn a_match_does_not_span_the_address_and_the_name() {
    let fixture = Fixture::start().await;
    fixture.add_named("z@example.net", "Zoe Miller").await;
    for between in ["", " ", "\n", "\t", "|", ",", "\u{1f}", "\r\n"] {
        let text = format!("example.net{between}Zoe");
        assert_eq!(fixture.found(&text).await, [0_i64; 0], "{text:?}");
    }
    for text in ["net\n", "\n", "\nzoe", "\nZOE MILLER"] {
        assert_eq!(fixture.found(text).await, [0_i64; 0], "{text:?}");
    }
    let broken = fixture.add_named("y@example.net", "Ann\nLee").await;
    for text in ["\n", "n\nl", "ann\nLEE"] {
        assert_eq!(fixture.found(text).await, [broken], "{text:?}");
    }
}

#[tokio::test]
async fn a_search_keeps_blanks_as_they_were_sent() {
    let fixture = Fixture::start().await;
    let jo = fixture.add_named("j@example.net", "Jo Ann Lee").await;
    fixture.add_named("k@example.net", "Joann").await;
    for text in ["o a", " ann ", "jo ", " lee"] {
        assert_eq!(fixture.found(text).await, [jo], "{text:?}");
    }
    assert_eq!(fixture.found("lee ").await, [0_i64; 0]);
    assert_eq!(
        ids(&fixture.get("/users/?search=jo+ann").await.expect(200)),
        [jo],
        "expected + to be a blank"
    );
}

#[tokio::test]
async fn a_search_can_be_for_active_accounts_only() {
    let fixture = Fixture::start().await;
    let added = fixture.add(5).await;
    fixture.put(&format!("/users/{}/deactivate", added[2])).await.expect(200);
    let active: Vec<i64> = added.iter().copied().filter(|id| *id != added[2]).collect();
    for (query, expected) in [
        ("search=user", &added),
        ("search=user&active_only=false", &added),
        ("search=user&active_only=true", &active),
        ("search=user3&active_only=true", &vec![]),
    ] {
        assert_eq!(ids(&fixture.get(&format!("/users/?{query}")).await.expect(200)), *expected, "{query}");
    }
}

#[tokio::test]
async fn matches_come_page_by_page() {
    let fixture = Fixture::start().await;
    let mut matching = Vec::new();
    for number in 0..9 {
        matching.push(fixture.add_named(&format!("m{number}@example.net"), "Match").await);
        fixture.add_named(&format!("o{number}@example.net"), "Other").await;
    }
    for limit in [1, 2, 3, 8, 9, 10, 1000] {
        for start in ["", "&skip=0", "&after=1"] {
            let path = format!("/users/?search=match&limit={limit}{start}");
            assert_eq!(fixture.walk(&path).await, matching, "{path}");
        }
    }
    let middle = format!("/users/?search=MATCH&limit=2&after={}", matching[3]);
    assert_eq!(fixture.walk(&middle).await, matching[4..]);
    let skipped = fixture.get("/users/?search=match&skip=7&limit=5").await.expect(200);
    assert_eq!(ids(&skipped), matching[7..]);
}

#[tokio::test]
async fn the_search_text_is_not_in_the_log() {
    let fixture = Fixture::start().await;
    let token = &fixture.root.tokens.access;
    for (id, path) in [
        ("good", "/users/?search=carol.private@example.com"),
        ("bad", "/users/?search=carol.private&limit=0"),
    ] {
        let _ = fixture.service.get(path).bearer(token).id(id).send().await;
        let _ = fixture.service.logs().of_request(id).await;
    }
    assert!(!fixture.service.logs().text().contains("carol.private"), "expected no address in the log");
}
