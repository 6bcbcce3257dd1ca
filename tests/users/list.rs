//! `GET /users/`: pages.

use users_tests::{PASSWORD, assert_common_headers, assert_no_store, assert_user};

use crate::support::{Fixture, ids, next_of};

#[tokio::test]
async fn a_list_is_an_array_of_users_as_they_registered() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.register("alice@example.com", PASSWORD).await.expect(201).json();
    let answer = fixture.get("/users/").await.expect(200);
    assert_common_headers(&answer);
    assert_no_store(&answer);
    let users = answer.json();
    for user in users.as_array().expect("an array") {
        assert_user(user);
    }
    assert_eq!(users[0]["id"], fixture.root.id, "{users:#}");
    assert_eq!(users[1], alice, "{users:#}");
    assert_eq!(ids(&answer).len(), 2, "{users:#}");
}

#[tokio::test]
async fn a_list_holds_no_password_hash() {
    let fixture = Fixture::start().await;
    fixture.service.register("alice@example.com", PASSWORD).await.expect(201);
    for path in ["/users/", "/users?search=alice&total=true", "/users?active_only=true"] {
        let answer = fixture.get(path).await.expect(200);
        for secret in ["$argon2", "password", "hash"] {
            assert!(!answer.body.contains(secret), "expected no {secret}: {answer:#?}");
        }
    }
}

#[tokio::test]
async fn a_list_is_ordered_by_id() {
    let fixture = Fixture::start().await;
    let added = fixture.add(30).await;
    for id in [added[3], added[20], added[0]] {
        fixture.sql(&format!("UPDATE users SET full_name = 'Changed' WHERE id = {id}")).await;
    }
    fixture.sql(&format!("DELETE FROM users WHERE id = {}", added[10])).await;
    fixture
        .sql("INSERT INTO users (id, email, password_hash) VALUES (2000000, 'late@example.com', '!')")
        .await;
    let listed = ids(&fixture.get("/users/").await.expect(200));
    assert_eq!(listed.len(), 31);
    assert!(listed.is_sorted(), "expected the order of ids: {listed:?}");
}

#[tokio::test]
async fn a_page_has_100_users_by_default() {
    let fixture = Fixture::start().await;
    let added = fixture.add(1001).await;
    let page = fixture.get("/users/").await.expect(200);
    assert_eq!(ids(&page).len(), 100);
    assert_eq!(ids(&page)[1..], added[..99]);
    for limit in [1, 99, 1000] {
        let page = fixture.get(&format!("/users/?limit={limit}")).await.expect(200);
        assert_eq!(ids(&page).len(), limit);
        assert!(next_of(&page).is_some(), "expected a next page after {limit}");
    }
}

#[tokio::test]
async fn skip_omits_a_number_of_accounts_and_after_omits_ids() {
    let fixture = Fixture::start().await;
    let added = fixture.add(5).await;
    for (query, expected) in [
        ("skip=0".to_owned(), [&[fixture.root.id], &added[..]].concat()),
        ("skip=1".to_owned(), added.clone()),
        ("skip=2&limit=2".to_owned(), added[1..3].to_vec()),
        ("skip=6".to_owned(), vec![]),
        ("skip=2147483648".to_owned(), vec![]),
        (format!("after={}", fixture.root.id), added.clone()),
        (format!("after={}&limit=2", added[0]), added[1..3].to_vec()),
        (format!("after={}", added[4]), vec![]),
        ("after=2147483647".to_owned(), vec![]),
        (format!("skip=0&after={}", added[2]), added[3..].to_vec()),
    ] {
        assert_eq!(ids(&fixture.get(&format!("/users/?{query}")).await.expect(200)), expected, "{query}");
    }
}

#[tokio::test]
async fn after_may_name_a_deleted_account() {
    let fixture = Fixture::start().await;
    let added = fixture.add(5).await;
    fixture.sql(&format!("DELETE FROM users WHERE id = {}", added[2])).await;
    let page = fixture.get(&format!("/users/?after={}", added[2])).await.expect(200);
    assert_eq!(ids(&page), added[3..]);
}

