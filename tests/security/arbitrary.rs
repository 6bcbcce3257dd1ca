//! Arbitrary requests to an operation: valid ones, broken ones and nonsense.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use users_contract::{Body, Operation};
use users_tests::token::Key;
use users_tests::{PASSWORD, Request, Service, environment};

/// A request to one operation.
#[derive(Debug, Clone)]
pub(crate) struct Arbitrary {
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Arbitrary {
    pub(crate) fn on(&self, service: &Service) -> Request {
        let mut request = service.request(&self.method, &self.target);
        for (name, value) in self.headers.iter().filter(|(_, value)| environment().lets_header_through(value))
        {
            request = request.header(name, value);
        }
        request.untyped_body(self.body.clone())
    }
}

/// Requests to an operation, mostly with its method and with a body that is valid or nearly valid.
pub(crate) fn requests(operation: &Operation) -> impl Strategy<Value = Arbitrary> + use<> {
    let content = match &operation.body {
        Some(body) => prop_oneof![9 => expected_content(body), 1 => other_content()].boxed(),
        None => other_content().boxed(),
    };
    requests_with(&operation.method, path(&operation.path).boxed(), content)
}

/// Requests to a route that does not exist.
pub(crate) fn requests_to_unknown_route() -> impl Strategy<Value = Arbitrary> {
    requests_with("GET", Just("/nowhere".to_owned()).boxed(), other_content().boxed())
}

fn requests_with(
    method: &str,
    path: BoxedStrategy<String>,
    content: BoxedStrategy<Content>,
) -> impl Strategy<Value = Arbitrary> + use<> {
    let others = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"].map(str::to_owned);
    let methods = prop_oneof![9 => Just(method.to_owned()), 1 => prop::sample::select(others.to_vec())];
    (methods, targets(path), vec(header(), 0..6), content).prop_map(
        |(method, target, mut headers, (media_type, body))| {
            headers.extend(media_type.map(|it| ("content-type".to_owned(), it)));
            Arbitrary { method, target, headers, body }
        },
    )
}

/// A path with ids as its parameters, or with other texts.
fn path(template: &str) -> impl Strategy<Value = String> + use<> {
    let segments: Vec<BoxedStrategy<String>> = template
        .split('/')
        .map(|segment| if segment.starts_with('{') { id().boxed() } else { Just(segment.to_owned()).boxed() })
        .collect();
    segments.prop_map(|segments| segments.join("/"))
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => (1..9_i64).prop_map(|id| id.to_string()),
        2 => any::<i64>().prop_map(|id| id.to_string()),
        2 => text().prop_map(|text| escape(&text)),
    ]
}

fn targets(path: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let suffix = prop_oneof![
        6 => Just(String::new()),
        2 => vec((text(), text()), 0..3).prop_map(|pairs| {
            let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
            format!("?{}", pairs.join("&"))
        }),
        1 => "[a-zA-Z0-9/%._~!$&'()*+,;=:@-]{0,20}".prop_map(|it| format!("/{it}")),
        1 => "\\?[a-zA-Z0-9/%._~!$&'()*+,;=:@?-]{0,40}",
    ];
    (path, suffix).prop_map(|(path, suffix)| format!("{path}{suffix}"))
}

fn header() -> impl Strategy<Value = (String, Vec<u8>)> {
    let name = prop_oneof![
        3 => Just("authorization".to_owned()),
        4 => prop::sample::select(vec![
            "accept", "accept-encoding", "accept-language", "x-request-id", "cookie", "content-encoding", "content-language",
            "range", "if-none-match", "if-match", "if-modified-since", "origin", "referer", "user-agent",
            "x-forwarded-for", "x-forwarded-host", "x-http-method-override", "forwarded", "access-control-request-method",
            "spin-full-url", "spin-path-info", "traceparent",
        ])
        .prop_map(str::to_owned),
        1 => "x-[a-z0-9!#$&'*+.^_`|~-]{1,20}",
    ];
    let value = prop_oneof![
        3 => vec(prop_oneof![0x20_u8..0x7f, 0x80_u8..=0xff, Just(b'\t')], 0..60),
        2 => prop::sample::select(vec!["Bearer ", "bearer", "Basic ", "Bearer  ", "Bearer a b", "Bearer ,", "gzip", "bytes=0-1", "*", ""])
            .prop_map(|it| it.as_bytes().to_vec()),
        1 => "Bearer [A-Za-z0-9_.-]{0,80}".prop_map(String::into_bytes),
        2 => forged().prop_map(|it| format!("Bearer {it}").into_bytes()),
    ];
    (name, value)
}

/// The key that signs arbitrary tokens. The service must know it.
pub(crate) fn forger() -> Key {
    Key::numbered(1)
}

/// Tokens with arbitrary parts and a valid signature.
fn forged() -> impl Strategy<Value = String> {
    let header = prop_oneof![4 => Just(forger().header()), 1 => value()];
    let id = || {
        prop_oneof![
            1 => any::<i64>().prop_map(|it| json!(it.to_string())),
            // The id of the administrator and of the session.
            4 => Just(json!("1")),
            1 => value()
        ]
    };
    let time = prop_oneof![
        1 => any::<i64>().prop_map(|it| json!(it)),
        4 => Just(json!(4_000_000_000_i64)),
        1 => value()
    ];
    (header, id(), id(), time).prop_map(|(header, sub, sid, exp)| {
        let claims = json!({
            "iss": "http://127.0.0.1:3000", "aud": "users-api", "sub": sub, "sid": sid, "jti": "x", "iat": 1_700_000_000, "exp": exp,
        });
        forger().signed(&header, &claims)
    })
}

