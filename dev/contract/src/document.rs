//! Operations and their answers. All references are resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// The members of a path item that describe operations.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// An OpenAPI document.
#[derive(Debug, Clone)]
pub struct Document {
    operations: Vec<Operation>,
}

/// An operation: a method of a path.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The method in capitals.
    pub method: String,
    /// The path in the document, such as `/users/{user_id}`.
    pub path: String,
    /// True if the operation needs an access token, or a body that replaces the token.
    pub is_guarded: bool,
    /// The parameters in the path, the query and the header.
    pub parameters: Vec<Parameter>,
    /// The body that a request must have.
    pub body: Option<Body>,
    /// The documented statuses. Each has the documented codes of its problems.
    pub answers: BTreeMap<u16, BTreeSet<String>>,
}

/// A parameter of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The parameter's name.
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    /// The first type in the parameter's schema, such as `integer`.
    pub kind: String,
    /// The parameter's schema.
    pub schema: Value,
}

/// The body of a request.
#[derive(Debug, Clone)]
pub struct Body {
    /// The media type, such as `application/json`. The first one if there are several.
    pub media_type: String,
    /// All media types of the body.
    pub media_types: Vec<String>,
    /// The document's example, or null.
    pub example: Value,
    /// The body's schema.
    pub schema: Value,
}

impl Document {
    /// Reads a document from a file.
    ///
    /// # Errors
    /// When the file cannot be read, or is not an OpenAPI document.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::new(&value).ok_or_else(|| format!("{} is not an OpenAPI document", path.display()))
    }

    /// Reads a document. Returns `None` if it has no paths.
    #[must_use]
    pub fn new(root: &Value) -> Option<Self> {
        let mut operations = Vec::new();
        for (path, item) in root["paths"].as_object()? {
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    operations.push(Reader { root }.operation(method, path, item, operation));
                }
            }
        }
        Some(Self { operations })
    }

    /// All operations, sorted by path.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation for a request with this method and path. If two paths match, a literal segment takes precedence over a
    /// parameter, as in the service's router. So `DELETE /profile/avatar` deletes an avatar. `GET /profile/avatar` is no operation:
    /// it does not read the profile of a user `avatar`.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Option<&Operation> {
        let segments = segments(path);
        let fitting = self.operations.iter().filter(|operation| fits(&operation.path, &segments));
        let best = fitting.map(|operation| shape(&operation.path)).min()?;
        self.operations.iter().find(|operation| {
            operation.method == method && fits(&operation.path, &segments) && shape(&operation.path) == best
        })
    }
}

impl Operation {
    /// The operation's name in messages.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// True if the operation may answer with a problem of this code.
    #[must_use]
    pub fn has(&self, status: u16, code: &str) -> bool {
        self.answers.get(&status).is_some_and(|codes| codes.contains(code))
    }

    /// The operation's path with a value for each parameter.
    #[must_use]
    pub fn path_with(&self, value: impl Fn(&str) -> String) -> String {
        let segment = |segment: &str| parameter(segment).map_or_else(|| segment.to_owned(), &value);
        self.path.split('/').map(segment).collect::<Vec<_>>().join("/")
    }
}

/// The segments of a path. A slash at the end adds no segment.
fn segments(path: &str) -> Vec<&str> {
    let path = path.strip_suffix('/').unwrap_or(path);
    if path == "/" { Vec::new() } else { path.split('/').skip(1).collect() }
}

/// The name of the parameter in a segment, if the segment is a parameter.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// A flag for each segment: true if it is a parameter. If two paths match, the one with the smaller shape has the first literal
/// segment.
fn shape(template: &str) -> Vec<bool> {
    segments(template).into_iter().map(|segment| parameter(segment).is_some()).collect()
}

fn fits(template: &str, path: &[&str]) -> bool {
    let template = segments(template);
    template.len() == path.len()
        && template
            .iter()
            .zip(path)
            .all(|(wanted, given)| (parameter(wanted).is_some() && !given.is_empty()) || wanted == given)
}

/// Reads parts of a document.
#[derive(Clone, Copy)]
struct Reader<'a> {
    root: &'a Value,
}

