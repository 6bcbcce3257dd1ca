//! Which answers the tests have seen, for the comparison with `openapi.json` at the end of `cargo xtask test`.

use std::collections::HashSet;
use std::env;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::Value;
use users_contract::{Document, Note};

use crate::{Answer, environment};

/// What this process has seen.
struct Seen {
    document: Document,
    known: HashSet<Note>,
    /// A line for each; the file is this process's own.
    file: File,
}

/// Notes an answer with this body, when a directory was named to note it in: once for all answers that are alike.
pub(crate) fn note(path: &str, answer: &Answer, body: &[u8]) {
    static SEEN: LazyLock<Option<Mutex<Seen>>> =
        LazyLock::new(|| env::var_os("USERS_TEST_SEEN").map(|dir| Mutex::new(Seen::in_dir(dir.as_ref()))));
    if let Some(seen) = &*SEEN {
        seen.lock().unwrap_or_else(PoisonError::into_inner).note(path, answer, body);
    }
}

impl Seen {
    fn in_dir(dir: &Path) -> Self {
        let document = Document::read(&environment().root().join("openapi.json"));
        let path = dir.join(std::process::id().to_string());
        Self {
            document: document.unwrap_or_else(|error| panic!("expected the contract: {error}")),
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
        let note = Note::new(&self.document, &answer.method, path, answer.status, problem["code"].as_str());
        if !self.known.contains(&note) {
            writeln!(self.file, "{note}").expect("a line can be written");
            self.known.insert(note);
        }
    }
}
