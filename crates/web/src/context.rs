//! The facts about a request that several parts of the kit need.

use std::sync::{Arc, OnceLock};

use users_core::ClientAddress;

/// The facts about a request, stored in the request's extensions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    component: &'static str,
    request_id: String,
    client: Option<ClientAddress>,
    may_administrate: bool,
    route: OnceLock<&'static str>,
    user: OnceLock<i32>,
    time: OnceLock<i64>,
}

impl Context {
    pub(crate) fn new(
        component: &'static str,
        request_id: &str,
        client: Option<ClientAddress>,
        may_administrate: bool,
    ) -> Self {
        Self(Arc::new(Inner {
            component,
            request_id: request_id.to_owned(),
            client,
            may_administrate,
            route: OnceLock::new(),
            user: OnceLock::new(),
            time: OnceLock::new(),
        }))
    }

    pub(crate) fn component(&self) -> &'static str {
        self.0.component
    }

    /// The id of the request. The answer's `X-Request-Id` contains it.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// The address of the client: see [`Client::address`](crate::Client::address).
    #[must_use]
    pub fn client(&self) -> Option<ClientAddress> {
        self.0.client
    }

    /// True if the routes for administrators may be used from the address of the client.
    pub(crate) fn may_administrate(&self) -> bool {
        self.0.may_administrate
    }

    /// The path of the matched route without a trailing slash, such as `/users/{user_id}`.
    #[must_use]
    pub fn route(&self) -> Option<&'static str> {
        self.written_route().map(without_slash)
    }

    /// The path of the matched route as the table of routes has it.
    pub(crate) fn written_route(&self) -> Option<&'static str> {
        self.0.route.get().copied()
    }

    pub(crate) fn set_route(&self, path: &'static str) {
        // A request matches one route, so the first value stays.
        let _ = self.0.route.set(path);
    }

    pub(crate) fn user(&self) -> Option<i32> {
        self.0.user.get().copied()
    }

    /// Stores the id of the calling account, for the log.
    pub fn set_user(&self, user: i32) {
        // A request has one caller, so the first value stays.
        let _ = self.0.user.set(user);
    }

    /// The database's time, in seconds since 1970. It is known once the guard has asked the database.
    pub(crate) fn time(&self) -> Option<i64> {
        self.0.time.get().copied()
    }

    /// Stores the database's time, in seconds since 1970.
    pub fn set_time(&self, time: i64) {
        // A request has one guard, so the first value stays.
        let _ = self.0.time.set(time);
    }
}

/// A path without its trailing slash. The path `/` stays.
pub(crate) fn without_slash(path: &'static str) -> &'static str {
    path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path)
}
