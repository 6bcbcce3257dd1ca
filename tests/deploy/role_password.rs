//! A new password for the role of a component: the steps of docs/OPERATIONS.md, while clients are active.

use local_postgres::random_hex;

use crate::load::Load;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn the_password_of_a_role_is_replaced_without_a_refused_request() {
    let mut stage = Stage::set_up().await;
    let front = stage.front();
    let load = Load::start(&front);
    load.one_more_journey().await;
    assert_eq!(members(&stage), ["users_auth_1"]);

    let password = random_hex(24).expect("the system gives random octets");
    stage.sql(&format!("ALTER ROLE users_auth_2 LOGIN PASSWORD '{password}'"));
    "users_auth_2".clone_into(stage.secret("db_user_auth"));
    *stage.secret("db_password_auth") = password;
    stage.rolling_restart().await;
    load.one_more_journey().await;
    stage.sql("ALTER ROLE users_auth_1 NOLOGIN PASSWORD NULL");
    load.one_more_journey().await;
    load.stop().await.assert_flawless();
    assert_eq!(members(&stage), ["users_auth_2"]);
}

/// The members of the role of `auth` that are logged in.
fn members(stage: &Stage) -> Vec<String> {
    let logged_in =
        "SELECT DISTINCT usename FROM pg_stat_activity WHERE usename LIKE 'users\\_auth\\__' ORDER BY 1";
    stage.sql(logged_in).lines().map(str::to_owned).collect()
}
