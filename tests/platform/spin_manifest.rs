//! `spin.toml` gives each component what it needs and no more.

use std::collections::BTreeMap;

use toml::{Table, Value};
use users_tests::{Service, assert_problem, environment};

/// The one database.
const DATABASE: &str = "postgres://{{ db_host }}:{{ db_port }}";

fn text() -> String {
    std::fs::read_to_string(&environment().manifest).expect("the manifest can be read")
}

fn manifest() -> Table {
    text().parse().expect("the manifest is TOML")
}

fn components() -> BTreeMap<String, Value> {
    let manifest = manifest();
    let components = manifest["component"].as_table().expect("there are components");
    components.iter().map(|(name, component)| (name.clone(), component.clone())).collect()
}

/// The component of each route.
fn routes() -> BTreeMap<String, String> {
    let manifest = manifest();
    let triggers = manifest["trigger"]["http"].as_array().expect("there are routes");
    let text = |trigger: &Value, key| trigger[key].as_str().expect("a name").to_owned();
    triggers.iter().map(|trigger| (text(trigger, "route"), text(trigger, "component"))).collect()
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let values = value.and_then(Value::as_array).into_iter().flatten();
    values.map(|it| it.as_str().expect("a text").to_owned()).collect()
}

#[test]
fn secrets_are_marked_and_have_no_default() {
    let manifest = manifest();
    let variables = manifest["variables"].as_table().expect("there are variables");
    for name in ["jwt_secret", "jwt_secret_previous", "db_password"] {
        let variable = &variables[name];
        assert_eq!(variable.get("secret"), Some(&Value::Boolean(true)), "expected {name} to be a secret");
        let default = variable.get("default").and_then(Value::as_str).unwrap_or_default();
        assert_eq!(default, "", "expected no default for {name}");
    }
    for name in ["db_host", "db_port", "db_name", "db_user", "db_sslmode"] {
        assert!(variables.contains_key(name), "expected the variable {name}");
    }
    assert!(variables["jwt_secret"].get("default").is_none(), "expected no default for jwt_secret");
}

#[test]
fn a_component_reaches_the_database_or_nothing() {
    let mut reaching = 0;
    for (name, component) in components() {
        let hosts = strings(component.get("allowed_outbound_hosts"));
        let variables = component.get("variables").and_then(Value::as_table).cloned().unwrap_or_default();
        if variables.keys().any(|it| it.starts_with("db_")) {
            assert_eq!(hosts, [DATABASE], "{name} needs the database");
            reaching += 1;
        } else {
            assert_eq!(hosts, [""; 0], "{name} has no database settings, so it needs no host");
        }
    }
    assert!(reaching >= 5, "expected auth, system, users, rbac and profile to reach the database");
}

#[test]
fn only_components_with_tokens_have_the_secret() {
    let components = components();
    let has = |name: &str| components[name].get("variables").is_some_and(|it| it.get("jwt_secret").is_some());
    for name in ["auth", "users", "rbac", "profile"] {
        assert!(has(name), "{name} signs or verifies tokens");
    }
    for name in ["system", "docs", "policy"] {
        assert!(!has(name), "{name} has nothing to do with tokens");
    }
}

#[test]
fn the_policy_is_the_only_dependency_and_inherits_nothing() {
    let mut asking = Vec::new();
    for (name, component) in components() {
        let inherits = component.get("dependencies_inherit_configuration");
        assert!(inherits.is_none(), "{name}: a dependency needs nothing of its component's");
        let Some(dependencies) = component.get("dependencies") else { continue };
        let expected: Table =
            r#""users:policy/evaluation@0.1.0" = { component = "policy" }"#.parse().unwrap();
        assert_eq!(dependencies.as_table(), Some(&expected), "{name} needs the policy and nothing more");
        asking.push(name);
    }
    assert_eq!(asking, ["profile", "rbac", "users"], "expected those that ask for rights to ask the policy");
}

#[test]
fn the_documentation_and_the_policy_have_nothing() {
    for name in ["docs", "policy"] {
        let component = &components()[name];
        let keys: Vec<_> = component.as_table().expect("a component is a table").keys().collect();
        assert_eq!(keys, ["build", "source"], "{name}: expected no variables, no hosts, and nothing else");
    }
}

#[test]
fn no_route_leads_to_the_policy() {
    assert!(routes().values().all(|component| component != "policy"), "expected no route: {:?}", routes());
}

#[test]
fn components_get_no_files_no_stores_and_no_models() {
    for (name, component) in components() {
        for capability in ["files", "key_value_stores", "sqlite_databases", "ai_models"] {
            assert!(component.get(capability).is_none(), "{name} needs no {capability}");
        }
    }
}

#[test]
fn every_component_can_be_built_and_watched() {
    for (name, component) in components() {
        let source = component["source"].as_str().expect("a source is a file of this repository");
        assert!(source.starts_with("target/wasm/wasm32-wasip2/component/"), "{name}: {source}");
        let build = component.get("build").unwrap_or_else(|| panic!("expected a build command for {name}"));
        assert!(build.get("command").is_some(), "expected a build command for {name}");
        assert!(!strings(build.get("watch")).is_empty(), "expected watch globs for {name}");
    }
}

#[test]
fn every_route_leads_to_a_component_and_none_leads_nowhere() {
    let (components, routes) = (components(), routes());
    for component in routes.values() {
        assert!(components.contains_key(component), "expected the component {component}");
    }
    for (route, component) in [
        ("/...", "system"),
        ("/auth/...", "auth"),
        ("/users/...", "users"),
        ("/rbac/...", "rbac"),
        ("/profile/...", "profile"),
        ("/openapi.json", "docs"),
        ("/docs/...", "docs"),
        ("/redoc/...", "docs"),
    ] {
        let found = routes.get(route).map(String::as_str);
        assert_eq!(found, Some(component), "expected the route {route}: {routes:?}");
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
