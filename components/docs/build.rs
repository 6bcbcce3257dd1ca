//! Packs the files that the component serves: it takes Swagger UI and ReDoc out of the crates that contain them, adds the service's
//! own pages, and compresses each file.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use users_assets::{Package, read};

/// Replacements: each text, which occurs exactly once, and its new text.
type Changes = &'static [(&'static str, &'static str)];

/// ReDoc loads a logo from another host, and no option changes that.
const REDOC: Changes = &[("https://cdn.redoc.ly/redoc/logo-mini.svg", "/redoc/logo.svg")];

fn main() {
    let packages = Packages::read();
    let swagger_ui = packages.folder("swagger-ui-dist").join("assets");
    let redoc = packages.folder("aide").join("res/redoc");
    let ours = Path::new("assets");
    let files: [(&str, PathBuf, Changes); 11] = [
        ("OPENAPI", "../../openapi.json".into(), &[]),
        ("SWAGGER_UI_PAGE", ours.join("swagger-ui.html"), &[]),
        ("SWAGGER_UI_INIT", ours.join("swagger-ui-init.js"), &[]),
        ("SWAGGER_UI_BUNDLE", swagger_ui.join("swagger-ui-bundle.js"), &[]),
        ("SWAGGER_UI_CSS", swagger_ui.join("swagger-ui.css"), &[]),
        ("SWAGGER_UI_LICENSE", ours.join("swagger-ui-bundle.js.LICENSE.txt"), &[]),
        ("REDOC_PAGE", ours.join("redoc.html"), &[]),
        ("REDOC_INIT", ours.join("redoc-init.js"), &[]),
        ("REDOC_BUNDLE", redoc.join("redoc.standalone.js"), REDOC),
        ("REDOC_LOGO", ours.join("logo.svg"), &[]),
        ("REDOC_LICENSE", ours.join("redoc.standalone.js.LICENSE.txt"), &[]),
    ];
    let mut package = Package::of_build_script().expect("cargo runs build scripts");
    for (name, path, changes) in files {
        let packed = read(&path).and_then(|plain| package.add(name, &changed(plain, changes)));
        packed.unwrap_or_else(|error| panic!("{error}"));
    }
    package.write().expect("the output directory can be written");
}

fn changed(content: Vec<u8>, changes: Changes) -> Vec<u8> {
    if changes.is_empty() {
        return content;
    }
    let text = String::from_utf8(content).expect("a script is UTF-8");
    let apply = |text: String, (old, new): &(&str, &str)| {
        assert_eq!(text.matches(old).count(), 1, "expected `{old}` once: is this another release?");
        text.replace(old, new)
    };
    changes.iter().fold(text, apply).into_bytes()
}

/// The metadata of the packages in Cargo.lock.
struct Packages(Value);

impl Packages {
    fn read() -> Self {
        println!("cargo::rerun-if-changed=../../Cargo.lock");
        let said = Command::new(env::var_os("CARGO").expect("cargo sets it"))
            .args(["metadata", "--locked", "--format-version", "1"])
            .output()
            .expect("cargo runs");
        assert!(said.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&said.stderr));
        let mut metadata: Value = serde_json::from_slice(&said.stdout).expect("cargo metadata is JSON");
        Self(metadata["packages"].take())
    }

    /// The folder into which cargo has unpacked the package.
    fn folder(&self, name: &str) -> PathBuf {
        let mut found = self.0.as_array().into_iter().flatten().filter(|package| package["name"] == name);
        let (Some(package), None) = (found.next(), found.next()) else {
            panic!("expected one package {name} in Cargo.lock")
        };
        let manifest = package["manifest_path"].as_str().expect("a package has a manifest");
        Path::new(manifest).parent().expect("a manifest is in a folder").to_owned()
    }
}
