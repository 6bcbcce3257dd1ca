//! Postgres is stopped and started again while clients are at work, as when its node is emptied.

use crate::load::Load;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_postgres_costs_503s_while_it_is_away_and_loses_nothing() {
    let mut stage = Stage::set_up().await;
    let load = Load::start(&stage.front());
    load.one_more_journey().await;
    stage.cluster.stop().expect("Postgres stops");
    load.somebody_was_refused().await;
    stage.cluster.start().expect("Postgres starts");
    load.one_more_journey().await;
    let report = load.stop().await;
    assert!(report.failures.is_empty(), "expected nothing but 503s: {report:#?}");
    // From the service, and from a balancer that has no ready replica.
    assert!(
        report.unavailable.keys().all(|code| ["database_unavailable", "none"].contains(&code.as_str())),
        "{report:#?}"
    );
    let there = stage.sql("SELECT email FROM users");
    let there: Vec<&str> = there.lines().collect();
    let lost: Vec<_> = report.accounts.iter().filter(|email| !there.contains(&email.as_str())).collect();
    assert!(lost.is_empty(), "expected every acknowledged account: {lost:?}");

    let load = Load::start(&stage.front());
    load.one_more_journey().await;
    let after = load.stop().await;
    assert!(after.failures.iter().all(|it| it.contains("email_taken")), "{after:#?}");
}