#[tokio::test]
async fn following_the_links_visits_every_account_once() {
    let fixture = Fixture::start().await;
    let all = [vec![fixture.root.id], fixture.add(22).await].concat();
    for start in ["", "skip=0&", "skip=3&", "after=1&"] {
        for limit in [1, 5, 7, 22, 23, 24] {
            let expected = match start {
                "skip=3&" => all[3..].to_vec(),
                "after=1&" => all.iter().copied().filter(|id| *id > 1).collect(),
                _ => all.clone(),
            };
            let path = format!("/users/?{start}limit={limit}");
            assert_eq!(fixture.walk(&path).await, expected, "{path}");
        }
    }
}

#[tokio::test]
async fn a_link_keeps_the_kind_of_paging() {
    let fixture = Fixture::start().await;
    fixture.add(5).await;
    let next = async |path: &str| {
        next_of(&fixture.get(path).await.expect(200)).unwrap_or_else(|| panic!("expected a link: {path}"))
    };
    let by_skip = next("/users/?skip=2&limit=2").await;
    assert!(by_skip.contains("skip=4") && !by_skip.contains("after="), "{by_skip}");
    let by_key = next("/users/?after=2&limit=2").await;
    assert!(by_key.contains("after=4") && !by_key.contains("skip="), "{by_key}");
}

#[tokio::test]
async fn a_full_last_page_has_no_link() {
    let fixture = Fixture::start().await;
    let added = fixture.add(9).await;
    let last = added[8];
    for (query, more) in [
        ("limit=9".to_owned(), true),
        ("limit=10".to_owned(), false),
        ("limit=11".to_owned(), false),
        ("skip=5&limit=5".to_owned(), false),
        ("skip=5&limit=4".to_owned(), true),
        ("skip=10&limit=5".to_owned(), false),
        ("skip=99&limit=5".to_owned(), false),
        (format!("after={}&limit=5", added[3]), false),
        (format!("after={}&limit=5", added[2]), true),
        (format!("after={last}&limit=5"), false),
    ] {
        let page = fixture.get(&format!("/users/?{query}")).await.expect(200);
        assert_eq!(next_of(&page).is_some(), more, "{query}: {page:#?}");
    }
}

#[tokio::test]
async fn a_link_keeps_all_other_parameters() {
    let fixture = Fixture::start().await;
    let awkward = "a&b=c #%+ü\"<>'\\;,/?";
    let mut matching = Vec::new();
    for number in 0..7 {
        matching.push(fixture.add_named(&format!("u{number}@example.com"), &format!("x {awkward} y")).await);
        fixture.add_named(&format!("v{number}@example.com"), "somebody else").await;
    }
    fixture.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", matching.remove(2))).await;
    for start in ["skip=0", "after=1"] {
        let query: Vec<_> = [("search", awkward), ("active_only", "true"), ("total", "true"), ("limit", "2")]
            .into_iter()
            .map(|(name, value)| format!("{name}={}", crate::support::encoded(value)))
            .collect();
        let mut path = format!("/users/?{start}&{}", query.join("&"));
        for pair in matching.chunks(2) {
            let page = fixture.get(&path).await.expect(200);
            assert_eq!(ids(&page), pair, "{path}");
            assert_eq!(page.header("x-total-count").as_deref(), Some("6"), "{path}");
            let next = next_of(&page);
            assert_eq!(next.is_none(), pair.ends_with(&matching[5..]), "{path}: {page:#?}");
            path = next.unwrap_or_default();
        }
    }
}

