//! Tests of reading manifests.

use std::path::Path;

use super::*;

const HEAD: &str = "spin_manifest_version = 2\n[application]\nname = \"users\"\nversion = \"1.0.0\"\n";

fn parse(body: &str) -> Result<Manifest> {
    Manifest::parse(&format!("{HEAD}{body}"))
}

fn error(body: &str) -> String {
    format!("{:#}", parse(body).unwrap_err())
}

#[test]
fn components_routes_and_variables_are_read() {
    let manifest = parse(
        r#"
        [variables]
        db_host = { default = "localhost" }
        jwt_secret = { required = true, secret = true }
        [[trigger.http]]
        route = "/auth/..."
        component = "auth"
        [[trigger.http]]
        id = "gone"
        route = "/old"
        static_response = { status_code = 410, headers = { a = "b" }, body = "gone" }
        [[trigger.http]]
        route = { private = true }
        component = { source = "inner.wasm" }
        [component.auth]
        source = "target/auth.wasm"
        allowed_outbound_hosts = ["postgres://{{ db_host }}:5432"]
        variables = { jwt_secret = "{{ jwt_secret }}" }
        [component.auth.build]
        command = "cargo xtask build"
        watch = ["src/**"]
        [component.auth.dependencies]
        "users:passwords/common@0.1.0" = { path = "common.wasm" }
        "#,
    )
    .unwrap();
    assert_eq!(manifest.variables["db_host"].default.as_deref(), Some("localhost"));
    assert!(manifest.variables["jwt_secret"].secret && manifest.variables["jwt_secret"].default.is_none());
    assert_eq!(manifest.component_routes().collect::<Vec<_>>(), [("/auth/...", "auth")]);
    let [_, gone, inner] = &manifest.triggers[..] else { panic!("expected three triggers") };
    assert!(matches!(&gone.target, Target::Static(response) if response.status_code == 410));
    assert!(matches!(inner.route, Route::Private));
    let names: Vec<_> = manifest.components.keys().collect();
    assert_eq!(names, ["auth", "http-trigger2-component"]);
    let auth = &manifest.components["auth"];
    assert_eq!(auth.source, Path::new("target/auth.wasm"));
    assert_eq!(auth.resources(), ["allowed_outbound_hosts", "dependencies", "variables"]);
    assert_eq!(auth.build.as_ref().unwrap().watch, ["src/**"]);
    let dependency = &auth.dependencies["users:passwords/common@0.1.0"];
    assert_eq!(manifest.file_of(dependency, "auth").unwrap(), Path::new("common.wasm"));
    assert_eq!(dependency.inherit, None);
}

#[test]
fn mistakes_are_explained() {
    let component = "[component.a]\nsource = \"a.wasm\"\n";
    let trigger = "[[trigger.http]]\nroute = \"/\"\n";
    for (body, word) in [
        ("[componet.a]\nsource = \"a.wasm\"\n", "componet"),
        ("[[trigger.http]]\nroute = \"/\"\ncomponent = \"nobody\"\n", "nobody"),
        (trigger, "static_response"),
        ("[variables]\nx = {}\n", "required"),
        ("[component.a]\nsource = { url = \"https://x\", digest = \"y\" }\n", "local file"),
        (&format!("{component}allowed_outbound_host = []\n"), "allowed_outbound_host"),
        (&format!("{component}[component.a.dependencies]\n\"a:b/c\" = \"1.0\"\n"), "local files"),
        (
            &format!(
                "{component}[component.a.dependencies]\n\"a:b/c\" = {{ path = \"b\", exports = \"c\" }}\n"
            ),
            "'export'",
        ),
        (
            &format!(
                "{component}dependencies_inherit_configuration = true\n[component.a.dependencies]\n\"a:b/c\" = {{ path = \"b\", inherit_configuration = false }}\n"
            ),
            "exclude each other",
        ),
        (&format!("{trigger}component = \"a\"\ndependencies.x = []\n{component}"), "unknown field `x`"),
        (
            &format!("{trigger}static_response = {{}}\ndependencies.middleware = [{{ path = \"m\" }}]\n"),
            "no component",
        ),
        (
            &format!(
                "{trigger}component = \"a\"\ndependencies.middleware = [{{ path = \"m\", export = \"e\" }}]\n{component}"
            ),
            "'export'",
        ),
    ] {
        let error = error(body);
        assert!(error.contains(word), "{body}: {error}");
    }
    let error = Manifest::parse("spin_manifest_version = 1\n[application]\nname = \"a\"").unwrap_err();
    assert!(error.to_string().contains("spin_manifest_version"));
}

