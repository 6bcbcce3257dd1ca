//! Debian's packages.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::{process, say};

/// Returns true on Debian or a derivative when the user is root.
pub(crate) fn can_install() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let debian = release.lines().any(|line| {
        line.split_once('=')
            .is_some_and(|(key, value)| ["ID", "ID_LIKE"].contains(&key) && value.contains("debian"))
    });
    debian && rustix::process::geteuid().is_root() && Path::new("/usr/bin/apt-get").exists()
}

/// Finds a program. If it is missing, installs Debian's packages when the user may. `needs` is the error message when the program
/// stays missing.
pub(crate) fn find_or_install<T>(
    find: impl Fn() -> Option<T>,
    packages: &[&str],
    needs: &str,
) -> anyhow::Result<T> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if can_install() {
        install(packages)?;
    }
    find().with_context(|| format!("{needs}: install {} (Debian's names) and try again", packages.join(" ")))
}

/// Installs packages without the recommended ones.
pub(crate) fn install(packages: &[&str]) -> anyhow::Result<()> {
    update()?;
    say(format_args!("installing {} (Debian packages)", packages.join(" ")));
    let mut command = apt_get();
    command.args([
        "-qq",
        "-y",
        "--no-install-recommends",
        "-o",
        "Dpkg::Options::=--force-confold",
        "install",
    ]);
    process::run(command.args(packages), "apt-get install failed: see its messages above")
}

/// Refreshes the lists of packages, once.
pub(crate) fn update() -> anyhow::Result<()> {
    static IS_DONE: AtomicBool = AtomicBool::new(false);
    if IS_DONE.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    say("refreshing Debian's package lists");
    process::run(apt_get().args(["-qq", "update"]), "apt-get update failed: see its messages above")
}

/// True if all these packages are installed.
pub(crate) fn has(packages: &[&str]) -> bool {
    let said = Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status}\n"]).args(packages).output();
    said.is_ok_and(|said| {
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        said.status.success() && text.lines().filter(|line| *line == "installed").count() == packages.len()
    })
}

/// The dependencies of a known package, as apt-cache prints them.
pub(crate) fn dependencies(package: &str) -> String {
    let said = Command::new("apt-cache").args(["depends", package]).output();
    said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned()).unwrap_or_default()
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.args(["-o", "DPkg::Lock::Timeout=300"]).env("DEBIAN_FRONTEND", "noninteractive");
    // apt's messages report progress. They are not output of this program.
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Keeps Debian's Postgres package from starting a server when it is installed.
pub(crate) fn without_default_cluster() -> anyhow::Result<()> {
    let path = Path::new("/etc/postgresql-common/createcluster.conf");
    if path.exists() {
        return Ok(());
    }
    let write = || {
        fs::create_dir_all("/etc/postgresql-common")
            .and_then(|()| fs::write(path, "create_main_cluster = false\n"))
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}
