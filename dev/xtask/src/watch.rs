//! Noticing that a source file changed, by looking: no more than a few hundred files, twice a second.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use crate::cargo::root;

const EVERY: Duration = Duration::from_millis(500);

/// What a running service is made of.
const COMPONENTS: [&str; 6] = ["components", "crates", "wit", "openapi.json", "spin.toml", "Cargo.toml"];
/// What the programs beside it are made of.
const PROGRAMS: [&str; 5] = ["host", "ctl", "migrations", "crates/core", "crates/crypto"];

/// What has changed since the last look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changes {
    /// The host or usersctl, besides the components.
    pub(crate) programs: bool,
}

/// Remembers what the sources looked like.
#[derive(Debug)]
pub(crate) struct Watch {
    components: Stamp,
    programs: Stamp,
    looked: Instant,
}

/// The number of files and the newest change among them.
type Stamp = (usize, Option<SystemTime>);

impl Watch {
    /// Starts from what is there now.
    pub(crate) fn new() -> Self {
        Self { components: stamp(&COMPONENTS), programs: stamp(&PROGRAMS), looked: Instant::now() }
    }

    /// What has changed since the last time, at most twice a second.
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
