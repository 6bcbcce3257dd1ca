//! Runs the programs of `docs/VERIFYING_TOKENS.md`, which verify access tokens and know nothing but the issuer.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use users_tests::{Service, environment, token};

use crate::tools::{file, node, node_modules, python, run};

/// A key that has not begun to sign: the one of RFC 8037, appendix A.
const NEXT_KEY: &str = "INSERT INTO signing_keys (kid, public_key, signs_from) VALUES (
    'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    '\\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', now() + interval '1 day')";

/// The only program of a language in the document.
fn program(language: &str) -> String {
    let path = environment().root().join("docs/VERIFYING_TOKENS.md");
    let text = std::fs::read_to_string(path).expect("the document can be read");
    let start = format!("```{language}\n");
    let parts: Vec<&str> = text.split(&start).collect();
    let [_, rest] = parts[..] else { panic!("expected one program in {language}") };
    rest.split("```").next().expect("a program ends").to_owned()
}

/// Writes the program of a language into a directory of its own, under this name.
fn written(language: &str, name: &str) -> TempDir {
    let dir = tempfile::tempdir().expect("there is room for a file");
    std::fs::write(dir.path().join(name), program(language)).expect("there is room for a file");
    dir
}

/// Texts that no verifier may take for an access token. The attacks are those of RFC 8725 section 2.
fn forgeries(access: &str, refresh: &str, keys: &Value) -> Value {
    let (header, claims) = (token::header(access), token::claims(access));
    let signature = access.rsplit('.').next().expect("a token has a signature");
    let signed_as_before =
        |header: &Value, claims: &Value| format!("{}.{signature}", token::unsigned(header, claims));
    let hmac = token::with(&header, "alg", "HS256");
    let public = keys["keys"][0]["x"].as_str().expect("a key has octets");
    json!({
        "another account": signed_as_before(&header, &token::with(&claims, "sub", "999")),
        "a longer life": signed_as_before(&header, &token::with(&claims, "exp", 4_000_000_000_u32)),
        "the key that does not sign yet": signed_as_before(&token::with(&header, "kid", keys["keys"][1]["kid"].clone()), &claims),
        "an unknown key": signed_as_before(&token::with(&header, "kid", "A".repeat(43)), &claims),
        "no algorithm": format!("{}.", token::unsigned(&token::with(&header, "alg", "none"), &claims)),
        "the public key as a secret": token::signed(public, &hmac, &claims),
        "another type": signed_as_before(&token::with(&header, "typ", "JWT"), &claims),
        "a refresh token": refresh,
    })
}

async fn assert_verifies(verifier: &mut Command) {
    let service = Service::builder().at_its_public_url().start().await;
    let ada = service.account("ada@example.com").await;
    service.sql(NEXT_KEY).await;
    let keys = service.get("/.well-known/jwks.json").send().await.expect(200).json();
    let (access, refresh) = (&ada.tokens.access, &ada.tokens.refresh);
    let case = json!({
        "token": access,
        "sub": ada.id.to_string(),
        "refused": forgeries(access, refresh, &keys),
    });
    verifier.env("ISSUER", format!("http://{}", service.address())).env("VERIFY_CASE", case.to_string());
    let output = run(verifier);
    assert!(
        output.ends_with("verified one and refused the others\n"),
        "expected the program to reach its end: {output}"
    );
}

fn in_node(dir: &Path) -> Command {
    // Node looks for packages and modules beside the file that names them.
    symlink(node_modules(), dir.join("node_modules")).expect("a link can be made");
    std::fs::copy(file("verify.mjs"), dir.join("verify.mjs")).expect("there is room for a file");
    node(&dir.join("verify.mjs"))
}

#[tokio::test]
async fn pyjwt_verifies_a_token_and_knows_only_the_issuer() {
    let dir = written("python", "verifier.py");
    assert_verifies(python("python").arg(file("verify.py")).env("PYTHONPATH", dir.path())).await;
}

#[tokio::test]
async fn jose_verifies_a_token_and_knows_only_the_issuer() {
    let dir = written("javascript", "verifier.mjs");
    assert_verifies(&mut in_node(dir.path())).await;
}
