//! The directory of a persistent cluster, and its lock.

use std::fs::{self, File, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::error::Doing;
use crate::identity::Identity;
use crate::{Error, Result};

/// A persistent cluster's directory, locked for this process until the value is dropped.
#[derive(Debug)]
pub struct Home {
    /// Contains the passwords. This process's user owns it.
    pub(crate) dir: PathBuf,
    /// Contains the data and the log. The server's user owns it.
    pub(crate) place: PathBuf,
    pub(crate) identity: Identity,
    _lock: File,
}

/// The server of a persistent cluster that another process has started.
#[derive(Debug)]
pub struct Running {
    /// The port on 127.0.0.1.
    pub port: u16,
    /// The process id of the postmaster.
    pub pid: u32,
}

impl Home {
    /// Locks `dir`. Creates it if it does not exist.
    ///
    /// If this process runs as root and the server's user cannot access `dir`, the data goes to a directory in `/var/tmp`:
    /// [`Home::place`].
    ///
    /// # Errors
    /// [`Error::InUse`] when another process holds the lock. [`Error::Unreachable`], [`Error::NoUnprivilegedUser`] or [`Error::Io`]
    /// when no directory can store the data.
    pub fn lock(dir: &Path) -> Result<Self> {
        let identity = Identity::find()?;
        fs::create_dir_all(dir).doing(|| format!("make the directory {}", dir.display()))?;
        let dir = dir.canonicalize().doing(|| format!("find the directory {}", dir.display()))?;
        let path = dir.join("lock");
        let lock = File::create(&path).doing(|| format!("open {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::InUse(dir)),
            Err(TryLockError::Error(error)) => {
                return Err(error).doing(|| format!("lock {}", path.display()));
            }
        }
        let place = choose_place(&dir, &identity)?;
        Ok(Self { dir, place, identity, _lock: lock })
    }

    /// The directory of the data and of the server's log.
    #[must_use]
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// True if the data is outside the locked directory, because the server's user cannot access that directory.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        !self.place.starts_with(&self.dir)
    }

    /// The running server of the cluster in `dir`. Any process may have started it.
    #[must_use]
    pub fn running(dir: &Path) -> Option<Running> {
        let dir = dir.canonicalize().ok()?;
        [dir.join("server"), elsewhere(&dir)].iter().find_map(|place| Running::read(&place.join("data")))
    }
}

impl Running {
    /// Reads `postmaster.pid`. Returns `None` unless its process is alive and works on `data`.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let line = |number: usize| text.lines().nth(number).map(str::trim);
        let (pid, port) = (line(0)?.parse().ok()?, line(3)?.parse().ok()?);
        let works_on = fs::read(format!("/proc/{pid}/cmdline")).map_or_else(
            // Without /proc, the check is only that the process is alive.
            |_| !Path::new("/proc/self").exists() && alive(pid),
            |command| String::from_utf8_lossy(&command).split('\0').any(|word| Path::new(word) == data),
        );
        works_on.then_some(Self { port, pid })
    }
}

pub(crate) fn alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| !matches!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::SRCH)))
}

/// Creates a directory that the server's user can access: in `dir` if possible, otherwise in `/var/tmp`.
fn choose_place(dir: &Path, identity: &Identity) -> Result<PathBuf> {
    let near = dir.join("server");
    identity.make_dir(&near, 0o700)?;
    if identity.can("-w", &near) {
        return Ok(near);
    }
    let far = elsewhere(dir);
    make_own_dir(&far, identity)?;
    identity.make_dir(&far, 0o700)?;
    if identity.can("-w", &far) {
        return Ok(far);
    }
    Err(Error::Unreachable { user: identity.name().to_owned(), path: dir.to_owned() })
}

/// Creates a directory in a place where every user may create one. A directory of another user is refused.
fn make_own_dir(path: &Path, identity: &Identity) -> Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(path).doing(|| format!("look at {}", path.display()))?;
            if found.is_dir() && identity.owns(found.uid()) {
                return Ok(());
            }
            Err(io::Error::from(io::ErrorKind::PermissionDenied))
                .doing(|| format!("use {}, which belongs to another user", path.display()))
        }
        made => made.doing(|| format!("make the directory {}", path.display())),
    }
}

fn elsewhere(dir: &Path) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    dir.hash(&mut hasher);
    PathBuf::from(format!("/var/tmp/local-postgres-{:016x}", hasher.finish()))
}
