//! Replaces every replica while clients are active.

use crate::load::Load;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_fails_no_request() {
    let mut stage = Stage::set_up().await;
    let load = Load::start(&stage.front());
    load.one_more_journey().await;
    stage.rolling_restart().await;
    load.one_more_journey().await;
    load.stop().await.assert_flawless();
}
