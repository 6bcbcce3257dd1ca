//! Requests that are shown, and judged by their answer's status.

use std::cell::Cell;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use ureq::http::{HeaderMap, Request, Response, StatusCode, header};
use ureq::{Agent, Body};

use super::{Person, show};
use crate::process;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The headers of an answer that say something to a newcomer.
const TELLING: [&str; 6] = ["Location", "Link", "X-Total-Count", "Allow", "WWW-Authenticate", "ETag"];

/// Knows the service, and counts its answers.
pub(super) struct Client {
    agent: Agent,
    base: String,
    answers: Cell<usize>,
}

/// A request that is being put together.
pub(super) struct Step<'a> {
    client: &'a Client,
    title: &'a str,
    method: &'static str,
    path: String,
    token: Option<&'a str>,
    header: Option<(&'static str, &'a str)>,
    content: Content,
}

/// What a request carries.
enum Content {
    Nothing,
    Json(Value),
    Form(Vec<(&'static str, String)>),
}

impl Client {
    /// For the service at this address, whatever proxy the environment names.
    pub(super) fn new(address: SocketAddr) -> Self {
        let config = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .build();
        Self { agent: config.into(), base: format!("http://{address}"), answers: Cell::new(0) }
    }

    /// How many answers there were.
    pub(super) fn answers(&self) -> usize {
        self.answers.get()
    }

    pub(super) fn get<'a>(&'a self, title: &'a str, path: impl Into<String>) -> Step<'a> {
        self.step(title, "GET", path.into())
    }

    pub(super) fn post<'a>(&'a self, title: &'a str, path: impl Into<String>) -> Step<'a> {
        self.step(title, "POST", path.into())
    }

    pub(super) fn put<'a>(&'a self, title: &'a str, path: impl Into<String>) -> Step<'a> {
        self.step(title, "PUT", path.into())
    }

    pub(super) fn delete<'a>(&'a self, title: &'a str, path: impl Into<String>) -> Step<'a> {
        self.step(title, "DELETE", path.into())
    }

    fn step<'a>(&'a self, title: &'a str, method: &'static str, path: String) -> Step<'a> {
        Step { client: self, title, method, path, token: None, header: None, content: Content::Nothing }
    }

    /// Opens an account and returns its id.
    pub(super) fn register(&self, title: &str, person: &Person, full_name: &str) -> anyhow::Result<Value> {
        let body = json!({"email": person.email, "password": person.password, "full_name": full_name});
        Ok(self.post(title, "/auth/register").json(body).expect(201)?["id"].take())
    }

    /// Opens a session and returns its access token.
    pub(super) fn log_in(&self, title: &str, person: &Person) -> anyhow::Result<String> {
        let pair = self
            .post(title, "/auth/login")
            .form([("username", person.email), ("password", &person.password)])
            .expect(200)?;
        text(&pair, "access_token")
    }
}

impl<'a> Step<'a> {
    /// With an access token.
    pub(super) fn by(mut self, token: &'a str) -> Self {
        self.token = Some(token);
        self
    }

    /// With one more header field.
    pub(super) fn header(mut self, name: &'static str, value: &'a str) -> Self {
        self.header = Some((name, value));
        self
    }

    pub(super) fn json(mut self, body: Value) -> Self {
        self.content = Content::Json(body);
        self
    }

    pub(super) fn form<const N: usize>(mut self, fields: [(&'static str, &str); N]) -> Self {
        self.content = Content::Form(fields.map(|(name, value)| (name, value.to_owned())).into());
        self
    }

    /// Sends the request and shows it and its answer, whose content is returned, or null when there is none.
    ///
    /// # Errors
    /// When there is no answer, or one with another status.
    pub(super) fn expect(self, status: u16) -> anyhow::Result<Value> {
        Ok(self.answer(status)?.1)
    }

    /// As [`Step::expect`], but returns the version that the answer tells.
    ///
    /// # Errors
    /// Those of [`Step::expect`], and when there is no version.
    pub(super) fn version(self, status: u16) -> anyhow::Result<String> {
        let (headers, _) = self.answer(status)?;
        let tag = headers.get(header::ETAG).context("the answer has no ETag: see above")?;
        Ok(tag.to_str()?.to_owned())
    }

    fn answer(self, status: u16) -> anyhow::Result<(HeaderMap, Value)> {
        process::go_on()?;
        self.show();
        let mut answer = self.send().with_context(|| format!("{} {} failed", self.method, self.path))?;
        let text = answer.body_mut().read_to_string()?;
        let content = if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? };
        show_answer(answer.status(), answer.headers(), &content);
        let got = answer.status().as_u16();
        if got != status {
            bail!("{} {} answered {got} instead of {status}: see above", self.method, self.path);
        }
        self.client.answers.set(self.client.answers() + 1);
        Ok((answer.headers().clone(), content))
    }

    fn send(&self) -> anyhow::Result<Response<Body>> {
        let mut request = Request::builder()
            .method(self.method)
            .uri(format!("{}{}", self.client.base, self.path))
            .header(header::ACCEPT, "application/json");
        if let Some(token) = self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some((name, value)) = self.header {
            request = request.header(name, value);
        }
        let (kind, body) = match &self.content {
            // Neither of these two may have one.
            Content::Nothing if ["GET", "DELETE"].contains(&self.method) => {
                return Ok(self.client.agent.run(request.body(())?)?);
            }
            Content::Nothing => return Ok(self.client.agent.run(request.body(String::new())?)?),
            Content::Json(value) => ("application/json", value.to_string()),
            Content::Form(fields) => ("application/x-www-form-urlencoded", encode(fields)),
        };
        Ok(self.client.agent.run(request.header(header::CONTENT_TYPE, kind).body(body)?)?)
    }

    fn show(&self) {
        println!("\n{}", self.title);
        println!("  {} {}", self.method, self.path);
        if let Some(token) = self.token {
            println!("  Authorization: Bearer {}", show::shortened(token));
        }
        if let Some((name, value)) = self.header {
            println!("  {name}: {value}");
        }
        match &self.content {
            Content::Nothing => {}
            Content::Json(value) => println!("{}", show::json(value)),
            Content::Form(fields) => println!("  {}", show::form(fields)),
        }
    }
}

fn show_answer(status: StatusCode, headers: &HeaderMap, content: &Value) {
    println!("\n  {status}");
    for name in TELLING {
        for value in headers.get_all(name) {
            println!("{}", show::line(&format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))));
        }
    }
    if !content.is_null() {
        println!("{}", show::json(content));
    }
}

fn encode(fields: &[(&'static str, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A text of an answer.
pub(super) fn text(answer: &Value, field: &str) -> anyhow::Result<String> {
    answer[field].as_str().map(str::to_owned).with_context(|| format!("the answer has no {field}: see above"))
}
