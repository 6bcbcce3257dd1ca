//! Calls of the API, with the token of the person who is signed in and the address of the browser.

#[cfg(not(target_family = "wasm"))]
mod native;
mod refusal;
#[cfg(target_family = "wasm")]
mod spin;
mod transport;

use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, IF_MATCH, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use bytes::Bytes;
use futures::future::{Either, select};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;
use users_core::{ClientAddress, ProxyHeader};

#[cfg(not(target_family = "wasm"))]
pub(crate) use self::native::transport;
pub(crate) use self::refusal::{Fault, Refusal, SecondStep};
#[cfg(target_family = "wasm")]
pub(crate) use self::spin::transport;
pub use self::transport::{Exchange, Transport, TransportError};
use crate::browser::Visitor;
use crate::settings::Settings;

/// How long a call may take, from the connection to the last octet of the answer.
pub(crate) const CALL_TIME: Duration = Duration::from_secs(10);

/// The largest answer that is read: 1 MiB, unless a call [expects more](Call::expecting).
pub(crate) const MAX_ANSWER_BYTES: usize = 1024 * 1024;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The component that answers a path: the first one whose prefix the path has.
const COMPONENTS: [(&str, &str); 8] = [
    ("/auth", "auth"),
    ("/.well-known", "auth"),
    ("/users", "users"),
    ("/rbac", "rbac"),
    ("/profile", "profile"),
    ("/openapi.json", "docs"),
    ("/docs", "docs"),
    ("/redoc", "docs"),
];

/// The component that answers every other path.
const OTHERWISE: &str = "system";

/// The API.
pub(crate) struct Api {
    settings: Settings,
    transport: Arc<dyn Transport>,
}

/// A call of the API.
#[derive(Debug)]
pub(crate) struct Call {
    method: Method,
    path: String,
    body: Option<(HeaderValue, Bytes)>,
    if_match: Option<HeaderValue>,
    is_anonymous: bool,
    max_answer_bytes: usize,
}

/// A successful answer of the API.
#[derive(Debug)]
pub(crate) struct Answer {
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    /// A call of an operation. The path may have a query; see [`with_query`].
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            body: None,
            if_match: None,
            is_anonymous: false,
            max_answer_bytes: MAX_ANSWER_BYTES,
        }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    pub(crate) fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Returns the same call with a body in JSON.
    pub(crate) fn json(self, body: &impl Serialize) -> Self {
        // Our own values can always be written in JSON.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self { body: Some((JSON, body.into())), ..self }
    }

    /// Returns the same call with a form as its body.
    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        Self { body: Some((FORM, encoded(fields).into())), ..self }
    }

    /// Returns the same call, which only changes the version with this entity tag (RFC 9110 section 13.1.1).
    pub(crate) fn if_match(self, tag: &str) -> Self {
        Self { if_match: HeaderValue::from_str(tag).ok(), ..self }
    }

    /// Returns the same call, whose answer may have up to this many octets.
    pub(crate) fn expecting(self, max_answer_bytes: usize) -> Self {
        Self { max_answer_bytes, ..self }
    }

    /// Returns the same call without the token of the person.
    pub(crate) fn anonymous(self) -> Self {
        Self { is_anonymous: true, ..self }
    }
}

impl Answer {
    /// The body. An empty one is `()` or `None`.
    ///
    /// # Errors
    /// A [`Refusal`] when the body is something else.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let body: &[u8] = if self.body.is_empty() { b"null" } else { &self.body };
        // The message of the parser may quote values of the answer.
        serde_json::from_slice(body).map_err(|error| {
            Refusal::bad_answer(format!("unexpected JSON in line {} column {}", error.line(), error.column()))
        })
    }

    /// The body as it is.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// A header of the answer, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The version of the object, for [`Call::if_match`].
    pub(crate) fn tag(&self) -> Option<&str> {
        self.header(ETAG.as_str())
    }
}

impl Api {
    pub(crate) fn new(settings: &Settings, transport: Arc<dyn Transport>) -> Self {
        Self { settings: settings.clone(), transport }
    }

