//! Records the answers that the tests get. `cargo xtask test` later compares them with `openapi.json`, and a linter checks one
//! answer of each kind.

use std::collections::HashSet;
use std::env;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::{Value, json};
use users_contract::{ANSWERS, Note};

use crate::{Answer, document};

/// The answers that this process has recorded.
struct Seen {
    known: HashSet<Note>,
    /// One line for each kind of answer. The file belongs to this process.
    notes: File,
    /// The operations, statuses and header names of the answers in `answers`.
    kept: HashSet<(String, u16, Vec<String>)>,
    /// One whole answer for each entry in `kept`, as a line of JSON. The file belongs to this process.
    answers: File,
}

/// Records an answer in the directory that `USERS_TEST_SEEN` names. Equal answers are recorded once.
pub(crate) fn note(path: &str, answer: &Answer, body: &[u8]) {
    static SEEN: LazyLock<Option<Mutex<Seen>>> =
        LazyLock::new(|| env::var_os("USERS_TEST_SEEN").map(|dir| Mutex::new(Seen::in_dir(dir.as_ref()))));
    if let Some(seen) = &*SEEN {
        seen.lock().unwrap_or_else(PoisonError::into_inner).note(path, answer, body);
    }
}

impl Seen {
    fn in_dir(dir: &Path) -> Self {
        let process = std::process::id().to_string();
        let open = |name: String| {
            let file = OpenOptions::new().create(true).append(true).open(dir.join(name));
            file.expect("the directory is there")
        };
        Self {
            known: HashSet::new(),
            kept: HashSet::new(),
            answers: open(format!("{process}.{ANSWERS}")),
            notes: open(process),
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
            writeln!(self.notes, "{note}").expect("a line can be written");
            self.known.insert(note);
        }
        if let Some(operation) = document().find(&answer.method, path)
            && self.kept.insert((operation.title(), answer.status, names(answer)))
        {
            let line = whole(&operation.title(), answer, body);
            writeln!(self.answers, "{line}").expect("a line can be written");
        }
    }
}

/// The names of an answer's headers.
fn names(answer: &Answer) -> Vec<String> {
    answer.headers.keys().map(ToString::to_string).collect()
}

/// A whole answer. Each octet of the body is written as a character of Latin-1, so no octet is lost.
fn whole(operation: &str, answer: &Answer, body: &[u8]) -> Value {
    let latin = |octets: &[u8]| octets.iter().copied().map(char::from).collect::<String>();
    let headers: Vec<_> =
        answer.headers.iter().map(|(name, value)| json!([name.as_str(), latin(value.as_bytes())])).collect();
    json!({"operation": operation, "status": answer.status, "headers": headers, "body": latin(body)})
}