impl<'a> Reader<'a> {
    fn operation(self, method: &str, path: &str, item: &'a Value, operation: &'a Value) -> Operation {
        let security = operation.get("security").or_else(|| self.root.get("security"));
        let requirements = || security.and_then(Value::as_array).into_iter().flatten();
        let own =
            [item, operation].into_iter().flat_map(|it| it["parameters"].as_array().into_iter().flatten());
        let answers = self.answers(operation);
        // An empty requirement lets a request without a token pass (OpenAPI 3.1 section 4.8.2), unless it needs a body in its place.
        let is_optional = requirements().any(|it| *it == json!({}))
            && !answers.get(&401).is_some_and(|codes| codes.contains("not_authenticated"));
        Operation {
            method: method.to_uppercase(),
            path: path.to_owned(),
            is_guarded: requirements().next().is_some() && !is_optional,
            parameters: own.map(|it| self.parameter(self.follow(it))).collect(),
            body: operation.get("requestBody").and_then(|body| self.body(self.follow(body))),
            answers,
        }
    }

    fn parameter(self, parameter: &Value) -> Parameter {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let schema = self.follow(&parameter["schema"]);
        let kind = &schema["type"];
        let kind = text(kind.as_array().and_then(|kinds| kinds.first()).unwrap_or(kind));
        let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
        Parameter { name, place, kind, schema: schema.clone() }
    }

    fn body(self, body: &'a Value) -> Option<Body> {
        if body["required"] != true {
            return None;
        }
        let contents = body["content"].as_object()?;
        let (media_type, content) = contents.iter().next()?;
        let schema = self.follow(&content["schema"]);
        let named = || self.follow(content["examples"].as_object()?.values().next()?).get("value");
        let example = content.get("example").or_else(named);
        let example = example.or_else(|| schema["examples"].get(0)).or_else(|| schema.get("example"));
        let example = example.cloned().unwrap_or_default();
        let media_types = contents.keys().cloned().collect();
        Some(Body { media_type: media_type.clone(), media_types, example, schema: schema.clone() })
    }

    fn answers(self, operation: &'a Value) -> BTreeMap<u16, BTreeSet<String>> {
        let responses = operation["responses"].as_object().into_iter().flatten();
        responses
            .filter_map(|(status, response)| {
                let contents = self.follow(response)["content"].as_object().into_iter().flatten();
                let mut codes = BTreeSet::new();
                for (_, content) in contents {
                    self.codes(&content["schema"], &mut codes);
                }
                Some((status.parse().ok()?, codes))
            })
            .collect()
    }

    /// Collects the possible values of the member `code`.
    fn codes(self, schema: &'a Value, codes: &mut BTreeSet<String>) {
        let schema = self.follow(schema);
        let code = self.follow(&schema["properties"]["code"]);
        let words = code["enum"].as_array().into_iter().flatten().chain(code.get("const"));
        codes.extend(words.filter_map(Value::as_str).map(str::to_owned));
        for several in ["allOf", "oneOf", "anyOf"] {
            for part in schema[several].as_array().into_iter().flatten() {
                self.codes(part, codes);
            }
        }
    }

