//! A file that is served from memory.

use std::future::{Ready, ready};
use std::io::Read;

use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    REFERRER_POLICY, VARY,
};
use flate2::read::GzDecoder;

use crate::openapi::{Describe, Operation, constant, etag};
use crate::{Coding, ETag, HeaderValue, IfNoneMatch, IntoResponse, Problem, Response, StatusCode, Versioned};

/// A file of a component.
#[derive(Debug)]
pub struct Asset {
    media_type: &'static str,
    /// The file's Content-Security-Policy.
    pub policy: &'static str,
    /// The content.
    pub content: Packed,
    /// For a file that exists once in each language.
    language: Option<&'static str>,
}

/// The content of a file. Only the compressed form is stored: most clients ask for it, and it keeps the component small. `users-assets`
/// packs the file when the component is built.
#[derive(Debug)]
pub struct Packed {
    /// The compressed form.
    pub gzip: &'static [u8],
    /// The version of the compressed representation. The plain representation has another version, because each representation has
    /// its own entity tag (RFC 9110 section 8.8.3.3).
    pub gzip_version: i64,
    /// The version of the plain representation.
    pub plain_version: i64,
    /// The length of the plain file, in octets.
    pub plain_length: usize,
}

impl Asset {
    /// A file with its media type and its Content-Security-Policy.
    #[must_use]
    pub const fn new(media_type: &'static str, policy: &'static str, content: Packed) -> Self {
        Self { media_type, policy, content, language: None }
    }

    /// The same in a language (BCP 47), chosen by the client's `Accept-Language`.
    #[must_use]
    pub const fn in_language(self, language: &'static str) -> Self {
        Self {
            media_type: self.media_type,
            policy: self.policy,
            content: self.content,
            language: Some(language),
        }
    }
}

impl Packed {
    /// The compressed content, the version of it, and the version and the length in octets of the plain content.
    #[must_use]
    pub const fn new(
        gzip: &'static [u8],
        gzip_version: i64,
        plain_version: i64,
        plain_length: usize,
    ) -> Self {
        Self { gzip, gzip_version, plain_version, plain_length }
    }

    fn version(&self, coding: Coding) -> ETag {
        ETag::of(&[match coding {
            Coding::Gzip => self.gzip_version,
            Coding::Identity => self.plain_version,
        }])
    }

    /// The plain content.
    ///
    /// # Errors
    /// When it was packed wrongly.
    pub fn inflated(&self) -> std::io::Result<Vec<u8>> {
        let mut plain = Vec::with_capacity(self.plain_length);
        GzDecoder::new(self.gzip).read_to_end(&mut plain)?;
        Ok(plain)
    }
}

/// Creates the handler for a file's route.
pub fn serve(
    asset: &'static Asset,
) -> impl Fn(Coding, IfNoneMatch) -> Ready<Served> + Clone + Send + Sync + 'static {
    move |coding, known| ready(Served::new(asset, coding, known))
}

/// The answer: 200 with the file in the coding that the client prefers, or 304 if the client already has it. A browser asks for
/// each file every time, so it never mixes files of two releases. Most answers are 304.
#[derive(Debug)]
pub struct Served {
    asset: &'static Asset,
    coding: Coding,
    known: IfNoneMatch,
}

impl Served {
    /// A file, for a client that prefers this coding and has these versions.
    #[must_use]
    pub fn new(asset: &'static Asset, coding: Coding, known: IfNoneMatch) -> Self {
        Self { asset, coding, known }
    }
}

impl IntoResponse for Served {
    fn into_response(self) -> Response {
        let Asset { media_type, policy, content, language } = self.asset;
        let body = Body { media_type, content, coding: self.coding };
        let version = content.version(self.coding);
        let mut response = Versioned::unless_known(version, &self.known, body).into_response();
        let is_known = response.status() == StatusCode::NOT_MODIFIED;
        // A 304 has these headers, too (RFC 9110 section 15.4.5). It has none that describe the content.
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        // Another service learns nothing from a link that somebody follows.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        if let Some(language) = language {
            if !is_known {
                headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language));
            }
            headers.insert(VARY, HeaderValue::from_static("Accept-Encoding, Accept-Language"));
        } else {
            headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        response
    }
}

impl Describe for Served {
    fn describe(operation: &mut Operation) {
        operation.answers(StatusCode::OK);
        operation.answer_header("ETag", "The version, for `If-None-Match`.", &etag());
        operation.answer_header("Vary", "The answer depends on this header.", &constant("Accept-Encoding"));
    }
}

/// The body of an answer. It decompresses the file only if the client prefers the plain form.
struct Body {
    media_type: &'static str,
    content: &'static Packed,
    coding: Coding,
}

impl IntoResponse for Body {
    fn into_response(self) -> Response {
        let media_type = [(CONTENT_TYPE, HeaderValue::from_static(self.media_type))];
        match self.coding {
            Coding::Gzip => {
                let coding = [(CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
                (media_type, coding, self.content.gzip).into_response()
            }
            Coding::Identity => match self.content.inflated() {
                Ok(plain) => (media_type, plain).into_response(),
                Err(error) => Problem::internal(error).into_response(),
            },
        }
    }
}
