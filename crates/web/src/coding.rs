//! `Accept-Encoding`: decides between the compressed and the plain form of a file (RFC 9110 section 12.5.3).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_ENCODING;
use axum::http::request::Parts;

use crate::openapi::{Describe, Operation, text};
use crate::{HeaderMap, members, weight};

/// The content coding that a client prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// The compressed form.
    Gzip,
    /// The plain form. A client that accepts neither form also gets the plain form, because it may at least understand it (section
    /// 12.1).
    Identity,
}

impl<S: Sync> FromRequestParts<S> for Coding {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::preferred(&parts.headers))
    }
}

impl Describe for Coding {
    fn describe(operation: &mut Operation) {
        operation.header(
            "Accept-Encoding",
            "A client that accepts `gzip` gets it (RFC 9110 section 12.5.3).",
            text("gzip"),
        );
    }
}

impl Coding {
    fn preferred(headers: &HeaderMap) -> Self {
        let mut weights = Weights::default();
        for (coding, weight) in members(headers, ACCEPT_ENCODING).filter_map(member) {
            weights.note(coding, weight);
        }
        // A coding that the header does not name is not acceptable. `identity` is always acceptable. If the header does not name
        // `identity`, it is the last choice.
        let gzip = weights.gzip.or(weights.others).unwrap_or(0);
        let identity = weights.identity.or(weights.others).unwrap_or(0);
        if gzip > 0 && gzip >= identity { Self::Gzip } else { Self::Identity }
    }
}

/// The weight of each coding, in thousandths. 0 is a refusal.
#[derive(Default)]
struct Weights {
    gzip: Option<u16>,
    identity: Option<u16>,
    /// `*`
    others: Option<u16>,
}

impl Weights {
    fn note(&mut self, coding: &str, weight: u16) {
        let is = |name: &str| coding.eq_ignore_ascii_case(name);
        // `x-gzip` is an old name of `gzip` (section 8.4.1.3).
        if is("gzip") || is("x-gzip") {
            self.gzip = Some(weight);
        } else if is("identity") {
            self.identity = Some(weight);
        } else if is("*") {
            self.others = Some(weight);
        }
    }
}

/// Parses a member of the list: a coding and its weight. A malformed member is ignored.
fn member(member: &str) -> Option<(&str, u16)> {
    let Some((coding, parameter)) = member.split_once(';') else {
        return Some((member.trim(), 1000));
    };
    let (name, value) = parameter.trim().split_once('=')?;
    if name.eq_ignore_ascii_case("q") { Some((coding.trim(), weight(value)?)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HeaderValue;

    fn preferred(lines: &[&str]) -> Coding {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        Coding::preferred(&headers)
    }

    #[test]
    fn who_accepts_gzip_gets_it() {
        for lines in [
            &["gzip"][..],
            &["GZip"],
            &["x-gzip"],
            &["*"],
            &["gzip, deflate, br, zstd"],
            &["br;q=1.0, gzip;q=0.8, *;q=0.1"],
            &["gzip;q=0.001"],
            &["gzip;Q=1"],
            &["gzip ; q=1.000"],
            &["gzip;q=1."],
            &["deflate", "gzip"],
            &["deflate,,\tgzip"],
            &["gzip;q=0.5, identity;q=0.5"],
            &["identity;q=0.4, *;q=0.5"],
            &["identity;q=0, *"],
            &["gzip, identity;q=0"],
            &["*;q=0, gzip"],
        ] {
            assert_eq!(preferred(lines), Coding::Gzip, "{lines:?}");
        }
    }

    #[test]
    fn a_client_that_does_not_prefer_gzip_gets_the_plain_file() {
        for lines in [
            &[][..],
            &[""],
            &["identity"],
            &["br, deflate"],
            &["gzip;q=0"],
            &["gzip;q=0.000"],
            &["gzip;q=0, *"],
            &["*;q=0"],
            &["gzip;q=0.5, identity"],
            &["gzip;q=0.5, *"],
            &["gzip;q=0.499, identity;q=0.5"],
            &["gzipped"],
            &["g zip"],
        ] {
            assert_eq!(preferred(lines), Coding::Identity, "{lines:?}");
        }
    }

    #[test]
    fn a_client_that_accepts_neither_coding_gets_the_plain_file() {
        for lines in [&["identity;q=0"][..], &["identity;q=0, gzip;q=0"], &["*;q=0"]] {
            assert_eq!(preferred(lines), Coding::Identity, "{lines:?}");
        }
    }

    #[test]
    fn a_malformed_member_is_ignored() {
        for member in [
            "gzip;q=2",
            "gzip;q=1.001",
            "gzip;q=-1",
            "gzip;q=0.0001",
            "gzip;q=.5",
            "gzip;q=0.+1",
            "gzip;q=",
            "gzip;q",
            "gzip;",
            "gzip;x=1",
            "gzip;q=0.5;x=1",
            "gzip;q= 1",
            "gzip\u{e9}",
        ] {
            assert_eq!(preferred(&[member]), Coding::Identity, "{member}");
            assert_eq!(preferred(&[member, "*;q=0.3"]), Coding::Gzip, "{member}");
        }
    }
}
