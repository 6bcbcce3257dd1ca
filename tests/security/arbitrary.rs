//! Requests that nobody thought of.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use users_tests::{PASSWORD, Request, Service, environment, token};

/// A request to one route.
#[derive(Debug, Clone)]
pub(crate) struct Arbitrary {
    method: &'static str,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Arbitrary {
    pub(crate) fn on(&self, service: &Service) -> Request {
        let mut request = service.request(self.method, &self.target);
        for (name, value) in self.headers.iter().filter(|(_, value)| environment().lets_header_through(value))
        {
            request = request.header(name, value);
        }
        request.untyped_body(self.body.clone())
    }
}

/// Requests to a route: mostly with its own method and the body it wants, or nearly.
pub(crate) fn requests(method: &'static str, path: &'static str) -> impl Strategy<Value = Arbitrary> {
    let others = vec!["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];
    let methods = prop_oneof![9 => Just(method), 1 => prop::sample::select(others)];
    (methods, targets(path), vec(header(), 0..6), content(path)).prop_map(
        |(method, target, mut headers, (media_type, body))| {
            headers.extend(media_type.map(|it| ("content-type".to_owned(), it)));
            Arbitrary { method, target, headers, body }
        },
    )
}

fn targets(path: &'static str) -> impl Strategy<Value = String> {
    let suffix = prop_oneof![
        6 => Just(String::new()),
        2 => vec((text(), text()), 0..3).prop_map(|pairs| {
            let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
            format!("?{}", pairs.join("&"))
        }),
        1 => "[a-zA-Z0-9/%._~!$&'()*+,;=:@-]{0,20}".prop_map(|it| format!("/{it}")),
        1 => "\\?[a-zA-Z0-9/%._~!$&'()*+,;=:@?-]{0,40}",
    ];
    suffix.prop_map(move |suffix| format!("{path}{suffix}"))
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

/// Tokens whose parts are some JSON, signed as ours are.
fn forged() -> impl Strategy<Value = String> {
    let header = prop_oneof![4 => Just(json!({"typ": "at+jwt", "alg": "HS256"})), 1 => value()];
    let id = || {
        prop_oneof![
            1 => any::<i64>().prop_map(|it| json!(it.to_string())),
            // The account that there is.
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
            "iss": "users", "aud": "users-api", "sub": sub, "sid": sid, "jti": "x", "iat": 1_700_000_000, "exp": exp,
        });
        token::signed(users_tests::JWT_SECRET, &header, &claims)
    })
}

/// A media type, and a body.
type Content = (Option<Vec<u8>>, Vec<u8>);

/// A body and its media type: mostly what the route wants.
fn content(path: &'static str) -> BoxedStrategy<Content> {
    let unwanted = prop_oneof![json(), form(), any_type()];
    match path {
        "/auth/login" => prop_oneof![9 => form(), 1 => unwanted].boxed(),
        "/auth/register" | "/auth/refresh" => prop_oneof![9 => json(), 1 => unwanted].boxed(),
        _ => unwanted.boxed(),
    }
}

fn any_type() -> impl Strategy<Value = Content> {
    (prop::option::of(vec(0x20_u8..0x7f, 0..40)), octets())
}

fn octets() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..200)
}

fn json() -> impl Strategy<Value = Content> {
    let text = |value: Value| value.to_string().into_bytes();
    let body = prop_oneof![
        4 => complete_object().prop_map(text),
        3 => object().prop_map(text),
        3 => nearly(complete_object().prop_map(text)),
        1 => value().prop_map(text),
        1 => octets(),
    ];
    body.prop_map(|body| (Some(b"application/json".to_vec()), body))
}

fn form() -> impl Strategy<Value = Content> {
    let body = prop_oneof![
        4 => pairs(vec!["username", "password"]),
        3 => pairs(vec![]),
        3 => nearly(pairs(vec!["username", "password"])),
        1 => octets(),
    ];
    body.prop_map(|body| (Some(b"application/x-www-form-urlencoded".to_vec()), body))
}

/// With one octet changed, put in or left out.
fn nearly(body: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    (body, any::<prop::sample::Index>(), any::<u8>(), 0..3).prop_map(|(mut body, place, octet, how)| {
        let place = place.index(body.len() + 1);
        match how {
            0 => body.insert(place, octet),
            1 if place < body.len() => body[place] = octet,
            _ if place < body.len() => drop(body.remove(place)),
            _ => body.truncate(place / 2),
        }
        body
    })
}

/// A form with the named fields, some others, and values that are escaped as they should be or not at all.
fn pairs(names: Vec<&'static str>) -> impl Strategy<Value = Vec<u8>> {
    let known = ["username", "password", "grant_type", "scope"];
    let other = prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => text()];
    let named = vec(field_text(), names.len());
    let others = prop_oneof![2 => Just(vec![]), 1 => vec((other, field_text()), 0..6)];
    (named, others, any::<bool>()).prop_map(move |(values, others, escaped)| {
        let named = names.iter().map(|name| (*name).to_owned()).zip(values);
        let pair = |(name, value): (String, String)| {
            if escaped { format!("{name}={}", escape(&value)) } else { format!("{name}={value}") }
        };
        named.chain(others).map(pair).collect::<Vec<_>>().join("&").into_bytes()
    })
}

fn escape(text: &str) -> String {
    text.bytes().map(|octet| format!("%{octet:02X}")).collect()
}

/// An object with every field of ours, each a text.
fn complete_object() -> impl Strategy<Value = Value> {
    (field_text(), field_text(), prop::option::of(text()), field_text()).prop_map(
        |(email, password, full_name, refresh_token)| {
            json!({"email": email, "password": password, "full_name": full_name, "refresh_token": refresh_token})
        },
    )
}

/// An object with fields of ours and others.
fn object() -> impl Strategy<Value = Value> {
    let known = ["email", "password", "full_name", "refresh_token", "is_admin"];
    let name = prop_oneof![6 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => text()];
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

/// Texts near what a field wants.
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
