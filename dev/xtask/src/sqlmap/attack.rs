//! The requests that sqlmap starts from: together they have every parameter of every operation.

use serde_json::Value;
use users_contract::{Operation, Parameter};

use super::sample::{MARK, Values, leaves, marked, marks, sample};

/// Headers that the code reads and the document need not tell of, as they are the same everywhere.
const AUTHORIZATION: &str = "authorization";
const CONTENT_TYPE: &str = "content-type";
const REQUEST_ID: &str = "x-request-id";
/// sqlmap writes this one itself, so no payload of its own arrives in it. Only `docs` reads it, a component that cannot reach a
/// database.
const ACCEPT_ENCODING: &str = "accept-encoding";
/// The only operation that looks at `Accept`.
const ROOT: &str = "/";
/// A parameter that is refused beside another one.
const EXCLUSIVE: (&str, &str) = ("after", "skip");
const JSON: &str = "application/json";

/// Which parameters of an operation one request tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tested {
    /// Those that leave it a good request, whatever the others are.
    All,
    /// This one, which makes the request fail by itself and would hide the others.
    Only(String),
}

/// A request with marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attack {
    /// What stands in sqlmap's request file.
    pub(super) text: String,
    /// What is tested, as people and as sqlmap call it.
    pub(super) parameters: Vec<(String, String)>,
    /// Whether the request without a payload is refused, too: a text is no number.
    pub(super) is_refused: bool,
}

/// How many requests it takes to test an operation, and what each tests.
pub(super) fn plan(operation: &Operation) -> Vec<Tested> {
    let own: Vec<String> =
        operation.parameters.iter().filter(|it| is_alone(it)).map(|it| it.name.clone()).collect();
    let body = body(operation, &Values::new());
    let numbers =
        leaves(&body).into_iter().filter(|leaf| !leaf.is_text && !body.is_null()).map(|leaf| leaf.name);
    [Tested::All].into_iter().chain(own.into_iter().chain(numbers).map(Tested::Only)).collect()
}

/// A version that does not match is an answer of its own; and see [`EXCLUSIVE`].
fn is_alone(parameter: &Parameter) -> bool {
    parameter.name == EXCLUSIVE.0 || parameter.name.to_ascii_lowercase().starts_with("if-")
}

/// The request to the service at `host`, by whoever has the token.
pub(super) fn attack(
    operation: &Operation,
    tested: &Tested,
    host: &str,
    token: &str,
    values: &Values,
) -> Attack {
    let mut writer = Writer { operation, tested, values, parameters: Vec::new(), uri_marks: 0 };
    let uri = writer.uri();
    let (body, content) = writer.body();
    let headers = writer.headers(token, content.as_deref());
    let is_refused =
        matches!(tested, Tested::Only(name) if leaves(&body).iter().any(|leaf| leaf.name == *name));
    let head = format!("{} {uri} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n", operation.method);
    Attack { text: head + &content.unwrap_or_default(), parameters: writer.parameters, is_refused }
}

/// A body that the operation takes; null when it takes none.
fn body(operation: &Operation, values: &Values) -> Value {
    let Some(body) = &operation.body else { return Value::Null };
    sample(&body.schema, "", &body.example, values)
}

struct Writer<'a> {
    operation: &'a Operation,
    tested: &'a Tested,
    values: &'a Values,
    parameters: Vec<(String, String)>,
    uri_marks: usize,
}

