//! Subcommands of cargo that this program installs with cargo.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use super::pinned::{PATIENCE, in_path};
use crate::cargo::{cargo, root};
use crate::{apt, process, say};

/// The program that runs the tests.
const CARGO_NEXTEST: (&str, &str) = ("cargo-nextest", "0.9.143");
/// The program that measures line coverage.
const CARGO_LLVM_COV: (&str, &str) = ("cargo-llvm-cov", "0.9.1");

/// cargo-nextest: an installed version that satisfies `.config/nextest.toml`, or the pinned version.
pub(crate) fn cargo_nextest() -> anyhow::Result<PathBuf> {
    let own = env::var_os("CARGO_HOME").map(|home| PathBuf::from(home).join("bin/cargo-nextest"));
    let found = in_path(CARGO_NEXTEST.0).or(own.filter(|program| program.is_file()));
    let satisfies = |program: &PathBuf| {
        let mut command = Command::new(program);
        command.args(["nextest", "show-config", "version"]).current_dir(root());
        process::quietly(&mut command, PATIENCE).is_some_and(|output| output.status.success())
    };
    found.filter(satisfies).map_or_else(|| installed(CARGO_NEXTEST), Ok)
}

/// `cargo llvm-cov`, and LLVM's own tools for reading its profiles.
pub(crate) struct CargoLlvmCov {
    program: PathBuf,
    /// The variables with the paths of LLVM's tools, when rustup does not have them.
    llvm: Vec<(OsString, OsString)>,
}

/// Finds or installs cargo-llvm-cov.
///
/// # Errors
/// A sentence that says what to install.
pub(crate) fn cargo_llvm_cov() -> anyhow::Result<CargoLlvmCov> {
    let llvm = llvm_tools()?;
    Ok(CargoLlvmCov { program: installed(CARGO_LLVM_COV)?, llvm })
}

impl CargoLlvmCov {
    /// `cargo llvm-cov`, in the repository's root.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("llvm-cov").current_dir(root());
        command
    }

    /// The variables that make cargo build instrumented programs in this target directory.
    pub(crate) fn environment(&self, target: &Path) -> anyhow::Result<Vec<(OsString, OsString)>> {
        let mut environment = self.llvm.clone();
        environment.push(("CARGO_TARGET_DIR".into(), target.into()));
        let mut command = self.command();
        command.arg("show-env").envs(environment.iter().map(|(name, value)| (name, value)));
        environment.extend(output_of(&mut command)?.lines().filter_map(assignment));
        Ok(environment)
    }
}

/// The output of a short cargo-llvm-cov command.
pub(crate) fn output_of(command: &mut Command) -> anyhow::Result<String> {
    let said = command.output().context("cargo-llvm-cov cannot be started")?;
    if !said.status.success() {
        bail!("cargo-llvm-cov failed: {}", String::from_utf8_lossy(&said.stderr).trim());
    }
    String::from_utf8(said.stdout).context("the output of cargo-llvm-cov is not UTF-8")
}

/// Parses `NAME='value'`, with or without quotes.
fn assignment(line: &str) -> Option<(OsString, OsString)> {
    let (name, value) = line.split_once('=')?;
    Some((name.into(), value.trim_matches('\'').into()))
}

