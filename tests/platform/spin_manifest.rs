//! `spin.toml` gives each component the access that it needs, and no more.

use std::collections::BTreeSet;

use users_spin_manifest::{Dependency, Manifest, Origin};
use users_tests::{Service, assert_problem, environment};

/// The address of the only database.
const DATABASE: &str = "postgres://{{ db_host }}:{{ db_port }}";

fn text() -> String {
    std::fs::read_to_string(&environment().manifest).expect("the manifest can be read")
}

fn manifest() -> Manifest {
    Manifest::parse(&text()).expect("spin.toml is a manifest")
}

#[test]
fn secrets_are_marked_and_have_no_default() {
    let variables = manifest().variables;
    for name in [
        "key_secret",
        "key_secret_previous",
        "jwt_secret",
        "jwt_secret_previous",
        "limit_secret",
        "db_password",
    ] {
        let variable = &variables[name];
        assert!(variable.secret, "expected {name} to be a secret");
        assert_eq!(variable.default.as_deref().unwrap_or_default(), "", "expected no default for {name}");
    }
    for name in ["db_host", "db_port", "db_name", "db_user", "db_sslmode"] {
        assert!(variables.contains_key(name), "expected the variable {name}");
    }
    for name in ["key_secret", "limit_secret"] {
        assert!(variables[name].default.is_none(), "expected no default for {name}");
    }
}

#[test]
fn every_variable_is_in_the_tables_of_the_documents() {
    for file in ["README.md", "docs/OPERATIONS.md"] {
        let text =
            std::fs::read_to_string(environment().root().join(file)).expect("the document can be read");
        let first_cells = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
        let documented: Vec<&str> = first_cells.flat_map(|cell| cell.split(", ")).collect();
        for name in manifest().variables.keys() {
            let quoted = format!("`{name}`");
            assert!(documented.contains(&quoted.as_str()), "expected {quoted} in a table of {file}");
        }
    }
}

#[test]
fn a_component_may_reach_only_the_database() {
    let mut reaching = 0;
    for (name, component) in manifest().components.into_iter().filter(|(name, _)| name != "console") {
        let hosts = component.allowed_outbound_hosts;
        if component.variables.keys().any(|it| it.starts_with("db_")) {
            assert_eq!(hosts, [DATABASE], "{name} needs the database");
            reaching += 1;
        } else {
            assert_eq!(hosts, [""; 0], "{name} has no database settings, so it needs no host");
        }
    }
    assert!(reaching >= 5, "expected auth, system, users, rbac and profile to reach the database");
}

#[test]
fn the_console_may_reach_only_the_other_components_with_a_route() {
    let manifest = manifest();
    let routed: BTreeSet<&str> = manifest.component_routes().map(|(_, name)| name).collect();
    let hosts = &manifest.components["console"].allowed_outbound_hosts;
    // Each host has a variable: otherwise, Spin does not start a part of the application that has the console alone.
    for host in hosts.iter().filter(|host| *host != "{{ api_url }}") {
        let name = host.strip_prefix("http://").and_then(|host| host.strip_suffix(".{{ chain_domain }}"));
        let is_other = name.is_some_and(|name| name != "console" && routed.contains(name));
        assert!(is_other, "{host} is no other component");
    }
    assert!(hosts.iter().any(|host| host == "{{ api_url }}"), "expected the API of another host: {hosts:?}");
}

#[test]
fn each_component_with_a_database_has_its_own_role_and_no_other() {
    let manifest = manifest();
    let mut having = Vec::new();
    for (name, component) in &manifest.components {
        let Some(role) = component.variables.get("db_role") else { continue };
        let own = format!("user={{{{ db_user_{name} }}}} password={{{{ db_password_{name} }}}}");
        assert_eq!(*role, own, "{name}");
        having.push(name.as_str());
        for (variable, text) in &component.variables {
            let foreign = manifest
                .variables
                .keys()
                .filter(|it| it.starts_with("db_user_") || it.starts_with("db_password_"));
            for foreign in foreign.filter(|it| !it.ends_with(&format!("_{name}"))) {
                assert!(!text.contains(foreign.as_str()), "{name}: {variable} has {foreign}");
            }
        }
    }
    having.sort_unstable();
    assert_eq!(having, ["auth", "profile", "rbac", "system", "users"]);
    for name in having {
        let password = &manifest.variables[&format!("db_password_{name}")];
        assert!(password.secret && password.default.as_deref() == Some(""), "{name}");
        assert_eq!(manifest.variables[&format!("db_user_{name}")].default.as_deref(), Some(""), "{name}");
    }
}

#[test]
fn only_components_that_use_tokens_have_the_secret() {
    let components = manifest().components;
    let has = |name: &str| components[name].variables.contains_key("jwt_secret");
    for name in ["auth", "users", "rbac", "profile"] {
        assert!(has(name), "{name} signs or verifies tokens");
    }
    for name in ["system", "console", "docs", "policy", "password"] {
        assert!(!has(name), "{name} has nothing to do with tokens");
    }
}