impl Writer<'_> {
    fn is_tested(&self, name: &str, is_alone: bool) -> bool {
        match self.tested {
            Tested::All => !is_alone,
            Tested::Only(only) => is_alone && only == name,
        }
    }

    /// Whether it is left out, as only another request has it.
    fn is_absent(&self, parameter: &Parameter) -> bool {
        match self.tested {
            Tested::All => is_alone(parameter),
            Tested::Only(only) if *only == EXCLUSIVE.0 => parameter.name == EXCLUSIVE.1,
            Tested::Only(only) => is_alone(parameter) && *only != parameter.name,
        }
    }

    fn value(&self, parameter: &Parameter) -> String {
        match sample(&parameter.schema, &parameter.name, &Value::Null, self.values) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    /// A value in the path or in the query.
    fn in_uri(&mut self, parameter: &Parameter) -> String {
        let value = self.value(parameter);
        if !self.is_tested(&parameter.name, is_alone(parameter)) {
            return value;
        }
        self.uri_marks += 1;
        // What it takes the body for, it takes everything for.
        let kind = if self.is_json() { "JSON " } else { "" };
        let told = self.told("URI", &format!("{kind}#{}{MARK}", self.uri_marks));
        self.parameters.push((parameter.name.clone(), told));
        format!("{value}{MARK}")
    }

    fn uri(&mut self) -> String {
        let operation = self.operation;
        let mut uri = operation.path.clone();
        for parameter in operation.parameters.iter().filter(|it| it.place == "path") {
            uri = uri.replace(&format!("{{{}}}", parameter.name), &self.in_uri(parameter));
        }
        for parameter in operation.parameters.iter().filter(|it| it.place == "query") {
            if self.is_absent(parameter) {
                continue;
            }
            let joint = if uri.contains('?') { '&' } else { '?' };
            uri += &format!("{joint}{}={}", parameter.name, self.in_uri(parameter));
        }
        uri
    }

    /// The body, and how it is written.
    fn body(&mut self) -> (Value, Option<String>) {
        if self.operation.body.is_none() {
            return (Value::Null, None);
        }
        let plain = body(self.operation, self.values);
        let texts: Vec<String> =
            leaves(&plain).into_iter().filter(|leaf| leaf.is_text).map(|leaf| leaf.name).collect();
        let with = marked(&plain, "", &|name| self.is_tested(name, !texts.iter().any(|text| text == name)));
        let kind = if self.is_json() { "JSON " } else { "" };
        for (place, name) in marks(&with, "").into_iter().enumerate() {
            let told = self.told("(custom) POST", &format!("{kind}#{}{MARK}", place + 1));
            self.parameters.push((name, told));
        }
        (plain, Some(if self.is_json() { with.to_string() } else { form(&with) }))
    }

    fn is_json(&self) -> bool {
        self.operation.body.as_ref().is_some_and(|body| body.media_type == JSON)
    }

    /// What sqlmap calls a parameter: of the places it knows only those of the two most common methods.
    fn told(&self, place: &str, name: &str) -> String {
        let method = self.operation.method.as_str();
        let place = if ["GET", "POST"].contains(&method) { place } else { method };
        format!("{place} parameter '{name}'")
    }

    fn headers(&mut self, token: &str, content: Option<&str>) -> String {
        let operation = self.operation;
        let mut headers = vec![(REQUEST_ID.to_owned(), "sqlmap".to_owned())];
        if operation.is_guarded {
            headers.push((AUTHORIZATION.to_owned(), format!("Bearer {token}")));
        }
        if let (Some(body), Some(_)) = (&operation.body, content) {
            headers.push((CONTENT_TYPE.to_owned(), body.media_type.clone()));
        }
        if operation.path == ROOT {
            headers.push(("accept".to_owned(), JSON.to_owned()));
        }
        for parameter in operation.parameters.iter().filter(|it| it.place == "header") {
            if !self.is_absent(parameter) {
                headers.push((parameter.name.clone(), self.value(parameter)));
            }
        }
        headers.into_iter().map(|(name, value)| self.header(&name, &value)).collect()
    }

    /// A line. In lower case, as sqlmap drops an `If-None-Match` that is written so.
    fn header(&mut self, name: &str, value: &str) -> String {
        let (lower, is_alone) = (name.to_ascii_lowercase(), name.to_ascii_lowercase().starts_with("if-"));
        let is_tested = (matches!(self.tested, Tested::All) || is_alone) && lower != ACCEPT_ENCODING;
        if !is_tested {
            return format!("{lower}: {value}\r\n");
        }
        self.parameters.push((lower.clone(), self.told("(custom) HEADER", &format!("{lower} #1{MARK}"))));
        format!("{lower}: {value}{MARK}\r\n")
    }
}

