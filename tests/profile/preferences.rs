//! `/profile/preferences`.

use futures::future::join_all;
use serde_json::{Map, Value, json};
use users_tests::{assert_common_headers, assert_no_store, assert_problem, pointers};

use crate::support::{Fixture, assert_holds, full};

const PATH: &str = "/profile/preferences";

/// The maximum size of the object, in bytes of compact JSON.
const LARGEST: usize = 16 * 1024;

/// An object of this size in bytes, with several members.
fn object(length: usize) -> Value {
    let mut object = json!({
        "a": [1, -2.5, [], {}, [[], [null]], {"b": {"c": true, "d": false}, "e": ""}], "ключ \" \\ \n \u{1}": "🦀 \u{7f}\t\u{8}",
        "theme": "dark", "f": "", "filler": "",
    });
    let rest = length - object.to_string().len();
    object["filler"] = "x".repeat(rest).into();
    assert_eq!(object.to_string().len(), length);
    object
}

#[tokio::test]
async fn preferences_are_empty_at_first() {
    let fixture = Fixture::start().await;
    let answer = fixture.get(PATH).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    assert_eq!(answer.json(), json!({}));
    assert_eq!(fixture.get("/profile/preferences/").await.expect(200).json(), json!({}));
}

#[tokio::test]
async fn known_keys_are_validated() {
    let fixture = Fixture::start().await;
    let good = json!({
        "theme": "system", "language": "zh-Hant-TW", "timezone": "America/Argentina/Buenos_Aires",
        "notifications_email": true, "notifications_sms": false, "privacy_public_profile": true,
    });
    assert_eq!(fixture.put(PATH, &good).await.expect(200).json(), good);
    let bad = json!({
        "theme": "Dark", "language": "en_US", "timezone": "europe/berlin", "notifications_email": "true",
        "notifications_sms": 0, "privacy_public_profile": [], "other": "kept if the rest were right",
    });
    let expected = [
        "/language",
        "/notifications_email",
        "/notifications_sms",
        "/privacy_public_profile",
        "/theme",
        "/timezone",
    ];
    assert_eq!(pointers(&fixture.put(PATH, &bad).await), expected);
    assert_eq!(fixture.preferences().await, good, "expected nothing to change");
}

#[tokio::test]
async fn other_keys_are_kept_as_they_were_sent() {
    let fixture = Fixture::start().await;
    let sent = json!({
        "Theme": 1, "": "empty", "a/b~c": [1, "2", null, {"x": null, "y": {}}], "$": {"theme": "blue"}, "0": 0,
        "large": 9_007_199_254_740_993_i64, "small": -0.001, "long": "é".repeat(1000), "no": false, "deep": [[[[1]]]],
    });
    assert_eq!(fixture.put(PATH, &sent).await.expect(200).json(), sent);
    assert_eq!(fixture.preferences().await, sent);
    assert_eq!(fixture.profile().await["preferences"], sent);
}

#[tokio::test]
async fn changes_are_merged_key_by_key() {
    let fixture = Fixture::start().await;
    fixture.put(PATH, &json!({"theme": "dark", "x": {"a": 1, "b": 2}, "y": 1})).await.expect(200);
    let answer = fixture.put(PATH, &json!({"x": {"a": 3}, "z": true})).await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let expected = json!({"theme": "dark", "x": {"a": 3}, "y": 1, "z": true});
    assert_eq!(answer.json(), expected, "expected a key's value to be replaced as a whole");
    assert_eq!(fixture.put(PATH, &json!({})).await.expect(200).json(), expected);
    assert_eq!(fixture.preferences().await, expected);
}

#[tokio::test]
async fn null_removes_a_key() {
    let fixture = Fixture::start().await;
    let first = fixture.put(PATH, &json!({"a": null, "theme": "dark", "x": 1, "0": 2})).await.expect(200);
    assert_eq!(first.json(), json!({"theme": "dark", "x": 1, "0": 2}), "expected no null to be kept");
    let change = json!({"theme": null, "0": null, "missing": null, "y": {"kept": null}});
    let expected = json!({"x": 1, "y": {"kept": null}});
    assert_eq!(fixture.put(PATH, &change).await.expect(200).json(), expected);
    assert_eq!(fixture.preferences().await, expected);
}

