//! At least one active administrator remains, even when two changes overlap. Both changes check their callers before either change
//! is made.

use users_tests::{Account, Answer, Barrier, Service, assert_problem};

use crate::support::{Fixture, administrators, grant, remove_administrators, restore, save, succeeded};

/// The concurrent actions of two administrators on each other.
type Pair = (&'static str, &'static str);

/// Overlaps the two changes.
async fn overlapping(
    service: &Service,
    barrier: &Barrier,
    (one, other): (&Account, &Account),
    pair: Pair,
) -> [Answer; 2] {
    let first = remove_administrators(service, one, pair.0, vec![other.id]);
    let second = remove_administrators(service, other, pair.1, vec![one.id]);
    let (first, second) = barrier.overlap(first, second).await;
    [first, second]
}

/// Asserts for every pair that one change succeeds and the other is refused.
async fn assert_one_remains(service: &Service, accounts: (&Account, &Account), pairs: &[Pair]) {
    save(service).await;
    let barrier = Barrier::before(service, "UPDATE OR DELETE ON users").await;
    for pair in pairs {
        let answers = overlapping(service, &barrier, accounts, *pair).await;
        let (succeeded_ones, refused): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| succeeded(answer));
        assert_eq!(
            (succeeded_ones.len(), refused.len()),
            (1, 1),
            "{pair:?}: expected one to be refused: {answers:#?}"
        );
        assert_problem(refused[0], 409, "last_admin");
        assert_eq!(administrators(service).await, 1, "{pair:?}: {answers:#?}");
        restore(service).await;
        barrier.block().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_administrators_who_remove_each_other_one_remains() {
    let fixture = Fixture::with_many_instances().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    let actions = ["remove-admin", "deactivate", "delete", "bulk deactivate", "bulk delete"];
    let pairs: Vec<Pair> =
        actions.iter().flat_map(|one| actions.iter().map(|other| (*one, *other))).collect();
    assert_one_remains(&fixture.service, (&fixture.root, &alice), &pairs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_by_permission_counts_like_one_by_flag() {
    let fixture = Fixture::with_many_instances().await;
    let alice = fixture.service.account("alice@example.com").await;
    grant(&fixture.service, alice.id, "admin:all").await;
    // `remove-admin` on Alice would have no effect: a permission makes her an administrator.
    let pairs = [
        ("deactivate", "remove-admin"),
        ("delete", "remove-admin"),
        ("bulk deactivate", "deactivate"),
        ("deactivate", "bulk delete"),
        ("delete", "delete"),
    ];
    assert_one_remains(&fixture.service, (&fixture.root, &alice), &pairs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_administrators_by_permission_one_remains() {
    let fixture = Fixture::with_many_instances().await;
    let alice = fixture.service.account("alice@example.com").await;
    for id in [fixture.root.id, alice.id] {
        grant(&fixture.service, id, "admin:all").await;
    }
    fixture.sql("UPDATE users SET is_admin = false").await;
    let pairs = [
        ("deactivate", "deactivate"),
        ("delete", "bulk deactivate"),
        ("bulk delete", "delete"),
        ("delete", "delete"),
    ];
    assert_one_remains(&fixture.service, (&fixture.root, &alice), &pairs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn inactive_accounts_and_other_permissions_do_not_count() {
    let fixture = Fixture::with_many_instances().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    let others = fixture.add(3).await;
    grant(&fixture.service, others[0], "user:all").await;
    grant(&fixture.service, others[1], "admin:all").await;
    fixture.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", others[1])).await;
    fixture
        .sql(&format!("UPDATE users SET is_active = false, is_admin = true WHERE id = {}", others[2]))
        .await;
    let pairs = [("remove-admin", "remove-admin"), ("bulk delete", "deactivate")];
    assert_one_remains(&fixture.service, (&fixture.root, &alice), &pairs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_changes_succeed_while_a_third_administrator_remains() {
    let fixture = Fixture::with_many_instances().await;
    let alice = fixture.service.administrator("alice@example.com").await;
    let third = fixture.add(1).await[0];
    grant(&fixture.service, third, "admin:all").await;
    save(&fixture.service).await;
    let barrier = Barrier::before(&fixture.service, "UPDATE OR DELETE ON users").await;
    for pair in [("remove-admin", "remove-admin"), ("bulk deactivate", "delete")] {
        let answers = overlapping(&fixture.service, &barrier, (&fixture.root, &alice), pair).await;
        assert!(answers.iter().all(succeeded), "{pair:?}: {answers:#?}");
        assert_eq!(administrators(&fixture.service).await, 1, "{pair:?}");
        restore(&fixture.service).await;
        barrier.block().await;
    }
}
