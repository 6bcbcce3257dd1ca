//! A visit: one request of a browser.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use users_web::{Context, Language};

use super::cookies::Cookie;
use super::person::Account;
use super::session::Tokens;
use super::{Fields, csrf};
use crate::api::Refusal;
use crate::state::Console;
use crate::texts::{Argument, Catalogue};

/// The request of a browser, and the cookies that the answer will set. Every page takes it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Visitor(Arc<Inner>);

struct Inner {
    catalogue: Arc<Catalogue>,
    context: Context,
    is_secure: bool,
    /// The language that the browser prefers.
    language: Language,
    /// The path with the query.
    target: String,
    query: Fields,
    program: Option<HeaderValue>,
    sent_csrf_token: Option<String>,
    csrf_token: String,
    session: Mutex<Session>,
    account: OnceLock<Arc<Account>>,
}

struct Session {
    tokens: Option<Tokens>,
    /// True if the answer has to set the cookie.
    is_changed: bool,
}

impl Visitor {
    /// Reads a request.
    pub(crate) fn of(parts: &Parts, context: Context, console: &Console) -> Self {
        let is_secure = console.settings().public_url().is_secure();
        let read = |cookie: Cookie| cookie.read(&parts.headers, is_secure);
        let sent_csrf_token = read(Cookie::Csrf).filter(|it| csrf::is_token(it)).map(str::to_owned);
        let csrf_token = sent_csrf_token.clone().unwrap_or_else(|| csrf::fresh(console.random()));
        let target = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        Self(Arc::new(Inner {
            catalogue: Arc::clone(console.catalogue()),
            context,
            is_secure,
            language: Language::preferred(&parts.headers),
            target,
            query: Fields::parse(parts.uri.query().unwrap_or_default().as_bytes()),
            program: parts.headers.get(USER_AGENT).cloned(),
            sent_csrf_token,
            csrf_token,
            session: Mutex::new(Session {
                tokens: read(Cookie::Session).and_then(Tokens::parse),
                is_changed: false,
            }),
            account: OnceLock::new(),
        }))
    }

    /// The request id, the address of the browser and the like.
    pub(crate) fn context(&self) -> &Context {
        &self.0.context
    }

    /// True if people reach the pages over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.0.is_secure
    }

    /// The language of the page: the one that the person prefers, or else the one that the browser prefers.
    pub(crate) fn language(&self) -> Language {
        self.account().and_then(|account| account.language()).unwrap_or(self.0.language)
    }

    /// The text of a key.
    pub(crate) fn text(&self, key: &str) -> String {
        self.text_with(key, &[])
    }

    /// The text of a key with values in it.
    pub(crate) fn text_with(&self, key: &str, arguments: &[Argument<'_>]) -> String {
        // A test proves that every key exists.
        self.find_text(key, arguments).unwrap_or_else(|| key.to_owned())
    }

    /// The text of a key that may not exist, because it was made from other data.
    pub(crate) fn find_text(&self, key: &str, arguments: &[Argument<'_>]) -> Option<String> {
        self.0.catalogue.find(self.language(), key, arguments)
    }

    /// The path and the query of the request.
    pub(crate) fn target(&self) -> &str {
        &self.0.target
    }

    /// The path of the request.
    pub(crate) fn path(&self) -> &str {
        self.0.target.split('?').next().unwrap_or_default()
    }

    /// The parameters of the query.
    pub(crate) fn query(&self) -> &Fields {
        &self.0.query
    }

    /// The `User-Agent` of the browser.
    pub(crate) fn program(&self) -> Option<&HeaderValue> {
        self.0.program.as_ref()
    }

    /// The token that every form repeats.
    pub(crate) fn csrf_token(&self) -> &str {
        &self.0.csrf_token
    }

    /// The token in the cookie that the browser sent.
    pub(crate) fn sent_csrf_token(&self) -> Option<&str> {
        self.0.sent_csrf_token.as_deref()
    }

    /// The account of the person who is signed in, once it is known.
    pub(crate) fn account(&self) -> Option<&Arc<Account>> {
        self.0.account.get()
    }

    pub(super) fn set_account(&self, account: Arc<Account>) {
        self.0.context.set_user(account.id);
        // A request has one account, so the first value stays.
        let _ = self.0.account.set(account);
    }

    /// The access token of the person, for the API.
    pub(crate) fn access_token(&self) -> Option<String> {
        self.session().tokens.as_ref().map(|tokens| tokens.access.clone())
    }

    pub(super) fn tokens(&self) -> Option<Tokens> {
        self.session().tokens.clone()
    }

    /// Gives the browser these tokens.
    pub(crate) fn keep(&self, tokens: Tokens) {
        *self.session() = Session { tokens: Some(tokens), is_changed: true };
    }

    /// Takes the tokens from the browser.
    pub(crate) fn forget(&self) {
        *self.session() = Session { tokens: None, is_changed: true };
    }

    /// The headers `Set-Cookie` of the answer.
    pub(crate) fn cookies(&self) -> Vec<String> {
        let session = self.session();
        let mut cookies = Vec::new();
        if session.is_changed {
            cookies.push(match &session.tokens {
                Some(tokens) => Cookie::Session.set(&tokens.cookie(), tokens.lifetime, self.0.is_secure),
                None => Cookie::Session.clear(self.0.is_secure),
            });
        }
        if self.0.sent_csrf_token.is_none() {
            cookies.push(Cookie::Csrf.set(&self.0.csrf_token, None, self.0.is_secure));
        }
        cookies
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        // A component does not unwind, so a panic cannot leave this state half-changed.
        self.0.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Visitor({})", self.path())
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        // The surface adds the visitor to every request before the handler.
        let visitor = parts.extensions.get::<Self>().cloned();
        visitor.ok_or_else(|| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error"))
    }
}
