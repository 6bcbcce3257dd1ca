//! The host's own log: one JSON line per event on stderr, with the same fields as the components' lines.

use serde_json::{Value, json};

use crate::stdio::Stderr;

/// Writes an error with its cause. `fields` follow after `time`, `level` and `message`.
pub(crate) fn error<const N: usize>(stderr: &Stderr, message: &str, fields: [(&str, Value); N]) {
    write(stderr, "error", message, fields);
}

/// Writes a warning.
pub(crate) fn warn<const N: usize>(stderr: &Stderr, message: &str, fields: [(&str, Value); N]) {
    write(stderr, "warn", message, fields);
}

fn write<const N: usize>(stderr: &Stderr, level: &str, message: &str, fields: [(&str, Value); N]) {
    stderr.line(&line(level, message, fields));
}

/// Formats the line without a map, so that the fields always have the same order.
fn line<const N: usize>(level: &str, message: &str, fields: [(&str, Value); N]) -> String {
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now());
    let time = now.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let head = [("time", json!(time)), ("level", json!(level)), ("message", json!(message))];
    let fields: Vec<String> =
        head.into_iter().chain(fields).map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    format!("{{{}}}", fields.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_json_object() {
        let line =
            line("error", "a \"quoted\"\nmessage", [("cause", json!("x\ny")), ("requests", json!(["a"]))]);
        assert!(!line.contains('\n'));
        let object: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(object["level"], "error");
        assert_eq!(object["message"], "a \"quoted\"\nmessage");
        assert_eq!(object["requests"], json!(["a"]));
    }
}
