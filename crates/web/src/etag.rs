//! Entity tags: versions of objects, and requests that depend on them (RFC 9110 sections 8.8.3 and 13.1).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

use crate::{Code, Problem};

/// A strong entity tag: the version of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// Creates a tag from numbers that change whenever the object changes.
    #[must_use]
    pub fn of(versions: &[i64]) -> Self {
        let words: Vec<String> = versions.iter().map(|version| format!("{version:x}")).collect();
        Self(format!("\"{}\"", words.join("-")))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// `If-None-Match`: the versions that the client already has.
#[derive(Debug, Clone)]
pub struct IfNoneMatch(Option<Tags>);

/// `If-Match`: the versions that the client accepts for a change. The default is any version.
#[derive(Debug, Clone, Default)]
pub struct IfMatch(Option<Tags>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Tags {
    Any,
    /// The tags as they were sent; weak tags keep their `W/`.
    These(Vec<String>),
}

impl IfNoneMatch {
    /// Returns true if the header contains the tag. Weak comparison (section 8.8.3.2).
    pub(crate) fn names(&self, tag: &ETag) -> bool {
        match &self.0 {
            None => false,
            Some(Tags::Any) => true,
            Some(Tags::These(tags)) => tags.iter().any(|it| it.strip_prefix("W/").unwrap_or(it) == tag.0),
        }
    }
}

impl IfMatch {
    /// Returns true if the client accepts only certain versions. Without the header, and with `*`, it accepts any version.
    #[must_use]
    pub fn names_a_version(&self) -> bool {
        matches!(self.0, Some(Tags::These(_)))
    }

    /// The versions as numbers, for a statement that compares versions itself. `None` if the client accepts any version. For
    /// objects whose version is one number.
    #[must_use]
    pub fn numbers(&self) -> Option<Vec<i64>> {
        match &self.0 {
            None | Some(Tags::Any) => None,
            Some(Tags::These(tags)) => Some(tags.iter().filter_map(|tag| number(tag)).collect()),
        }
    }

    /// Allows a change if the client accepts this version. Strong comparison (section 8.8.3.2).
    ///
    /// # Errors
    /// 412 if the client has read another version.
    pub fn allows(&self, tag: &ETag) -> Result<(), Problem> {
        let allowed = match &self.0 {
            None | Some(Tags::Any) => true,
            Some(Tags::These(tags)) => tags.contains(&tag.0),
        };
        if allowed { Ok(()) } else { Err(Problem::new(Code::PRECONDITION_FAILED)) }
    }
}

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(tags(&parts.headers, &IF_NONE_MATCH)))
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(tags(&parts.headers, &IF_MATCH)))
    }
}

/// The number in a tag that consists of one number.
fn number(tag: &str) -> Option<i64> {
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    let number = i64::from_str_radix(digits, 16).ok()?;
    // Strong comparison is by character: "+ff" and "FF" are different tags.
    (ETag::of(&[number]).0 == tag).then_some(number)
}

/// The tags in a header. Tags of this service contain no comma, so the parts of a foreign tag with a comma match none of them.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Tags> {
    let mut sent = headers.get_all(name).iter().peekable();
    sent.peek()?;
    let tags: Vec<String> = sent
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().to_owned())
        .collect();
    Some(if tags.iter().any(|tag| tag == "*") { Tags::Any } else { Tags::These(tags) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(values: &[&str]) -> Option<Tags> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IF_MATCH, value.parse().unwrap());
        }
        tags(&headers, &IF_MATCH)
    }

    #[test]
    fn a_header_contains_one_version_or_a_list_or_a_star() {
        let tag = ETag::of(&[255, 16]);
        assert_eq!(tag.0, "\"ff-10\"");
        for (values, strong, weak) in [
            (&["\"ff-10\""][..], true, true),
            (&["\"a\", \"ff-10\""], true, true),
            (&["\"a\"", "\"ff-10\""], true, true),
            (&["W/\"ff-10\""], false, true),
            (&["*"], true, true),
            (&["\"ff-1\""], false, false),
            (&["ff-10"], false, false),
            (&[""], false, false),
        ] {
            assert_eq!(IfMatch(sent(values)).allows(&tag).is_ok(), strong, "{values:?}");
            assert_eq!(IfNoneMatch(sent(values)).names(&tag), weak, "{values:?}");
        }
    }

    #[test]
    fn only_a_tag_of_one_number_is_read_as_a_number() {
        let numbers = |values: &[&str]| IfMatch(sent(values)).numbers();
        let mixed =
            ["\"ff\", W/\"fe\", \"FD\", \"+fc\", \"0fb\", fa, \"f-9\", \"\", \"fffffffffffffffff\"", "\"7\""];
        assert_eq!(numbers(&mixed), Some(vec![255, 7]));
        assert_eq!(numbers(&["x"]), Some(vec![]));
        assert_eq!((numbers(&["*"]), numbers(&[])), (None, None));
    }

    #[test]
    fn without_the_header_nothing_changes() {
        assert!(IfMatch(sent(&[])).allows(&ETag::of(&[1])).is_ok());
        assert!(!IfMatch(sent(&[])).names_a_version() && !IfMatch(sent(&["*"])).names_a_version());
        assert!(!IfNoneMatch(sent(&[])).names(&ETag::of(&[1])));
    }
}
