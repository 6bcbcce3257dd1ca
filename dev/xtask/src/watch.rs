//! Notices changed source files by polling. It checks a few hundred files twice a second.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use crate::cargo::root;

const EVERY: Duration = Duration::from_millis(500);

/// The sources of the components.
const COMPONENTS: [&str; 6] = ["components", "crates", "wit", "openapi.json", "spin.toml", "Cargo.toml"];
/// The sources of the host and of usersctl.
const PROGRAMS: [&str; 6] = ["host", "ctl", "worker", "migrations", "crates/core", "crates/crypto"];

/// The changes since the last check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changes {
    /// The host or usersctl has changed, too.
    pub(crate) programs: bool,
}

/// The state of the sources at the last check.
#[derive(Debug)]
pub(crate) struct Watch {
    components: Stamp,
    programs: Stamp,
    looked: Instant,
}

/// The number of files, and the time of the newest change.
type Stamp = (usize, Option<SystemTime>);

impl Watch {
    /// Starts from the current state.
    pub(crate) fn new() -> Self {
        Self { components: stamp(&COMPONENTS), programs: stamp(&PROGRAMS), looked: Instant::now() }
    }

    /// The changes since the last check. Checks at most twice a second.
    pub(crate) fn look(&mut self) -> Option<Changes> {
        if self.looked.elapsed() < EVERY {
            return None;
        }
        let now = Self::new();
        let programs = now.programs != self.programs;
        let changed = programs || now.components != self.components;
        *self = now;
        changed.then_some(Changes { programs })
    }
}

fn stamp(names: &[&str]) -> Stamp {
    let mut stamp = (0, None);
    for name in names {
        add(&root().join(name), &mut stamp);
    }
    stamp
}

fn add(path: &Path, stamp: &mut Stamp) {
    let Ok(about) = fs::symlink_metadata(path) else {
        return;
    };
    if about.is_dir() {
        for entry in path.read_dir().into_iter().flatten().flatten() {
            add(&entry.path(), stamp);
        }
    } else {
        stamp.0 += 1;
        stamp.1 = stamp.1.max(about.modified().ok());
    }
}