#[tokio::test]
async fn a_deletion_between_two_pages_hides_no_account() {
    let fixture = Fixture::start().await;
    let added = fixture.add(6).await;
    let first = fixture.get("/users/?limit=3").await.expect(200);
    assert_eq!(ids(&first), [&[fixture.root.id], &added[..2]].concat());
    fixture.delete(&format!("/users/{}", added[0])).await.expect(204);
    let next = next_of(&first).expect("a link");
    let second = fixture.get(&next).await.expect(200);
    if next.contains("after=") {
        assert_eq!(ids(&second), added[2..5]);
    }
    let by_key = fixture.get(&format!("/users/?limit=3&after={}", added[1])).await.expect(200);
    assert_eq!(ids(&by_key), added[2..5]);
}

#[tokio::test]
async fn the_total_is_returned_on_request() {
    let fixture = Fixture::start().await;
    let added = fixture.add(12).await;
    let inactive = format!("UPDATE users SET is_active = false WHERE id IN ({}, {})", added[0], added[11]);
    fixture.sql(&inactive).await;
    for (query, total) in [
        ("", None),
        ("total=false", None),
        ("limit=3", None),
        ("total=true", Some("13")),
        ("total=true&limit=3", Some("13")),
        ("total=true&skip=12", Some("13")),
        ("total=true&skip=13", Some("13")),
        ("total=true&skip=1000&limit=1", Some("13")),
        ("total=true&after=7&limit=2", Some("13")),
        ("total=true&after=2147483647", Some("13")),
        ("total=true&active_only=true", Some("11")),
        ("total=true&active_only=false", Some("13")),
        ("total=true&search=user1", Some("4")),
        ("total=true&search=user1&limit=1", Some("4")),
        ("total=true&search=user1&skip=50", Some("4")),
        ("total=true&search=user1&after=2147483647", Some("4")),
        ("total=true&search=user1&active_only=true", Some("2")),
        ("total=true&search=", Some("13")),
        ("total=true&search=nobody-at-all", Some("0")),
    ] {
        let page = fixture.get(&format!("/users/?{query}")).await.expect(200);
        assert_eq!(page.header("x-total-count").as_deref(), total, "{query}: {page:#?}");
    }
}

#[tokio::test]
async fn active_only_omits_inactive_accounts() {
    let fixture = Fixture::start().await;
    let added = fixture.add(6).await;
    let all = [&[fixture.root.id], &added[..]].concat();
    fixture.put(&format!("/users/{}/deactivate", added[1])).await.expect(200);
    fixture.put(&format!("/users/{}/deactivate", added[4])).await.expect(200);
    let active: Vec<i64> = all.iter().copied().filter(|id| *id != added[1] && *id != added[4]).collect();
    for (query, expected) in [
        ("", &all),
        ("active_only=false", &all),
        ("active_only=true", &active),
        ("active_only=true&limit=1000", &active),
    ] {
        let listed = ids(&fixture.get(&format!("/users/?{query}")).await.expect(200));
        assert_eq!(listed, *expected, "{query}");
    }
    for path in ["/users/?active_only=true&limit=2", "/users/?active_only=true&limit=2&skip=0"] {
        assert_eq!(fixture.walk(path).await, active, "{path}");
    }
    let skipped = ids(&fixture.get("/users/?active_only=true&skip=2&limit=2").await.expect(200));
    assert_eq!(skipped, active[2..4], "expected skip to count active accounts");
}

#[tokio::test]
async fn a_list_accepts_a_trailing_slash_and_head() {
    let fixture = Fixture::start().await;
    fixture.add(3).await;
    for query in ["", "?limit=2&total=true", "?search=user2"] {
        let with = fixture.get(&format!("/users/{query}")).await.expect(200);
        let without = fixture.get(&format!("/users{query}")).await.expect(200);
        assert_eq!(with.body, without.body, "{query}");
        let token = &fixture.root.tokens.access;
        let head = fixture.service.request("HEAD", &format!("/users{query}")).bearer(token).send().await;
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{query}: {head:#?}");
        for name in ["link", "x-total-count", "content-type", "content-length", "cache-control"] {
            assert_eq!(with.header(name), without.header(name), "{query}: expected the same {name}");
            assert_eq!(head.header(name), with.header(name), "{query}: expected the same {name} for HEAD");
        }
    }
}
