//! The imports of the built components, compared with the worlds in `wit/`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;
use users_spin_manifest::Manifest;
use users_tests::environment;
use wasmparser::{Parser, Payload};
use wit_parser::Resolve;

#[test]
fn every_component_imports_no_more_than_its_world() {
    let worlds = Worlds::read();
    let components = built_components();
    assert!(components.iter().any(|(name, _)| name == "auth"), "components were built: {components:?}");
    for (name, path) in components {
        let allowed = worlds.imports_of(&name);
        let excess: Vec<_> = imports(&fs::read(&path).unwrap()).difference(&allowed).cloned().collect();
        assert!(excess.is_empty(), "{name} imports more than its world in wit/ allows: {excess:?}");
    }
}

/// The imports that a component with a database has in addition to those of every HTTP service.
const DATABASE: [&str; 3] =
    ["spin:postgres/postgres@4.2.0", "spin:variables/variables@3.0.0", "wasi:clocks/monotonic-clock@0.3.0"];
const POLICY: &str = "users:policy/evaluation@0.1.0";
const PASSWORD: &str = "users:password/rule@0.1.0";

#[test]
fn an_extra_import_is_noticed() {
    assert_eq!(beyond_http("system"), DATABASE);
}

#[test]
fn components_for_administrators_import_postgres_variables_and_the_policy_only() {
    let [postgres, variables, clock] = DATABASE;
    for name in ["rbac", "profile"] {
        assert_eq!(beyond_http(name), [postgres, variables, POLICY, clock], "{name}");
    }
}

#[test]
fn components_that_take_new_passwords_import_the_rule_for_them() {
    let [postgres, variables, clock] = DATABASE;
    for name in ["auth", "users"] {
        assert_eq!(beyond_http(name), [postgres, variables, PASSWORD, POLICY, clock], "{name}");
    }
}

#[test]
fn the_list_of_common_passwords_is_in_the_password_component_alone() {
    let filter = environment().root().join("crates/password/data/common-passwords.filter");
    let filter = fs::read(filter).expect("the filter is in the repository");
    let part = &filter[filter.len() / 2..filter.len() / 2 + 64];
    let has_list = |wasm: &[u8]| wasm.windows(part.len()).any(|window| window == part);
    for (name, path) in built_components() {
        assert_eq!(has_list(&fs::read(path).unwrap()), name == "password", "{name}");
    }
    assert!(built("auth").len() < 2_500_000, "expected a component that starts soon");
    assert!(built("password").len() <= 1 << 20, "expected the list and its rule to fit into a mebibyte");
}

#[test]
fn a_component_that_serves_files_imports_only_http_variables_and_a_clock() {
    let [_, variables, clock] = DATABASE;
    assert_eq!(beyond_http("docs"), [variables, clock], "expected no Postgres");
}

#[test]
fn the_console_calls_others_over_http_and_imports_no_postgres() {
    let [_, variables, clock] = DATABASE;
    assert_eq!(beyond_http("console"), [variables, clock, "wasi:http/client@0.3.0"]);
}

#[test]
fn only_the_console_sends_requests() {
    for (name, path) in built_components() {
        let sends = imports(&fs::read(path).unwrap()).iter().any(|import| import.contains("http/client"));
        assert_eq!(sends, name == "console", "{name}");
    }
}

#[test]
fn a_policy_and_a_rule_for_passwords_import_nothing_at_all() {
    for name in
        ["policy", "policy-business-hours", "policy-faulty", "password", "password-length", "password-faulty"]
    {
        assert_eq!(imports(&built(name)), BTreeSet::new(), "{name} can reach nothing");
    }
}

/// The hostile twins, and the components in whose place they work.
const TWINS: [(&str, &[&str]); 5] = [
    ("hostile-users", &["auth", "users"]),
    ("hostile-rbac", &["rbac", "profile"]),
    ("hostile-system", &["system"]),
    ("hostile-console", &["console"]),
    ("hostile-files", &["docs"]),
];

