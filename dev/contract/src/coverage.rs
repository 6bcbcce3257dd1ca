//! Compares the answers that the tests saw with the answers that the document promises.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::Document;

/// The word in a note for an answer without a code.
const NO_CODE: &str = "-";
/// The methods that the document leaves out, because every path has them.
const UNWRITTEN: [&str; 2] = ["HEAD", "OPTIONS"];

/// The paths of the files that the pages load: scripts, styles and pictures. These paths are not operations.
const PAGES: [&str; 2] = ["/docs/", "/redoc/"];
/// The files of pages beside which there are operations: of the page at `/`, and of those of the console.
const FILES: [&str; 4] =
    ["/style.css", "/account/console.css", "/account/console.js", "/account/passkeys.js"];

/// True for the path of a file that a page loads.
#[must_use]
pub fn is_file_of_a_page(path: &str) -> bool {
    FILES.contains(&path.trim_end_matches('/'))
        || PAGES.iter().any(|page| path.strip_prefix(page).is_some_and(|file| !file.is_empty()))
}

/// The file extension for whole answers. The tests store them beside the notes.
pub const ANSWERS: &str = "answers";

/// True for the path of a page that people see in a browser. These paths are not operations, but for those that e-mails name.
fn is_page(path: &str) -> bool {
    ["/account", "/console"]
        .iter()
        .any(|area| path.strip_prefix(area).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// An answer that a test saw. A note is written as one line of text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Note {
    /// The method in capitals.
    method: String,
    /// The path of the operation in the document. If there is no such operation, the path of the request.
    path: String,
    status: u16,
    /// The code of the problem, if the answer is a problem.
    code: Option<String>,
}

impl Note {
    /// Creates the note of an answer.
    #[must_use]
    pub fn new(document: &Document, method: &str, path: &str, status: u16, code: Option<&str>) -> Self {
        let operation = document.find(method, path);
        let path = operation.map_or(path, |operation| operation.path.as_str());
        Self { method: method.to_owned(), path: path.to_owned(), status, code: code.map(str::to_owned) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, status, code } = self;
        write!(f, "{method} {path} {status} {}", code.as_deref().unwrap_or(NO_CODE))
    }
}

impl FromStr for Note {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let parts: Vec<&str> = line.split(' ').collect();
        let no_note = || format!("not a note of an answer: {line:?}");
        let [method, path, status, code] = parts[..] else {
            return Err(no_note());
        };
        Ok(Self {
            method: method.to_owned(),
            path: path.to_owned(),
            status: status.parse().map_err(|_| no_note())?,
            code: (code != NO_CODE).then(|| code.to_owned()),
        })
    }
}

/// Returns a sentence for every promised answer that no test saw, and for every answer that a test saw but the document does not
/// promise.
#[must_use]
pub fn differences(document: &Document, seen: &BTreeSet<Note>) -> Vec<String> {
    let mut wrong = unseen(document, seen);
    wrong.extend(seen.iter().filter_map(|note| unpromised(document, note)));
    wrong
}

fn unseen(document: &Document, seen: &BTreeSet<Note>) -> Vec<String> {
    let mut wrong = Vec::new();
    for operation in document.operations() {
        let (title, own) = (operation.title(), |note: &&Note| {
            note.method == operation.method && note.path == operation.path
        });
        for (status, codes) in &operation.answers {
            let of_status = || seen.iter().filter(own).filter(|note| note.status == *status);
            if of_status().next().is_none() {
                wrong.push(format!("{title}: no test has seen {status}"));
                continue;
            }
            let missing =
                codes.iter().filter(|code| !of_status().any(|note| note.code.as_ref() == Some(*code)));
            wrong.extend(missing.map(|code| format!("{title}: no test has seen {status} {code}")));
        }
    }
    wrong
}

