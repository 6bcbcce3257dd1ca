//! Dependencies point one way: components → web, db, crypto → core, which does no I/O. The host, the tests and the tools only use
//! components as files and over HTTP. usersctl and the worker share the rules for accounts, hashes and tokens. A policy or a password
//! component outside the service may only use the default rule.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use serde_json::Value;

use crate::cargo::root;

/// The crates that a component may depend on, in addition to the rules.
const SHARED: [&str; 4] = [GUARD, "crates/web", "crates/db", CRYPTO];
/// The crate that recognises callers. The crates below it do not depend on it.
const GUARD: &str = "crates/guard";
/// The crate for hashes and tokens.
const CRYPTO: &str = "crates/crypto";
/// The crate of the rules, without I/O.
const CORE: &str = "crates/core";
/// The default rule for access, also without I/O. Policies use it, and so do the components that ask a policy.
const POLICY: &str = "crates/policy";
/// The default rule which passwords are acceptable, and its list.
const PASSWORD: &str = "crates/password";
/// The verification of passkeys, also without I/O.
const PASSKEYS: &str = "crates/passkeys";
/// The drawing of QR codes.
const QR: &str = "crates/qr";
/// The allocator and panic handler of policies and rules for passwords, which imports nothing.
const POLICY_RUNTIME: &str = "crates/policy-runtime";
/// The crate with which build scripts pack files into a component.
const ASSETS: &str = "crates/assets";
/// The operator's command.
const CTL: &str = "ctl";
/// The library that sends messages. The operator's command runs it.
const WORKER: &str = "worker";
/// The program that writes the OpenAPI document.
const OPENAPI: &str = "dev/openapi";
/// The program that serves the components' routers natively, to measure which lines tests reach.
const NATIVE: &str = "dev/native";
/// The program that builds the list of common passwords.
const COMMON_PASSWORDS: &str = "dev/common-passwords";
/// The program that measures the parts that need neither a host nor a database.
const BENCH: &str = "dev/bench";
/// A server for tests and for development.
const POSTGRES: &str = "dev/local-postgres";
/// A database per test on such a server.
const TEST_DATABASE: &str = "dev/test-database";
/// The reader of `openapi.json` and of the walk, for tests and tools that check the service.
const CONTRACT: &str = "dev/contract";
/// The reader of the Kubernetes manifests.
const MANIFESTS: &str = "dev/manifests";
/// The reader of `spin.toml`.
const SPIN_MANIFEST: &str = "dev/spin-manifest";
/// The attacks of the hostile twins of components.
const HOSTILE: &str = "dev/hostile";
/// The authenticator in software, for tests of passkeys.
const AUTHENTICATOR: &str = "dev/software-authenticator";
/// Fixtures for the tests inside the components and the crates.
const FIXTURES: &str = "dev/testing";
/// Crates that reach outside: files, sockets, processes, the system's clock and randomness.
const DOES_IO: [&str; 21] = [
    "async-io",
    "axum",
    "deadpool-postgres",
    "getrandom",
    "hyper",
    "lettre",
    "mio",
    "polling",
    "reqwest",
    "rustix",
    "socket2",
    "spin-sdk",
    "sqlx",
    "tempfile",
    "tokio",
    "tokio-postgres",
    "tracing-subscriber",
    "ureq",
    "wasip3",
    "wasmtime",
    "wit-bindgen",
];

/// A package of this workspace, and the packages of this workspace that it depends on.
#[derive(Debug)]
struct Package {
    /// The directory of the package, relative to the root.
    place: String,
    /// The directory of each dependency, and whether it is only for its tests.
    needs: Vec<(String, bool)>,
}

