//! Runs each SpinApp of `overlays/split` separately. Each has only its own components and variables.

use std::path::PathBuf;

use tempfile::TempDir;
use toml::{Table, Value};
use users_manifests::Object;
use users_tests::{Front, PASSWORD, assert_problem, environment};

use crate::stage::Ground;

/// `spin.toml` with only the components of one SpinApp. Spin's shim reduces it in the same way.
fn retained(app: &Object) -> (TempDir, PathBuf) {
    let text = std::fs::read_to_string(&environment().manifest).expect("spin.toml can be read");
    let mut manifest: Table = text.parse().expect("spin.toml is TOML");
    let retained: Vec<&str> = app.list("/spec/components").filter_map(|it| it.as_str()).collect();
    let is_retained = |name: &str| retained.contains(&name);
    let triggers = manifest["trigger"]["http"].as_array_mut().expect("there are routes");
    triggers.retain(|trigger| trigger["component"].as_str().is_some_and(is_retained));
    let components = manifest["component"].as_table_mut().expect("there are components");
    // `spin registry push` composes the policy and the password rule into the other components.
    components.retain(|name, _| is_retained(name) || ["policy", "password"].contains(&name));
    let root = environment().root().join("target").display().to_string();
    for (_, component) in components.iter_mut() {
        let source = component["source"].as_str().expect("a component has a file");
        component["source"] = Value::String(source.replacen("target", &root, 1));
    }
    let dir = tempfile::tempdir().expect("there is room for a file");
    let path = dir.path().join("spin.toml");
    std::fs::write(&path, manifest.to_string()).expect("there is room for a file");
    (dir, path)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_is_ready_with_only_its_own_components_and_variables() {
    let ground = tokio::task::spawn_blocking(|| Ground::set_up("split")).await.expect("it is set up");
    let mut fronts = std::collections::BTreeMap::new();
    let mut hosts = Vec::new();
    for app in ground.manifests.of_kind("SpinApp") {
        let (dir, manifest) = retained(app);
        let host = ground.start(app, &manifest).await;
        // `openapi.json` describes all components together, so the answers of one part are not compared with it.
        fronts.insert(app.name().to_owned(), Front::new(host.address(), false));
        hosts.push((host, dir));
    }
    // Every part accepts the access tokens of `users-auth`.
    let auth = &fronts["users-auth"];
    let ada = auth.account("ada@example.com").await;
    auth.login("ada@example.com", PASSWORD).await;
    for (part, path, status) in [
        ("users-auth", "/.well-known/jwks.json", 200),
        ("users-profile", "/profile/", 200),
        ("users-rbac", "/rbac/my-permissions", 200),
        ("users-users", "/users/", 403),
        ("users-system", "/", 200),
        ("users-system", "/unknown", 404),
        ("users-account", "/account/verify-email", 200),
        ("users-docs", "/openapi.json", 200),
        ("users-docs", "/redoc", 200),
    ] {
        let answer = fronts[part].get(path).bearer(&ada.tokens.access).send().await;
        assert_eq!(answer.status, status, "{part} {path}: {answer:#?}");
    }
    // A part does not serve the routes of another part. The Ingress sends each route to its part.
    let elsewhere = fronts["users-auth"].get("/profile/").bearer(&ada.tokens.access).send().await;
    assert_problem(&elsewhere, 404, "not_found");
}
