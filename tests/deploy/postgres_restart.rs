//! Restarts Postgres while clients are active, as happens when its node is drained.

use crate::load::Load;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_postgres_causes_only_503s_and_loses_nothing() {
    let mut stage = Stage::set_up().await;
    let load = Load::start(&stage.front());
    load.one_more_journey().await;
    stage.cluster.stop().expect("Postgres stops");
    load.first_503().await;
    stage.cluster.start().expect("Postgres starts");
    load.one_more_journey().await;
    let report = load.stop().await;
    assert!(report.failures.is_empty(), "expected nothing but 503s: {report:#?}");
    // The service sends 503s. The load balancer sends 503s, too, while no replica is ready.
    assert!(
        report.unavailable.keys().all(|code| ["database_unavailable", "none"].contains(&code.as_str())),
        "{report:#?}"
    );
    let stored = stage.sql("SELECT email FROM users");
    let stored: Vec<&str> = stored.lines().collect();
    let lost: Vec<_> = report.accounts.iter().filter(|email| !stored.contains(&email.as_str())).collect();
    assert!(lost.is_empty(), "expected every registered account: {lost:?}");

    let load = Load::start(&stage.front());
    load.one_more_journey().await;
    let after = load.stop().await;
    assert!(after.failures.iter().all(|it| it.contains("email_taken")), "{after:#?}");
}
