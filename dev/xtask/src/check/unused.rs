//! Dependencies that nothing uses, found by cargo-machete.

use std::process::{Command, Stdio};

use anyhow::bail;

use crate::cargo::root;
use crate::tools::installed;

/// The version is pinned, so that a new release of the tool cannot change the results.
const CARGO_MACHETE: (&str, &str) = ("cargo-machete", "0.9.2");

/// Runs cargo-machete, which is built the first time.
pub(super) fn check() -> anyhow::Result<()> {
    let machete = installed(CARGO_MACHETE)?;
    let said = Command::new(machete).arg(root()).stdin(Stdio::null()).output()?;
    if said.status.success() {
        return Ok(());
    }
    bail!("{}", findings(&String::from_utf8_lossy(&said.stdout)))
}

/// The findings of cargo-machete, in one line. In its output, each package has a line, followed by a line with a tab for each unused
/// dependency.
fn findings(text: &str) -> String {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines() {
        if let Some((package, _)) = line.split_once(" -- ") {
            found.push(format!("{package} does not use"));
        } else if let (Some(dependency), Some(package)) = (line.strip_prefix('\t'), found.last_mut()) {
            package.push_str(&format!(" {dependency}"));
        }
    }
    found.join("; ")
}

#[cfg(test)]
mod tests {
    use super::findings;

    #[test]
    fn what_is_unused_is_told_in_one_line() {
        let text = "found the following:\nusers-web -- ./crates/web/Cargo.toml:\n\thttp\n\tmime\nhost -- ./host/Cargo.toml:\n\tx\n\nIf you\n";
        assert_eq!(findings(text), "users-web does not use http mime; host does not use x");
    }
}
