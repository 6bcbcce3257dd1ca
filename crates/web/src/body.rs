//! Reading request bodies.

use std::convert::Infallible;
use std::marker::PhantomData;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use bytes::Bytes;
use http_body_util::BodyExt;

use crate::input::{validate, validate_form};
use crate::media_type::MediaType;
use crate::{Checks, Code, Context, Input, Problem, Rules};

/// A JSON object, read into `I` and validated under the rules `R` of the component. Fields that `I` does not know are ignored.
#[derive(Debug)]
pub struct JsonInput<I: Input<R>, R = ()>(pub I::Accepted);

/// A form (`application/x-www-form-urlencoded`), read into `I` and validated. Fields that `I` does not know are ignored. A field
/// without a value counts as omitted. A field that is sent twice is invalid (RFC 6749 section 3.2).
#[derive(Debug)]
pub struct FormInput<I: Input>(pub I::Accepted);

/// A JSON object or a form, depending on the `Content-Type`. Both are read into the same values.
#[derive(Debug)]
pub struct JsonOrFormInput<J: Input, F: Input<Accepted = J::Accepted>>(
    pub J::Accepted,
    /// The input of the form.
    pub PhantomData<fn() -> F>,
);

/// A JSON object as [`JsonInput`] reads it, or `None` without a body.
#[derive(Debug)]
pub struct JsonInputOrNone<I: Input>(pub Option<I::Accepted>);

/// An optional body: a JSON object that is valid for `I`, or `None` for any other body.
#[derive(Debug)]
pub struct OptionalJsonInput<I: Input>(pub Option<I::Accepted>);

impl<J: Input, F: Input<Accepted = J::Accepted>, S: Sync> FromRequest<S> for JsonOrFormInput<J, F> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let sent = content_type(request.headers());
        let accepted = if sent.is_some_and(MediaType::is_json) {
            JsonInput::<J>::from_request(request, state).await?.0
        } else if sent.is_some_and(MediaType::is_form) {
            FormInput::<F>::from_request(request, state).await?.0
        } else {
            return Err(wrong_type("application/json or application/x-www-form-urlencoded"));
        };
        Ok(Self(accepted, PhantomData))
    }
}

impl<I: Input, S: Sync> FromRequest<S> for JsonInputOrNone<I> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = bytes(body).await?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        let request = Request::from_parts(parts, bytes.into());
        Ok(Self(Some(JsonInput::<I>::from_request(request, state).await?.0)))
    }
}

impl<I: Input, S: Sync> FromRequest<S> for OptionalJsonInput<I> {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        Ok(Self(JsonInput::<I>::from_request(request, state).await.ok().map(|it| it.0)))
    }
}

impl<I: Input<R>, R: Rules<S>, S: Sync> FromRequest<S> for JsonInput<I, R> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        expect_type(request.headers(), |it| it.is_json(), "application/json")?;
        let checks = Checks::at(request.extensions().get::<Context>().and_then(Context::time));
        let value = serde_json::from_slice(&bytes(request.into_body()).await?)
            .map_err(|_| Problem::new(Code::MALFORMED_BODY))?;
        validate::<I, R>(value, checks.under(R::of(state))).map(Self)
    }
}

impl<I: Input, S: Sync> FromRequest<S> for FormInput<I> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        expect_type(request.headers(), |it| it.is_form(), "application/x-www-form-urlencoded")?;
        let bytes = bytes(request.into_body()).await?;
        // The parser would replace octets that are not UTF-8 with U+FFFD. Different passwords would become the same.
        if percent_encoding::percent_decode(&bytes).decode_utf8().is_err() {
            return Err(Problem::new(Code::MALFORMED_BODY));
        }
        // A parameter without a value counts as omitted (RFC 6749 section 3.2).
        validate_form::<I>(form_urlencoded::parse(&bytes).filter(|(_, value)| !value.is_empty())).map(Self)
    }
}

/// The body, which [`limit::enforce`](crate::limit) has already read.
async fn bytes(body: Body) -> Result<Bytes, Problem> {
    let body = body.collect().await.map_err(|_| Problem::new(Code::MALFORMED_BODY))?;
    Ok(body.to_bytes())
}

/// Refuses a body that has another type than expected, or that is compressed.
///
/// # Errors
/// 415, with `Accept-Encoding: identity` if the body is compressed (RFC 9110 sections 12.5.3 and 15.5.16).
fn expect_type(
    headers: &HeaderMap,
    is_expected: fn(MediaType<'_>) -> bool,
    name: &str,
) -> Result<(), Problem> {
    if !content_type(headers).is_some_and(is_expected) {
        return Err(wrong_type(name));
    }
    if is_encoded(headers) { Err(Problem::new(Code::UNSUPPORTED_CONTENT_ENCODING)) } else { Ok(()) }
}

fn wrong_type(expected: &str) -> Problem {
    Problem::new(Code::UNSUPPORTED_MEDIA_TYPE).with_detail(format!("Send the body as {expected}."))
}

fn content_type(headers: &HeaderMap) -> Option<MediaType<'_>> {
    let mut sent = headers.get_all(CONTENT_TYPE).iter();
    match (sent.next(), sent.next()) {
        (Some(one), None) => MediaType::parse(one.to_str().ok()?),
        _ => None,
    }
}