#[test]
fn only_auth_has_the_secrets_of_the_limits_and_of_the_signing_keys() {
    let components = manifest().components;
    for secret in ["limit_secret", "key_secret", "key_secret_previous"] {
        let having: Vec<&String> = components
            .iter()
            .filter(|(_, it)| it.variables.contains_key(secret))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(having, ["auth"], "{secret}");
    }
}

#[test]
fn the_pages_offer_passkeys_for_the_relying_party_of_auth() {
    let components = manifest().components;
    for variable in ["webauthn_rp_id", "webauthn_origins", "public_url"] {
        let of = |name: &str| components[name].variables[variable].clone();
        assert_eq!(of("console"), of("auth"), "{variable}");
    }
    let reads = |name: &str| components[name].variables.keys().any(|it| it.starts_with("webauthn_"));
    let others = components.keys().filter(|name| !["auth", "console"].contains(&name.as_str()));
    assert_eq!(others.filter(|name| reads(name)).count(), 0, "expected no other component to read them");
}

#[test]
fn the_policy_and_the_password_rule_are_the_only_dependencies_and_inherit_nothing() {
    let mut asking = Vec::new();
    for (name, component) in manifest().components {
        for (import, dependency) in component.dependencies {
            let asked = match import.as_str() {
                "users:policy/evaluation@0.1.0" => "policy",
                "users:password/rule@0.1.0" => "password",
                other => panic!("{name} depends on {other}"),
            };
            // This comparison finds any inherited permission, however spin.toml grants it.
            let expected =
                Dependency { origin: Origin::Component(asked.into()), export: None, inherit: None };
            assert_eq!(dependency, expected, "{name}");
            asking.push(format!("{name} asks {asked}"));
        }
    }
    asking.sort();
    let who_checks_rights =
        ["auth asks policy", "profile asks policy", "rbac asks policy", "users asks policy"];
    let who_takes_passwords = ["auth asks password", "users asks password"];
    let mut expected = [&who_checks_rights[..], &who_takes_passwords].concat();
    expected.sort_unstable();
    assert_eq!(asking, expected);
}

/// The variables that say whom a component answers.
const SURROUNDINGS: [&str; 4] = ["blocked_addresses", "cors_origins", "proxy_header", "trusted_proxies"];

#[test]
fn composed_components_have_no_resources_and_those_of_files_know_only_whom_they_answer() {
    let components = manifest().components;
    for name in ["policy", "password"] {
        assert_eq!(components[name].resources(), [""; 0], "{name}");
    }
    assert_eq!(components["docs"].resources(), ["variables"]);
    assert!(components["docs"].variables.keys().eq(SURROUNDINGS));
}

#[test]
fn every_component_with_a_route_knows_whom_it_answers() {
    let manifest = manifest();
    for (route, name) in manifest.component_routes() {
        let variables = &manifest.components[name].variables;
        for variable in SURROUNDINGS {
            assert!(variables.contains_key(variable), "{route}: expected {name} to have {variable}");
        }
        // These components have routes for administrators.
        let administrates = ["users", "rbac", "console"].contains(&name);
        assert_eq!(variables.contains_key("admin_addresses"), administrates, "{name}");
    }
}

#[test]
fn no_route_leads_to_the_policy_or_to_the_password_rule() {
    let manifest = manifest();
    let mut routes = manifest.component_routes();
    assert!(routes.all(|(_, component)| !["policy", "password"].contains(&component)), "expected no route");
}

#[test]
fn components_get_no_files_no_stores_and_no_models() {
    for (name, component) in manifest().components {
        assert_eq!(component.stores().next(), None, "{name}");
    }
}

#[test]
fn every_component_can_be_built_and_watched() {
    for (name, component) in manifest().components {
        let source = component.source.display().to_string();
        assert!(source.starts_with("target/wasm/wasm32-wasip2/component/"), "{name}: {source}");
        let build = component.build.unwrap_or_else(|| panic!("expected a build command for {name}"));
        assert!(!build.watch.is_empty(), "expected watch globs for {name}");
    }
}

#[test]
fn every_area_has_its_route() {
    let manifest = manifest();
    let mut routes: Vec<_> = manifest.component_routes().collect();
    routes.sort();
    for expected in [
        ("/...", "system"),
        ("/auth/...", "auth"),
        ("/users/...", "users"),
        ("/rbac/...", "rbac"),
        ("/profile/...", "profile"),
        ("/account/...", "console"),
        ("/console/...", "console"),
        ("/openapi.json", "docs"),
        ("/docs/...", "docs"),
        ("/redoc/...", "docs"),
    ] {
        assert!(routes.contains(&expected), "expected the route {expected:?}: {routes:?}");
    }
}

#[tokio::test]
async fn a_host_that_is_not_allowed_is_not_reached() {
    let elsewhere = text().replace(DATABASE, "postgres://elsewhere.invalid:5432");
    let service = Service::builder().manifest(&elsewhere).start().await;
    service.get("/healthz").send().await.expect(200);
    assert_problem(&service.get("/readyz").send().await, 503, "database_unavailable");
    let answer = service.register("alice@example.com", users_tests::PASSWORD).await;
    assert!([500, 503].contains(&answer.status), "expected no database: {answer:#?}");
    assert_eq!(service.sql("SELECT count(*) FROM users").await, ["0"], "expected no account");
}
