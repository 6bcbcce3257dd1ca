//! Paging of the lists of permissions, roles and accounts.

use serde_json::{Value, json};
use users_tests::{assert_common_headers, assert_no_store, pointers};

use crate::{Rbac, ids};

const LISTS: [&str; 4] = ["/rbac/permissions", "/rbac/roles", "/rbac/role-names", "/rbac/users"];

/// Creates seven permissions, roles and accounts. Their ids have gaps.
async fn filled() -> Rbac {
    let rbac = Rbac::start().await;
    rbac.sql(
        "INSERT INTO permissions (name, resource, action) SELECT 'p' || n, 'r', 'a' FROM generate_series(1, 9) n;
         INSERT INTO roles (name) SELECT 'r' || n FROM generate_series(1, 9) n;
         INSERT INTO role_permissions SELECT r.id, p.id FROM roles r, permissions p;
         INSERT INTO users (email, password_hash)
         SELECT 'u' || n || '@example.com', '!' FROM generate_series(1, 8) n;
         INSERT INTO user_roles SELECT u.id, r.id FROM users u, roles r;
         DELETE FROM permissions WHERE name IN ('p2', 'p7');
         DELETE FROM roles WHERE name IN ('r2', 'r7');
         DELETE FROM users WHERE email IN ('u2@example.com', 'u7@example.com');",
    )
    .await;
    rbac
}

async fn stored(rbac: &Rbac, list: &str) -> Vec<i64> {
    let table = match list.trim_start_matches("/rbac/") {
        "role-names" => "roles",
        table => table,
    };
    let rows = rbac.sql(&format!("SELECT id FROM {table} ORDER BY id")).await;
    rows.iter().map(|id| id.parse().expect("a number")).collect()
}

#[tokio::test]
async fn a_list_is_ordered_by_id_without_a_link_or_a_total() {
    let rbac = filled().await;
    for list in LISTS {
        let answer = rbac.get(list).await.expect(200);
        assert_common_headers(&answer);
        assert_no_store(&answer);
        assert_eq!(ids(&answer.json()), stored(&rbac, list).await, "{list}");
        assert_eq!((answer.header("link"), answer.header("x-total-count")), (None, None), "{list}");
    }
}

#[tokio::test]
async fn a_list_may_be_empty() {
    let rbac = Rbac::start().await;
    for list in ["/rbac/permissions", "/rbac/roles"] {
        for query in ["", "?skip=3", "?after=3", "?limit=1"] {
            let answer = rbac.get(&format!("{list}{query}")).await.expect(200);
            assert_eq!(answer.json(), json!([]), "{list}{query}");
            assert_eq!(answer.header("link"), None, "{list}{query}");
        }
        let counted = rbac.get(&format!("{list}?total=true")).await.expect(200);
        assert_eq!(counted.header("x-total-count").as_deref(), Some("0"), "{list}");
    }
}

#[tokio::test]
async fn a_list_contains_the_same_objects_as_single_reads() {
    let rbac = filled().await;
    for list in ["/rbac/permissions", "/rbac/roles"] {
        for item in rbac.get(list).await.expect(200).json().as_array().expect("a list") {
            let alone = rbac.get(&format!("{list}/{}", item["id"])).await.expect(200).json();
            assert_eq!(*item, alone, "{list}");
        }
    }
    let roles = rbac.get("/rbac/roles").await.expect(200).json();
    let all = stored(&rbac, "/rbac/permissions").await;
    for role in roles.as_array().expect("a list") {
        assert_eq!(ids(&role["permissions"]), all, "expected the permissions in the order of ids");
    }
}

#[tokio::test]
async fn the_names_of_roles_come_without_the_permissions() {
    let rbac = filled().await;
    let roles = rbac.get("/rbac/roles").await.expect(200).json();
    let names: Vec<Value> = roles
        .as_array()
        .expect("a list")
        .iter()
        .map(|role| json!({"id": role["id"], "name": role["name"]}))
        .collect();
    assert_eq!(rbac.get("/rbac/role-names").await.expect(200).json(), json!(names));
}

#[tokio::test]
async fn skip_and_limit_and_after_choose_the_page() {
    let rbac = filled().await;
    for list in LISTS {
        let all = stored(&rbac, list).await;
        assert_eq!(all.len(), 7, "{list}");
        let third = all[2];
        let gap = (all[0]..).find(|id| !all.contains(id)).expect("one is gone");
        let behind_gap = all.iter().filter(|id| **id < gap).count();
        for (query, expected) in [
            ("limit=3".to_owned(), &all[..3]),
            ("skip=2&limit=3".to_owned(), &all[2..5]),
            ("skip=5".to_owned(), &all[5..]),
            ("skip=7".to_owned(), &[][..]),
            ("skip=700&limit=1000".to_owned(), &[][..]),
            (format!("after={third}"), &all[3..]),
            (format!("after={third}&limit=2"), &all[3..5]),
            (format!("after={gap}"), &all[behind_gap..]),
            ("after=0&limit=2".to_owned(), &all[..2]),
            ("after=2147483647".to_owned(), &[][..]),
        ] {
            let answer = rbac.get(&format!("{list}?{query}")).await.expect(200);
            assert_eq!(ids(&answer.json()), expected, "{list}?{query}");
        }
    }
}