/// Returns true if the body has a content coding. `identity` means none; some clients send it (RFC 9110 section 12.5.3).
fn is_encoded(headers: &HeaderMap) -> bool {
    let codings =
        headers.get_all(CONTENT_ENCODING).iter().flat_map(|value| value.as_bytes().split(|b| *b == b','));
    codings
        .map(<[u8]>::trim_ascii)
        .any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use futures::executor::block_on;
    use serde::Deserialize;

    use super::*;
    use crate::Field;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Known {
        name: Field<String>,
        age: Field<u8>,
    }

    impl Input for Known {
        type Accepted = Option<String>;

        fn check(self, checks: &mut Checks) -> Option<Option<String>> {
            let (name, age) = (checks.optional("/name", self.name), checks.optional("/age", self.age));
            age.and(name)
        }
    }

    fn json(content_type: &str, body: impl Into<Body>) -> Result<Option<String>, Problem> {
        let request = Request::builder().header(CONTENT_TYPE, content_type).body(body.into()).unwrap();
        block_on(JsonInput::<Known>::from_request(request, &())).map(|it| it.0)
    }

    fn form(body: &'static str) -> Result<Option<String>, Problem> {
        let form = "application/x-www-form-urlencoded";
        let request = Request::builder().header(CONTENT_TYPE, form).body(body.into()).unwrap();
        block_on(FormInput::<Known>::from_request(request, &())).map(|it| it.0)
    }

    fn code(outcome: Result<Option<String>, Problem>) -> Option<Code> {
        outcome.err().map(|problem| problem.code())
    }

    fn broken(outcome: Result<Option<String>, Problem>) -> Vec<String> {
        outcome.err().iter().flat_map(Problem::errors).map(|it| it.pointer.clone()).collect()
    }

    #[test]
    fn json_is_read_from_any_json_type() {
        for good in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/json ;charset=utf-8",
            "application/json;;",
            "application/merge-patch+json",
        ] {
            assert_eq!(json(good, r#"{"name": "x", "other": 1}"#).unwrap(), Some("x".to_owned()), "{good}");
        }
        for bad in ["", "text/plain", "text/json", "application/x-www-form-urlencoded", "json", "é"] {
            assert_eq!(code(json(bad, r#"{"name": "x"}"#)), Some(Code::UNSUPPORTED_MEDIA_TYPE), "{bad}");
        }
    }

    fn encoded(codings: &[&'static str], body: &'static str) -> Result<(), Problem> {
        let mut request =
            Request::post("/").header(CONTENT_TYPE, "application/json").body(body.into()).unwrap();
        for coding in codings {
            request.headers_mut().append(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        block_on(JsonInput::<Known>::from_request(request, &())).map(drop)
    }

    #[test]
    fn a_compressed_body_is_refused_with_the_codings_that_are_read() {
        for codings in [&["gzip"][..], &["identity, br"], &["identity", "zstd"], &["unheard-of"], &["\"\""]] {
            let problem = encoded(codings, "{}").unwrap_err();
            assert_eq!(problem.code(), Code::UNSUPPORTED_MEDIA_TYPE, "{codings:?}");
            let mut headers = HeaderMap::new();
            problem.add_headers(&mut headers);
            assert_eq!(headers["accept-encoding"], "identity", "{codings:?}");
        }
    }

    #[test]
    fn identity_is_no_coding() {
        for codings in [&[][..], &["identity"], &["Identity, identity"], &[""], &[" , "]] {
            assert!(encoded(codings, "{}").is_ok(), "{codings:?}");
        }
    }

    /// RFC 9110 section 12.5.3: a 415 for the media type must not have `Accept-Encoding`.
    #[test]
    fn another_type_is_refused_without_naming_codings() {
        let problem = json("text/plain", "{}").unwrap_err();
        let mut headers = HeaderMap::new();
        problem.add_headers(&mut headers);
        assert!(headers.is_empty(), "{headers:?}");
    }

    #[test]
    fn two_types_are_none() {
        let request = Request::builder()
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_TYPE, "text/plain")
            .body(Body::from("{}"))
            .unwrap();
        let outcome = block_on(JsonInput::<Known>::from_request(request, &()));
        assert_eq!(outcome.err().map(|problem| problem.code()), Some(Code::UNSUPPORTED_MEDIA_TYPE));
    }

    #[test]
    fn broken_json_is_malformed_and_json_that_is_no_object_is_invalid() {
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
            assert_eq!(code(json("application/json", bad)), Some(Code::MALFORMED_BODY), "{bad:?}");
        }
        for bad in ["[]", "1", "null", "\"x\""] {
            assert_eq!(code(json("application/json", bad)), Some(Code::VALIDATION_FAILED), "{bad}");
        }
        assert_eq!(
            code(json("application/json", "[".repeat(50_000))),
            Some(Code::MALFORMED_BODY),
            "too deep"
        );
    }

    #[test]
    fn a_nul_in_any_field_is_reported_together_with_other_broken_fields() {
        assert_eq!(broken(json("application/json", r#"{"name": "\u0000", "age": -1}"#)), ["/name", "/age"]);
        assert_eq!(broken(json("application/json", r#"{"x": {"y": ["a\u0000b"]}}"#)), ["/x/y/0"]);
        assert_eq!(broken(json("application/json", r#"{"x\u0000": 1}"#)), ["/x\0"]);
        assert_eq!(broken(form("name=a%00b&age=old")), ["/name", "/age"]);
    }

    #[test]
    fn the_size_of_a_report_of_broken_fields_is_limited() {
        let nuls = vec!["\\u0000"; 5000];
        let body = format!("{{\"{}\":[\"{}\"]}}", "k".repeat(20_000), nuls.join("\",\""));
        let report = broken(json("application/json", body));
        assert_eq!(report.len(), 7, "20,000 octets each");
    }

    #[test]
    fn a_form_is_decoded_and_a_repeated_field_is_refused() {
        assert_eq!(form("name=a+b%26%C3%A9&x=1").unwrap(), Some("a b&é".to_owned()));
        assert_eq!(form("x").unwrap(), None);
        assert_eq!(broken(form("name=a&name=b&age=old")), ["/name", "/age"]);
    }

    #[test]
    fn an_unknown_field_of_a_form_may_be_repeated() {
        assert_eq!(form("x=1&x=2&name=a&x=3").unwrap(), Some("a".to_owned()));
    }

    #[test]
    fn a_field_of_a_form_without_a_value_counts_as_omitted() {
        assert_eq!(form("name=&age=").unwrap(), None);
        assert_eq!(form("name=&name=a").unwrap(), Some("a".to_owned()));
        assert_eq!(form("name&x").unwrap(), None);
    }

    #[test]
    fn an_input_may_be_json_or_a_form() {
        let read = |content_type: &str, body: &'static str| {
            let request = Request::builder().header(CONTENT_TYPE, content_type).body(body.into()).unwrap();
            block_on(JsonOrFormInput::<Known, Known>::from_request(request, &())).map(|it| it.0)
        };
        assert_eq!(read("application/json", r#"{"name": "a"}"#).unwrap(), Some("a".to_owned()));
        assert_eq!(read("application/x-www-form-urlencoded", "name=a").unwrap(), Some("a".to_owned()));
        assert_eq!(code(read("application/json", "name=a")), Some(Code::MALFORMED_BODY));
        assert_eq!(code(read("text/plain", "name=a")), Some(Code::UNSUPPORTED_MEDIA_TYPE));
    }

    #[test]
    fn an_optional_input_is_none_when_it_is_not_good_json() {
        let read = |content_type: &str, body: &'static str| {
            let request = Request::builder().header(CONTENT_TYPE, content_type).body(body.into()).unwrap();
            let Ok(read) = block_on(OptionalJsonInput::<Known>::from_request(request, &()));
            read.0
        };
        assert_eq!(read("application/json", r#"{"name": "a"}"#), Some(Some("a".to_owned())));
        for (content_type, body) in [
            ("application/json", ""),
            ("application/json", "[]"),
            ("application/json", r#"{"name": 1}"#),
            ("text/plain", r#"{"name": "a"}"#),
            ("", r#"{"name": "a"}"#),
        ] {
            assert_eq!(read(content_type, body), None, "{content_type} {body}");
        }
    }

    #[test]
    fn a_body_that_may_be_missing_is_read_strictly_where_there_is_one() {
        let read = |content_type: &str, body: &'static str| {
            let request = Request::builder().header(CONTENT_TYPE, content_type).body(body.into()).unwrap();
            block_on(JsonInputOrNone::<Known>::from_request(request, &())).map(|it| it.0)
        };
        for content_type in ["", "application/json", "text/plain"] {
            assert_eq!(read(content_type, "").unwrap(), None, "{content_type}");
        }
        assert_eq!(read("application/json", r#"{"name": "a"}"#).unwrap(), Some(Some("a".to_owned())));
        assert_eq!(read("application/json", "{}").unwrap(), Some(None));
        for (content_type, body, expected) in [
            ("application/json", "[", Code::MALFORMED_BODY),
            ("application/json", "[]", Code::VALIDATION_FAILED),
            ("application/json", r#"{"name": 1}"#, Code::VALIDATION_FAILED),
            ("text/plain", "{}", Code::UNSUPPORTED_MEDIA_TYPE),
            ("", "{}", Code::UNSUPPORTED_MEDIA_TYPE),
        ] {
            assert_eq!(read(content_type, body).unwrap_err().code(), expected, "{content_type} {body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_body_is_validated_without_a_panic(body in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = json("application/json", body);
        }
    }
}
