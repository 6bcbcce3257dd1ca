//! What the service said meanwhile: failures of its own.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek};

use serde_json::Value;

/// What the host says when it starts.
const COMPILING: &str = "compiling component ";

/// Answers with 500 or more and causes of failures, each with how often it is there, as sentences. The service writes where we
/// read, so nobody may ask it anything meanwhile.
pub(super) fn failures(mut log: &File) -> anyhow::Result<Vec<String>> {
    log.rewind()?;
    let mut found = BTreeMap::new();
    for line in BufReader::new(log).split(b'\n') {
        if let Some(failure) = failure(&line?) {
            *found.entry(failure).or_insert(0_u64) += 1;
        }
    }
    Ok(found.into_iter().map(|(failure, count)| format!("{count} × {failure}")).collect())
}

/// What a line says that should not be there. A line that is no JSON is not a component's, and tells of a failure.
fn failure(line: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(line);
    let text = text.trim();
    if text.is_empty() || text.starts_with(COMPILING) {
        return None;
    }
    let Ok(entry) = serde_json::from_str::<Value>(text) else { return Some(text.to_owned()) };
    if entry["level"] != "error" {
        return None;
    }
    let word = |name: &str| entry[name].as_str().unwrap_or("-").to_owned();
    Some(match entry["status"].as_u64() {
        Some(status) => format!("{} {} answered {status}", word("method"), word("route")),
        None => format!("{} {}: {}", word("component"), word("code"), word("cause")),
    })
}

#[cfg(test)]
mod tests {
    use super::failure;

    #[test]
    fn answers_with_500_and_their_causes_are_told() {
        let told = |line: &str| failure(line.as_bytes());
        let answer = r#"{"level":"error","method":"GET","route":"/users/{id}","status":500}"#;
        assert_eq!(told(answer).as_deref(), Some("GET /users/{id} answered 500"));
        let cause = r#"{"level":"error","component":"users","code":"internal","cause":"out of range"}"#;
        assert_eq!(told(cause).as_deref(), Some("users internal: out of range"));
        assert_eq!(told("thread panicked").as_deref(), Some("thread panicked"));
    }

    #[test]
    fn good_answers_and_refusals_are_not() {
        for line in
            ["", r#"{"level":"info","status":200}"#, r#"{"level":"warn","code":"invalid_token","cause":"x"}"#]
        {
            assert_eq!(failure(line.as_bytes()), None, "{line}");
        }
    }
}
