//! `GET /users/`: which parameters are taken.

use users_tests::{assert_common_headers, assert_no_store, pointers};

use crate::support::{Office, ids};

/// One octet more than any of them can be read with.
const HUGE: &str = "99999999999999999999";

#[tokio::test]
async fn a_broken_parameter_is_422_at_its_name() {
    let office = Office::open().await;
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
            let answer = office.get(&path).await;
            assert_eq!(pointers(&answer), [format!("/{name}")], "{name}={value:?}: {answer:#?}");
            assert_no_store(&answer);
        }
    }
}

#[tokio::test]
async fn every_broken_parameter_is_listed() {
    let office = Office::open().await;
    let search = "x".repeat(101);
    let query = format!("skip=-1&limit=0&after=x&active_only=maybe&total=perhaps&search={search}");
    let answer = office.get(&format!("/users/?{query}")).await;
    assert_eq!(pointers(&answer), ["/active_only", "/after", "/limit", "/search", "/skip", "/total"]);
}

#[tokio::test]
async fn a_parameter_may_be_sent_once_only() {
    let office = Office::open().await;
    for (name, values) in [
        ("skip", ["0", "0"]),
        ("limit", ["1", "2"]),
        ("after", ["1", "1"]),
        ("search", ["a", "b"]),
        ("active_only", ["true", "true"]),
        ("total", ["true", "false"]),
    ] {
        let [first, second] = values;
        let answer = office.get(&format!("/users/?{name}={first}&{name}={second}")).await;
        assert_eq!(pointers(&answer), [format!("/{name}")]);
    }
}

#[tokio::test]
async fn a_page_begins_after_so_many_or_after_an_id_but_not_both() {
    let office = Office::open().await;
    let answer = office.get("/users/?skip=1&after=1").await;
    let broken = pointers(&answer);
    assert!(broken.iter().all(|it| it == "/skip" || it == "/after"), "{answer:#?}");
    // The default of `skip` says nothing, and may be said.
    office.get("/users/?skip=0&after=1").await.expect(200);
}

#[tokio::test]
async fn unknown_parameters_are_ignored() {
    let office = Office::open().await;
    office.add(3).await;
    let plain = office.get("/users/?limit=2").await.expect(200);
    for extra in ["x=y", "page=3", "Limit=0", "limit2=x", "", "&&", "x"] {
        let answer = office.get(&format!("/users/?limit=2&{extra}")).await;
        assert_eq!(answer.body, plain.body, "{extra:?}: {answer:#?}");
        assert_eq!(answer.header("x-total-count"), None, "{extra:?}: {answer:#?}");
    }
}

#[tokio::test]
async fn the_limits_themselves_are_allowed() {
    let office = Office::open().await;
    for query in ["skip=0", "limit=1", "limit=1000", "after=1", "after=2147483647", "active_only=false"] {
        office.get(&format!("/users/?{query}")).await.expect(200);
    }
}

#[tokio::test]
async fn a_skip_beyond_every_account_is_an_empty_page_and_no_defect() {
    let office = Office::open().await;
    for skip in ["2147483647", "4294967296", "9007199254740993"] {
        for rest in ["", "&search=root", "&limit=1000&total=true"] {
            let answer = office.get(&format!("/users/?skip={skip}{rest}")).await.expect(200);
            assert_eq!(ids(&answer), [0_i64; 0], "{skip}{rest}");
        }
    }
    // Where the numbers of Postgres end, a refusal will do as well.
    for skip in ["9223372036854775806", "9223372036854775807", "9223372036854775808"] {
        for rest in ["", "&search=root", "&limit=1000"] {
            let answer = office.get(&format!("/users/?skip={skip}{rest}")).await;
            assert!([200, 422].contains(&answer.status), "{skip}{rest}: {answer:#?}");
        }
    }
}

#[tokio::test]
async fn a_query_that_is_no_text_is_no_defect() {
    let office = Office::open().await;
    for query in ["search=%ff%fe", "search=%", "search=%zz", "%ff=%ff", "=", "=x", "&=&=", "search=%C3"] {
        let answer = office.get(&format!("/users/?{query}")).await;
        assert!([200, 422].contains(&answer.status), "{query}: {answer:#?}");
        assert_common_headers(&answer);
    }
}