/// A program from the registry, built without optimisation. That halves the time of the build, and these programs compute little. All
/// clones of a user share it, because each of these programs takes minutes to build.
pub(crate) fn installed((name, version): (&str, &str)) -> anyhow::Result<PathBuf> {
    let compiler = Compiler::ask()?;
    let tools = tools_dir();
    let dir = tools.join(format!("{name}-{version}-{}-{}", compiler.release, compiler.host));
    let program = dir.join("bin").join(name);
    if program.is_file() {
        return Ok(program);
    }
    say(format_args!("building {name} {version} into {}", tools.display()));
    let cannot_write = || format!("{} cannot be written", tools.display());
    fs::create_dir_all(&tools).with_context(cannot_write)?;
    // Renamed when it is complete: nobody finds half a program, and another clone may build the same one now.
    let unfinished = tempfile::tempdir_in(&tools).with_context(cannot_write)?;
    let mut command = cargo();
    command
        .args(["install", "--quiet", "--locked", "--debug", "--version", version, "--root"])
        .arg(unfinished.path().join("kept"))
        .arg(name);
    // The target directory of this workspace has dependencies with other features. What a killed build leaves is in the clone, not in the
    // cache.
    let build = root().join("target/tools").join(format!("{name}-build"));
    command.arg("--target-dir").arg(&build);
    process::run(&mut command, &format!("{name} cannot be built: see cargo's messages above"))?;
    fs::remove_dir_all(build).context("target/tools cannot be written")?;
    if let Err(error) = fs::rename(unfinished.path().join("kept"), &dir)
        && !program.is_file()
    {
        return Err(error).with_context(cannot_write);
    }
    Ok(program)
}

/// The directory of such programs: in the user's cache (XDG Base Directory Specification), or `target/tools` when there is none.
fn tools_dir() -> PathBuf {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    cache.map_or_else(|| root().join("target/tools"), |cache| cache.join("users-xtask"))
}

/// The variables with the paths of LLVM's tools. rustup's component needs none. Otherwise, the paths are those of Debian's package for the
/// compiler's LLVM.
fn llvm_tools() -> anyhow::Result<Vec<(OsString, OsString)>> {
    let compiler = Compiler::ask()?;
    let add = || Command::new("rustup").args(["component", "add", "llvm-tools"]).output();
    if compiler.has_tools() || (add().is_ok_and(|it| it.status.success()) && compiler.has_tools()) {
        return Ok(Vec::new());
    }
    let package = format!("llvm-{}", compiler.llvm);
    let tool = |name: &str| in_path(&format!("{name}-{}", compiler.llvm));
    let (cov, profdata) = apt::find_or_install(
        || tool("llvm-cov").zip(tool("llvm-profdata")),
        &[&package],
        "coverage needs LLVM's tools (`rustup component add llvm-tools`)",
    )?;
    Ok(vec![("LLVM_COV".into(), cov.into()), ("LLVM_PROFDATA".into(), profdata.into())])
}

/// The facts that the compiler reports about itself.
struct Compiler {
    sysroot: PathBuf,
    release: String,
    host: String,
    /// The major version of its LLVM.
    llvm: String,
}

impl Compiler {
    fn ask() -> anyhow::Result<Self> {
        let ask = |arguments: &[&str]| -> anyhow::Result<String> {
            let said = Command::new("rustc").args(arguments).output().context("rustc cannot be started")?;
            Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
        };
        let version = ask(&["-vV"])?;
        Ok(Self {
            sysroot: ask(&["--print", "sysroot"])?.into(),
            release: field(&version, "release").to_owned(),
            host: field(&version, "host").to_owned(),
            llvm: field(&version, "LLVM version").split('.').next().unwrap_or_default().to_owned(),
        })
    }

    fn has_tools(&self) -> bool {
        self.sysroot.join("lib/rustlib").join(&self.host).join("bin/llvm-cov").exists()
    }
}

/// Reads the value from a line `name: value`.
fn field<'a>(text: &'a str, name: &str) -> &'a str {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{assignment, field};

    #[test]
    fn the_output_of_the_compiler_and_the_tool_is_read() {
        let said = "rustc 1.95.0\nrelease: 1.95.0\nhost: x86_64-unknown-linux-gnu\nLLVM version: 22.1.2\n";
        let fields = ["release", "host", "LLVM version"].map(|name| field(said, name));
        assert_eq!(fields, ["1.95.0", "x86_64-unknown-linux-gnu", "22.1.2"]);
        assert_eq!(assignment("A='b=c'"), Some(("A".into(), "b=c".into())));
        assert_eq!(assignment("A=1"), Some(("A".into(), "1".into())));
        assert_eq!(assignment("nothing"), None);
    }
}