/// Checks the graph that cargo resolved.
pub(super) fn check(metadata: &Value) -> anyhow::Result<()> {
    let mut wrong: Vec<String> = packages(metadata)
        .iter()
        .flat_map(|package| {
            package.needs.iter().map(move |(needs, in_tests)| (&package.place, needs, *in_tests))
        })
        .filter(|(from, to, in_tests)| !allowed(from, to, *in_tests))
        .map(|(from, to, _)| format!("{from} must not depend on {to}"))
        .collect();
    wrong.extend(
        [CORE, POLICY, PASSWORD, PASSKEYS, POLICY_RUNTIME, QR]
            .iter()
            .flat_map(|rules| io_in_rules(metadata, rules)),
    );
    if wrong.is_empty() { Ok(()) } else { bail!("{}", wrong.join("; ")) }
}

/// True if the package in `from` may depend on the one in `to`.
fn allowed(from: &str, to: &str, in_tests: bool) -> bool {
    let component = from.starts_with("components/");
    let guest = component
        || SHARED.contains(&from)
        || [CORE, POLICY, PASSWORD, PASSKEYS, POLICY_RUNTIME].contains(&from);
    let pure = from.starts_with("examples/") || from.starts_with("tests/guests/");
    match (from, to) {
        (_, POSTGRES | TEST_DATABASE) => in_tests || !guest,
        (_, FIXTURES) => in_tests && guest,
        // An authenticator is no part of the service. It shares no code with what verifies its answers.
        (_, AUTHENTICATOR) => (in_tests && guest) || from == "tests",
        (AUTHENTICATOR, _) => false,
        (_, HOSTILE) => from.starts_with("tests/guests/hostile-"),
        // An attacker has nothing of the service but what the twin is given.
        (HOSTILE, _) => false,
        // The host, the tools and the tests must read spin.toml in the same way.
        (_, SPIN_MANIFEST) => ["host", MANIFESTS, NATIVE, FIXTURES, "tests"].contains(&from),
        (SPIN_MANIFEST, _) => false,
        // The product does not depend on its own description.
        (_, CONTRACT | MANIFESTS) => ["dev/xtask", "tests"].contains(&from),
        (CORE | POLICY | PASSWORD | POLICY_RUNTIME | QR | ASSETS | CONTRACT | MANIFESTS, _) => false,
        // Only the component that shows such codes is larger for them.
        (_, QR) => from == "components/auth",
        (_, ASSETS) => component,
        (_, POLICY_RUNTIME) => pure || ["components/policy", "components/password"].contains(&from),
        (_, POLICY) => component || pure || [GUARD, BENCH].contains(&from),
        // The list is large: of the components, only the one that answers for it has it. Natively, the guard asks it directly.
        (_, PASSWORD) => pure || ["components/password", GUARD, CTL, COMMON_PASSWORDS, BENCH].contains(&from),
        // Only one component verifies passkeys. The pages and usersctl read the relying party as it does.
        (_, PASSKEYS) => ["components/auth", "components/console", CTL, BENCH].contains(&from),
        (PASSKEYS, _) => to == CORE,
        ("crates/web" | "crates/db" | CRYPTO, GUARD) => false,
        // An account that usersctl creates follows the same rules as one that the service creates.
        (CTL, CORE | CRYPTO | WORKER) => true,
        // The service recognises the tokens that the worker makes.
        (WORKER, CORE | CRYPTO) => true,
        // A password has one form in the list and in the service.
        (COMMON_PASSWORDS, CORE) => true,
        // The benchmarks measure the crates that components use.
        (BENCH, to) => to == CORE || SHARED.contains(&to),
        // `openapi` reads the routes of every component. `native` serves the components without a host.
        (OPENAPI, to) => to.starts_with("components/") || to == "crates/web",
        (NATIVE, to) => to.starts_with("components/") || SHARED.contains(&to),
        // The host, the tests and the tools depend on neither a component nor its crates.
        _ => (guest || from == FIXTURES) && (to == CORE || SHARED.contains(&to)),
    }
}

