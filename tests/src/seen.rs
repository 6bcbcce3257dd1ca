//! Records the answers that the tests get. `cargo xtask test` compares them with `openapi.json` at its end.

use std::collections::HashSet;
use std::env;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::Value;
use users_contract::Note;

use crate::{Answer, document};

/// The answers that this process has recorded.
struct Seen {
    known: HashSet<Note>,
    /// A line for each answer. The file belongs to this process.
    file: File,
}

/// Records an answer with this body in the directory that `USERS_TEST_SEEN` names. Equal answers are recorded once.
pub(crate) fn note(path: &str, answer: &Answer, body: &[u8]) {
    static SEEN: LazyLock<Option<Mutex<Seen>>> =
        LazyLock::new(|| env::var_os("USERS_TEST_SEEN").map(|dir| Mutex::new(Seen::in_dir(dir.as_ref()))));
    if let Some(seen) = &*SEEN {
        seen.lock().unwrap_or_else(PoisonError::into_inner).note(path, answer, body);
    }
}

impl Seen {
    fn in_dir(dir: &Path) -> Self {
        let path = dir.join(std::process::id().to_string());
        Self {
            known: HashSet::new(),
            file: OpenOptions::new().create(true).append(true).open(path).expect("the directory is there"),
        }
    }

    fn note(&mut self, path: &str, answer: &Answer, body: &[u8]) {
        let problem: Value = match answer.header("content-type") {
            Some(media_type) if media_type.starts_with("application/problem+json") => {
                serde_json::from_slice(body).unwrap_or_default()
            }
            _ => Value::Null,
        };
        let note = Note::new(document(), &answer.method, path, answer.status, problem["code"].as_str());
        if !self.known.contains(&note) {
            writeln!(self.file, "{note}").expect("a line can be written");
            self.known.insert(note);
        }
    }
}