#[tokio::test]
async fn preferences_other_than_an_object_are_refused() {
    let fixture = Fixture::start().await;
    fixture.put(PATH, &json!({"x": 1})).await.expect(200);
    for bad in [json!([]), json!(null), json!("x"), json!(7), json!(true), json!([{"x": 2}])] {
        assert_eq!(pointers(&fixture.put(PATH, &bad).await), [""], "{bad}");
    }
    for bad in ["", "{", "{\"x\":2", "{'x':2}"] {
        let answer = fixture.ask("PUT", PATH).body("application/json", bad).send().await;
        assert_problem(&answer, 400, "malformed_body");
    }
    assert_eq!(fixture.preferences().await, json!({"x": 1}));
}

async fn write_at_once(fixture: &Fixture) {
    let bodies: Vec<Value> = (0..50).map(|n| json!({ format!("key{n}"): n })).collect();
    for answer in join_all(bodies.iter().map(|body| fixture.put(PATH, body))).await {
        answer.expect(200);
    }
    let all: Map<String, Value> = (0..50).map(|n| (format!("key{n}"), json!(n))).collect();
    assert_eq!(fixture.preferences().await, Value::Object(all), "expected every key");
}

#[tokio::test]
async fn fifty_writers_of_distinct_keys_lose_no_key() {
    write_at_once(&Fixture::start().await).await;
}

#[tokio::test]
async fn fifty_writers_with_their_own_connections_lose_no_key() {
    write_at_once(&Fixture::with_many_instances().await).await;
}

#[tokio::test]
async fn preferences_have_at_most_16_kib() {
    let fixture = Fixture::start().await;
    assert_eq!(pointers(&fixture.put(PATH, &object(LARGEST + 1)).await), [""]);
    assert_eq!(fixture.preferences().await, json!({}));
    let largest = object(LARGEST);
    assert_eq!(fixture.put(PATH, &largest).await.expect(200).json(), largest);
    assert_eq!(fixture.preferences().await, largest);
    let before = fixture.everything().await;
    assert_eq!(pointers(&fixture.put(PATH, &object(LARGEST + 1)).await), [""]);
    assert_eq!(fixture.everything().await, before, "expected nothing to change");
}

#[tokio::test]
async fn a_merge_that_would_exceed_sixteen_kib_changes_nothing() {
    let fixture = Fixture::start().await;
    // `{"filler":…}` takes 13 bytes in addition to its text, and `,"more":…` takes 10.
    fixture.put(PATH, &json!({"filler": "x".repeat(LARGEST - 23)})).await.expect(200);
    let before = fixture.everything().await;
    assert_eq!(pointers(&fixture.put(PATH, &json!({"more": "x"})).await), [""]);
    assert_eq!(fixture.everything().await, before, "expected nothing to change");
    let merged = fixture.put(PATH, &json!({"more": ""})).await.expect(200);
    assert_eq!(merged.body.len(), LARGEST, "expected it to fit exactly");
    assert_eq!(pointers(&fixture.put(PATH, &json!({"y": 1})).await), [""]);
    fixture.put(PATH, &json!({"more": null, "y": 1})).await.expect(200);
}

#[tokio::test]
async fn preferences_in_a_profile_have_the_same_limit() {
    let fixture = Fixture::start().await;
    let too_large = json!({"bio": "x", "full_name": "Ada", "preferences": object(LARGEST + 1)});
    let before = fixture.everything().await;
    assert_eq!(pointers(&fixture.post(&too_large).await), ["/preferences"]);
    assert_eq!(pointers(&fixture.put("/profile/", &too_large).await), ["/preferences"]);
    assert_eq!(fixture.everything().await, before, "expected nothing to change");
    let largest = json!({"preferences": object(LARGEST)});
    assert_holds(&fixture.post(&largest).await.expect(201).json(), &largest);
}

#[tokio::test]
async fn the_sent_length_of_a_number_counts() {
    let fixture = Fixture::start().await;
    let sent = json!({"x": vec![1e300; 100]});
    assert!(sent.to_string().len() < 1024);
    assert_eq!(fixture.put(PATH, &sent).await.expect(200).json(), sent);
    assert_eq!(fixture.preferences().await, sent);
}