    /// `GET`, and the object in the answer.
    ///
    /// # Errors
    /// See [`Self::send`].
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        visitor: &Visitor,
        path: impl Into<String>,
    ) -> Result<T, Refusal> {
        self.send(visitor, Call::get(path)).await?.json()
    }

    /// `POST` with a body in JSON, and the object in the answer.
    ///
    /// # Errors
    /// See [`Self::send`].
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        visitor: &Visitor,
        path: impl Into<String>,
        body: &impl Serialize,
    ) -> Result<T, Refusal> {
        self.send(visitor, Call::post(path).json(body)).await?.json()
    }

    /// `PUT` with a body in JSON, and the object in the answer.
    ///
    /// # Errors
    /// See [`Self::send`].
    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        visitor: &Visitor,
        path: impl Into<String>,
        body: &impl Serialize,
    ) -> Result<T, Refusal> {
        self.send(visitor, Call::put(path).json(body)).await?.json()
    }

    /// `DELETE` without a body.
    ///
    /// # Errors
    /// See [`Self::send`].
    pub(crate) async fn delete(&self, visitor: &Visitor, path: impl Into<String>) -> Result<(), Refusal> {
        self.send(visitor, Call::delete(path)).await.map(drop)
    }

    /// Sends a call for the browser of a visitor.
    ///
    /// # Errors
    /// A [`Refusal`]: the API's own, or one of ours when the API gave no answer that can be used.
    pub(crate) async fn send(&self, visitor: &Visitor, call: Call) -> Result<Answer, Refusal> {
        let component = component_of(&call.path);
        let max_answer_bytes = call.max_answer_bytes;
        let request = self.request(component, visitor, call)?;
        let time = std::pin::pin!(users_web::wait(CALL_TIME));
        let outcome = match select(std::pin::pin!(self.exchange(request, max_answer_bytes)), time).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => Err(Refusal::slow("no answer within 10 seconds")),
        };
        outcome.inspect_err(|refusal| {
            if let Some(cause) = refusal.cause() {
                users_web::warn(visitor.context(), &format!("the call of {component} failed: {cause}"));
            }
        })
    }

    async fn exchange(&self, request: Request<Bytes>, max_answer_bytes: usize) -> Result<Answer, Refusal> {
        let response = self.transport.send(request).await.map_err(|error| match error {
            TransportError::TimedOut => Refusal::slow("no answer in time"),
            TransportError::Failed(cause) => Refusal::unreachable(cause),
        })?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, max_answer_bytes).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                Refusal::too_large()
            } else {
                Refusal::unreachable("the answer ended early".to_owned())
            }
        })?;
        let body = body.to_bytes();
        if parts.status.is_success() {
            Ok(Answer { headers: parts.headers, body })
        } else {
            Err(Refusal::read(parts.status, &parts.headers, &body))
        }
    }

    /// The request. Of the browser's headers, it has the `User-Agent` only. One header has the browser's address.
    fn request(&self, component: &str, visitor: &Visitor, call: Call) -> Result<Request<Bytes>, Refusal> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(format!("{}{}", self.settings.url_of(component), call.path))
            .header(ACCEPT, JSON)
            .header(X_REQUEST_ID, visitor.context().request_id());
        if let Some(token) = visitor.access_token().filter(|_| !call.is_anonymous) {
            let mut value = HeaderValue::try_from(format!("Bearer {token}"))
                .map_err(|_| Refusal::bad_answer("a token is no text of a header".to_owned()))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        if let Some(address) = visitor.context().client() {
            let header = self.settings.proxy_header();
            request = request.header(header.name(), node(header, address));
        }
        if let Some(program) = visitor.program() {
            request = request.header(USER_AGENT, program);
        }
        if let Some(tag) = call.if_match {
            request = request.header(IF_MATCH, tag);
        }
        let body = match call.body {
            Some((media_type, body)) => {
                request = request.header(CONTENT_TYPE, media_type);
                body
            }
            None => Bytes::new(),
        };
        request.body(body).map_err(|_| Refusal::new(StatusCode::NOT_FOUND, "not_found"))
    }
}

/// A path with a query. Pairs without a value are left out.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = pairs.iter().copied().filter(|(_, value)| !value.is_empty()).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", encoded(&pairs)) }
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn component_of(path: &str) -> &'static str {
    let has = |prefix: &str| {
        path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    };
    COMPONENTS.iter().find(|(prefix, _)| has(prefix)).map_or(OTHERWISE, |(_, component)| component)
}

/// The address of the browser, as a proxy writes it. In `Forwarded`, an IPv6 address is in brackets and quotes (RFC 7239 section 6).
fn node(header: ProxyHeader, address: ClientAddress) -> String {
    match header {
        ProxyHeader::XForwardedFor => address.to_string(),
        ProxyHeader::Forwarded if address.ip().is_ipv6() => format!("for=\"[{address}]\""),
        ProxyHeader::Forwarded => format!("for={address}"),
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn a_path_belongs_to_the_component_whose_prefix_it_has() {
        for (path, component) in [
            ("/auth/me", "auth"),
            ("/.well-known/jwks.json", "auth"),
            ("/users", "users"),
            ("/users?search=a", "users"),
            ("/rbac/roles", "rbac"),
            ("/profile/", "profile"),
            ("/openapi.json", "docs"),
            ("/readyz", "system"),
            ("/authors", "system"),
        ] {
            assert_eq!(component_of(path), component, "{path}");
        }
    }

    #[test]
    fn the_address_is_written_as_the_components_read_it() {
        let node =
            |header, address: &str| node(header, ClientAddress::from(address.parse::<IpAddr>().unwrap()));
        assert_eq!(node(ProxyHeader::XForwardedFor, "2001:db8::1"), "2001:db8::1");
        assert_eq!(node(ProxyHeader::Forwarded, "192.0.2.7"), "for=192.0.2.7");
        assert_eq!(node(ProxyHeader::Forwarded, "2001:db8::1"), "for=\"[2001:db8::1]\"");
    }

    #[test]
    fn a_query_is_encoded_and_has_no_empty_pairs() {
        assert_eq!(with_query("/users", &[]), "/users");
        assert_eq!(with_query("/users", &[("search", "a b&c"), ("after", "")]), "/users?search=a+b%26c");
    }
}
