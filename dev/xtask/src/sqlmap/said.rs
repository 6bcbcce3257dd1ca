//! What sqlmap says of its work, with every request that it sends (`-v 5`).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Between the name of a technique and the rest of the line.
const TECHNIQUE: &str = "    Type: ";
/// What it asks when it has found something.
const VULNERABLE: &str = "' is vulnerable. Do you want to keep testing";
/// What it calls critical and is none: the end of every good run, an answer that is another one each time, and one without a
/// body, of which it compares the status.
const HARMLESS: [&str; 3] = [
    "all tested parameters do not appear to be injectable",
    "target URL content appears to be heavily dynamic",
    "there was an error checking the stability of page because of lack of content",
];

/// What came of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Verdict {
    /// sqlmap has not come to its end.
    #[default]
    Open,
    Nothing,
    Injectable,
}

/// A parameter that sqlmap has turned to.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn {
    /// As sqlmap calls it: two parameters may have the same name, one after the other.
    pub(super) name: String,
    pub(super) verdict: Verdict,
    /// Requests that differ from each other.
    different: HashSet<u64>,
}

impl Turn {
    /// How many requests were sent that differ from each other.
    pub(super) fn different(&self) -> usize {
        self.different.len()
    }
}

/// All that sqlmap has said.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    /// In the order of their turns.
    pub(super) turns: Vec<Turn>,
    pub(super) requests: u64,
    pub(super) answers: BTreeMap<u16, u64>,
    /// The status of the first answer, which is to a request without a payload.
    pub(super) first: Option<u16>,
    /// By which techniques something is injectable.
    pub(super) techniques: BTreeSet<String>,
    /// What did not go as it should.
    pub(super) trouble: BTreeSet<String>,
    request: Option<DefaultHasher>,
    /// Whether the lines belong to a request or to an answer, and not to the log.
    is_traffic: bool,
}

impl Said {
    /// Takes a line. Whether it is worth being kept: not if it is part of a request or of an answer.
    pub(super) fn hear(&mut self, line: &str) -> bool {
        // It clears the terminal's line before it writes one.
        let line = line.trim_matches('\r');
        if self.is_traffic && !is_log(line) {
            return self.go_on_with_traffic(line);
        }
        self.end_request();
        if line.contains("] [TRAFFIC OUT] HTTP request [") {
            (self.is_traffic, self.request) = (true, Some(DefaultHasher::new()));
            self.requests += 1;
            return false;
        }
        self.is_traffic = line.contains("] [TRAFFIC IN] HTTP response [");
        if self.is_traffic {
            self.answer(line);
            return false;
        }
        self.note(line);
        !line.contains("] [DEBUG] ") && !line.contains("] [PAYLOAD] ")
    }

    /// A line of a request, of an answer, or of what sqlmap says after an answer without telling the time.
    fn go_on_with_traffic(&mut self, line: &str) -> bool {
        if let Some(request) = &mut self.request {
            line.hash(request);
            return false;
        }
        self.note(line);
        line.starts_with("    ") || line.contains(VULNERABLE)
    }

    /// Counts the request that has just been shown for the parameter whose turn it is.
    fn end_request(&mut self) {
        let (Some(request), Some(turn)) = (self.request.take(), self.turn()) else { return };
        turn.different.insert(request.finish());
    }

    /// Whose turn it is.
    fn turn(&mut self) -> Option<&mut Turn> {
        self.turns.last_mut().filter(|turn| turn.verdict == Verdict::Open)
    }

    fn answer(&mut self, line: &str) {
        let status = line.rsplit_once("] (").and_then(|(_, status)| status.get(..3)?.parse().ok());
        let Some(status) = status else { return };
        self.first.get_or_insert(status);
        *self.answers.entry(status).or_default() += 1;
    }

    fn note(&mut self, line: &str) {
        if let Some((_, name)) = line.split_once("] [INFO] testing for SQL injection on ") {
            self.turns.push(Turn { name: name.to_owned(), ..Turn::default() });
        } else if line.contains("' does not seem to be injectable") {
            self.judge(Verdict::Nothing);
        } else if line.contains(VULNERABLE) {
            self.judge(Verdict::Injectable);
        } else if let Some(technique) = line.strip_prefix(TECHNIQUE) {
            self.techniques.insert(technique.to_owned());
        } else if let Some(trouble) = trouble(line) {
            self.trouble.insert(trouble.to_owned());
        }
    }

