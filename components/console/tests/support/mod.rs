//! The component with a fake API, and a browser.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Response};
use bytes::Bytes;
use console::{Console, Exchange, NAME, Settings, Transport, TransportError, routes};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use users_core::ApiUrl;
use users_web::{Component, Edge};

/// The origin under which the pages are served in these tests.
pub(crate) const ORIGIN: &str = "https://users.example.com";

/// The token of the forms in these tests.
pub(crate) const CSRF: &str = "0123456789abcdef0123456789abcdef";

/// A request that the API got.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The number of answers that the API had given before. Requests that are sent at once have the same.
    pub(crate) answered: usize,
    pub(crate) method: Method,
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    /// Method and path with the query, such as `GET /auth/me`.
    pub(crate) fn line(&self) -> String {
        let path = self.uri.splitn(4, '/').nth(3).unwrap_or_default();
        format!("{} /{path}", self.method)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|it| it.to_str().unwrap())
    }
}

/// An answer of the API.
pub(crate) enum Reply {
    Answer(Response<Body>),
    Fails(TransportError),
    /// The answer comes after this many seconds.
    Late(u64, Box<Reply>),
    /// The answer never comes.
    Hangs,
}

/// Makes a reply, as often as it is asked for.
pub(crate) type Replying = Box<dyn Fn() -> Reply + Send>;

/// An answer in JSON.
pub(crate) fn reply(status: u16, body: &Value) -> Reply {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    Reply::Answer(Response::builder().status(status).body(body).unwrap())
}

/// A problem document.
pub(crate) fn problem(status: u16, code: &str) -> Reply {
    reply(status, &json!({ "status": status, "code": code, "detail": "The sentence of the API." }))
}

/// A problem document that lists broken fields.
pub(crate) fn faults(faults: &[(&str, &str)]) -> Reply {
    let errors: Vec<Value> =
        faults.iter().map(|(pointer, message)| json!({ "pointer": pointer, "message": message })).collect();
    reply(
        422,
        &json!({ "status": 422, "code": "validation_failed", "detail": "See errors.", "errors": errors }),
    )
}

/// A fake API. It answers each line with the replies that a test gave for it; the last reply is repeated.
#[derive(Default)]
pub(crate) struct FakeApi {
    replies: Mutex<BTreeMap<String, VecDeque<Replying>>>,
    seen: Mutex<Vec<Seen>>,
    answered: AtomicUsize,
}

impl FakeApi {
    /// Answers the line, such as `GET /auth/me`, with this. A second reply to the same line answers the second request.
    pub(crate) fn on(&self, line: &str, reply: impl Fn() -> Reply + Send + 'static) {
        self.replies.lock().unwrap().entry(line.to_owned()).or_default().push_back(Box::new(reply));
    }

    /// Forgets the replies to a line.
    pub(crate) fn off(&self, line: &str) {
        self.replies.lock().unwrap().remove(line);
    }

    /// The requests to a line.
    pub(crate) fn seen(&self, line: &str) -> Vec<Seen> {
        self.all().into_iter().filter(|seen| seen.line() == line).collect()
    }

    /// All requests.
    pub(crate) fn all(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    fn reply(&self, line: &str) -> Reply {
        let mut replies = self.replies.lock().unwrap();
        let Some(queue) = replies.get_mut(line) else { return problem(404, "not_found") };
        let next = if queue.len() > 1 { queue.pop_front() } else { None };
        next.as_ref().or(queue.front()).map_or_else(|| problem(404, "not_found"), |reply| reply())
    }
}

impl Transport for FakeApi {
    fn send(&self, request: Request<Bytes>) -> Exchange<'_> {
        let (parts, body) = request.into_parts();
        let seen = Seen {
            answered: self.answered.load(Ordering::Relaxed),
            method: parts.method,
            uri: parts.uri.to_string(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        };
        let reply = self.reply(&seen.line());
        self.seen.lock().unwrap().push(seen);
        Box::pin(async move {
            // As over a network, requests that are sent at once are all sent before the first answer arrives.
            tokio::task::yield_now().await;
            self.answered.fetch_add(1, Ordering::Relaxed);
            deliver(reply).await
        })
    }
}

async fn deliver(reply: Reply) -> Result<Response<Body>, TransportError> {
    match reply {
        Reply::Answer(answer) => Ok(answer),
        Reply::Fails(error) => Err(error),
        Reply::Late(seconds, reply) => {
            tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
            Box::pin(deliver(*reply)).await
        }
        Reply::Hangs => std::future::pending().await,
    }
}

/// The component and its fake API.
pub(crate) struct Pages {
    pub(crate) api: Arc<FakeApi>,
    component: Component,
}

/// A request of a browser.
pub(crate) struct Visit<'a> {
    pages: &'a Pages,
    request: axum::http::request::Builder,
    body: Body,
}