/// A media type and a body.
type Content = (Option<Vec<u8>>, Vec<u8>);

/// A body of the documented media type, mostly with the documented fields.
fn expected_content(body: &Body) -> BoxedStrategy<Content> {
    let example = body.example.as_object().cloned().unwrap_or_default();
    let properties = body.schema["properties"].as_object().into_iter().flatten();
    let mut fields: Vec<(String, Value)> =
        properties.map(|(name, _)| (name.clone(), example.get(name).cloned().unwrap_or_default())).collect();
    // A schema of free form has no properties.
    if fields.is_empty() {
        fields.extend(example);
    }
    match body.media_type.as_str() {
        "application/json" => json(fields).boxed(),
        "application/x-www-form-urlencoded" => form(fields).boxed(),
        other => panic!("no strategy for bodies of the media type {other}: add one"),
    }
}

fn other_content() -> impl Strategy<Value = Content> {
    prop_oneof![json(Vec::new()), form(Vec::new()), any_type()]
}

fn any_type() -> impl Strategy<Value = Content> {
    (prop::option::of(vec(0x20_u8..0x7f, 0..40)), octets())
}

fn octets() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..200)
}

/// JSON with these fields. Each field comes with an example.
fn json(fields: Vec<(String, Value)>) -> impl Strategy<Value = Content> {
    let text = |value: Value| value.to_string().into_bytes();
    let names = fields.iter().map(|(name, _)| name.clone()).collect();
    let body = prop_oneof![
        4 => complete_object(fields.clone()).prop_map(text),
        3 => object(names).prop_map(text),
        3 => nearly(complete_object(fields).prop_map(text)),
        1 => value().prop_map(text),
        1 => octets(),
    ];
    body.prop_map(|body| (Some(b"application/json".to_vec()), body))
}

/// A form with these fields.
fn form(fields: Vec<(String, Value)>) -> impl Strategy<Value = Content> {
    let names: Vec<String> = fields.into_iter().map(|(name, _)| name).collect();
    let body = prop_oneof![
        4 => pairs(names.clone()),
        3 => pairs(vec![]),
        3 => nearly(pairs(names)),
        1 => octets(),
    ];
    body.prop_map(|body| (Some(b"application/x-www-form-urlencoded".to_vec()), body))
}

/// The body with one byte changed, inserted or removed.
fn nearly(body: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    (body, any::<prop::sample::Index>(), any::<u8>(), 0..3).prop_map(|(mut body, place, byte, change)| {
        let place = place.index(body.len() + 1);
        match change {
            0 => body.insert(place, byte),
            1 if place < body.len() => body[place] = byte,
            _ if place < body.len() => drop(body.remove(place)),
            _ => body.truncate(place / 2),
        }
        body
    })
}

/// A form with the named fields, some others, and values with or without escapes.
fn pairs(names: Vec<String>) -> impl Strategy<Value = Vec<u8>> {
    let known = ["username", "password", "grant_type", "scope"];
    let other = prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => text()];
    let named = vec(field_text(), names.len());
    let others = prop_oneof![2 => Just(vec![]), 1 => vec((other, field_text()), 0..6)];
    (named, others, any::<bool>()).prop_map(move |(values, others, escaped)| {
        let named = names.clone().into_iter().zip(values);
        let pair = |(name, value): (String, String)| {
            if escaped { format!("{name}={}", escape(&value)) } else { format!("{name}={value}") }
        };
        named.chain(others).map(pair).collect::<Vec<_>>().join("&").into_bytes()
    })
}

fn escape(text: &str) -> String {
    text.bytes().map(|octet| format!("%{octet:02X}")).collect()
}

/// An object with every field. The value of a field is its example or another value.
fn complete_object(fields: Vec<(String, Value)>) -> impl Strategy<Value = Value> {
    let members: Vec<_> = fields
        .into_iter()
        .map(|(name, example)| {
            let value =
                prop_oneof![5 => field_text().prop_map(Value::from), 4 => Just(example), 1 => value()];
            value.prop_map(move |value| (name.clone(), value))
        })
        .collect();
    members.prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// An object with some of the fields, and others.
fn object(mut names: Vec<String>) -> impl Strategy<Value = Value> {
    names.push("is_admin".to_owned());
    let name = prop_oneof![6 => prop::sample::select(names), 1 => text()];
    let member = prop_oneof![3 => field_text().prop_map(Value::from), 1 => value()];
    vec((name, member), 0..6).prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((text(), inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Texts that are valid in some field, or nearly.
fn field_text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "[a-z]{1,6}@[a-z]{1,6}\\.(com|org)",
        1 => Just(PASSWORD.to_owned()),
        1 => "[ -~]{8,12}",
        1 => "[A-Za-z0-9_-]{43}",
        1 => Just("x".repeat(10_000)),
        3 => text(),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,20}",
        "\\PC{0,20}",
        "[\\x00-\\x1f\\x7f]{0,4}",
        "[\u{202e}\u{feff}\u{0}\u{fffd}\u{10ffff}a'\"\\\\%]{0,8}"
    ]
}