    fn judge(&mut self, verdict: Verdict) {
        if let Some(turn) = self.turn() {
            turn.verdict = verdict;
        }
    }
}

/// Whether a line begins with a time, as `[10:24:18] [INFO]` does.
fn is_log(line: &str) -> bool {
    matches!(line.as_bytes().get(..10), Some([b'[', _, _, b':', _, _, b':', _, _, b']']))
}

fn trouble(line: &str) -> Option<&str> {
    let (_, said) = line.split_once("] [CRITICAL] ").or_else(|| line.split_once("] [ERROR] "))?;
    (!HARMLESS.iter().any(|harmless| said.starts_with(harmless))).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[10:25:52] [TRAFFIC OUT] HTTP request [#1]:
GET /users/7 HTTP/1.1

[10:25:52] [TRAFFIC IN] HTTP response [#1] (200 OK):
x-request-id: sqlmap
[10:25:52] [CRITICAL] target URL content appears to be heavily dynamic. sqlmap is going to retry the request(s)
[10:25:52] [INFO] testing for SQL injection on URI parameter '#1*'
[10:25:52] [PAYLOAD] 7 AND 1=1
[10:25:52] [TRAFFIC OUT] HTTP request [#2]:
GET /users/7%20AND%201=1 HTTP/1.1

[10:25:52] [TRAFFIC IN] HTTP response [#2] (422 Unprocessable Entity):
x-request-id: sqlmap
[10:25:52] [TRAFFIC OUT] HTTP request [#3]:
GET /users/7%20AND%201=1 HTTP/1.1

[10:25:52] [TRAFFIC IN] HTTP response [#3] (422 Unprocessable Entity):
[10:25:53] [WARNING] URI parameter '#1*' does not seem to be injectable
[10:25:53] [INFO] testing for SQL injection on PUT parameter 'JSON #1*'
[10:25:53] [CRITICAL] connection timed out to the target URL
[10:25:53] [TRAFFIC OUT] HTTP request [#4]:
PUT / HTTP/1.1

(custom) POST parameter 'JSON #1*' is in the body
[10:25:53] [INFO] testing for SQL injection on PUT parameter 'JSON #1*'
[10:25:53] [TRAFFIC OUT] HTTP request [#5]:
GET / HTTP/1.1

[10:25:53] [TRAFFIC IN] HTTP response [#5] (500 Internal Server Error):
x-request-id: sqlmap
(custom) POST parameter 'JSON #1*' is vulnerable. Do you want to keep testing the others (if any)? [y/N] N
Parameter: JSON #1* ((custom) POST)
    Type: error-based
    Title: PostgreSQL AND error-based - WHERE or HAVING clause
[10:25:53] [CRITICAL] all tested parameters do not appear to be injectable.";

    fn heard() -> (Said, Vec<&'static str>) {
        let mut said = Said::default();
        let as_written = |line: &str| line.replacen('[', "\r[", 1);
        let kept = TEXT.lines().filter(|line| said.hear(&as_written(line))).collect();
        (said, kept)
    }

    #[test]
    fn each_parameter_has_its_verdict_and_its_requests() {
        let (said, _) = heard();
        let turns: Vec<(&str, Verdict, usize)> =
            said.turns.iter().map(|it| (it.name.as_str(), it.verdict, it.different())).collect();
        let expected = [
            ("URI parameter '#1*'", Verdict::Nothing, 1),
            ("PUT parameter 'JSON #1*'", Verdict::Open, 1),
            ("PUT parameter 'JSON #1*'", Verdict::Injectable, 1),
        ];
        assert_eq!(turns, expected);
    }

    #[test]
    fn requests_and_answers_are_counted() {
        let (said, _) = heard();
        assert_eq!((said.requests, said.first), (5, Some(200)));
        assert_eq!(said.answers, BTreeMap::from([(200, 1), (422, 2), (500, 1)]));
    }

    #[test]
    fn techniques_and_trouble_are_told() {
        let (said, _) = heard();
        assert_eq!(said.techniques, BTreeSet::from(["error-based".to_owned()]));
        assert_eq!(said.trouble, BTreeSet::from(["connection timed out to the target URL".to_owned()]));
    }

    #[test]
    fn what_was_sent_is_not_kept() {
        let (_, kept) = heard();
        assert!(kept.iter().all(|line| !line.contains("HTTP/1.1") && !line.contains("PAYLOAD")), "{kept:?}");
        assert!(kept.iter().any(|line| line.contains("heavily dynamic")));
    }
}
