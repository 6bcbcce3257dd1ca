//! The surface of the pages: the steps before and after every handler.
//!
//! Before the handler, the request becomes a [`Visitor`], and a form is checked against CSRF. After it, the page gets its frame, a
//! refusal becomes a page, and the answer gets its cookies and headers.

use std::borrow::Cow;
use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::header::{
    CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, SET_COOKIE,
    STRICT_TRANSPORT_SECURITY,
};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::future::{Either, select};
use users_web::openapi::Operation;
use users_web::{Access, Context, Problem, Route};

use crate::account;
use crate::api::Refusal;
use crate::browser::{Fields, Redirect, Visitor, check_form, read_form};
use crate::state::Console;
use crate::view::{Page, framed, refused};

/// The Content-Security-Policy of the pages. They load nothing from elsewhere, contain neither scripts nor styles, and cannot be put into
/// a frame.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// A page of another origin that opened one of ours in a window cannot reach it, and none loads ours as a resource of its own.
/// The headers are those of HTML, section 7.1.3, and of Fetch, section 3.7.
const APART: [(HeaderName, HeaderValue); 2] = [
    (HeaderName::from_static("cross-origin-opener-policy"), SAME_ORIGIN),
    (HeaderName::from_static("cross-origin-resource-policy"), SAME_ORIGIN),
];

const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");

/// For a year, browsers reach the host over TLS only (RFC 6797 section 6.1). Other hosts of the domain are the operator's affair.
const TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The time for all calls of the API that a page needs. A page may need several, one after the other, and each may take as long as a call
/// may. Some hosts end a request after 30 seconds, and with it all others of the instance.
const VISIT_TIME: Duration = Duration::from_secs(20);

/// The access rule of a page. It admits everyone: handlers find out who is signed in, and the API decides who may do what.
#[derive(Debug, Clone, Copy)]
struct ForPeople {
    is_administrative: bool,
}

impl Access<Console> for ForPeople {
    fn required(&self) -> Cow<'static, str> {
        "page".into()
    }

    fn is_administrative(&self) -> bool {
        self.is_administrative
    }

    fn describe(&self, _: &mut Operation) {}

    async fn admit(&self, _: &Console, _: &mut Parts) -> Result<(), Problem> {
        Ok(())
    }
}

/// A page. Below `/console`, it is part of the administration: `admin_addresses` limits it.
pub(crate) fn page<T: 'static>(path: &'static str, handler: impl Handler<T, Console>) -> Route<Console> {
    users_web::page(path, access(path), Surface(handler)).showing_problems(shown)
}

/// A form of a page.
pub(crate) fn form<T: 'static>(path: &'static str, handler: impl Handler<T, Console>) -> Route<Console> {
    users_web::form(path, access(path), Surface(handler))
}

fn access(path: &str) -> ForPeople {
    ForPeople { is_administrative: path.starts_with("/console") }
}

/// A handler with the surface around it.
#[derive(Clone)]
struct Surface<H>(H);

/// Distinguishes handlers with a surface from those without, for the compiler.
struct Marker;

impl<T: 'static, H: Handler<T, Console>> Handler<(Marker, T), Console> for Surface<H> {
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, console: Console) -> Self::Future {
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let Some(context) = parts.extensions.get::<Context>().cloned() else {
                return Problem::internal("a request without a context").into_response();
            };
            let visitor = Visitor::of(&parts, context, &console);
            parts.extensions.insert(visitor.clone());
            let admitted = if parts.method == Method::POST {
                admit_form(&console, &visitor, &mut parts, body).await
            } else {
                Ok(())
            };
            let response = match admitted {
                Ok(()) => {
                    let handled = self.0.call(Request::from_parts(parts, Body::empty()), console);
                    in_time(&visitor, handled).await
                }
                Err(refusal) => refusal.into_response(),
            };
            complete(&visitor, response)
        })
    }
}

/// The answer of a handler, or a refusal when it takes too long.
async fn in_time(visitor: &Visitor, handled: impl Future<Output = Response>) -> Response {
    match select(pin!(handled), pin!(users_web::wait(VISIT_TIME))).await {
        Either::Left((response, _)) => response,
        Either::Right(_) => {
            let cause = "the calls of the API took 20 seconds together";
            users_web::warn(visitor.context(), cause);
            Refusal::slow(cause).into_response()
        }
    }
}

/// Reads a form, and hands its fields to the handler if one of our pages sent it.
async fn admit_form(
    console: &Console,
    visitor: &Visitor,
    parts: &mut Parts,
    body: Body,
) -> Result<(), Refusal> {
    let fields: Fields = read_form(&parts.headers, body).await?;
    check_form(console.settings(), visitor, parts, &fields)?;
    parts.extensions.insert(fields);
    Ok(())
}

/// A problem that no handler answers, such as that of an unknown path or of a body that is too large, as a page.
fn shown(console: &Console, head: &Parts, answer: Response) -> Response {
    match head.extensions.get::<Context>() {
        Some(context) => complete(&Visitor::of(head, context.clone(), console), answer),
        None => answer,
    }
}

fn complete(visitor: &Visitor, mut response: Response) -> Response {
    if let Some(page) = response.extensions_mut().remove::<Page>() {
        response = html(response, &framed(visitor, &page).into_string());
    } else if let Some(refusal) = refusal_of(visitor, &mut response) {
        response = if let Some(way) = account::confirm::instead_of(&refusal, visitor) {
            way.into_response()
        } else if refusal.status() == StatusCode::UNAUTHORIZED {
            // The session has ended since the handler found out who is signed in.
            Redirect::to_sign_in("").into_response()
        } else {
            let page = refused(visitor, &refusal);
            let mut answer = (refusal.status(), response.headers().clone()).into_response();
            page.add_headers(answer.headers_mut());
            html(answer, &framed(visitor, &page).into_string())
        };
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    // With a stricter policy, browsers would not send the origin of a form.
    headers.insert(REFERRER_POLICY, SAME_ORIGIN);
    headers.extend(APART);
    if visitor.is_secure() {
        headers.insert(STRICT_TRANSPORT_SECURITY, TLS_ONLY);
    }
    if !headers.contains_key(LOCATION) {
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(visitor.language().tag()));
    }
    for cookie in visitor.cookies() {
        if let Ok(mut cookie) = HeaderValue::try_from(cookie) {
            cookie.set_sensitive(true);
            headers.append(SET_COOKIE, cookie);
        }
    }
    response
}

/// A refusal of the API, or a problem of the kit. The cause of a refusal has been logged; that of a problem is logged here.
fn refusal_of(visitor: &Visitor, response: &mut Response) -> Option<Refusal> {
    let extensions = response.extensions_mut();
    let problem = extensions.remove::<Problem>();
    if let Some(cause) = problem.as_ref().and_then(Problem::cause) {
        users_web::warn(visitor.context(), cause);
    }
    extensions.remove::<Refusal>().or_else(|| problem.as_ref().map(Refusal::from))
}

fn html(response: Response, text: &str) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Response::from_parts(parts, Body::from(text.to_owned()))
}
