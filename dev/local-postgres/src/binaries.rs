//! Where the server's programs are.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// The directory that holds `postgres`, `initdb` and `psql`.
#[derive(Debug, Clone)]
pub struct Binaries {
    dir: PathBuf,
}

impl Binaries {
    /// The programs on `PATH`, else the newest in `/usr/lib/postgresql/*/bin`, where Debian keeps them.
    ///
    /// # Errors
    /// [`Error::NotInstalled`] when there are none.
    pub fn find() -> Result<Self> {
        candidates().into_iter().next().ok_or(Error::NotInstalled)
    }

    /// The programs of the major version that wrote `data`, or of any version when there is no data yet.
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

    /// The full path of one program, such as `psql`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn is_major(&self, major: &str) -> bool {
        let said = std::process::Command::new(self.program("postgres")).arg("--version").output();
        said.is_ok_and(|said| major_of(&String::from_utf8_lossy(&said.stdout)) == Some(major))
    }
}

/// The `15` of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
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
        .filter(|dir| ["postgres", "initdb", "psql"].iter().all(|name| dir.join(name).is_file()))
        .map(|dir| Binaries { dir })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::major_of;

    #[test]
    fn a_packaged_and_a_development_version_have_their_major_read() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some("15"));
        assert_eq!(major_of("postgres (PostgreSQL) 19devel\n"), Some("19"));
        assert_eq!(major_of("what"), None);
    }
}
