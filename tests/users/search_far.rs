//! `GET /users/?search=…` among many accounts. The statement searches the first 2,000 accounts, then 13,000 more if needed,
//! then all. The limits of these steps are called borders here.

use crate::support::{Fixture, ids, numbers};

/// The number of accounts with names that match no search.
const CROWD: usize = 15_500;

/// A service with many accounts. Their ids have gaps, so the position of an account is not its id.
async fn crowded() -> (Fixture, Vec<i64>) {
    let fixture = Fixture::start().await;
    fixture.add(CROWD + 300).await;
    fixture.sql("DELETE FROM users WHERE full_name LIKE 'User %' AND id % 37 = 5 AND id < 16000").await;
    fixture.sql("ANALYZE users").await;
    let all = numbers(&fixture.sql("SELECT id FROM users ORDER BY id").await);
    assert!(all.len() > 15_150, "expected accounts on both sides of 15,000: {}", all.len());
    (fixture, all)
}

impl Fixture {
    async fn name(&self, ids: &[i64], name: &str) {
        let list: Vec<String> = ids.iter().map(ToString::to_string).collect();
        self.sql(&format!("UPDATE users SET full_name = '{name}' WHERE id IN ({})", list.join(", "))).await;
    }
}

/// The ids at these positions.
fn at(all: &[i64], places: &[usize]) -> Vec<i64> {
    places.iter().map(|place| all[*place]).collect()
}

#[tokio::test]
async fn a_search_finds_accounts_on_both_sides_of_a_border() {
    let (fixture, all) = crowded().await;
    let last = all.len() - 1;
    let needles = [
        ("needle-near", at(&all, &[1, 2, 500, 1999, 2000, 2001, 5000, 14_997, 14_998])),
        ("needle-far", at(&all, &[15_003, 15_004, 15_050, last - 1, last])),
        ("needle-border", at(&all, &[14_999, 15_000, 15_001, 15_002])),
        ("needle-both", at(&all, &[3, 700, 14_990, 14_991, 15_010, 15_011, 15_100, last - 2])),
        ("needle-next", at(&all, &[2002, 2003, 2004])),
        ("needle-last", at(&all, &[last - 3])),
        ("needle-first", at(&all, &[4])),
    ];
    for (name, ids) in &needles {
        fixture.name(ids, name).await;
    }
    let mut every: Vec<i64> = needles.iter().flat_map(|(_, ids)| ids.clone()).collect();
    every.sort_unstable();
    for (text, expected) in needles.iter().map(|(name, ids)| (*name, ids)).chain([("NEEDLE", &every)]) {
        for limit in [1, 2, 3, expected.len(), 1000] {
            for start in ["", "&skip=0"] {
                let path = format!("/users/?search={text}&limit={limit}{start}");
                assert_eq!(fixture.walk(&path).await, *expected, "{path}");
            }
        }
        for skip in 0..=expected.len() {
            let path = format!("/users/?search={text}&limit=2&skip={skip}&total=true");
            let page = fixture.get(&path).await.expect(200);
            let end = expected.len().min(skip + 2);
            assert_eq!(ids(&page), expected[skip..end], "{path}");
            assert_eq!(page.header("x-total-count"), Some(expected.len().to_string()), "{path}");
            assert_eq!(page.header("link").is_some(), end < expected.len(), "{path}");
        }
    }
}

#[tokio::test]
async fn a_search_continues_across_a_border() {
    let (fixture, all) = crowded().await;
    let last = all.len() - 1;
    // From the account at 100, the second border is between 15,100 and 15,101.
    let needles = at(
        &all,
        &[
            50, 99, 100, 101, 1999, 2000, 2001, 2100, 2101, 14_999, 15_000, 15_001, 15_099, 15_100, 15_101,
            15_102, last,
        ],
    );
    fixture.name(&needles, "needle").await;
    for place in [0, 50, 99, 100, 101, 102, 1999, 2000, 5000, 14_999, 15_000, 15_100, 15_101, last - 1, last]
    {
        let after = all[place];
        let expected: Vec<i64> = needles.iter().copied().filter(|id| *id > after).collect();
        for limit in [1, 4, 1000] {
            let path = format!("/users/?search=needle&limit={limit}&after={after}");
            assert_eq!(fixture.walk(&path).await, expected, "{path}");
        }
    }
}

#[tokio::test]
async fn active_only_omits_inactive_accounts_on_both_sides_of_a_border() {
    let (fixture, all) = crowded().await;
    let needles = at(&all, &[10, 20, 14_999, 15_000, 15_001, 15_050, 15_100]);
    fixture.name(&needles, "needle").await;
    let inactive = [needles[1], needles[2], needles[4], needles[6]];
    fixture
        .sql(&format!(
            "UPDATE users SET is_active = false WHERE id IN ({}, {}, {}, {})",
            inactive[0], inactive[1], inactive[2], inactive[3]
        ))
        .await;
    let active = [needles[0], needles[3], needles[5]];
    for limit in [1, 2, 3, 100] {
        for start in ["", "&skip=0", "&after=1"] {
            let path = format!("/users/?search=needle&active_only=true&total=true&limit={limit}{start}");
            assert_eq!(fixture.walk(&path).await, active, "{path}");
            let page = fixture.get(&path).await.expect(200);
            assert_eq!(page.header("x-total-count").as_deref(), Some("3"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_text_in_every_account_finds_all_accounts() {
    let (fixture, all) = crowded().await;
    assert_eq!(fixture.walk("/users/?search=example.com&limit=1000").await, all);
    assert_eq!(fixture.walk("/users/?search=EXAMPLE&limit=1000&skip=0").await, all);
    let page = fixture.get("/users/?search=example&limit=5&skip=14998&total=true").await.expect(200);
    assert_eq!(ids(&page), all[14_998..15_003]);
    assert_eq!(page.header("x-total-count"), Some(all.len().to_string()));
    let page = fixture.get(&format!("/users/?search=@&limit=5&after={}", all[14_997])).await.expect(200);
    assert_eq!(ids(&page), all[14_998..15_003], "expected a text of one letter to be found, too");
}
