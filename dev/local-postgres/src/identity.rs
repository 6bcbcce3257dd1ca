//! The user that runs the server: the user of this process, or an unprivileged user if this process runs as root.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::Doing;
use crate::{Error, Result};

/// The user that runs the server and owns its files.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    setpriv: Option<PathBuf>,
    /// `None` means the user of this process.
    other: Option<User>,
}

#[derive(Debug, Clone)]
struct User {
    name: String,
    uid: u32,
    gid: u32,
}

impl Identity {
    /// The user of this process. For root, `postgres` if that user exists, otherwise `nobody`.
    pub(crate) fn find() -> Result<Self> {
        let setpriv = on_path("setpriv");
        if !rustix::process::geteuid().is_root() {
            return Ok(Self { setpriv, other: None });
        }
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let other = ["postgres", "nobody"].iter().find_map(|name| User::parse(&passwd, name));
        match (setpriv, other) {
            (Some(setpriv), Some(other)) => Ok(Self { setpriv: Some(setpriv), other: Some(other) }),
            _ => Err(Error::NoUnprivilegedUser),
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.other.as_ref().map_or("this user", |user| &user.name)
    }

    /// A command that runs `program` as this user. It has its own process group, so the terminal's Ctrl-C does not reach it. It
    /// receives `death_signal` if this process dies first.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>, death_signal: &str) -> Command {
        let mut command = match &self.setpriv {
            None => Command::new(program),
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", death_signal]);
                if let Some(user) = &self.other {
                    command.arg(format!("--reuid={}", user.uid));
                    command.arg(format!("--regid={}", user.gid)).arg("--clear-groups");
                }
                command.arg("--").arg(program);
                command
            }
        };
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command.current_dir("/").process_group(0).stdin(Stdio::null());
        command
    }

    /// Creates the directory `path` with `mode`, owned by this user.
    pub(crate) fn make_dir(&self, path: &Path, mode: u32) -> Result<()> {
        fs::create_dir_all(path).doing(|| format!("make the directory {}", path.display()))?;
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .doing(|| format!("set the mode of {}", path.display()))?;
        self.give(path)
    }

    /// Makes this user the owner of `path`.
    pub(crate) fn give(&self, path: &Path) -> Result<()> {
        let Some(user) = &self.other else { return Ok(()) };
        chown(path, Some(user.uid), Some(user.gid))
            .doing(|| format!("give {} to {}", path.display(), user.name))
    }

    /// True for the ids of the server's user and of this process's user.
    pub(crate) fn owns(&self, uid: u32) -> bool {
        uid == rustix::process::geteuid().as_raw() || self.other.as_ref().is_some_and(|user| user.uid == uid)
    }

    /// True if this user may write (`-w`) or execute (`-x`) `path`. The answer depends on every parent directory, so a command of
    /// that user tests it.
    pub(crate) fn can(&self, operator: &str, path: &Path) -> bool {
        let mut test = self.command("test", "KILL");
        test.arg(operator).arg(path);
        test.status().is_ok_and(|status| status.success())
    }
}

impl User {
    fn parse(passwd: &str, name: &str) -> Option<Self> {
        let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(str::parse);
        let (uid, gid) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        (uid != 0).then(|| Self { name: name.to_owned(), uid, gid })
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(program)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::User;

    #[test]
    fn a_user_is_read_from_the_password_file_unless_it_has_the_id_of_root() {
        let passwd =
            "root:x:0:0::/:/bin/sh\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\nnobody:x:0:0::/:";
        let user = User::parse(passwd, "postgres").unwrap();
        assert_eq!((user.uid, user.gid), (101, 104));
        assert!(User::parse(passwd, "nobody").is_none());
        assert!(User::parse(passwd, "post").is_none());
    }
}
