//! A client that calls a component directly.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use users_web::Component;

/// Calls a component as Spin does.
#[derive(Debug, Clone)]
pub struct Client(pub Component);

/// An answer of a component.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body. An empty body is null.
    pub json: Value,
}

impl Client {
    /// Sends a `GET`, with or without an access token.
    pub async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.send(Method::GET, path, token, None, Body::empty()).await
    }

    /// Sends a `POST` with a JSON body.
    pub async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Answer {
        self.send(Method::POST, path, token, Some("application/json"), Body::from(body.to_string())).await
    }

    /// Sends a `PUT` with a JSON body. If the body is null, sends no body.
    pub async fn put(&self, path: &str, token: Option<&str>, body: &Value) -> Answer {
        let (content_type, body) = if body.is_null() {
            (None, Body::empty())
        } else {
            (Some("application/json"), body.to_string().into())
        };
        self.send(Method::PUT, path, token, content_type, body).await
    }

    /// Sends a `DELETE`.
    pub async fn delete(&self, path: &str, token: Option<&str>) -> Answer {
        self.send(Method::DELETE, path, token, None, Body::empty()).await
    }

    /// Sends a `DELETE` with a JSON body.
    pub async fn delete_with(&self, path: &str, token: Option<&str>, body: &Value) -> Answer {
        self.send(Method::DELETE, path, token, Some("application/json"), Body::from(body.to_string())).await
    }

    /// Sends a `POST` with an encoded form.
    pub async fn post_form(&self, path: &str, form: &str) -> Answer {
        let body = Body::from(form.to_owned());
        self.send(Method::POST, path, None, Some("application/x-www-form-urlencoded"), body).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        content_type: Option<&str>,
        body: Body,
    ) -> Answer {
        // Spin gives a component an absolute URI.
        let mut request = Request::builder().method(method).uri(format!("http://127.0.0.1:3000{path}"));
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let response = self.0.answer(request.body(body).expect("a well-formed request")).await;
        let (parts, body) = response.into_parts();
        let Ok(bytes) = body.collect().await.map(http_body_util::Collected::to_bytes);
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            json: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }
}

impl Answer {
    /// Asserts the status.
    ///
    /// # Panics
    /// When the answer has another status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// The text in a field of the body.
    ///
    /// # Panics
    /// When the field is missing or not a text.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or_else(|| panic!("{field} is a text in {self:?}"))
    }
}