    /// The target of a reference. A value that is no reference is returned itself.
    fn follow(self, value: &'a Value) -> &'a Value {
        let target = value["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
        match target.and_then(|pointer| self.root.pointer(pointer)) {
            Some(found) => self.follow(found),
            None => value,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// A small document with every feature that `openapi.json` uses.
    pub(crate) fn small() -> Value {
        let problem = |codes: &[&str]| {
            json!({"content": {"application/problem+json": {"schema": {"allOf": [
                {"$ref": "#/components/schemas/Problem"},
                {"properties": {"code": {"enum": codes}}},
            ]}}}})
        };
        json!({
            "openapi": "3.1.0",
            "paths": {
                "/": {"get": {"responses": {"200": {}}}},
                "/users/": {"get": {
                    "security": [{"password": []}, {"bearer": []}],
                    "parameters": [{"name": "limit", "in": "query", "schema": {"type": ["integer", "null"]}}],
                    "responses": {"200": {}, "401": {"$ref": "#/components/responses/NoToken"}},
                }},
                "/users/{user_id}": {
                    "parameters": [{"$ref": "#/components/parameters/UserId"}],
                    "get": {"responses": {"200": {}, "404": problem(&["not_found"])}},
                },
                "/users/{user_id}/activate": {"put": {"responses": {"200": {}}}},
                "/users/bulk/activate": {"put": {
                    "requestBody": {"required": true, "content": {
                        "application/json": {"schema": {"type": "object"}, "example": {"user_ids": [7]}},
                        "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
                    }},
                    "responses": {"200": {}, "409": problem(&["last_admin", "cannot_target_self"])},
                }},
                "/profile/{user_id}": {"get": {"responses": {"200": {}}}},
                "/profile/avatar": {"delete": {
                    "security": [{"bearer": []}, {}],
                    "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
                    "responses": {"204": {}},
                }},
            },
            "components": {
                "schemas": {
                    "Problem": {"properties": {"code": {"type": "string"}}},
                    "NoToken": {"properties": {"code": {"$ref": "#/components/schemas/NoTokenCode"}}},
                    "NoTokenCode": {"enum": ["not_authenticated"]},
                },
                "responses": {"NoToken": {"content": {"application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/NoToken"},
                }}}},
                "parameters": {"UserId": {"name": "user_id", "in": "path", "schema": {"type": "integer"}}},
            },
        })
    }

    fn document() -> Document {
        Document::new(&small()).unwrap()
    }

    fn found(method: &str, path: &str) -> Option<String> {
        document().find(method, path).map(Operation::title)
    }

    #[test]
    fn a_literal_segment_wins_over_a_parameter() {
        assert_eq!(found("PUT", "/users/bulk/activate").as_deref(), Some("PUT /users/bulk/activate"));
        assert_eq!(found("PUT", "/users/7/activate").as_deref(), Some("PUT /users/{user_id}/activate"));
        assert_eq!(found("GET", "/profile/7").as_deref(), Some("GET /profile/{user_id}"));
        assert_eq!(found("GET", "/profile/avatar"), None);
    }

    #[test]
    fn a_slash_at_the_end_makes_no_difference() {
        assert_eq!(found("GET", "/users"), found("GET", "/users/"));
        assert_eq!(found("GET", "/"), found("GET", "//"));
        assert_eq!(found("GET", "/users/7/").as_deref(), Some("GET /users/{user_id}"));
        assert_eq!(found("GET", "/").as_deref(), Some("GET /"));
    }

    #[test]
    fn other_paths_and_methods_are_no_operation() {
        for (method, path) in [
            ("POST", "/users/"),
            ("GET", "/users//"),
            ("GET", "/nope"),
            ("GET", "/users/7/8"),
            ("GET", "///"),
        ] {
            assert_eq!(found(method, path), None, "{method} {path}");
        }
    }

    #[test]
    fn codes_are_found_in_every_form_of_schema() {
        let document = document();
        let answers = |method, path| document.find(method, path).unwrap().answers.clone();
        assert_eq!(answers("GET", "/users/")[&401], BTreeSet::from(["not_authenticated".to_owned()]));
        assert_eq!(answers("GET", "/users/7")[&404], BTreeSet::from(["not_found".to_owned()]));
        assert_eq!(answers("PUT", "/users/bulk/activate")[&409].len(), 2);
        assert!(answers("GET", "/users/")[&200].is_empty());
    }

    #[test]
    fn the_input_of_an_operation_is_known() {
        let document = document();
        let list = document.find("GET", "/users").unwrap();
        assert!(list.is_guarded);
        let schema = json!({"type": ["integer", "null"]});
        assert_eq!(
            list.parameters,
            [Parameter { name: "limit".into(), place: "query".into(), kind: "integer".into(), schema }]
        );
        let get = document.find("GET", "/users/7").unwrap();
        assert_eq!((get.is_guarded, get.parameters[0].place.as_str()), (false, "path"));
        assert_eq!(get.path_with(|name| format!("<{name}>")), "/users/<user_id>");
        let body = document.find("PUT", "/users/bulk/activate").unwrap().body.clone().unwrap();
        assert_eq!((body.media_type.as_str(), body.example), ("application/json", json!({"user_ids": [7]})));
        assert_eq!(body.media_types, ["application/json", "application/x-www-form-urlencoded"]);
        let optional = document.find("DELETE", "/profile/avatar").unwrap();
        assert_eq!((optional.is_guarded, optional.body.is_none()), (false, true));
    }
}
