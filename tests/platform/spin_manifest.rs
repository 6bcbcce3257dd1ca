//! `spin.toml` gives each component the access that it needs, and no more.

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
    for name in ["jwt_secret", "jwt_secret_previous", "limit_secret", "db_password"] {
        let variable = &variables[name];
        assert!(variable.secret, "expected {name} to be a secret");
        assert_eq!(variable.default.as_deref().unwrap_or_default(), "", "expected no default for {name}");
    }
    for name in ["db_host", "db_port", "db_name", "db_user", "db_sslmode"] {
        assert!(variables.contains_key(name), "expected the variable {name}");
    }
    for name in ["jwt_secret", "limit_secret"] {
        assert!(variables[name].default.is_none(), "expected no default for {name}");
    }
}

#[test]
fn a_component_may_reach_only_the_database() {
    let mut reaching = 0;
    for (name, component) in manifest().components {
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
fn only_components_that_use_tokens_have_the_secret() {
    let components = manifest().components;
    let has = |name: &str| components[name].variables.contains_key("jwt_secret");
    for name in ["auth", "users", "rbac", "profile"] {
        assert!(has(name), "{name} signs or verifies tokens");
    }
    for name in ["system", "account", "docs", "policy"] {
        assert!(!has(name), "{name} has nothing to do with tokens");
    }
}

#[test]
fn only_auth_has_the_secret_of_the_limits() {
    let components = manifest().components;
    let having: Vec<&String> = components
        .iter()
        .filter(|(_, it)| it.variables.contains_key("limit_secret"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(having, ["auth"]);
}

#[test]
fn the_policy_is_the_only_dependency_and_inherits_nothing() {
    let policy = Dependency { origin: Origin::Component("policy".into()), export: None, inherit: None };
    let mut asking = Vec::new();
    for (name, component) in manifest().components {
        for (import, dependency) in component.dependencies {
            assert_eq!(import, "users:policy/evaluation@0.1.0", "{name} depends on the policy only");
            // This comparison finds any inherited permission, however spin.toml grants it.
            assert_eq!(dependency, policy, "{name}");
            asking.push(name.clone());
        }
    }
    asking.sort();
    assert_eq!(asking, ["profile", "rbac", "users"], "expected the components that check rights");
}

#[test]
fn the_pages_the_documentation_and_the_policy_have_no_resources() {
    let components = manifest().components;
    for name in ["account", "docs", "policy"] {
        assert_eq!(components[name].resources(), [""; 0], "{name}");
    }
}

#[test]
fn no_route_leads_to_the_policy() {
    let manifest = manifest();
    assert!(manifest.component_routes().all(|(_, component)| component != "policy"), "expected no route");
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
        ("/account/...", "account"),
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
