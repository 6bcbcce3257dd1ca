//! `GET /users/`: valid and invalid parameters.

use users_tests::{assert_common_headers, assert_no_store, pointers};

use crate::support::{Fixture, ids};

/// A number that no parameter can hold.
const HUGE: &str = "99999999999999999999";

#[tokio::test]
async fn an_invalid_parameter_is_422_with_its_name() {
    let fixture = Fixture::start().await;
    let bad: [(&str, &[&str]); 5] = [
        ("skip", &["-1", "x", "1.5", "", "1e3", "0x10", " 1", "1 2", HUGE]),
        ("limit", &["0", "-1", "1001", "x", "1.5", "", "1e2", "2147483649", HUGE]),
        ("after", &["-1", "x", "1.5", "", "2147483648", HUGE]),
        ("active_only", &["maybe", "", "2", "tru"]),
        ("total", &["maybe", "", "2", "tru"]),
    ];
    for (name, values) in bad {
        for value in values {
            let path = format!("/users/?{name}={}", crate::support::encoded(value));
            let answer = fixture.get(&path).await;
            assert_eq!(pointers(&answer), [format!("/{name}")], "{name}={value:?}: {answer:#?}");
            assert_no_store(&answer);
        }
    }
}

#[tokio::test]
async fn every_invalid_parameter_is_listed() {
    let fixture = Fixture::start().await;
    let search = "x".repeat(101);
    let query = format!("skip=-1&limit=0&after=x&active_only=maybe&total=perhaps&search={search}");
    let answer = fixture.get(&format!("/users/?{query}")).await;
    assert_eq!(pointers(&answer), ["/active_only", "/after", "/limit", "/search", "/skip", "/total"]);
}

#[tokio::test]
async fn a_repeated_parameter_is_refused() {
    let fixture = Fixture::start().await;
    for (name, values) in [
        ("skip", ["0", "0"]),
        ("limit", ["1", "2"]),
        ("after", ["1", "1"]),
        ("search", ["a", "b"]),
        ("active_only", ["true", "true"]),
        ("total", ["true", "false"]),
    ] {
        let [first, second] = values;
        let answer = fixture.get(&format!("/users/?{name}={first}&{name}={second}")).await;
        assert_eq!(pointers(&answer), [format!("/{name}")]);
    }
}

#[tokio::test]
async fn skip_and_after_exclude_each_other() {
    let fixture = Fixture::start().await;
    let answer = fixture.get("/users/?skip=1&after=1").await;
    let broken = pointers(&answer);
    assert!(broken.iter().all(|it| it == "/skip" || it == "/after"), "{answer:#?}");
    // `skip=0` is the default and excludes nothing.
    fixture.get("/users/?skip=0&after=1").await.expect(200);
}

#[tokio::test]
async fn unknown_parameters_are_ignored() {
    let fixture = Fixture::start().await;
    fixture.add(3).await;
    let plain = fixture.get("/users/?limit=2").await.expect(200);
    for extra in ["x=y", "page=3", "Limit=0", "limit2=x", "", "&&", "x"] {
        let answer = fixture.get(&format!("/users/?limit=2&{extra}")).await;
        assert_eq!(answer.body, plain.body, "{extra:?}: {answer:#?}");
        assert_eq!(answer.header("x-total-count"), None, "{extra:?}: {answer:#?}");
    }
}

#[tokio::test]
async fn the_limits_themselves_are_allowed() {
    let fixture = Fixture::start().await;
    for query in ["skip=0", "limit=1", "limit=1000", "after=1", "after=2147483647", "active_only=false"] {
        fixture.get(&format!("/users/?{query}")).await.expect(200);
    }
}

#[tokio::test]
async fn a_skip_beyond_every_account_is_an_empty_page() {
    let fixture = Fixture::start().await;
    for skip in ["2147483647", "4294967296", "9007199254740993"] {
        for rest in ["", "&search=root", "&limit=1000&total=true"] {
            let answer = fixture.get(&format!("/users/?skip={skip}{rest}")).await.expect(200);
            assert_eq!(ids(&answer), [0_i64; 0], "{skip}{rest}");
        }
    }
    // Beyond the range of Postgres' integers, a refusal is fine, too.
    for skip in ["9223372036854775806", "9223372036854775807", "9223372036854775808"] {
        for rest in ["", "&search=root", "&limit=1000"] {
            let answer = fixture.get(&format!("/users/?skip={skip}{rest}")).await;
            assert!([200, 422].contains(&answer.status), "{skip}{rest}: {answer:#?}");
        }
    }
}

#[tokio::test]
async fn invalid_utf_8_in_the_query_is_no_500() {
    let fixture = Fixture::start().await;
    for query in ["search=%ff%fe", "search=%", "search=%zz", "%ff=%ff", "=", "=x", "&=&=", "search=%C3"] {
        let answer = fixture.get(&format!("/users/?{query}")).await;
        assert!([200, 422].contains(&answer.status), "{query}: {answer:#?}");
        assert_common_headers(&answer);
    }
}
