//! What is known about the request that is being answered.

use std::sync::{Arc, OnceLock};

use users_core::UserId;

/// What the parts of the kit tell each other about a request, in its extensions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    component: &'static str,
    request_id: String,
    log_queries: bool,
    route: OnceLock<&'static str>,
    user: OnceLock<UserId>,
    time: OnceLock<i64>,
}

impl Context {
    pub(crate) fn new(component: &'static str, request_id: &str, log_queries: bool) -> Self {
        Self(Arc::new(Inner {
            component,
            request_id: request_id.to_owned(),
            log_queries,
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

    pub(crate) fn log_queries(&self) -> bool {
        self.0.log_queries
    }

    /// The path of the route that matched, with its parameters unfilled.
    pub(crate) fn route(&self) -> Option<&'static str> {
        self.0.route.get().copied()
    }

    pub(crate) fn set_route(&self, path: &'static str) {
        // A request matches one route, and the first to say so is right.
        let _ = self.0.route.set(path);
    }

    pub(crate) fn user(&self) -> Option<UserId> {
        self.0.user.get().copied()
    }

    /// Says who is calling, for the log.
    pub fn set_user(&self, user: UserId) {
        // A request has one caller, and the first to say so is right.
        let _ = self.0.user.set(user);
    }

    /// The database's time, in seconds since 1970; known once the guard has asked it.
    pub(crate) fn time(&self) -> Option<i64> {
        self.0.time.get().copied()
    }

    pub(crate) fn set_time(&self, time: i64) {
        // A request has one guard, and the first to say so is right.
        let _ = self.0.time.set(time);
    }
}
