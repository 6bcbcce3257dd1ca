//! The facts about a request that the parts of the kit share.

use std::sync::{Arc, OnceLock};

/// The facts about a request, in its extensions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    component: &'static str,
    request_id: String,
    route: OnceLock<&'static str>,
    user: OnceLock<i32>,
    time: OnceLock<i64>,
}

impl Context {
    pub(crate) fn new(component: &'static str, request_id: &str) -> Self {
        Self(Arc::new(Inner {
            component,
            request_id: request_id.to_owned(),
            route: OnceLock::new(),
            user: OnceLock::new(),
            time: OnceLock::new(),
        }))
    }

    pub(crate) fn component(&self) -> &'static str {
        self.0.component
    }

    /// The id of the request, as the answer's `X-Request-Id` gives it.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// The path of the route that matched, with its parameters unfilled and without a trailing slash.
    #[must_use]
    pub fn route(&self) -> Option<&'static str> {
        self.written_route().map(without_slash)
    }

    /// The path of the route as the table of routes writes it.
    pub(crate) fn written_route(&self) -> Option<&'static str> {
        self.0.route.get().copied()
    }

    pub(crate) fn set_route(&self, path: &'static str) {
        // A request matches one route; the first note stays.
        let _ = self.0.route.set(path);
    }

    pub(crate) fn user(&self) -> Option<i32> {
        self.0.user.get().copied()
    }

    /// Notes the id of the account that is calling, for the log.
    pub fn set_user(&self, user: i32) {
        // A request has one caller; the first note stays.
        let _ = self.0.user.set(user);
    }

    /// The database's time, in seconds since 1970; known once the guard has asked it.
    pub(crate) fn time(&self) -> Option<i64> {
        self.0.time.get().copied()
    }

    /// Notes the database's time, in seconds since 1970.
    pub fn set_time(&self, time: i64) {
        // A request has one guard; the first note stays.
        let _ = self.0.time.set(time);
    }
}

/// A path without its trailing slash; `/` stays.
pub(crate) fn without_slash(path: &'static str) -> &'static str {
    path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path)
}
