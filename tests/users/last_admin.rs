//! At least one active administrator remains: what two changes do that have both found their callers to be
//! administrators before either of them is made.

use users_tests::{Account, Answer, Barrier, Service, assert_problem};

use crate::support::{Office, administrators, grant, is_done, note, restore, take_away};

/// What each does to the other at once.
type Pair = (&'static str, &'static str);

/// The first one's change waits in the middle, and the second one's for the first.
async fn at_once(
    service: &Service,
    barrier: &Barrier,
    (one, other): (&Account, &Account),
    pair: Pair,
) -> [Answer; 2] {
    let first = take_away(service, one, pair.0, vec![other.id]);
    let second = take_away(service, other, pair.1, vec![one.id]);
    let (first, second) = barrier.meet(first, second).await;
    [first, second]
}

/// One of the changes is made and the other is refused, for every pair.
async fn assert_one_remains(service: &Service, accounts: (&Account, &Account), pairs: &[Pair]) {
    note(service).await;
    let barrier = Barrier::before(service, "UPDATE OR DELETE ON users").await;
    for pair in pairs {
        let answers = at_once(service, &barrier, accounts, *pair).await;
        let (done, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| is_done(answer));
        assert_eq!((done.len(), refused.len()), (1, 1), "{pair:?}: expected one to be refused: {answers:#?}");
        assert_problem(refused[0], 409, "last_admin");
        assert_eq!(administrators(service).await, 1, "{pair:?}: {answers:#?}");
        restore(service).await;
        barrier.lower().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_administrators_who_take_each_other_away_one_remains() {
    let office = Office::with_many_instances().await;
    let alice = office.service.administrator("alice@example.com").await;
    let actions = ["remove-admin", "deactivate", "delete", "bulk deactivate", "bulk delete"];
    let pairs: Vec<Pair> =
        actions.iter().flat_map(|one| actions.iter().map(|other| (*one, *other))).collect();
    assert_one_remains(&office.service, (&office.root, &alice), &pairs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_by_permission_counts_like_one_by_mark() {
    let office = Office::with_many_instances().await;
    let alice = office.service.account("alice@example.com").await;
    grant(&office.service, alice.id, "admin:all").await;
    // To remove the mark from her takes nothing away.
    let pairs = [
        ("deactivate", "remove-admin"),
        ("delete", "remove-admin"),
        ("bulk deactivate", "deactivate"),
        ("deactivate", "bulk delete"),
        ("delete", "delete"),
    ];
    assert_one_remains(&office.service, (&office.root, &alice), &pairs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_administrators_by_permission_one_remains() {
    let office = Office::with_many_instances().await;
    let alice = office.service.account("alice@example.com").await;
    for id in [office.root.id, alice.id] {
        grant(&office.service, id, "admin:all").await;
    }
    office.sql("UPDATE users SET is_admin = false").await;
    let pairs = [
        ("deactivate", "deactivate"),
        ("delete", "bulk deactivate"),
        ("bulk delete", "delete"),
        ("delete", "delete"),
    ];
    assert_one_remains(&office.service, (&office.root, &alice), &pairs).await;
}

/// Who is inactive, or administrates something else only, does not count.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_remains_who_could_not_administrate() {
    let office = Office::with_many_instances().await;
    let alice = office.service.administrator("alice@example.com").await;
    let others = office.add(3).await;
    grant(&office.service, others[0], "user:all").await;
    grant(&office.service, others[1], "admin:all").await;
    office.sql(&format!("UPDATE users SET is_active = false WHERE id = {}", others[1])).await;
    office
        .sql(&format!("UPDATE users SET is_active = false, is_admin = true WHERE id = {}", others[2]))
        .await;
    let pairs = [("remove-admin", "remove-admin"), ("bulk delete", "deactivate")];
    assert_one_remains(&office.service, (&office.root, &alice), &pairs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_changes_are_made_while_a_third_administrator_remains() {
    let office = Office::with_many_instances().await;
    let alice = office.service.administrator("alice@example.com").await;
    let third = office.add(1).await[0];
    grant(&office.service, third, "admin:all").await;
    note(&office.service).await;
    let barrier = Barrier::before(&office.service, "UPDATE OR DELETE ON users").await;
    for pair in [("remove-admin", "remove-admin"), ("bulk deactivate", "delete")] {
        let answers = at_once(&office.service, &barrier, (&office.root, &alice), pair).await;
        assert!(answers.iter().all(is_done), "{pair:?}: {answers:#?}");
        assert_eq!(administrators(&office.service).await, 1, "{pair:?}");
        restore(&office.service).await;
        barrier.lower().await;
    }
}