fn unpromised(document: &Document, note: &Note) -> Option<String> {
    let Note { method, path, status, code } = note;
    if UNWRITTEN.contains(&method.as_str()) {
        return None;
    }
    let Some(operation) = document.find(method, path) else {
        // Answers to requests that match no operation. A blocked address gets the same answer everywhere.
        let none = [404, 405, 408, 413].contains(status) || code.as_deref() == Some("address_refused");
        let is_for_people = is_file_of_a_page(path) || is_page(path);
        return (!none && !is_for_people).then(|| format!("{note}: there is no such operation"));
    };
    let Some(codes) = operation.answers.get(status) else {
        // The kit reads a body before it routes the request. Only operations with a body promise the answer for a body that is too
        // large. The answer for a body that does not arrive in time is documented once, for all routes.
        let unread = *status == 408 || (*status == 413 && operation.body.is_none());
        return (!unread).then(|| format!("{note}: the document has no {status} there"));
    };
    // If an instance failed, Spin answers without a code.
    let code = code.as_ref()?;
    (!codes.is_empty() && !codes.contains(code)).then(|| format!("{note}: the document has no {code} there"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::small;

    fn document() -> Document {
        Document::new(&small()).unwrap()
    }

    /// Everything that the small document promises.
    fn everything() -> BTreeSet<Note> {
        let lines = "GET / 200 -
            GET /users/ 200 -
            GET /users 401 not_authenticated
            GET /users/7 200 -
            GET /users/8/ 404 not_found
            PUT /users/7/activate 200 -
            PUT /users/bulk/activate 200 -
            PUT /users/bulk/activate 409 last_admin
            PUT /users/bulk/activate 409 cannot_target_self
            GET /profile/7 200 -
            DELETE /profile/avatar 204 -";
        lines.lines().map(seen).collect()
    }

    /// Creates a note like a client that has the document. Writes the note as a line and reads it again.
    fn seen(line: &str) -> Note {
        let raw: Note = line.trim().parse().unwrap();
        let note = Note::new(&document(), &raw.method, &raw.path, raw.status, raw.code.as_deref());
        note.to_string().parse().unwrap()
    }

    fn with(line: &str) -> Vec<String> {
        let mut notes = everything();
        notes.insert(seen(line));
        differences(&document(), &notes)
    }

    fn without(line: &str) -> Vec<String> {
        let mut notes = everything();
        assert!(notes.remove(&seen(line)), "expected it to be there: {line}");
        differences(&document(), &notes)
    }

    #[test]
    fn there_is_no_difference_when_everything_was_seen() {
        assert_eq!(differences(&document(), &everything()), [""; 0]);
    }

    #[test]
    fn a_promised_status_that_no_test_saw_is_a_difference() {
        assert_eq!(without("GET /users/8 404 not_found"), ["GET /users/{user_id}: no test has seen 404"]);
        assert_eq!(without("DELETE /profile/avatar 204 -"), ["DELETE /profile/avatar: no test has seen 204"]);
    }

    #[test]
    fn a_promised_code_that_no_test_saw_is_a_difference() {
        let wrong = without("PUT /users/bulk/activate 409 last_admin");
        assert_eq!(wrong, ["PUT /users/bulk/activate: no test has seen 409 last_admin"]);
    }

    #[test]
    fn a_status_or_a_code_that_is_not_promised_is_a_difference() {
        let wrong = with("PUT /users/7/activate 409 last_admin");
        assert_eq!(wrong, ["PUT /users/{user_id}/activate 409 last_admin: the document has no 409 there"]);
        let wrong = with("GET /users/7 404 gone");
        assert_eq!(wrong, ["GET /users/{user_id} 404 gone: the document has no gone there"]);
    }

    #[test]
    fn a_route_that_is_not_in_the_document_is_a_difference() {
        assert_eq!(with("GET /metrics 200 -"), ["GET /metrics 200 -: there is no such operation"]);
        assert_eq!(with("GET /docs/ 200 -"), ["GET /docs/ 200 -: there is no such operation"]);
        assert_eq!(with("PATCH /users/7 200 -"), ["PATCH /users/7 200 -: there is no such operation"]);
    }

    #[test]
    fn general_answers_of_a_server_need_no_promise() {
        for line in [
            "GET /nope 404 not_found",
            "PATCH /users/7 405 method_not_allowed",
            "POST /nope 413 body_too_large",
            "GET /nope 403 address_refused",
            "PATCH /users/7 403 address_refused",
            "GET /users/7 413 body_too_large",
            "POST /nope 408 request_timeout",
            "PUT /users/bulk/activate 408 request_timeout",
            "HEAD /users/7 401 -",
            "OPTIONS /users/7 204 -",
            "GET /docs/swagger-ui.css 304 -",
            "PUT /users/bulk/activate 409 -",
        ] {
            assert_eq!(with(line), [""; 0], "{line}");
        }
        assert_eq!(with("PUT /users/bulk/activate 413 body_too_large").len(), 1);
    }

    #[test]
    fn a_malformed_note_is_refused() {
        for line in ["", "GET / 200", "GET / ok -", "GET / 200 - -"] {
            assert!(line.parse::<Note>().is_err(), "{line}");
        }
    }
}
