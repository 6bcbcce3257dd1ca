//! Reading request bodies.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use mime::Mime;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use users_core::has_nul;

use crate::{Checks, Code, Problem};

/// The largest request body: 64 KiB.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// How much of a body that is too large is read before it is refused. A client that is still sending does not read an
/// answer; one that sends more than this has to live with a broken connection.
const MAX_DRAINED_BYTES: usize = 8 * 1024 * 1024;

/// A JSON object whose fields are read into `T`, where fields that `T` does not know are ignored; or an answer in JSON.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// A form (`application/x-www-form-urlencoded`) whose fields are read into `T`; others are ignored.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(wrong_type("application/json"));
        }
        let bytes = read(request.into_body()).await?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| Problem::new(Code::MalformedBody))?;
        fields(value).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => {
                ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
            }
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_form(request.headers()) {
            return Err(wrong_type("application/x-www-form-urlencoded"));
        }
        let bytes = read(request.into_body()).await?;
        if std::str::from_utf8(&bytes).is_err() {
            return Err(Problem::new(Code::MalformedBody));
        }
        let mut object = Map::new();
        let mut checks = Checks::new();
        for (name, value) in form_urlencoded::parse(&bytes) {
            let pointer = pointer_to("", &name);
            // RFC 6749 section 3.2: a parameter is not to be sent more than once.
            if object.insert(name.into_owned(), Value::String(value.into_owned())).is_some() {
                checks.broken::<()>(&pointer, "must be sent once only");
            }
        }
        checks.finish()?;
        fields(Value::Object(object)).map(Self)
    }
}

fn fields<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    let mut checks = Checks::new();
    if !value.is_object() {
        checks.broken::<()>("", "must be a JSON object");
    }
    refuse_nul(&value, "", &mut checks);
    checks.finish()?;
    // Fields are read as `Field<T>`, which never fails.
    serde_json::from_value(value).map_err(Problem::internal)
}

/// Postgres cannot store a NUL, so it is refused in any text, also in fields that are ignored.
fn refuse_nul(value: &Value, pointer: &str, checks: &mut Checks) {
    match value {
        Value::String(text) if has_nul(text) => {
            checks.broken::<()>(pointer, "must not contain a NUL character");
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                refuse_nul(item, &format!("{pointer}/{index}"), checks);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let pointer = pointer_to(pointer, name);
                if has_nul(name) {
                    checks.broken::<()>(&pointer, "must not contain a NUL character in its name");
                }
                refuse_nul(member, &pointer, checks);
            }
        }
        _ => {}
    }
}

/// RFC 6901 section 3.
fn pointer_to(parent: &str, name: &str) -> String {
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}

async fn read(body: Body) -> Result<Bytes, Problem> {
    let mut drained = Limited::new(body, MAX_DRAINED_BYTES);
    let mut bytes = Vec::new();
    let mut total = 0_usize;
    while let Some(frame) = drained.frame().await {
        let frame = frame.map_err(|error| {
            let code = if error.is::<LengthLimitError>() { Code::BodyTooLarge } else { Code::MalformedBody };
            Problem::new(code)
        })?;
        if let Some(data) = frame.data_ref() {
            total = total.saturating_add(data.len());
            if total <= MAX_BODY_BYTES {
                bytes.extend_from_slice(data);
            }
        }
    }
    if total > MAX_BODY_BYTES { Err(Problem::new(Code::BodyTooLarge)) } else { Ok(bytes.into()) }
}

fn content_type(headers: &HeaderMap) -> Option<Mime> {
    headers.get(CONTENT_TYPE)?.to_str().ok()?.parse().ok()
}

fn is_json(headers: &HeaderMap) -> bool {
    content_type(headers).is_some_and(|it| {
        it.type_() == mime::APPLICATION && (it.subtype() == mime::JSON || it.suffix() == Some(mime::JSON))
    })
}

