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

use crate::openapi::{Described, Operation};
use crate::{Code, Context, Problem};

/// Who may use a route.
pub trait Access<S>: Clone + Send + Sync + 'static {
    /// What is required, in a word, for tables and documents.
    fn required(&self) -> Cow<'static, str>;

    /// What it means for the description of an operation.
    fn describe(&self, operation: &mut Operation);

    /// Lets the request pass, with what was learned about the caller in the request's extensions.
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
    /// What is required, in a word: `public`, `account`, `admin`, or a permission such as `user:read`.
    pub required: Cow<'static, str>,
    /// What it takes and answers; a component has no use for that.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) operation: Operation,
    handler: MethodRouter<S, Infallible>,
}

/// A route that answers `GET` and `HEAD`.
pub fn get<S: State, T: 'static>(
    path: &'static str,
    access: impl Access<S>,
    handler: impl Handler<T, S> + Described<T>,
) -> Route<S> {
    Route::new(Method::GET, MethodFilter::GET, path, access, handler)
}

/// A route that answers `POST`.
pub fn post<S: State, T: 'static>(
    path: &'static str,
    access: impl Access<S>,
    handler: impl Handler<T, S> + Described<T>,
) -> Route<S> {
    Route::new(Method::POST, MethodFilter::POST, path, access, handler)
}

/// A route that answers `PUT`.
pub fn put<S: State, T: 'static>(
    path: &'static str,
    access: impl Access<S>,
    handler: impl Handler<T, S> + Described<T>,
) -> Route<S> {
    Route::new(Method::PUT, MethodFilter::PUT, path, access, handler)
}

/// A route that answers `DELETE`.
pub fn delete<S: State, T: 'static>(
    path: &'static str,
    access: impl Access<S>,
    handler: impl Handler<T, S> + Described<T>,
) -> Route<S> {
    Route::new(Method::DELETE, MethodFilter::DELETE, path, access, handler)
}

/// What a component's state must be for axum.
pub trait State: Clone + Send + Sync + 'static {}

impl<S: Clone + Send + Sync + 'static> State for S {}

impl<S: State> Route<S> {
    fn new<T: 'static, H: Handler<T, S> + Described<T>>(
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        access: impl Access<S>,
        handler: H,
    ) -> Self {
        Self {
            method,
            path,
            required: access.required(),
            #[cfg(not(target_family = "wasm"))]
            operation: describe::<S, T, H>(&access),
            handler: on(filter, Guarded { path, access, handler }),
        }
    }
}

#[cfg(not(target_family = "wasm"))]
fn describe<S, T, H: Described<T>>(access: &impl Access<S>) -> Operation {
    let mut operation = Operation::default();
    access.describe(&mut operation);
    H::describe(&mut operation);
    operation
}

/// A router for the table; whatever is not in it is answered with a problem.
pub(crate) fn router<S: State>(routes: Vec<Route<S>>, state: S) -> Router {
    routes
        .into_iter()
        .fold(Router::new(), |router, route| router.route(route.path, route.handler))
        .fallback(async || Problem::new(Code::NotFound))
        .method_not_allowed_fallback(async || Problem::new(Code::MethodNotAllowed))
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
