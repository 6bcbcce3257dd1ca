//! `Accept-Language`: the language of a page (RFC 9110 section 12.5.4).

use std::cmp::Reverse;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::header::ACCEPT_LANGUAGE;
use crate::openapi::{self, Describe, Operation};
use crate::{HeaderMap, members, weight};

/// A language that the pages of the service are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// The default, for readers who want neither language.
    English,
    /// For readers who prefer it to English.
    German,
}

impl Language {
    /// The language that a reader wants most. Among languages of the same weight, the first one counts.
    #[must_use]
    pub fn preferred(headers: &HeaderMap) -> Self {
        let wishes = members(headers, ACCEPT_LANGUAGE).filter_map(wish);
        let best = wishes.filter(|(_, weight)| *weight > 0).min_by_key(|(_, weight)| Reverse(*weight));
        best.map_or(Self::English, |(language, _)| language)
    }

    /// The tag of the language (BCP 47).
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The language of a range such as `de-AT` (RFC 4647 section 2.1).
    #[must_use]
    pub fn of_range(range: &str) -> Option<Self> {
        let primary = range.split('-').next().unwrap_or_default();
        [("en", Self::English), ("de", Self::German)]
            .into_iter()
            .find_map(|(tag, language)| primary.eq_ignore_ascii_case(tag).then_some(language))
    }
}

/// Parses a member of the header: the language and its weight in thousandths. `None` when there is no page in that language.
fn wish(member: &str) -> Option<(Language, u16)> {
    let mut parts = member.split(';').map(str::trim);
    let language = Language::of_range(parts.next()?)?;
    let wanted = match parts.next() {
        None => 1000,
        Some(parameter) => {
            let (name, value) = parameter.split_once('=')?;
            weight(value).filter(|_| name.eq_ignore_ascii_case("q"))?
        }
    };
    Some((language, wanted))
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::preferred(&parts.headers))
    }
}

impl Describe for Language {
    fn describe(operation: &mut Operation) {
        operation.header(
            "Accept-Language",
            "The page is in German if the client prefers `de` to `en`, and otherwise in English (RFC 9110 section 12.5.4).",
            openapi::text("de"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HeaderValue;

    fn preferred(lines: &[&str]) -> Language {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_LANGUAGE, HeaderValue::from_str(line).unwrap());
        }
        Language::preferred(&headers)
    }

    #[test]
    fn who_wants_german_most_gets_german() {
        for lines in [
            &["de"][..],
            &["de-AT"],
            &["DE-de"],
            &["de-DE,de;q=0.9,en;q=0.8"],
            &["fr, de;q=0.5, en;q=0.4"],
            &["en;q=0.5", "de;q=0.6"],
            &["de;q=0.5, en;q=0.5"],
            &["en;q=0, de;q=0.001"],
        ] {
            assert_eq!(preferred(lines), Language::German, "{lines:?}");
        }
    }

    #[test]
    fn everybody_else_gets_english() {
        for lines in [
            &[][..],
            &[""],
            &["*"],
            &["en"],
            &["en-GB,en;q=0.9,de;q=0.8"],
            &["fr"],
            &["den"],
            &["de;q=0"],
            &["de;q=2"],
            &["de;x=1"],
            &["en;q=0.5, de;q=0.5"],
        ] {
            assert_eq!(preferred(lines), Language::English, "{lines:?}");
        }
    }
}
