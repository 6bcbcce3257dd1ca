//! A compiler for `wasm32-wasip2`: rustup's, or Debian's.

use std::env;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::bail;

use crate::{apt, process, say};

/// The target of the components.
pub(crate) const TARGET: &str = "wasm32-wasip2";
/// Debian's packages, without the linker: the name of its package contains LLVM's version.
const PACKAGES: [&str; 4] = ["rustc-web", "rust-web-src", "rust-web-llvm", "wasi-libc"];
/// The flag for SIMD, which halves the time of Argon2.
const SIMD: &str = "-C target-feature=+simd128";
/// We build the standard library from Debian's source, against Debian's libc.
const DEBIAN_FLAGS: &str = "-C link-self-contained=no -L native=/usr/lib/wasm32-wasi \
                            -C link-arg=/usr/lib/wasm32-wasi/crt1-reactor.o -C target-feature=+simd128";
/// The time limit for rustup. It needs some seconds, and usually fails at once without a network.
const RUSTUP_PATIENCE: Duration = Duration::from_secs(300);

/// The compiler of the components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The active toolchain, with the target's standard library.
    Rustup,
    /// `/usr/bin/rustc` of Debian's package rustc-web, with a standard library built from source.
    Debian,
}

impl Toolchain {
    /// The first compiler that works. Installs one if there is none.
    ///
    /// # Errors
    /// A sentence that says what to install.
    pub(crate) fn find() -> anyhow::Result<Self> {
        if has_target() {
            return Ok(Self::Rustup);
        }
        if has_debian() {
            return Ok(Self::Debian);
        }
        if add_target() && has_target() {
            return Ok(Self::Rustup);
        }
        if apt::can_install() {
            install_debian()?;
            if has_debian() {
                return Ok(Self::Debian);
            }
        }
        bail!(
            "no compiler for {TARGET}: run `rustup target add {TARGET}`, or as root on Debian `apt-get install {} lld-NN` (NN as in the llvm-NN that rust-web-llvm depends on), and try again",
            PACKAGES.join(" ")
        )
    }

    /// Makes a cargo command use this compiler, for [`TARGET`].
    pub(crate) fn apply(self, command: &mut Command) {
        command.args(["--target", TARGET]);
        // These variables would replace the flags of the target.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        match self {
            Self::Rustup => {
                command.env("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", SIMD);
            }
            Self::Debian => {
                command.arg("-Zbuild-std=std,panic_abort");
                command.env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1");
                command.env("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", DEBIAN_FLAGS);
                // These wrappers and libraries are for another compiler.
                command.env_remove("RUSTC_WRAPPER").env_remove("RUSTC_WORKSPACE_WRAPPER");
                command.env_remove("LD_LIBRARY_PATH");
            }
        }
    }

    /// The name of the compiler in progress messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rustup => "the active toolchain",
            Self::Debian => "Debian's rustc-web",
        }
    }
}

/// Returns true if the active compiler has a standard library for the target.
fn has_target() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output();
    said.is_ok_and(|said| {
        let dir = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        let mut files = Path::new(&dir).read_dir().into_iter().flatten().flatten();
        files.any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
    })
}

/// Lets rustup install the target. Returns false if it cannot.
fn add_target() -> bool {
    if process::quietly(Command::new("rustup").arg("--version"), RUSTUP_PATIENCE).is_none() {
        return false;
    }
    say(format_args!("asking rustup for the target {TARGET}"));
    let added = process::quietly(Command::new("rustup").args(["target", "add", TARGET]), RUSTUP_PATIENCE);
    let could = added.is_some_and(|said| said.status.success());
    if !could {
        say("rustup cannot download here");
    }
    could
}

fn has_debian() -> bool {
    Path::new("/usr/bin/rustc").exists()
        && Path::new("/usr/lib/wasm32-wasi/crt1-reactor.o").exists()
        && apt::has(&PACKAGES)
        && linker().is_some_and(|linker| apt::has(&[&linker]))
}

/// The linker's package: `lld-22` when rust-web-llvm depends on `llvm-22` or on `libllvm22`.
fn linker() -> Option<String> {
    lld_for(&apt::dependencies("rust-web-llvm"))
}

fn lld_for(dependencies: &str) -> Option<String> {
    let words = dependencies.split(|c: char| c.is_whitespace() || c == ':');
    let number = words
        .filter_map(|word| word.strip_prefix("llvm-").or_else(|| word.strip_prefix("libllvm")))
        .next()?;
    let number: String = number.chars().take_while(char::is_ascii_digit).collect();
    (!number.is_empty()).then(|| format!("lld-{number}"))
}

fn install_debian() -> anyhow::Result<()> {
    apt::update()?;
    let Some(linker) = linker() else {
        bail!(
            "this Debian has no package rust-web-llvm: run `rustup target add {TARGET}` where rustup can download, and try again"
        );
    };
    apt::install(&[&PACKAGES[..], &[&linker]].concat())
}

#[cfg(test)]
mod tests {
    use super::lld_for;

    #[test]
    fn the_linker_follows_llvm() {
        let depends = "rust-web-llvm\n  Depends: libc6\n  Depends: libgcc-s1\n  Depends: llvm-22\n";
        assert_eq!(lld_for(depends).as_deref(), Some("lld-22"));
        assert_eq!(lld_for("  Depends: libllvm19:amd64\n").as_deref(), Some("lld-19"));
        assert_eq!(lld_for("  Depends: libc6\n"), None);
    }
}
