//! Generates the bindings of Spin's interfaces from the WIT files of the spin-sdk crate. The host then offers exactly the
//! interfaces of the version that the components are built with.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The packages that the host implements, by the names of their folders in spin-sdk.
const PACKAGES: [&str; 2] = ["spin-postgres@4.2.0", "spin-variables@3.0.0"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../Cargo.lock");
    let wit = spin_sdk_folder().join("wit/deps");
    let paths: Vec<String> = PACKAGES
        .iter()
        .map(|package| wit.join(package))
        .inspect(|path| {
            assert!(
                path.is_dir(),
                "{} is missing: does spin-sdk still ship this version of the interface?",
                path.display()
            );
            println!("cargo::rerun-if-changed={}", path.display());
        })
        .map(|path| format!("{path:?}"))
        .collect();
    let out = PathBuf::from(variable("OUT_DIR")).join("bindings.rs");
    std::fs::write(&out, bindings(&paths.join(", "))).expect("the build folder takes a file");
}

/// One `bindgen!` call for both packages, so that they share one linker and one set of options.
fn bindings(paths: &str) -> String {
    format!(
        r#"wasmtime::component::bindgen!({{
    path: [{paths}],
    inline: "
        package users:host;
        world host {{
            import spin:postgres/postgres@4.2.0;
            import spin:variables/variables@3.0.0;
        }}
    ",
    world: "users:host/host",
    imports: {{ default: async | trappable }},
    with: {{
        "spin:postgres/postgres.connection": crate::postgres::Connection,
        "spin:postgres/postgres.connection-builder": crate::postgres::ConnectionBuilder,
    }},
}});
"#
    )
}

/// The folder of the spin-sdk version in Cargo.lock.
fn spin_sdk_folder() -> PathBuf {
    // Try offline first: a normal build has all packages, and must not depend on a registry.
    let metadata = metadata(&["--offline"]).or_else(|_| metadata(&[])).unwrap_or_else(|error| {
        panic!("cargo metadata cannot tell where spin-sdk is: {error}");
    });
    let manifests: Vec<&str> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|package| package["name"] == "spin-sdk")
        .filter_map(|package| package["manifest_path"].as_str())
        .collect();
    let [manifest] = manifests[..] else {
        panic!("expected one spin-sdk in the lock file, found {manifests:?}");
    };
    Path::new(manifest).parent().expect("a manifest is in a folder").to_owned()
}

/// `cargo metadata` for the components' target, the only one that depends on spin-sdk.
fn metadata(options: &[&str]) -> Result<serde_json::Value, String> {
    let manifest = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let output = Command::new(variable("CARGO"))
        .args([
            "metadata",
            "--format-version=1",
            "--locked",
            "--filter-platform=wasm32-wasip2",
            "--manifest-path",
        ])
        .arg(manifest)
        .args(options)
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
