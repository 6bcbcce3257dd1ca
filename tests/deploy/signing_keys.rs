//! Signing keys in production: the way from `jwt_secret` to keys in the three roll-outs of docs/OPERATIONS.md, and new keys, while
//! clients are active.

use std::process::Command;

use local_postgres::random_hex;
use users_tests::{PASSWORD, Tokens, assert_problem, environment, token};

use crate::load::Load;
use crate::stage::{Stage, run};

/// The issuer of former releases, unless an operator chose another.
const FORMER_ISSUER: &str = "users";

/// The algorithm that signed a token.
fn algorithm(access: &str) -> String {
    token::header(access)["alg"].as_str().expect("a token names its algorithm").to_owned()
}

/// Runs `usersctl keys …` as in the pod of the worker.
fn keys(stage: &Stage, arguments: &[&str]) -> String {
    let worker = stage.manifests.one("Deployment", "users-worker").expect("production has a worker");
    let container = worker.list("/spec/template/spec/containers").next().expect("it has a container");
    let mut command = Command::new(&environment().ctl);
    command.arg("keys").args(arguments).env_clear().envs(stage.env(container));
    tokio::task::block_in_place(|| run(&mut command))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_from_a_signing_secret_to_keys_refuses_no_token() {
    let secret = random_hex(48).expect("the system gives random octets");

    // 1. The new release with the secret of the former one. It signs with the secret, as the replicas of the former release do.
    let mut stage = Stage::set_up_with(&[("jwt_secret", &secret)]).await;
    let front = stage.front();
    let ada = front.account("ada@example.com").await;
    assert_eq!(algorithm(&ada.tokens.access), "HS256");
    let claims = token::claims(&ada.tokens.access);
    assert_eq!(claims["iss"], FORMER_ISSUER, "expected tokens that replicas of the former release accept");
    let header = token::header(&ada.tokens.access);
    let of_former_release = token::signed(&secret, &header, &token::with(&claims, "jti", "0".repeat(32)));
    front.me(&of_former_release).await.expect(200);
    let load = Load::start(&front);
    load.one_more_journey().await;

    // 2. Every replica signs with keys, and accepts the tokens of the secret.
    stage.secret("jwt_secret").clear();
    stage.secret("jwt_secret_previous").clone_from(&secret);
    stage.rolling_restart().await;
    load.one_more_journey().await;
    let bob = front.account("bob@example.com").await;
    assert_eq!(algorithm(&bob.tokens.access), "EdDSA");
    for access in [&ada.tokens.access, &of_former_release, &bob.tokens.access] {
        front.me(access).await.expect(200);
    }

    // 3. The last token of the secret has expired, so every replica forgets the secret.
    stage.secret("jwt_secret_previous").clear();
    stage.rolling_restart().await;
    load.one_more_journey().await;
    load.stop().await.assert_flawless();
    for access in [&ada.tokens.access, &of_former_release] {
        assert_problem(&front.me(access).await, 401, "invalid_token");
    }
    front.me(&bob.tokens.access).await.expect(200);

    // Sessions depend on neither.
    let tokens = Tokens::of(&front.refresh(&ada.tokens.refresh).await.expect(200));
    assert_eq!(algorithm(&tokens.access), "EdDSA");
    front.me(&tokens.access).await.expect(200);
    front.login("ada@example.com", PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_and_a_roll_out_refuse_no_token_and_a_leaked_key_is_refused_at_once() {
    let mut stage = Stage::set_up().await;
    let front = stage.front();
    let ada = front.account("ada@example.com").await;
    let load = Load::start(&front);
    load.one_more_journey().await;
    let leaked = token::header(&ada.tokens.access)["kid"].as_str().expect("a token names its key").to_owned();
    keys(&stage, &["rotate"]);
    assert!(keys(&stage, &["list"]).contains(&format!("{leaked} signs since ")));
    load.one_more_journey().await;
    keys(&stage, &["rotate", "--now"]);
    load.one_more_journey().await;
    front.me(&ada.tokens.access).await.expect(200);
    stage.rolling_restart().await;
    load.one_more_journey().await;
    front.me(&ada.tokens.access).await.expect(200);
    load.stop().await.assert_flawless();

    keys(&stage, &["revoke", &leaked]);
    // Both replicas, by turns.
    for _ in 0..4 {
        assert_problem(&front.me(&ada.tokens.access).await, 401, "invalid_token");
    }
    let tokens = Tokens::of(&front.refresh(&ada.tokens.refresh).await.expect(200));
    front.me(&tokens.access).await.expect(200);
}
