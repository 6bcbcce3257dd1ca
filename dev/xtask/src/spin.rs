//! The `spin` command.

use std::process::Command;
use std::time::Duration;

use anyhow::bail;

use crate::process;

/// The first version with WASI 0.3, which the components need.
const OLDEST: (u32, u32) = (4, 1);

/// Makes sure that `spin` can serve the components.
pub(crate) fn check() -> anyhow::Result<()> {
    match usable() {
        Ok(_) => Ok(()),
        Err(reason) => bail!("{reason}: install Spin 4.1 or newer, or use --host embedded"),
    }
}

/// The version of the `spin` on PATH, as it prints it.
///
/// # Errors
/// When there is no `spin`, or it is older than [`OLDEST`].
pub(crate) fn usable() -> anyhow::Result<String> {
    let said = process::quietly(Command::new("spin").arg("--version"), Duration::from_secs(10));
    let Some(said) = said else { bail!("there is no `spin` on PATH") };
    let text = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    if version(&text).is_some_and(|version| version >= OLDEST) {
        Ok(text)
    } else {
        bail!("the `spin` on PATH ({text}) is too old");
    }
}

/// Reads `(4, 1)` from `spin 4.1.0 (a1b2c3d 2026-10-01)`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_whitespace().nth(1)?.split(['.', '-']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn a_version_is_read() {
        assert_eq!(version("spin 4.1.0 (a1b2c3d 2026-10-01)"), Some((4, 1)));
        assert_eq!(version("spin 4.2.0-pre0"), Some((4, 2)));
        assert_eq!(version("hello"), None);
    }
}