/// Numbers that all JSON parsers read alike: integers of 64 bits and doubles (RFC 8259 section 6).
fn numbers() -> Vec<Value> {
    let mut numbers = vec![
        json!(f64::MAX),
        json!(f64::MIN),
        json!(5e-324),
        json!(f64::MIN_POSITIVE),
        json!(f64::EPSILON),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(0.40159101448507484),
        json!(0.9179550430877189),
        json!(1.79e308),
        json!(1e300),
        json!(0.00001),
        json!(0.000009),
        json!(-0.0000123),
        json!(1e-7),
        json!(1.5e-10),
        json!(1.0),
        json!(100.0),
        json!(1.5e15),
        json!(1_700_000_000_000_000_i64),
        json!(10_000_000_000_000_000_i64),
        json!(10_000_000_000_000_000_000_u64),
        json!(1e20),
        json!(-1e19),
        json!(1.2345e25),
        json!(0),
        json!(0.0),
        json!(-1),
        json!(0.1),
        json!(123_456_789.0),
    ];
    // Doubles of every magnitude. Their bits come from a linear congruential generator.
    let mut bits: u64 = 4711;
    while numbers.len() < 300 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let number = f64::from_bits(bits);
        if number.is_finite() && number.abs() < 1e30 && number.abs() > 1e-30 {
            numbers.push(json!(number));
        }
    }
    numbers
}

#[tokio::test]
async fn numbers_are_returned_as_sent_and_their_sent_length_counts() {
    let fixture = Fixture::start().await;
    for chunk in numbers().chunks(30) {
        let sent = json!({"numbers": chunk});
        let kept = fixture.put(PATH, &sent).await.expect(200);
        for (sent, kept) in chunk.iter().zip(kept.json()["numbers"].as_array().expect("an array")) {
            assert_eq!(sent.as_f64(), kept.as_f64(), "{sent} came back as {kept}");
        }
        let read = fixture.get(PATH).await.expect(200);
        assert_eq!(read.body, kept.body);
        let size = "SELECT compact_octets(preferences) FROM profiles";
        assert_eq!(fixture.service.sql(size).await, [read.body.len().to_string()], "{}", read.body);
        fixture.get("/profile/").await.expect(200);
    }
}

#[tokio::test]
async fn returned_preferences_have_at_most_16_kib_with_any_numbers() {
    let fixture = Fixture::start().await;
    for number in
        ["1.0", "100.0", "1700000000000000", "10000000000000000", "18446744073709551615", "0.00002", "1e+300"]
    {
        let start = format!("{{\"a\":[{number},{number}],\"f\":\"");
        let object = |octets: usize| format!("{start}{}\"}}", "x".repeat(octets - start.len() - 2));
        let send = |body: String| fixture.ask("PUT", PATH).body("application/json", body).send();
        assert_eq!(pointers(&send(object(LARGEST + 1)).await), [""], "{number}");
        assert_eq!(send(object(LARGEST)).await.expect(200).body.len(), LARGEST, "{number}");
        fixture.put(PATH, &json!({"a": null, "f": null})).await.expect(200);
    }
}

#[tokio::test]
async fn preferences_may_be_set_before_the_profile_is_created() {
    let fixture = Fixture::start().await;
    fixture.put(PATH, &json!({"theme": "dark", "x": 1})).await.expect(200);
    let created = fixture.post(&json!({"bio": "b"})).await.expect(201).json();
    assert_eq!(created["preferences"], json!({"theme": "dark", "x": 1}));
    assert_problem(&fixture.post(&json!({})).await, 409, "profile_exists");
}

#[tokio::test]
async fn a_creation_merges_its_preferences_into_existing_ones() {
    let fixture = Fixture::start().await;
    fixture.put(PATH, &json!({"theme": "dark", "x": 1, "y": 1})).await.expect(200);
    let mut body = full();
    body["preferences"] = json!({"x": null, "y": 2, "z": 3});
    let created = fixture.post(&body).await.expect(201).json();
    assert_eq!(created["preferences"], json!({"theme": "dark", "y": 2, "z": 3}));
    assert_eq!(fixture.preferences().await, created["preferences"]);
}
