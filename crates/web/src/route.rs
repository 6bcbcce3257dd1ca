//! A component's table of routes.

use std::borrow::Cow;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::context::without_slash;
use crate::openapi::{About, Described, Operation};
use crate::{Code, Context, Problem};

/// A rule that decides who may use a route.
pub trait Access<S>: Clone + Send + Sync + 'static {
    /// The right that is required, in a word, for tables and documents.
    fn required(&self) -> Cow<'static, str>;

    /// Adds the problems that the rule answers with to the description of an operation.
    fn describe(&self, operation: &mut Operation);

    /// Lets the request pass, and leaves what it learned about the caller in the request's extensions.
    ///
    /// # Errors
    /// The problem that the client is answered with instead.
    fn admit(&self, state: &S, request: &mut Parts) -> impl Future<Output = Result<(), Problem>> + Send;
}

/// Anyone may.
#[derive(Debug, Clone, Copy)]
pub struct Public;

impl<S: Sync> Access<S> for Public {
    fn required(&self) -> Cow<'static, str> {
        "public".into()
    }

    fn describe(&self, _: &mut Operation) {}

    async fn admit(&self, _: &S, _: &mut Parts) -> Result<(), Problem> {
        Ok(())
    }
}

/// One line of a component's table of routes.
#[derive(Debug, Clone)]
pub struct Route<S> {
    /// The method it answers. `GET` also answers `HEAD`.
    pub method: Method,
    /// Its path without a trailing slash; it answers with one, too.
    pub path: &'static str,
    /// The right that it requires, in a word: `public`, `account`, `admin`, or a permission such as `user:read`.
    pub required: Cow<'static, str>,
    /// True if its problems have the member `error` of OAuth 2.0.
    pub(crate) speaks_oauth: bool,
    /// The types that it takes and answers.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) operation: Operation,
    /// The words about it; none for a file that is no operation of the API.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) about: Option<About>,
    handler: MethodRouter<S, Infallible>,
}

/// Defines the function that makes a route of a method. If its path is written with a trailing slash, links to further pages have
/// one, too; the route answers with and without it.
macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident $method:ident)+) => {$(
        $(#[$doc])*
        pub fn $name<S: State, T: 'static>(
            path: &'static str,
            access: impl Access<S>,
            handler: impl Handler<T, S> + Described<T>,
            about: impl FnOnce() -> About,
        ) -> Route<S> {
            Route::new(Method::$method, MethodFilter::$method, path, access, handler, Some(about))
        }
    )+};
}

methods! {
    /// A route that answers `GET` and `HEAD`.
    get GET
    /// A route that answers `POST`.
    post POST
    /// A route that answers `PUT`.
    put PUT
    /// A route that answers `DELETE`.
    delete DELETE
}

/// A file that belongs to a page: a public route that answers `GET` and is no operation of the API.
pub fn file<S: State, T: 'static>(
    path: &'static str,
    handler: impl Handler<T, S> + Described<T>,
) -> Route<S> {
    Route::new(Method::GET, MethodFilter::GET, path, Public, handler, None::<fn() -> About>)
}

/// The traits that axum asks of a component's state.
pub trait State: Clone + Send + Sync + 'static {}

impl<S: Clone + Send + Sync + 'static> State for S {}

impl<S: State> Route<S> {
    #[cfg_attr(
        target_family = "wasm",
        expect(unused_variables, reason = "a component does not describe itself")
    )]
    fn new<T: 'static, H: Handler<T, S> + Described<T>>(
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        access: impl Access<S>,
        handler: H,
        about: Option<impl FnOnce() -> About>,
    ) -> Self {
        Self {
            method,
            path: without_slash(path),
            required: access.required(),
            speaks_oauth: false,
            #[cfg(not(target_family = "wasm"))]
            operation: describe::<S, T, H>(&access),
            #[cfg(not(target_family = "wasm"))]
            about: about.map(|about| about()),
            handler: on(filter, Guarded { path, access, handler }),
        }
    }
}

impl<S> Route<S> {
    /// The same route, whose problems also carry `error` (RFC 6749 section 5.2): an OAuth client recognises a refusal by it. All
    /// problems of its path do, whatever the method, and those of a body that was refused before it reached the route. The path has
    /// no parameters.
    #[must_use]
    pub fn speaking_oauth(self) -> Self {
        Self { speaks_oauth: true, ..self }
    }
}

#[cfg(not(target_family = "wasm"))]
fn describe<S, T, H: Described<T>>(access: &impl Access<S>) -> Operation {
    let mut operation = Operation::default();
    access.describe(&mut operation);
    H::describe(&mut operation);
    operation
}

/// A router for the table; any other path or method is answered with a problem.
pub(crate) fn router<S: State>(routes: Vec<Route<S>>, state: S) -> Router {
    routes
        .into_iter()
        .fold(Router::new(), |router, route| router.route(route.path, route.handler))
        .fallback(async || Problem::new(Code::NOT_FOUND))
        .method_not_allowed_fallback(async || Problem::new(Code::METHOD_NOT_ALLOWED))
        .with_state(state)
}

/// A handler behind its access rule.
#[derive(Clone)]
struct Guarded<A, H> {
    path: &'static str,
    access: A,
    handler: H,
}

impl<S: State, T: 'static, A: Access<S>, H: Handler<T, S>> Handler<(A, T), S> for Guarded<A, H> {
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, state: S) -> Self::Future {
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            if let Some(context) = parts.extensions.get::<Context>() {
                context.set_route(self.path);
            }
            match self.access.admit(&state, &mut parts).await {
                Ok(()) => self.handler.call(Request::from_parts(parts, body), state).await,
                Err(problem) => problem.into_response(),
            }
        })
    }
}
