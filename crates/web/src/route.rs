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
use crate::problem_page::ShowProblem;
use crate::{Code, Context, Problem};

/// A rule that decides who may use a route.
pub trait Access<S>: Clone + Send + Sync + 'static {
    /// The name of the required right, for tables and documents.
    fn required(&self) -> Cow<'static, str>;

    /// True if the route belongs to the administration: it then refuses addresses that are not in `admin_addresses`.
    fn is_administrative(&self) -> bool {
        false
    }

    /// Adds the problems of the rule to the description of an operation.
    fn describe(&self, operation: &mut Operation);

    /// Lets the request pass, and stores the facts about the caller in the request's extensions.
    ///
    /// # Errors
    /// The problem to answer with, if the request may not pass.
    fn admit(&self, state: &S, request: &mut Parts) -> impl Future<Output = Result<(), Problem>> + Send;
}

/// Everyone may use the route.
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

/// One entry of a component's table of routes.
#[derive(Debug, Clone)]
pub struct Route<S> {
    /// The method. A route for `GET` also answers `HEAD`.
    pub method: Method,
    /// The path without a trailing slash. The route also answers the path with one.
    pub path: &'static str,
    /// The required right: `public`, `account`, `admin`, or a permission such as `accounts:read`.
    pub required: Cow<'static, str>,
    /// True if the route belongs to the administration.
    pub(crate) is_administrative: bool,
    /// True if the route's problems have the member `error` of OAuth 2.0.
    pub(crate) speaks_oauth: bool,
    /// Shows the problems of the component to browsers. `None` for a route that is no page.
    pub(crate) show_problem: Option<ShowProblem<S>>,
    /// The description of the handler's types.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) operation: Operation,
    /// The description of the operation. `None` for a file that is not an operation of the API.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) about: Option<About>,
    handler: MethodRouter<S, Infallible>,
}

/// Defines the function that creates a route for a method. The route answers with and without a trailing slash. If its path has a
/// trailing slash here, links to further pages have one, too.
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
    /// Creates a route that answers `GET` and `HEAD`.
    get GET
    /// Creates a route that answers `POST`.
    post POST
    /// Creates a route that answers `PUT`.
    put PUT
    /// Creates a route that answers `DELETE`.
    delete DELETE
}

/// Creates a route for a file of a web page. The route is public, answers `GET`, and is not an operation of the API.
pub fn file<S: State, T: 'static>(
    path: &'static str,
    handler: impl Handler<T, S> + Described<T>,
) -> Route<S> {
    Route::new(Method::GET, MethodFilter::GET, path, Public, handler, None::<fn() -> About>)
}

/// Creates a route for a page that people see in a browser. It answers `GET`, and is not an operation of the API.
pub fn page<S: State, T: 'static>(
    path: &'static str,
    access: impl Access<S>,
    handler: impl Handler<T, S>,
) -> Route<S> {
    Route::undescribed(Method::GET, MethodFilter::GET, path, access, handler)
}

/// Creates a route for a form of a page. It answers `POST`, and is not an operation of the API.
pub fn form<S: State, T: 'static>(
    path: &'static str,
    access: impl Access<S>,
    handler: impl Handler<T, S>,
) -> Route<S> {
    Route::undescribed(Method::POST, MethodFilter::POST, path, access, handler)
}

/// The traits that axum requires of a component's state.
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
        #[cfg(not(target_family = "wasm"))]
        let operation = describe::<S, T, H>(&access);
        let route = Self::undescribed(method, filter, path, access, handler);
        #[cfg(not(target_family = "wasm"))]
        let route = Self { operation, about: about.map(|about| about()), ..route };
        route
    }

    /// A route that is not in the description of the API.
    fn undescribed<T: 'static>(
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        access: impl Access<S>,
        handler: impl Handler<T, S>,
    ) -> Self {
        let is_administrative = access.is_administrative();
        Self {
            method,
            path: without_slash(path),
            required: access.required(),
            is_administrative,
            speaks_oauth: false,
            show_problem: None,
            #[cfg(not(target_family = "wasm"))]
            operation: Operation::default(),
            #[cfg(not(target_family = "wasm"))]
            about: None,
            handler: on(filter, Guarded { path, is_administrative, access, handler }),
        }
    }
}

impl<S> Route<S> {
    /// Returns the same route. Its problems also have the member `error` (RFC 6749 section 5.2), because OAuth clients read it.
    /// This holds for all problems of the path: for every method, and for a body that is refused before it reaches the route. The
    /// path has no parameters.
    #[must_use]
    pub fn speaking_oauth(self) -> Self {
        Self { speaks_oauth: true, ..self }
    }

    /// Returns the same route. Browsers get the problems of the whole component from this function, such as that of an unknown path;
    /// other clients get problem documents.
    #[must_use]
    pub fn showing_problems(self, show: ShowProblem<S>) -> Self {
        Self { show_problem: Some(show), ..self }
    }
}

#[cfg(not(target_family = "wasm"))]
fn describe<S, T, H: Described<T>>(access: &impl Access<S>) -> Operation {
    let mut operation = Operation::default();
    access.describe(&mut operation);
    H::describe(&mut operation);
    operation
}

/// Creates the router for a table. Any other path or method is answered with a problem.
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
    is_administrative: bool,
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
                // Before the access rule, which runs a statement.
                if self.is_administrative && !context.may_administrate() {
                    return Problem::new(Code::ADDRESS_REFUSED).into_response();
                }
            }
            match self.access.admit(&state, &mut parts).await {
                Ok(()) => self.handler.call(Request::from_parts(parts, body), state).await,
                Err(problem) => problem.into_response(),
            }
        })
    }
}
