//! Requests and answers for a reader: secrets shortened, lines short.

use serde_json::Value;

/// How wide the output may be.
const WIDTH: usize = 100;
const INDENT: usize = 2;
/// How much of a secret is shown.
const SHOWN: usize = 4;

/// The beginning of a secret.
pub(super) fn shortened(secret: &str) -> String {
    secret.chars().take(SHOWN).chain(['…']).collect()
}

/// Indented lines, what fits on one on one.
pub(super) fn json(value: &Value) -> String {
    let mut lines = " ".repeat(INDENT);
    write(&without_secrets(value), INDENT, &mut lines);
    lines
}

/// As it is sent, but for the encoding.
pub(super) fn form(fields: &[(&'static str, String)]) -> String {
    let shown = |name: &str, value: &str| {
        format!("{name}={}", if is_secret(name) { shortened(value) } else { value.to_owned() })
    };
    fields.iter().map(|(name, value)| shown(name, value)).collect::<Vec<_>>().join("&")
}

/// An indented line, and further ones when it is too long.
pub(super) fn line(text: &str) -> String {
    let mut lines = " ".repeat(INDENT);
    let mut column = INDENT;
    for word in text.split_inclusive(' ') {
        let width = word.chars().count();
        if column + width > WIDTH && column > INDENT {
            lines.truncate(lines.trim_end().len());
            lines.push('\n');
            lines.push_str(&" ".repeat(2 * INDENT));
            column = 2 * INDENT;
        }
        lines.push_str(word);
        column += width;
    }
    lines
}

fn is_secret(field: &str) -> bool {
    ["password", "access_token", "refresh_token"].contains(&field)
}

fn without_secrets(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_secrets).collect(),
        Value::Object(fields) => {
            let shown = |(name, value): (&String, &Value)| match value {
                Value::String(secret) if is_secret(name) => (name.clone(), shortened(secret).into()),
                value => (name.clone(), without_secrets(value)),
            };
            Value::Object(fields.iter().map(shown).collect())
        }
        plain => plain.clone(),
    }
}

/// Appends `value`, which begins in column `column`; its further lines are indented by `column`'s line.
fn write(value: &Value, indent: usize, out: &mut String) {
    let begun = out.rsplit('\n').next().map_or(0, |line| line.chars().count());
    let line = on_one_line(value);
    if begun + line.chars().count() < WIDTH {
        out.push_str(&line);
        return;
    }
    match value {
        Value::Array(items) => {
            let items = items.iter().map(|item| (String::new(), item));
            write_items(items, ['[', ']'], indent, out);
        }
        Value::Object(fields) => {
            let fields =
                fields.iter().map(|(name, value)| (format!("{}: ", Value::from(name.as_str())), value));
            write_items(fields, ['{', '}'], indent, out);
        }
        _ => out.push_str(&line),
    }
}

fn write_items<'a>(
    items: impl Iterator<Item = (String, &'a Value)>,
    [open, close]: [char; 2],
    indent: usize,
    out: &mut String,
) {
    out.push(open);
    let mut first = true;
    for (name, value) in items {
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        out.push('\n');
        out.push_str(&" ".repeat(indent + INDENT));
        out.push_str(&name);
        write(value, indent + INDENT, out);
    }
    out.push('\n');
    out.push_str(&" ".repeat(indent));
    out.push(close);
}

/// As serde_json writes it, with spaces.
fn on_one_line(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(on_one_line).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                format!("{}: {}", Value::from(name.as_str()), on_one_line(value))
            };
            format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{form, json as shown, line};

    #[test]
    fn what_fits_stands_on_one_line() {
        assert_eq!(
            shown(&json!({"id": 1, "roles": ["user"], "name": null})),
            r#"  {"id": 1, "name": null, "roles": ["user"]}"#
        );
        assert_eq!(shown(&json!([])), "  []");
    }

    #[test]
    fn what_does_not_fit_is_broken_up_and_means_the_same() {
        let user = json!({"email": "somebody@example.com", "full_name": "Some \"Body\"", "is_active": true});
        let users: Value = (0..3).map(|_| user.clone()).collect();
        let lines = shown(&json!({"users": users, "count": 3}));
        assert!(lines.lines().all(|line| line.chars().count() <= 100), "{lines}");
        assert_eq!(lines.lines().count(), 8, "{lines}");
        assert_eq!(serde_json::from_str::<Value>(&lines).unwrap()["users"], users);
    }

    #[test]
    fn a_long_line_goes_on_in_the_next_one() {
        assert_eq!(line("Location: /users/1"), "  Location: /users/1");
        let long = "word ".repeat(30);
        let lines = line(long.trim_end());
        assert_eq!(lines.lines().map(|line| line.chars().count()).collect::<Vec<_>>(), [96, 58]);
        assert_eq!(lines.split_whitespace().count(), 30);
    }

    #[test]
    fn secrets_are_shortened_wherever_they_are() {
        let lines = shown(&json!({
            "token_type": "bearer",
            "deep": [{"password": "hunter2hunter2", "access_token": "eyJhbGciOi", "refresh_token": "AAAABBBB"}],
        }));
        for shown in ["\"bearer\"", "\"hunt…\"", "\"eyJh…\"", "\"AAAA…\""] {
            assert!(lines.contains(shown), "{lines}");
        }
        assert!(!lines.contains("hunter2") && !lines.contains("eyJhb"), "{lines}");
        let fields = [("username", "a@b.co".to_owned()), ("password", "hunter2".to_owned())];
        assert_eq!(form(&fields), "username=a@b.co&password=hunt…");
    }
}
