//! `GET /`: what this is and where to go.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;
use users_web::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use users_web::openapi::{Describe, Operation};
use users_web::{HeaderMap, IntoResponse, Json, Response, StatusCode, members, weight};
use utoipa::ToSchema;

/// The service in a few words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Service)]
pub(crate) struct About {
    name: &'static str,
    version: &'static str,
    links: Links,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceLinks)]
struct Links {
    docs: &'static str,
    redoc: &'static str,
    openapi: &'static str,
    health: &'static str,
    ready: &'static str,
}

const ABOUT: About = About {
    name: "users",
    version: env!("CARGO_PKG_VERSION"),
    links: Links {
        docs: "/docs",
        redoc: "/redoc",
        openapi: "/openapi.json",
        health: "/healthz",
        ready: "/readyz",
    },
};

/// The same for people.
const PAGE: &str = concat!(
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n",
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Users service</title>\n",
    "<h1>Users service ",
    env!("CARGO_PKG_VERSION"),
    "</h1>\n<p>Accounts, tokens, profiles, administration and role-based access control.</p>\n<ul>\n",
    "<li><a href=\"/docs\">Try the API</a> (Swagger UI)</li>\n",
    "<li><a href=\"/redoc\">Read about the API</a> (ReDoc)</li>\n",
    "<li><a href=\"/openapi.json\">The OpenAPI document</a></li>\n",
    "<li><a href=\"/healthz\">Whether the process lives</a></li>\n",
    "<li><a href=\"/readyz\">Whether requests can be answered</a></li>\n",
    "</ul>\n</html>\n",
);

/// In what form a client wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Html,
}

impl Form {
    /// HTML for a client that would rather have that than JSON, as browsers do (RFC 9110 section 12.5.1).
    fn preferred(headers: &HeaderMap) -> Self {
        let ranges: Vec<&str> = members(headers, ACCEPT).collect();
        let html = wanted(&ranges, &["text/html"]);
        let json = wanted(&ranges, &["application/json", "application/*"]);
        if html > json { Self::Html } else { Self::Json }
    }
}

/// How much one of these ranges is wanted, in thousandths: the first that was sent counts.
fn wanted(sent: &[&str], ranges: &[&str]) -> u16 {
    let of = |wanted: &str| {
        sent.iter().find_map(|range| {
            let mut words = range.split(';').map(str::trim);
            words.next().filter(|name| name.eq_ignore_ascii_case(wanted))?;
            let quality = words.find_map(|word| word.strip_prefix("q=").or_else(|| word.strip_prefix("Q=")));
            Some(quality.map_or(Some(1000), weight).unwrap_or_default())
        })
    };
    ranges.iter().find_map(|range| of(range)).unwrap_or_default()
}

impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::preferred(&parts.headers))
    }
}

/// What this is, in one of two forms.
#[derive(Debug)]
pub(crate) struct Introduction(Form);

impl IntoResponse for Introduction {
    fn into_response(self) -> Response {
        let by_accept = [(VARY, "Accept")];
        match self.0 {
            Form::Json => (by_accept, Json(ABOUT)).into_response(),
            Form::Html => {
                let policy = (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
                (by_accept, [(CONTENT_TYPE, "text/html; charset=utf-8"), policy], PAGE).into_response()
            }
        }
    }
}

impl Describe for Form {
    fn describe(_: &mut Operation) {}
}

impl Describe for Introduction {
    fn describe(operation: &mut Operation) {
        operation.answers_with::<About>(StatusCode::OK);
    }
}

/// 200 with name, version and links.
pub(crate) async fn handle(form: Form) -> Introduction {
    Introduction(form)
}

#[cfg(test)]
mod tests {
    use users_web::HeaderValue;

    use super::*;

    #[test]
    fn browsers_get_a_page_and_programs_get_json() {
        let preferred = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            Form::preferred(&headers)
        };
        for browser in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
            "text/html",
            "TEXT/HTML; Q=0.5, application/json;q=0.4",
        ] {
            assert_eq!(preferred(browser), Form::Html, "{browser}");
        }
        for program in [
            "",
            "*/*",
            "application/json",
            "application/json, text/html",
            "text/html;q=0",
            "application/*, text/html;q=0.9",
            "x",
        ] {
            assert_eq!(preferred(program), Form::Json, "{program}");
        }
        assert_eq!(Form::preferred(&HeaderMap::new()), Form::Json);
    }
}
