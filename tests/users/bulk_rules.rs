//! `PUT /users/bulk/…`: valid and invalid bodies.

use serde_json::{Value, json};
use users_tests::{assert_no_store, assert_problem, pointers};

use crate::bulk::ACTIONS;
use crate::support::{Fixture, everything};

#[tokio::test]
async fn a_list_has_one_to_a_thousand_ids() {
    let fixture = Fixture::start().await;
    let ids = fixture.add(1001).await;
    let before = everything(&fixture.service).await;
    for action in ACTIONS {
        for bad in [json!([]), json!(ids)] {
            let answer = fixture.bulk(action, &json!({"user_ids": bad})).await;
            assert_eq!(pointers(&answer), ["/user_ids"], "{action}");
            assert_no_store(&answer);
        }
    }
    assert_eq!(everything(&fixture.service).await, before, "expected nothing to have changed");
}

#[tokio::test]
async fn a_missing_list_or_another_type_is_refused() {
    let fixture = Fixture::start().await;
    let bad = [
        json!({}),
        json!({"user_ids": null}),
        json!({"user_ids": 1}),
        json!({"user_ids": "1"}),
        json!({"user_ids": "1,2"}),
        json!({"user_ids": {"0": 1}}),
        json!({"user_ids": true}),
        json!({"User_Ids": [1]}),
        json!({"ids": [1]}),
    ];
    for action in ACTIONS {
        for body in &bad {
            assert_eq!(pointers(&fixture.bulk(action, body).await), ["/user_ids"], "{action} {body}");
        }
    }
}

#[tokio::test]
async fn every_invalid_id_is_listed_at_its_index_and_nothing_changes() {
    let fixture = Fixture::start().await;
    let ids = fixture.add(2).await;
    let before = everything(&fixture.service).await;
    let bad: Vec<Value> = vec![
        json!("1"),
        json!(1.5),
        json!(0),
        json!(-1),
        json!(2_147_483_648_i64),
        json!(null),
        json!(true),
        json!([1]),
        json!({"id": 1}),
        json!(1e300),
        json!("; DROP TABLE users"),
    ];
    for action in ACTIONS {
        for item in &bad {
            let body = json!({"user_ids": [ids[0], item, ids[1]]});
            assert_eq!(pointers(&fixture.bulk(action, &body).await), ["/user_ids/1"], "{action} {item}");
        }
        let body = json!({"user_ids": [0, ids[0], "x", ids[1], -7]});
        let answer = fixture.bulk(action, &body).await;
        assert_eq!(pointers(&answer), ["/user_ids/0", "/user_ids/2", "/user_ids/4"], "{action}");
        let body = json!({"user_ids": vec![0; 1000]});
        assert_eq!(pointers(&fixture.bulk(action, &body).await).len(), 1000, "{action}");
    }
    let huge = format!(r#"{{"user_ids": [{}]}}"#, "9".repeat(60));
    let request = fixture.service.put("/users/bulk/delete").bearer(&fixture.root.tokens.access);
    assert_eq!(pointers(&request.body("application/json", huge).send().await), ["/user_ids/0"]);
    assert_eq!(everything(&fixture.service).await, before, "expected nothing to have changed");
}

#[tokio::test]
async fn a_body_other_than_a_json_object_is_refused() {
    let fixture = Fixture::start().await;
    for action in ACTIONS {
        let send = |media_type: &str, body: &[u8]| {
            let request = fixture.service.put(&format!("/users/bulk/{action}"));
            request.bearer(&fixture.root.tokens.access).body(media_type, body).send()
        };
        for body in [
            &b""[..],
            b"{",
            b"{\"user_ids\": [1,]}",
            b"{\"user_ids\": [01]}",
            b"\xff",
            b"{} {}",
            b"user_ids=1",
        ] {
            assert_problem(&send("application/json", body).await, 400, "malformed_body");
        }
        for body in [&b"[1]"[..], b"1", b"null", b"\"x\""] {
            assert_problem(&send("application/json", body).await, 422, "validation_failed");
        }
        for media_type in ["text/plain", "application/x-www-form-urlencoded", ""] {
            let answer = send(media_type, b"{\"user_ids\": [1]}").await;
            assert_problem(&answer, 415, "unsupported_media_type");
        }
        let answer = send("application/json", &[b' '; 64 * 1024 + 1]).await;
        assert_problem(&answer, 413, "body_too_large");
        let nothing = fixture.service.put(&format!("/users/bulk/{action}"));
        let answer = nothing.bearer(&fixture.root.tokens.access).send().await;
        assert_problem(&answer, 415, "unsupported_media_type");
    }
}

#[tokio::test]
async fn a_nul_character_in_the_body_is_refused() {
    let fixture = Fixture::start().await;
    for action in ACTIONS {
        let answer = fixture.bulk(action, &json!({"user_ids": [999_999], "note": "a\0b"})).await;
        assert_eq!(pointers(&answer), ["/note"], "{action}");
        let answer = fixture.bulk(action, &json!({"user_ids": [999_999, "\0"]})).await;
        assert_eq!(pointers(&answer), ["/user_ids/1"], "{action}");
    }
}
