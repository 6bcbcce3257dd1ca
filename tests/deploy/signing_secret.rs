//! Replaces the signing secret in the three roll-outs of docs/OPERATIONS.md, while clients are active.

use local_postgres::random_hex;
use users_tests::{PASSWORD, Tokens, assert_problem};

use crate::load::Load;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn the_roll_out_of_a_new_signing_secret_refuses_no_token() {
    let mut stage = Stage::set_up().await;
    let front = stage.front();
    let ada = front.account("ada@example.com").await;
    let load = Load::start(&front);
    load.one_more_journey().await;
    let old = stage.secret("jwt_secret").clone();
    let new = random_hex(48).expect("the system gives random octets");

    // 1. Every replica accepts the new secret, but none signs with it yet.
    stage.secret("jwt_secret_previous").clone_from(&new);
    stage.rolling_restart().await;
    load.one_more_journey().await;
    front.me(&ada.tokens.access).await.expect(200);

    // 2. Every replica signs with the new secret and accepts the old one.
    stage.secret("jwt_secret").clone_from(&new);
    *stage.secret("jwt_secret_previous") = old;
    stage.rolling_restart().await;
    load.one_more_journey().await;
    front.me(&ada.tokens.access).await.expect(200);

    // 3. The last token of the old secret has expired, so every replica forgets that secret.
    stage.secret("jwt_secret_previous").clear();
    stage.rolling_restart().await;
    load.one_more_journey().await;
    load.stop().await.assert_flawless();
    assert_problem(&front.me(&ada.tokens.access).await, 401, "invalid_token");

    // Sessions do not depend on the secret.
    let tokens = Tokens::of(&front.refresh(&ada.tokens.refresh).await.expect(200));
    front.me(&tokens.access).await.expect(200);
    front.login("ada@example.com", PASSWORD).await;
}
