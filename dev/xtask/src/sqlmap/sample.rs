//! Bodies that the document allows, and where payloads go in them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Where sqlmap puts its payloads.
pub(super) const MARK: char = '*';
/// The name of a member that the document allows without naming it.
const OTHER: &str = "other";

/// What is sent under a name, wherever it stands.
pub(super) type Values = BTreeMap<&'static str, String>;

/// A place in a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    /// Such as `preferences.theme` or `role_ids[]`.
    pub(super) name: String,
    /// Whether it is a text. A payload makes a text of anything else, which is refused, whatever else the body has.
    pub(super) is_text: bool,
}

/// What a schema allows under a name: the value we have, or else one of the document's.
pub(super) fn sample(schema: &Value, name: &str, example: &Value, values: &Values) -> Value {
    match kind(schema) {
        "object" => object(schema, example, values),
        "array" => json!([sample(&schema["items"], name, &example[0], values)]),
        "integer" => values
            .get(name)
            .and_then(|value| value.parse::<i64>().ok())
            .map_or_else(|| documented(schema, example).unwrap_or_else(|| json!(1)), |number| json!(number)),
        "boolean" => documented(schema, example).unwrap_or(Value::Bool(true)),
        _ => values
            .get(name)
            .map_or_else(|| documented(schema, example).unwrap_or_else(|| json!("text")), |text| json!(text)),
    }
}

fn object(schema: &Value, example: &Value, values: &Values) -> Value {
    let members = schema["properties"].as_object().into_iter().flatten();
    let mut body: Map<String, Value> =
        members.map(|(name, of)| (name.clone(), sample(of, name, &example[name], values))).collect();
    if schema["additionalProperties"] == true {
        body.insert(OTHER.to_owned(), json!("text"));
    }
    Value::Object(body)
}

/// The type that a schema names first.
fn kind(schema: &Value) -> &str {
    let kind = &schema["type"];
    kind.as_array().and_then(|kinds| kinds.first()).unwrap_or(kind).as_str().unwrap_or_default()
}

fn documented(schema: &Value, example: &Value) -> Option<Value> {
    let own = [example, &schema["examples"][0], &schema["default"], &schema["enum"][0], &schema["minimum"]];
    own.into_iter().find(|value| !value.is_null()).cloned()
}

/// Every value of a body, in the order in which it is written.
pub(super) fn leaves(body: &Value) -> Vec<Leaf> {
    let mut found = Vec::new();
    visit(body, "", &mut found);
    found
}

fn visit(value: &Value, name: &str, found: &mut Vec<Leaf>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| visit(value, &below(name, key), found))
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, &format!("{name}[]"), found)),
        value => found.push(Leaf { name: name.to_owned(), is_text: value.is_string() }),
    }
}

fn below(name: &str, key: &str) -> String {
    if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") }
}

/// The body with a mark at the end of every value that `is_marked`, and of its key where the document names none.
pub(super) fn marked(value: &Value, name: &str, is_marked: &impl Fn(&str) -> bool) -> Value {
    match value {
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| {
                let name = below(name, key);
                let key = if key == OTHER && is_marked(&name) { format!("{key}{MARK}") } else { key.clone() };
                (key, marked(value, &name, is_marked))
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(items) => {
            let name = format!("{name}[]");
            items.iter().map(|item| marked(item, &name, is_marked)).collect()
        }
        Value::String(text) if is_marked(name) => json!(format!("{text}{MARK}")),
        value if is_marked(name) => json!(format!("{value}{MARK}")),
        value => value.clone(),
    }
}

/// The names of the marks in a body, in the order in which it is written.
pub(super) fn marks(value: &Value, name: &str) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| {
                let bare = key.trim_end_matches(MARK);
                let of_key = (bare != key).then(|| format!("name of {}", below(name, bare)));
                of_key.into_iter().chain(marks(value, &below(name, bare))).collect::<Vec<_>>()
            };
            members.iter().flat_map(member).collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| marks(item, &format!("{name}[]"))).collect(),
        Value::String(text) if text.ends_with(MARK) => vec![name.to_owned()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Value {
        json!({"type": "object", "properties": {
            "bio": {"type": ["string", "null"]},
            "born": {"type": "string", "examples": ["1990-05-15"]},
            "ids": {"type": "array", "items": {"type": "integer", "examples": [3]}},
            "name": {"type": "string"},
            "preferences": {
                "type": ["object", "null"],
                "properties": {"look": {"type": "string", "enum": ["light", "dark"]}, "news": {"type": "boolean"}},
                "additionalProperties": true,
                "examples": [{"look": "dark"}],
            },
        }})
    }

    fn body() -> Value {
        let values = Values::from([("ids", "7".to_owned()), ("bio", "hers".to_owned())]);
        sample(&schema(), "", &json!({"name": "Ada"}), &values)
    }

    #[test]
    fn a_body_has_everything_that_the_document_allows() {
        let preferences = json!({"look": "light", "news": true, "other": "text"});
        let expected = json!({"bio": "hers", "born": "1990-05-15", "ids": [7], "name": "Ada", "preferences": preferences});
        assert_eq!(body(), expected);
    }

    #[test]
    fn every_value_is_found_however_deep() {
        let found: Vec<(String, bool)> =
            leaves(&body()).into_iter().map(|it| (it.name, it.is_text)).collect();
        let expected = [
            ("bio", true),
            ("born", true),
            ("ids[]", false),
            ("name", true),
            ("preferences.look", true),
            ("preferences.news", false),
            ("preferences.other", true),
        ];
        assert_eq!(found, expected.map(|(name, is_text)| (name.to_owned(), is_text)));
    }

    #[test]
    fn marks_are_where_they_are_wanted_and_their_names_are_in_the_order_of_the_text() {
        let body = marked(&body(), "", &|name| ["ids[]", "preferences.other", "bio"].contains(&name));
        let text = body.to_string();
        assert!(
            text.starts_with(r#"{"bio":"hers*","born":"1990-05-15","ids":["7*"],"name":"Ada","#),
            "{text}"
        );
        assert!(text.contains(r#""other*":"text*""#), "{text}");
        assert_eq!(marks(&body, ""), ["bio", "ids[]", "name of preferences.other", "preferences.other"]);
    }
}