#[tokio::test]
async fn the_links_lead_through_the_whole_list_once() {
    let rbac = filled().await;
    for list in LISTS {
        for (first, page_count) in [
            ("?limit=3", 3),
            ("?limit=3&skip=0", 3),
            ("?limit=7", 1),
            ("?limit=1&total=true", 7),
            ("?after=0&limit=4", 2),
        ] {
            let (mut path, mut seen, mut pages) = (format!("{list}{first}"), Vec::new(), 0);
            loop {
                let answer = rbac.get(&path).await.expect(200);
                pages += 1;
                assert!(pages <= page_count, "{path}: expected {page_count} pages");
                seen.extend(ids(&answer.json()));
                let counted = answer.header("x-total-count");
                assert_eq!(counted.as_deref(), first.contains("total").then_some("7"), "{path}");
                let Some(link) = answer.header("link") else { break };
                let next = link.strip_prefix('<').and_then(|it| it.strip_suffix(r#">; rel="next""#));
                path =
                    next.unwrap_or_else(|| panic!("{path}: expected a link (RFC 8288): {link}")).to_owned();
            }
            assert_eq!((seen, pages), (stored(&rbac, list).await, page_count), "{list}{first}");
        }
    }
}

#[tokio::test]
async fn the_total_counts_all_pages_on_request() {
    let rbac = filled().await;
    for list in LISTS {
        for (query, expected) in [
            ("total=true", Some("7")),
            ("total=true&limit=1", Some("7")),
            ("total=true&skip=100", Some("7")),
            ("total=true&after=2147483647", Some("7")),
            ("total=false", None),
            ("", None),
        ] {
            let answer = rbac.get(&format!("{list}?{query}")).await.expect(200);
            assert_eq!(answer.header("x-total-count").as_deref(), expected, "{list}?{query}");
        }
    }
}

#[tokio::test]
async fn a_page_has_100_items_by_default() {
    let rbac = Rbac::start().await;
    rbac.sql(
        "INSERT INTO permissions (name, resource, action) SELECT 'p' || n, 'r', 'a' FROM generate_series(1, 1001) n;
         INSERT INTO roles (name) SELECT 'r' || n FROM generate_series(1, 1001) n;
         INSERT INTO users (email, password_hash)
         SELECT 'u' || n || '@example.com', '!' FROM generate_series(1, 1000) n",
    )
    .await;
    for list in LISTS {
        let length = async |query: &str| {
            let answer = rbac.get(&format!("{list}{query}")).await.expect(200);
            assert!(answer.header("link").is_some(), "{list}{query}: expected a next page");
            answer.json().as_array().map(Vec::len)
        };
        assert_eq!(length("").await, Some(100), "{list}");
        assert_eq!(length("?limit=1000").await, Some(1000), "{list}");
    }
}

#[tokio::test]
async fn every_invalid_parameter_is_listed() {
    let rbac = Rbac::start().await;
    for list in LISTS {
        let broken = async |query: &str| pointers(&rbac.get(&format!("{list}?{query}")).await);
        let all = ["/after", "/limit", "/skip", "/total"];
        assert_eq!(broken("skip=-1&limit=0&after=x&total=perhaps").await, all, "{list}");
        for bad in ["-1", "x", "", "1.5", "99999999999999999999"] {
            assert_eq!(broken(&format!("skip={bad}")).await, ["/skip"], "{list} {bad}");
        }
        for bad in ["0", "-1", "1001", "x", ""] {
            assert_eq!(broken(&format!("limit={bad}")).await, ["/limit"], "{list} {bad}");
        }
        for bad in ["-1", "x", "2147483648"] {
            assert_eq!(broken(&format!("after={bad}")).await, ["/after"], "{list} {bad}");
        }
        assert_eq!(broken("limit=1&limit=1").await, ["/limit"], "{list}");
    }
}

#[tokio::test]
async fn unknown_parameters_are_ignored() {
    let rbac = filled().await;
    for list in LISTS {
        let expected: Value = rbac.get(list).await.expect(200).json();
        assert_eq!(rbac.get(&format!("{list}?x=y&x=z&order=-id&page=7")).await.expect(200).json(), expected);
    }
}