fn is_form(headers: &HeaderMap) -> bool {
    content_type(headers).is_some_and(|it| it.essence_str() == mime::APPLICATION_WWW_FORM_URLENCODED)
}

fn wrong_type(expected: &str) -> Problem {
    Problem::new(Code::UnsupportedMediaType).with_detail(format!("Send the body as {expected}."))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use serde::Deserialize;

    use super::*;
    use crate::Field;

    #[derive(Debug, Deserialize)]
    struct Known {
        #[serde(default)]
        name: Field<String>,
    }

    fn json(content_type: &str, body: impl Into<Body>) -> Result<Field<String>, Code> {
        let request = Request::builder().header(CONTENT_TYPE, content_type).body(body.into()).unwrap();
        block_on(Json::<Known>::from_request(request, &())).map(|it| it.0.name).map_err(|it| it.code())
    }

    fn form(body: &'static str) -> Result<Field<String>, Code> {
        let request = Request::builder()
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.into())
            .unwrap();
        block_on(Form::<Known>::from_request(request, &())).map(|it| it.0.name).map_err(|it| it.code())
    }

    #[test]
    fn json_is_read_from_any_json_type() {
        for good in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"] {
            assert_eq!(
                json(good, r#"{"name": "x", "other": 1}"#),
                Ok(Field::Valid("x".to_owned())),
                "{good}"
            );
        }
        for bad in ["", "text/plain", "text/json", "application/x-www-form-urlencoded", "json", "é"] {
            assert_eq!(json(bad, r#"{"name": "x"}"#), Err(Code::UnsupportedMediaType), "{bad}");
        }
    }

    #[test]
    fn what_is_no_json_is_malformed_and_what_is_no_object_is_invalid() {
        for bad in [
            &b""[..],
            b"{",
            b"{]",
            b"nul",
            b"{\"name\": \"\xff\"}",
            b"{} {}",
            b"{'name': 1}",
            b"\xef\xbb\xbf{}",
        ] {
            assert_eq!(json("application/json", bad), Err(Code::MalformedBody), "{bad:?}");
        }
        for bad in ["[]", "1", "null", "\"x\""] {
            assert_eq!(json("application/json", bad), Err(Code::ValidationFailed), "{bad}");
        }
        assert_eq!(json("application/json", "[".repeat(50_000)), Err(Code::MalformedBody), "too deep");
    }

    #[test]
    fn a_nul_is_refused_wherever_it_is() {
        for bad in [r#"{"name": "\u0000"}"#, r#"{"x": {"y": ["a\u0000b"]}}"#, r#"{"x\u0000": 1}"#] {
            assert_eq!(json("application/json", bad), Err(Code::ValidationFailed), "{bad}");
        }
        assert_eq!(form("name=a%00b"), Err(Code::ValidationFailed));
    }

    #[test]
    fn a_body_has_at_most_64_kib() {
        let body = |size: usize| format!("{{{}}}", " ".repeat(size - 2));
        assert_eq!(json("application/json", body(MAX_BODY_BYTES)), Ok(Field::Missing));
        assert_eq!(json("application/json", body(MAX_BODY_BYTES + 1)), Err(Code::BodyTooLarge));
        assert_eq!(json("application/json", body(MAX_DRAINED_BYTES + 1)), Err(Code::BodyTooLarge));
    }

    #[test]
    fn a_form_is_decoded_and_a_field_is_sent_once() {
        assert_eq!(form("name=a+b%26%C3%A9&x=1"), Ok(Field::Valid("a b&é".to_owned())));
        assert_eq!(form("x"), Ok(Field::Missing));
        assert_eq!(form("name=a&name=b"), Err(Code::ValidationFailed));
    }

    #[test]
    fn a_pointer_escapes_names() {
        assert_eq!(pointer_to("/a", "b/c~d"), "/a/b~1c~0d");
    }

    proptest::proptest! {
        #[test]
        fn any_body_is_judged_without_a_panic(body in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = json("application/json", body);
        }
    }
}