fn form(body: &Value) -> String {
    let fields = body.as_object().into_iter().flatten();
    let fields = fields.map(|(name, value)| (name, value.as_str().unwrap_or_default()));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use users_contract::Document;

    use super::*;

    /// An operation with a parameter of every kind.
    fn document() -> Document {
        let number = json!({"type": "integer", "minimum": 0});
        Document::new(&json!({"paths": {
            "/users/{user_id}/roles": {"put": {
                "security": [{"bearer": []}],
                "parameters": [
                    {"name": "user_id", "in": "path", "schema": number},
                    {"name": "If-Match", "in": "header", "schema": {"type": "string", "examples": ["\"1\""]}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {
                    "note": {"type": "string"}, "user_id": number,
                }}}}},
            }},
            "/users": {"get": {"parameters": [
                {"name": "skip", "in": "query", "schema": number},
                {"name": "after", "in": "query", "schema": number},
                {"name": "search", "in": "query", "schema": {"type": "string"}},
            ]}},
            "/login": {"post": {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema":
                {"type": "object", "properties": {"password": {"type": "string"}, "username": {"type": "string"}}}
            }}}}},
        }}))
        .unwrap()
    }

    fn attacks(method: &str, path: &str) -> Vec<Attack> {
        let (document, values) =
            (document(), Values::from([("user_id", "7".to_owned()), ("username", "a@b".to_owned())]));
        let operation = document.find(method, path).unwrap();
        plan(operation).iter().map(|tested| attack(operation, tested, "host:1", "t.o.k", &values)).collect()
    }

    fn names(attack: &Attack) -> Vec<(&str, &str)> {
        attack.parameters.iter().map(|(name, told)| (name.as_str(), told.as_str())).collect()
    }

    #[test]
    fn what_leaves_a_good_request_is_tested_together() {
        let attack = &attacks("PUT", "/users/7/roles")[0];
        let expected = "PUT /users/7*/roles HTTP/1.1\r\nhost: host:1\r\nx-request-id: sqlmap*\r\nauthorization: Bearer t.o.k*\r\ncontent-type: application/json*\r\n\r\n{\"note\":\"text*\",\"user_id\":7}";
        assert_eq!(attack.text, expected);
        let named = [
            ("user_id", "PUT parameter 'JSON #1*'"),
            ("note", "PUT parameter 'JSON #1*'"),
            ("x-request-id", "PUT parameter 'x-request-id #1*'"),
            ("authorization", "PUT parameter 'authorization #1*'"),
            ("content-type", "PUT parameter 'content-type #1*'"),
        ];
        assert_eq!(names(attack), named);
        assert!(!attack.is_refused);
    }

    #[test]
    fn what_would_hide_the_others_is_tested_alone() {
        let [_, version, number] = &attacks("PUT", "/users/7/roles")[..] else {
            panic!("three are expected")
        };
        assert_eq!(names(version), [("if-match", "PUT parameter 'if-match #1*'")]);
        assert!(
            version.text.contains("PUT /users/7/roles ") && version.text.contains("if-match: \"1\"*\r\n")
        );
        assert_eq!(names(number), [("user_id", "PUT parameter 'JSON #1*'")]);
        assert!(number.text.ends_with(r#"{"note":"text","user_id":"7*"}"#), "{}", number.text);
        assert!(number.is_refused && !version.is_refused && !number.text.contains("if-match"));
    }

    #[test]
    fn what_excludes_another_parameter_is_sent_without_it() {
        let [all, after] = &attacks("GET", "/users")[..] else { panic!("two are expected") };
        assert!(all.text.starts_with("GET /users?skip=0*&search=text* "), "{}", all.text);
        assert!(after.text.starts_with("GET /users?after=0*&search=text "), "{}", after.text);
        assert_eq!(names(after), [("after", "URI parameter '#1*'")]);
    }

    #[test]
    fn a_form_is_written_as_one() {
        let attack = &attacks("POST", "/login")[0];
        assert!(attack.text.ends_with("\r\n\r\npassword=text*&username=a%40b*"), "{}", attack.text);
        let named = [
            ("password", "(custom) POST parameter '#1*'"),
            ("username", "(custom) POST parameter '#2*'"),
            ("x-request-id", "(custom) HEADER parameter 'x-request-id #1*'"),
        ];
        assert_eq!(names(attack)[..3], named);
    }
}
