//! Problems as pages: a component with pages for people answers browsers with HTML.

use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, header};
use axum::response::Response;

use crate::route::State;
use crate::{Problem, Route, members};

/// Makes a page of an answer whose extensions have a [`Problem`]. It gets the state of the component and the head of the request.
pub type ShowProblem<S> = fn(&S, &Parts, Response) -> Response;

/// The same without the state, which it holds.
type Show = dyn Fn(&Parts, Response) -> Response + Send + Sync;

/// The way in which a component shows problems to browsers.
#[derive(Clone)]
pub(crate) struct ProblemPages(Arc<Show>);

/// A request of a browser.
pub(crate) struct Visit<'a> {
    pages: &'a ProblemPages,
    head: Parts,
}

impl ProblemPages {
    /// The way of the pages in a table of routes. `None` for a table without pages.
    pub(crate) fn of<S: State>(routes: &[Route<S>], state: &S) -> Option<Self> {
        let show = routes.iter().find_map(|route| route.show_problem)?;
        let state = state.clone();
        Some(Self(Arc::new(move |head, answer| show(&state, head, answer))))
    }

    /// The request, if a browser sent it.
    pub(crate) fn visit(&self, request: &Request<Body>) -> Option<Visit<'_>> {
        is_of_a_browser(request.headers()).then(|| Visit { pages: self, head: head(request) })
    }
}

impl Visit<'_> {
    /// The page of a problem. Any other answer stays as it is.
    pub(crate) fn shown(self, answer: Response) -> Response {
        let is_problem = answer.extensions().get::<Problem>().is_some();
        if is_problem { (self.pages.0)(&self.head, answer) } else { answer }
    }
}

impl fmt::Debug for ProblemPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProblemPages")
    }
}

/// Browsers name HTML when a person opens an address or sends a form (RFC 9110 section 12.5.1). Other programs send `*/*` or JSON.
fn is_of_a_browser(headers: &HeaderMap) -> bool {
    members(headers, header::ACCEPT).any(|range| {
        let name = range.split(';').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case("text/html")
    })
}

fn head(request: &Request<Body>) -> Parts {
    let mut head = Request::new(());
    request.method().clone_into(head.method_mut());
    request.uri().clone_into(head.uri_mut());
    request.headers().clone_into(head.headers_mut());
    request.extensions().clone_into(head.extensions_mut());
    head.into_parts().0
}
