//! `GET /`: the service in a few words, with links.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;
use users_web::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY,
};
use users_web::openapi::{Describe, Operation, constant};
use users_web::{About, HeaderMap, IntoResponse, Json, Language, Response, StatusCode, members, weight};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

/// The service in a few words.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Service {
    #[schema(schema_with = name)]
    name: &'static str,
    /// The version of the build (Semantic Versioning 2.0.0).
    #[schema(max_length = 50, pattern = r"^[0-9]+\.[0-9]+\.[0-9]+")]
    version: &'static str,
    links: Links,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceLinks)]
struct Links {
    #[schema(max_length = 100, format = "uri-reference")]
    docs: &'static str,
    #[schema(max_length = 100, format = "uri-reference")]
    redoc: &'static str,
    #[schema(max_length = 100, format = "uri-reference")]
    openapi: &'static str,
    #[schema(max_length = 100, format = "uri-reference")]
    health: &'static str,
    #[schema(max_length = 100, format = "uri-reference")]
    ready: &'static str,
}

fn name() -> Object {
    constant(SERVICE.name)
}

const SERVICE: Service = Service {
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

/// The page for people in one language.
macro_rules! page {
    (
        language: $language:literal, title: $title:literal, text: $text:literal,
        people: $people:literal, people_text: $people_text:literal, account: $account:literal, console: $console:literal,
        programs: $programs:literal, docs: $docs:literal, redoc: $redoc:literal, openapi: $openapi:literal,
        health: $health:literal, ready: $ready:literal $(,)?
    ) => {
        concat!(
            "<!doctype html>\n<html lang=\"",
            $language,
            "\">\n<head>\n<meta charset=\"utf-8\">\n",
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
            $title,
            "</title>\n",
            "<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n<main>\n",
            "<h1>",
            $title,
            " <small>",
            env!("CARGO_PKG_VERSION"),
            "</small></h1>\n<p>",
            $text,
            "</p>\n",
            "<div class=\"cards\">\n<section>\n<h2>",
            $people,
            "</h2>\n<p>",
            $people_text,
            "</p>\n",
            "<p><a class=\"button\" href=\"/account\">",
            $account,
            "</a></p>\n",
            "<p><a href=\"/console\">",
            $console,
            "</a></p>\n</section>\n",
            "<section>\n<h2>",
            $programs,
            "</h2>\n<ul>\n",
            "<li><a href=\"/docs\">",
            $docs,
            "</a> <span>Swagger UI</span></li>\n",
            "<li><a href=\"/redoc\">",
            $redoc,
            "</a> <span>ReDoc</span></li>\n",
            "<li><a href=\"/openapi.json\">",
            $openapi,
            "</a></li>\n",
            "<li><a href=\"/healthz\">",
            $health,
            "</a></li>\n",
            "<li><a href=\"/readyz\">",
            $ready,
            "</a></li>\n",
            "</ul>\n</section>\n</div>\n</main>\n</body>\n</html>\n",
        )
    };
}

const ENGLISH: &str = page! {
    language: "en",
    title: "Users service",
    text: "Accounts, tokens, profiles, administration and role-based access control.",
    people: "For people",
    people_text: "Sign in, and look after your account.",
    account: "Your account",
    console: "Administration",
    programs: "For programs",
    docs: "Try the API",
    redoc: "Read about the API",
    openapi: "The OpenAPI document",
    health: "Liveness",
    ready: "Readiness",
};

const GERMAN: &str = page! {
    language: "de",
    title: "Benutzerdienst",
    text: "Konten, Tokens, Profile, Verwaltung und Rechte nach Rollen.",
    people: "Für Menschen",
    people_text: "Melden Sie sich an und kümmern Sie sich um Ihr Konto.",
    account: "Ihr Konto",
    console: "Verwaltung",
    programs: "Für Programme",
    docs: "Die API ausprobieren",
    redoc: "Über die API lesen",
    openapi: "Das OpenAPI-Dokument",
    health: "Läuft der Dienst?",
    ready: "Ist er bereit?",
};

/// The page for people.
fn page(language: Language) -> &'static str {
    match language {
        Language::English => ENGLISH,
        Language::German => GERMAN,
    }
}

/// The style sheet of the page.
const STYLE: &str = include_str!("style.css");

/// The form that a client prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Html,
}

impl Form {
    /// HTML for a client that prefers it to JSON, as browsers do (RFC 9110 section 12.5.1).
    fn preferred(headers: &HeaderMap) -> Self {
        let ranges: Vec<&str> = members(headers, ACCEPT).collect();
        let html = wanted(&ranges, &["text/html"]);
        let json = wanted(&ranges, &["application/json", "application/*"]);
        if html > json { Self::Html } else { Self::Json }
    }
}

/// The weight that the client gives to the first of `ranges` in its header, in thousandths. 0 when it sent none of them.
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

/// The answer in one of the two forms.
#[derive(Debug)]
pub(crate) enum Introduction {
    Json,
    /// In the language of the reader.
    Html(Language),
}

impl IntoResponse for Introduction {
    fn into_response(self) -> Response {
        let vary = [(VARY, "Accept, Accept-Language")];
        match self {
            Self::Json => (vary, Json(SERVICE)).into_response(),
            Self::Html(language) => {
                let headers = [
                    (CONTENT_TYPE, "text/html; charset=utf-8"),
                    (CONTENT_LANGUAGE, language.tag()),
                    (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'self'; frame-ancestors 'none'"),
                ];
                (vary, headers, page(language)).into_response()
            }
        }
    }
}

impl Describe for Form {
    fn describe(_: &mut Operation) {}
}

impl Describe for Introduction {
    fn describe(operation: &mut Operation) {
        operation.answers_with::<Service>(StatusCode::OK);
    }
}

pub(crate) fn about() -> About {
    About::new("getService", "Describe the service", "Name, version and links.")
        .text("Browsers, which ask for `text/html`, get a page.")
        .media_type("text/html")
}

/// 200 with the style sheet of the page.
pub(crate) async fn style() -> Style {
    Style
}

/// The style sheet.
#[derive(Debug)]
pub(crate) struct Style;

impl IntoResponse for Style {
    fn into_response(self) -> Response {
        let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
        (headers, STYLE).into_response()
    }
}

impl Describe for Style {
    fn describe(_: &mut Operation) {}
}

/// 200 with name, version and links.
pub(crate) async fn handle(form: Form, language: Language) -> Introduction {
    match form {
        Form::Json => Introduction::Json,
        Form::Html => Introduction::Html(language),
    }
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

    #[test]
    fn the_page_leads_people_to_their_account_and_programs_to_the_documentation() {
        for page in [ENGLISH, GERMAN] {
            for path in ["/account", "/console", "/docs", "/redoc", "/openapi.json", "/healthz", "/readyz"] {
                assert!(page.contains(&format!("href=\"{path}\"")), "expected a link to {path}: {page}");
            }
        }
    }

    #[test]
    fn every_class_of_the_page_has_its_rule() {
        for class in ENGLISH.split("class=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(STYLE.contains(&format!(".{class}")), "expected a rule for .{class}");
        }
    }
}