#[test]
fn a_hostile_twin_has_the_imports_of_its_component_and_no_others() {
    for (twin, components) in TWINS {
        let imports = imports(&built(twin));
        for component in components {
            let world = Worlds::read().imports_of(component);
            let excess: Vec<_> = imports.difference(&world).collect();
            assert!(
                excess.is_empty(),
                "{twin} imports more than the world of {component} allows: {excess:?}"
            );
            // A clock leads nowhere.
            let beyond =
                beyond_http(component).into_iter().filter(|import| !import.starts_with("wasi:clocks/"));
            let unused: Vec<_> = beyond.filter(|import| !imports.contains(import)).collect();
            assert!(
                unused.is_empty(),
                "{twin} attacks nothing through {unused:?}, which {component} imports"
            );
        }
    }
}

#[test]
fn middleware_imports_the_next_handler_besides_http() {
    let imports = imports(&built("middleware-header"));
    let http = Worlds::read().imports_of("http-service");
    let beyond: Vec<_> = imports.difference(&http).collect();
    assert_eq!(beyond, ["wasi:http/handler@0.3.0"]);
}

/// A component that is not in `spin.toml`.
fn built(name: &str) -> Vec<u8> {
    let file = format!("target/wasm/wasm32-wasip2/component/{}.wasm", name.replace('-', "_"));
    fs::read(environment().root().join(file)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The imports that a component has in addition to those of every HTTP service.
fn beyond_http(name: &str) -> Vec<String> {
    let (_, path) = built_components()
        .into_iter()
        .find(|(it, _)| it == name)
        .unwrap_or_else(|| panic!("{name} is a component"));
    let imports = imports(&fs::read(path).unwrap());
    imports.difference(&Worlds::read().imports_of("http-service")).cloned().collect()
}

/// `wit/worlds.wit` with its packages, `wit/policy.wit` and `wit/password.wit`.
struct Worlds(Resolve);

impl Worlds {
    fn read() -> Self {
        let mut resolve = Resolve::default();
        // The builds of the components and the host use the same definitions.
        resolve.push_dir(package_directory("spin-sdk").join("wit")).expect("the WIT of spin-sdk");
        resolve
            .push_dir(package_directory("wasmtime-wasi").join("src/p2/wit"))
            .expect("the WIT of wasmtime-wasi");
        for file in ["wit/policy.wit", "wit/password.wit", "wit/worlds.wit"] {
            resolve
                .push_file(environment().root().join(file))
                .unwrap_or_else(|error| panic!("{file} is well-formed: {error:?}"));
        }
        Self(resolve)
    }

    fn imports_of(&self, world: &str) -> BTreeSet<String> {
        let (_, world) = self
            .0
            .worlds
            .iter()
            .find(|(_, it)| {
                it.name == world && it.package.is_some_and(|id| self.0.packages[id].name.namespace == "users")
            })
            .unwrap_or_else(|| panic!("wit/ has no world {world}; add one for the component"));
        world.imports.keys().map(|key| without_patch(&self.0.name_world_key(key))).collect()
    }
}

fn built_components() -> Vec<(String, PathBuf)> {
    let manifest = Manifest::parse(&fs::read_to_string(&environment().manifest).unwrap()).unwrap();
    let components = manifest.components.into_iter();
    components.map(|(name, component)| (name, environment().root().join(component.source))).collect()
}

/// The imports of the component itself, not those of the components and modules inside it.
fn imports(wasm: &[u8]) -> BTreeSet<String> {
    let mut depth = 0_usize;
    let mut names = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.expect("a well-formed component") {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                names.extend(section.into_iter().map(|import| without_patch(import.unwrap().name.name)));
            }
            _ => {}
        }
    }
    names
}

/// Patch versions of WASI 0.2 depend on the toolchain. Their interfaces are the same.
fn without_patch(name: &str) -> String {
    match name.split_once("@0.2.") {
        Some((interface, _)) => format!("{interface}@0.2"),
        None => name.to_owned(),
    }
}

/// The source directory of a dependency.
fn package_directory(name: &str) -> PathBuf {
    let output = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["metadata", "--format-version", "1", "--offline", "--manifest-path"])
        .arg(environment().root().join("Cargo.toml"))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata answers in JSON");
    let package = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == name)
        .unwrap_or_else(|| panic!("{name} is a dependency of the workspace"));
    Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned()
}
