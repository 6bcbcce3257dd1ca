//! Finds the programs of a Postgres installation.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Doing;
use crate::identity::Identity;
use crate::{Error, Result};

/// A directory with the programs `postgres`, `initdb` and `psql`.
#[derive(Debug, Clone)]
pub struct Binaries {
    dir: PathBuf,
}

impl Binaries {
    /// Finds the programs on `PATH`. If they are not there, finds the newest in `/usr/lib/postgresql/*/bin`, Debian's directory.
    ///
    /// # Errors
    /// [`Error::NotInstalled`] when the programs are in neither place.
    pub fn find() -> Result<Self> {
        candidates().into_iter().next().ok_or(Error::NotInstalled)
    }

    /// Finds the programs in `dir`.
    ///
    /// # Errors
    /// [`Error::NotInstalled`] when a program is missing.
    pub fn in_dir(dir: PathBuf) -> Result<Self> {
        let found = Self { dir };
        if found.is_complete() { Ok(found) } else { Err(Error::NotInstalled) }
    }

    /// Finds the programs of the major version that wrote `data`. If there is no data yet, any version will do.
    pub(crate) fn for_data(&self, data: &Path) -> Result<Self> {
        let Ok(made_by) = fs::read_to_string(data.join("PG_VERSION")) else {
            return Ok(self.clone());
        };
        let made_by = made_by.trim();
        [self.clone()]
            .into_iter()
            .chain(candidates())
            .find(|found| found.is_major(made_by))
            .ok_or_else(|| Error::WrongVersion { path: data.to_owned(), made_by: made_by.to_owned() })
    }

    /// The directory of the programs.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The full path of one program, such as `psql`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Returns these programs. If the server's user cannot run them, copies their installation to `dir`.
    pub(crate) fn reachable_by(&self, identity: &Identity, dir: &Path) -> Result<Self> {
        let installation = self.dir.join("..");
        // A relocatable server finds its libraries and extensions relative to its program.
        let can_be_moved = installation.join("share/postgresql").is_dir();
        if !can_be_moved || identity.can("-x", &self.program("postgres")) {
            return Ok(self.clone());
        }
        let copy = dir.join("installation");
        let copying = || format!("copy {} to {}", self.dir.display(), copy.display());
        let mut command = Command::new("cp");
        command.arg("-a").arg(installation).arg(&copy);
        let status = command.status().doing(copying)?;
        if !status.success() {
            return Err(std::io::Error::other(status.to_string())).doing(copying);
        }
        Self::in_dir(copy.join("bin"))
    }

    fn is_complete(&self) -> bool {
        ["postgres", "initdb", "psql"].iter().all(|name| self.program(name).is_file())
    }

    fn is_major(&self, major: &str) -> bool {
        let output = Command::new(self.program("postgres")).arg("--version").output();
        output.is_ok_and(|output| major_of(&String::from_utf8_lossy(&output.stdout)) == Some(major))
    }
}

/// Reads the `15` in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major_of(version: &str) -> Option<&str> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()
}

fn candidates() -> Vec<Binaries> {
    let on_path =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let mut packaged: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    packaged.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    on_path
        .into_iter()
        .chain(packaged.into_iter().map(|(_, dir)| dir))
        .map(|dir| Binaries { dir })
        .filter(Binaries::is_complete)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::major_of;

    #[test]
    fn the_major_version_of_releases_and_development_builds_is_read() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some("15"));
        assert_eq!(major_of("postgres (PostgreSQL) 19devel\n"), Some("19"));
        assert_eq!(major_of("postgres"), None);
    }
}