/// A page, or whatever the component answers.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Pages {
    /// The component with its usual settings, at an `https` URL.
    pub(crate) async fn open() -> Self {
        Self::with(&[]).await
    }

    /// The component with these variables in place of the usual ones.
    pub(crate) async fn with(changed: &[(&str, &str)]) -> Self {
        let usual = [
            ("public_url", ORIGIN),
            ("chain_domain", "spin.internal"),
            ("api_url", ApiUrl::NONE),
            ("trusted_proxies", ""),
            ("proxy_header", "x-forwarded-for"),
            ("webauthn_rp_id", ""),
            ("webauthn_origins", ""),
            ("blocked_addresses", ""),
            ("admin_addresses", ""),
            ("cors_origins", ""),
            ("registration", "open"),
        ];
        let variables: BTreeMap<String, String> = usual
            .iter()
            .chain(changed)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let api = Arc::new(FakeApi::default());
        let settings = Settings::read(&variables).await.unwrap();
        let console = Console::new(settings, api.clone()).unwrap();
        let edge = Edge::read(&variables, &routes()).await.unwrap();
        Self { api, component: Component::new(NAME, routes(), console).with_edge(edge) }
    }

    /// The component, whose API knows the tokens of [`SESSION`] as those of Ada.
    pub(crate) async fn of_ada() -> Self {
        let pages = Self::open().await;
        pages.api.know_ada();
        pages
    }

    /// A request as a browser sends it, without a session.
    pub(crate) fn request(&self, method: Method, path: &str) -> Visit<'_> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{ORIGIN}{path}"))
            .header("spin-client-addr", "192.0.2.7:50000")
            .header("user-agent", "Browser/1.0");
        Visit { pages: self, request, body: Body::empty() }
    }

    pub(crate) fn get(&self, path: &str) -> Visit<'_> {
        self.request(Method::GET, path)
    }

    /// A form as one of our pages sends it.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Visit<'_> {
        let fields = [fields, &[("csrf_token", CSRF)]].concat();
        self.post_without_token(path, &fields)
            .header("cookie", &format!("__Host-csrf={CSRF}"))
            .header("origin", ORIGIN)
            .header("sec-fetch-site", "same-origin")
    }

    /// A form as any page may send it.
    pub(crate) fn post_without_token(&self, path: &str, fields: &[(&str, &str)]) -> Visit<'_> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let visit =
            self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        Visit { body: Body::from(body), ..visit }
    }
}

/// The second factors of an account, as the API tells of them.
pub(crate) fn factors(has_totp: bool, passkeys: u32, recovery_codes: u32) -> Value {
    let totp = has_totp.then(|| json!({ "created_at": "2026-05-15T09:30:00.123456Z" }));
    json!({ "totp": totp, "passkeys": passkeys, "recovery_codes_left": recovery_codes })
}

/// The tokens in the cookie of a browser that is signed in.
pub(crate) const SESSION: &str = "access.1.x~refresh-1";

impl FakeApi {
    /// Knows Ada, an account without any rights.
    pub(crate) fn know_ada(&self) {
        self.on("GET /auth/me", || {
            reply(
                200,
                &json!({
                    "id": 7, "email": "ada@example.com", "full_name": "Ada Lovelace", "is_active": true,
                    "is_admin": false, "roles": [],
                }),
            )
        });
        self.on("GET /rbac/my-permissions", || {
            reply(200, &json!({ "user_id": 7, "is_admin": false, "roles": [], "permissions": [] }))
        });
        self.on("GET /profile/preferences", || reply(200, &json!({})));
        self.on("GET /auth/factors", || reply(200, &factors(false, 0, 0)));
        self.on("GET /auth/passkeys", || reply(200, &json!([])));
    }

    /// Ada has these factors: an authenticator app, so many passkeys, and so many recovery codes that are left.
    pub(crate) fn give_ada(&self, has_totp: bool, passkeys: u32, recovery_codes: u32) {
        self.off("GET /auth/factors");
        self.on("GET /auth/factors", move || reply(200, &factors(has_totp, passkeys, recovery_codes)));
    }

    /// Ada has these permissions, such as `accounts:read`, or is an administrator.
    pub(crate) fn permit_ada(&self, is_admin: bool, permissions: &'static [&'static str]) {
        for line in ["GET /auth/me", "GET /rbac/my-permissions", "GET /profile/preferences"] {
            self.off(line);
        }
        self.on("GET /auth/me", move || {
            reply(200, &json!({ "id": 7, "email": "ada@example.com", "is_admin": is_admin, "roles": [] }))
        });
        self.on("GET /rbac/my-permissions", move || {
            let permissions: Vec<Value> = permissions
                .iter()
                .map(|name| {
                    let (resource, action) = name.split_once(':').unwrap();
                    json!({ "id": 1, "name": name, "resource": resource, "action": action })
                })
                .collect();
            reply(200, &json!({ "is_admin": is_admin, "roles": [], "permissions": permissions }))
        });
        self.on("GET /profile/preferences", || reply(200, &json!({})));
        self.off("GET /users/statistics");
        self.on("GET /users/statistics", || problem(403, "admin_required"));
    }
}

impl Visit<'_> {
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    /// The browser has the session of Ada.
    pub(crate) fn signed_in(self) -> Self {
        self.header("cookie", &format!("__Host-session={SESSION}"))
    }

    pub(crate) async fn send(self) -> Shown {
        let request = self.request.body(self.body).unwrap();
        let (parts, body) = self.pages.component.answer(request).await.into_parts();
        let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes);
        let text = String::from_utf8(body.to_vec()).unwrap();
        Shown { status: parts.status.as_u16(), headers: parts.headers, text }
    }
}

impl Shown {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn containing(self, text: &str) -> Self {
        assert!(self.text.contains(text), "expected {text:?}: {self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn without(self, text: &str) -> Self {
        assert!(!self.text.contains(text), "expected no {text:?}: {self:#?}");
        self
    }

    /// The address to which a redirect leads.
    #[track_caller]
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{self:#?}");
        self.headers["location"].to_str().unwrap()
    }

    /// The header `Set-Cookie` for a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let mut cookies = self.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap());
        cookies.find(|cookie| cookie.starts_with(&format!("{name}=")))
    }
}