#[test]
fn a_component_passes_its_permissions_on_to_all_dependencies() {
    let manifest = parse(
        r#"
        [component.a]
        source = "a.wasm"
        dependencies_inherit_configuration = true
        [component.a.dependencies]
        "b:b/b" = { path = "b.wasm" }
        "#,
    );
    assert_eq!(manifest.unwrap().components["a"].dependencies["b:b/b"].inherit, Some(Inherit::All(true)));
}

/// An application whose component `a` depends on `b`.
fn with_dependency(dependency: &str, b: &str) -> Result<Manifest> {
    parse(&format!(
        r#"
        [[trigger.http]]
        route = "/..."
        component = "a"
        [component.a]
        source = "a.wasm"
        variables = {{ x = "y" }}
        [component.a.dependencies]
        "b:b/b@0.1.0" = {dependency}
        {b}
        "#
    ))
}

/// An application whose component `a` has middleware in front of it.
fn with_middleware(middleware: &str, b: &str) -> Result<Manifest> {
    parse(&format!(
        r#"
        [[trigger.http]]
        route = "/..."
        component = "a"
        dependencies.middleware = [{middleware}]
        [component.a]
        source = "a.wasm"
        {b}
        "#
    ))
}

const B: &str = "[component.b]\nsource = \"sub/b.wasm\"\n";

#[test]
fn a_dependency_on_a_component_uses_its_source() {
    let manifest = with_dependency(r#"{ component = "b" }"#, B).unwrap();
    let dependency = &manifest.components["a"].dependencies["b:b/b@0.1.0"];
    assert_eq!(manifest.file_of(dependency, "a").unwrap(), Path::new("sub/b.wasm"));
    assert_eq!((&dependency.export, &dependency.inherit), (&None, &None));

    let more = r#"{ component = "b", export = "c:d/e", inherit_configuration = ["variables"] }"#;
    let manifest = with_dependency(more, B).unwrap();
    let dependency = &manifest.components["a"].dependencies["b:b/b@0.1.0"];
    assert_eq!(dependency.export.as_deref(), Some("c:d/e"));
    assert_eq!(dependency.inherit, Some(Inherit::Some(vec!["variables".to_owned()])));
}

#[test]
fn middleware_is_read_in_order() {
    let list = r#"{ component = "b", inherit_configuration = true }, { path = "c.wasm" }"#;
    let manifest = with_middleware(list, B).unwrap();
    let middleware = &manifest.triggers[0].middleware;
    let files: Vec<_> = middleware.iter().map(|it| manifest.file_of(it, "a").unwrap()).collect();
    assert_eq!(files, [Path::new("sub/b.wasm"), Path::new("c.wasm")]);
    assert_eq!(middleware[0].inherit, Some(Inherit::All(true)));
}

#[test]
fn a_dependency_on_a_missing_component_is_refused() {
    let expected = "the component \"a\" depends on the component \"nobody\", which does not exist";
    for manifest in [with_dependency, with_middleware] {
        let error = manifest(r#"{ component = "nobody" }"#, B).unwrap_err().to_string();
        assert_eq!(error, expected);
    }
}

#[test]
fn a_dependency_on_a_component_with_resources_is_refused() {
    for (line, key) in [
        ("variables = { x = \"y\" }", "variables"),
        ("environment = { x = \"y\" }", "environment"),
        ("allowed_outbound_hosts = [\"https://x\"]", "allowed_outbound_hosts"),
        ("files = [\"x\"]", "files"),
        ("key_value_stores = [\"default\"]", "key_value_stores"),
        ("sqlite_databases = [\"default\"]", "sqlite_databases"),
        ("ai_models = [\"x\"]", "ai_models"),
        ("dependencies = { \"c:c/c\" = { path = \"c.wasm\" } }", "dependencies"),
    ] {
        let expected = format!(
            "the component \"a\" cannot depend on the component \"b\", which has resources of its own: {key}"
        );
        for manifest in [with_dependency, with_middleware] {
            let error = manifest(r#"{ component = "b" }"#, &format!("{B}{line}")).unwrap_err().to_string();
            assert_eq!(error, expected);
        }
    }
}

#[test]
fn a_component_cannot_depend_on_itself() {
    let error = with_dependency(r#"{ component = "a" }"#, B).unwrap_err().to_string();
    assert!(error.contains("dependencies, variables"), "{error}");
}