fn packages(metadata: &Value) -> Vec<Package> {
    let all = || metadata["packages"].as_array().into_iter().flatten();
    // A dependency without a source is a dependency by path.
    all()
        .filter(|package| package["source"].is_null())
        .map(|package| Package {
            place: place(package["manifest_path"].as_str().and_then(|path| path.strip_suffix("/Cargo.toml"))),
            needs: (package["dependencies"].as_array().into_iter().flatten())
                .filter_map(|needs| Some((place(Some(needs["path"].as_str()?)), needs["kind"] == "dev")))
                .collect(),
        })
        .collect()
}

fn place(path: Option<&str>) -> String {
    let path = path.unwrap_or_default();
    path.strip_prefix(&*root().to_string_lossy()).unwrap_or(path).trim_start_matches('/').to_owned()
}

/// The crates of [`DOES_IO`] on which a crate of rules depends, directly or indirectly.
fn io_in_rules(metadata: &Value, rules: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = || metadata["packages"].as_array().into_iter().flatten();
    let names: BTreeMap<String, String> = all().map(|p| (text(&p["id"]), text(&p["name"]))).collect();
    let manifest = format!("{}/{rules}/Cargo.toml", root().display());
    let Some(package) = all().find(|package| package["manifest_path"] == manifest.as_str()) else {
        return Vec::new();
    };

    let nodes = || metadata["resolve"]["nodes"].as_array().into_iter().flatten();
    let used_in = |id: &str| -> Vec<String> {
        nodes()
            .filter(|node| node["id"] == id)
            .flat_map(|node| node["deps"].as_array().into_iter().flatten())
            // Dependencies of tests and of build scripts do not count.
            .filter(|dep| dep["dep_kinds"].as_array().into_iter().flatten().any(|kind| kind["kind"].is_null()))
            .map(|dep| text(&dep["pkg"]))
            .collect()
    };
    let mut seen = BTreeSet::new();
    let mut next = vec![text(&package["id"])];
    while let Some(id) = next.pop() {
        if seen.insert(id.clone()) {
            next.extend(used_in(&id));
        }
    }
    seen.iter()
        .filter_map(|id| names.get(id))
        .filter(|name| DOES_IO.contains(&name.as_str()))
        .map(|name| format!("{rules} must not be made of {name}, which reaches outside"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn dependencies_point_one_way() {
        assert!(allowed("components/auth", "crates/web", false));
        assert!(allowed("components/auth", "crates/core", false));
        assert!(allowed("crates/web", "crates/core", false));
        assert!(allowed("components/auth", "crates/guard", false));
        assert!(allowed("components/docs", "crates/assets", false));
        assert!(allowed("crates/guard", "crates/web", false));
        assert!(allowed("dev/xtask", "dev/local-postgres", false));
        assert!(allowed("components/auth", "dev/local-postgres", true));

        assert!(allowed("components/auth", "dev/testing", true));
        assert!(allowed("dev/testing", "crates/db", false));
        for from in ["components/policy", "crates/guard", "examples/policy-x", "tests/guests/policy-x"] {
            assert!(allowed(from, "crates/policy", false), "{from}");
        }
        for from in ["components/policy", "examples/policy-x", "tests/guests/policy-x"] {
            assert!(allowed(from, "crates/policy-runtime", false), "{from}");
        }
        for from in
            ["components/password", "crates/guard", "ctl", "dev/common-passwords", "examples/password-x"]
        {
            assert!(allowed(from, "crates/password", false), "{from}");
        }
        for from in ["components/auth", "components/console", "ctl"] {
            assert!(allowed(from, "crates/passkeys", false), "{from}");
        }
        assert!(allowed("crates/passkeys", "crates/core", false));
        for from in ["crates/passkeys", "components/auth", "tests"] {
            assert!(allowed(from, "dev/software-authenticator", true), "{from}");
        }
        assert!(allowed("components/password", "crates/policy-runtime", false));
        assert!(allowed("dev/common-passwords", "crates/core", false));
        assert!(allowed("ctl", "crates/core", false));
        assert!(allowed("ctl", "crates/crypto", false));
        assert!(allowed("ctl", "worker", false));
        assert!(allowed("worker", "crates/core", false));
        assert!(allowed("worker", "crates/crypto", false));
        assert!(allowed("dev/bench", "crates/web", false));
        assert!(allowed("dev/bench", "crates/policy", false));

        for from in ["host", "dev/manifests", "dev/native", "dev/testing", "tests"] {
            assert!(allowed(from, "dev/spin-manifest", false), "{from}");
        }
        assert!(allowed("tests/guests/hostile-users", "dev/hostile", false));
        assert!(
            !allowed("tests/guests/probe", "dev/hostile", false) && !allowed("tests", "dev/hostile", true)
        );
        assert!(
            !allowed("components/auth", "dev/hostile", true) && !allowed("dev/hostile", "crates/core", false)
        );
        assert!(!allowed("components/auth", "dev/spin-manifest", true));
        assert!(!allowed("host", "dev/manifests", true) && !allowed("dev/spin-manifest", "host", true));

        assert!(!allowed("components/auth", "dev/testing", false));
        assert!(!allowed("tests", "dev/testing", true));
        assert!(!allowed("crates/core", "crates/db", true));
        assert!(!allowed("crates/core", "crates/policy", false));
        assert!(!allowed("crates/policy", "crates/core", false));
        assert!(!allowed("crates/policy-runtime", "crates/core", false));
        for from in ["components/auth", "components/users", "crates/core", "crates/web", "worker", "tests"] {
            assert!(!allowed(from, "crates/password", false), "{from}");
        }
        assert!(!allowed("crates/password", "crates/core", false));
        for from in ["components/users", "crates/guard", "crates/core", "worker", "tests"] {
            assert!(!allowed(from, "crates/passkeys", false), "{from}");
        }
        assert!(!allowed("crates/passkeys", "crates/crypto", false));
        assert!(!allowed("components/auth", "dev/software-authenticator", false));
        assert!(!allowed("dev/software-authenticator", "crates/passkeys", true));
        assert!(
            allowed("components/auth", "crates/qr", false) && !allowed("crates/qr", "crates/core", false)
        );
        for from in ["components/console", "crates/web", "worker", "tests"] {
            assert!(!allowed(from, "crates/qr", true), "{from}");
        }
        assert!(!allowed("dev/common-passwords", "crates/web", false));
        assert!(!allowed("components/auth", "crates/policy-runtime", false));
        assert!(!allowed("crates/db", "crates/policy", false));
        assert!(!allowed("crates/web", "crates/policy", false));
        assert!(!allowed("crates/web", "crates/guard", false));
        assert!(
            !allowed("crates/web", "crates/assets", false) && !allowed("crates/assets", "crates/web", false)
        );
        assert!(!allowed("examples/policy-x", "crates/web", false));
        assert!(!allowed("examples/policy-x", "components/policy", false));
        assert!(!allowed("tests", "crates/policy", true));
        assert!(!allowed("components/auth", "components/users", false));
        assert!(!allowed("components/auth", "components/users", true));
        assert!(!allowed("components/auth", "dev/local-postgres", false));
        assert!(!allowed("crates/core", "crates/db", false));
        assert!(!allowed("crates/web", "components/auth", true));
        assert!(!allowed("host", "components/auth", false));
        assert!(!allowed("tests", "crates/core", true));
        assert!(!allowed("dev/xtask", "crates/db", false));
        assert!(!allowed("dev/xtask", "crates/crypto", false));
        assert!(!allowed("dev/bench", "components/auth", false));
        assert!(!allowed("ctl", "crates/web", false));
        assert!(!allowed("ctl", "crates/db", true));
        assert!(!allowed("worker", "ctl", false));
        assert!(!allowed("worker", "crates/db", false));
        assert!(!allowed("components/auth", "worker", true));
        assert!(!allowed("ctl", "components/auth", false));
    }
}
