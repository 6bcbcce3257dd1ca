//! Label selectors.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::manifests::{list, text};
use crate::pods::labels;

/// True when a label selector matches these labels. An empty selector matches all.
pub(crate) fn selects(selector: &Value, pod: &BTreeMap<String, String>) -> bool {
    labels(selector.pointer("/matchLabels")).iter().all(|(key, value)| pod.get(key) == Some(value))
        && list(selector, "/matchExpressions").all(|it| satisfies(it, pod))
}

fn satisfies(expression: &Value, pod: &BTreeMap<String, String>) -> bool {
    let value = text(expression, "/key").and_then(|key| pod.get(key));
    let named = value.is_some_and(|value| list(expression, "/values").any(|it| it == value));
    match text(expression, "/operator") {
        Some("In") => named,
        Some("NotIn") => !named,
        Some("Exists") => value.is_some(),
        Some("DoesNotExist") => value.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn labels_and_expressions_must_match() {
        let pod = BTreeMap::from([("name".to_owned(), "api".to_owned())]);
        for (selector, expected) in [
            (json!({}), true),
            (json!({"matchLabels": {"name": "api"}}), true),
            (json!({"matchLabels": {"name": "other"}}), false),
            (json!({"matchExpressions": [{"key": "name", "operator": "In", "values": ["x", "api"]}]}), true),
            (json!({"matchExpressions": [{"key": "name", "operator": "NotIn", "values": ["api"]}]}), false),
            (json!({"matchExpressions": [{"key": "other", "operator": "Exists"}]}), false),
            (json!({"matchExpressions": [{"key": "other", "operator": "DoesNotExist"}]}), true),
            (json!({"matchExpressions": [{"key": "name", "operator": "Like"}]}), false),
        ] {
            assert_eq!(selects(&selector, &pod), expected, "{selector}");
        }
    }
}
