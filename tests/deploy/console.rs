//! The console of a replica calls the components beside it.

use users_tests::Front;

use crate::browser::signed_in;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_at_the_console_of_any_replica() {
    let stage = Stage::set_up().await;
    let ada = stage.front().account("ada@example.com").await;
    // `openapi.json` describes no pages.
    let console = Front::new(stage.front().address(), false);
    let cookies = signed_in(&console, &ada.email, "198.51.100.7").await;
    // The load balancer takes turns, so every replica shows the page.
    for _ in 0..4 {
        let home = console.get("/account").header("cookie", &cookies).send().await.expect(200);
        assert!(home.body.contains(&ada.email), "expected the address of who is signed in: {}", home.body);
    }
    let refused = console.get("/console").header("cookie", &cookies).send().await;
    assert_eq!(refused.status, 403, "{refused:#?}");
}
