//! Runs each SpinApp of `overlays/split` separately. Each has only its own components and variables.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tempfile::TempDir;
use toml::{Table, Value};
use users_manifests::Object;
use users_tests::{Front, Host, PASSWORD, assert_problem, environment};

use crate::browser::signed_in;
use crate::entrance::Entrance;
use crate::stage::Ground;

/// The part that calls the others.
const CONSOLE: &str = "users-console";
/// The network of the pods: here, all of them are on this machine.
const PODS: &str = "127.0.0.0/8";
/// A person somewhere on the internet.
const BROWSER: &str = "198.51.100.7";

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

/// The parts of `overlays/split`.
struct Parts {
    fronts: BTreeMap<String, Front>,
    // The fields are in the order in which they are dropped.
    _hosts: Vec<(Host, TempDir)>,
    _entrance: Entrance,
    _ground: Ground,
}

impl Parts {
    async fn start() -> Self {
        let ground = tokio::task::spawn_blocking(|| Ground::set_up("split")).await.expect("it is set up");
        let mut addresses = BTreeMap::new();
        let mut hosts = Vec::new();
        for app in ground.manifests.of_kind("SpinApp").filter(|app| app.name() != CONSOLE) {
            let (dir, manifest) = retained(app);
            let host = ground.start_with(app, &manifest, &[("trusted_proxies", PODS)]).await;
            addresses.insert(app.name().to_owned(), host.address().to_owned());
            hosts.push((host, dir));
        }
        let ingress = ground.manifests.one("Ingress", "users-api").expect("there is an Ingress");
        // One address stands for the Services that `api_url` names in a cluster.
        let entrance = Entrance::start(ingress, &addresses);
        let app = ground.manifests.one("SpinApp", CONSOLE).expect("the console is a part");
        let (dir, manifest) = retained(app);
        let url = format!("http://{}", entrance.address());
        let replaced = [("trusted_proxies", PODS), ("api_url", &url)];
        let host = ground.start_with(app, &manifest, &replaced).await;
        addresses.insert(CONSOLE.to_owned(), host.address().to_owned());
        hosts.push((host, dir));
        // `openapi.json` describes all components together, so the answers of one part are not compared with it.
        let fronts = addresses.into_iter().map(|(name, address)| (name, Front::new(&address, false)));
        Self { fronts: fronts.collect(), _hosts: hosts, _entrance: entrance, _ground: ground }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_is_ready_with_only_its_own_components_and_variables() {
    let parts = Parts::start().await;
    let fronts = &parts.fronts;
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
        ("users-console", "/account/verify-email", 200),
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

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_at_the_console_and_the_parts_learn_where_the_browser_is() {
    let parts = Parts::start().await;
    let auth = &parts.fronts["users-auth"];
    let ada = auth.account("ada@example.com").await;
    let console = &parts.fronts[CONSOLE];
    let cookies = signed_in(console, &ada.email, BROWSER).await;
    let home = console.get("/account").header("cookie", &cookies).send().await.expect(200);
    assert!(home.body.contains(&ada.email), "expected the address of who is signed in: {}", home.body);
    let sessions = auth.get("/auth/sessions").bearer(&ada.tokens.access).send().await.expect(200);
    assert_eq!(sessions.json()[0]["address"], BROWSER, "{}", sessions.body);
    // People who are no administrators learn nothing from the console.
    let refused = console.get("/console").header("cookie", &cookies).send().await;
    assert_eq!(refused.status, 403, "{refused:#?}");
}
