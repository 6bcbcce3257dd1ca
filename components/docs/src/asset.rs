//! A file that is served from memory.

use std::future::{Ready, ready};
use std::io::Read;

use flate2::read::GzDecoder;
use users_web::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use users_web::openapi::{Describe, Operation, constant, etag};
use users_web::{ETag, HeaderValue, IfNoneMatch, IntoResponse, Problem, Response, StatusCode, Versioned};

use crate::coding::Coding;

/// A file of the documentation.
#[derive(Debug)]
pub(crate) struct Asset {
    media_type: &'static str,
    /// The file's Content-Security-Policy.
    pub(crate) policy: &'static str,
    pub(crate) content: Packed,
}

/// The content of a file. Only the compressed form is stored: most clients ask for it, and it keeps the component small.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) gzip: &'static [u8],
    /// The version of the compressed representation. The plain representation has another version, because each representation has
    /// its own entity tag (RFC 9110 section 8.8.3.3).
    pub(crate) gzip_version: i64,
    pub(crate) plain_version: i64,
    /// The length of the plain file, in octets.
    pub(crate) plain_length: usize,
}

impl Asset {
    pub(crate) const fn new(media_type: &'static str, policy: &'static str, content: Packed) -> Self {
        Self { media_type, policy, content }
    }
}

impl Packed {
    fn version(&self, coding: Coding) -> ETag {
        ETag::of(&[match coding {
            Coding::Gzip => self.gzip_version,
            Coding::Identity => self.plain_version,
        }])
    }

    pub(crate) fn inflated(&self) -> std::io::Result<Vec<u8>> {
        let mut plain = Vec::with_capacity(self.plain_length);
        GzDecoder::new(self.gzip).read_to_end(&mut plain)?;
        Ok(plain)
    }
}

/// Creates the handler for a file's route.
pub(crate) fn serve(
    asset: &'static Asset,
) -> impl Fn(Coding, IfNoneMatch) -> Ready<Served> + Clone + Send + Sync + 'static {
    move |coding, known| ready(Served { asset, coding, known })
}

/// The answer: 200 with the file in the coding that the client prefers, or 304 if the client already has it. A browser asks for
/// each file every time, so it never mixes files of two releases. Most answers are 304.
#[derive(Debug)]
pub(crate) struct Served {
    asset: &'static Asset,
    coding: Coding,
    known: IfNoneMatch,
}

impl IntoResponse for Served {
    fn into_response(self) -> Response {
        let Asset { media_type, policy, content } = self.asset;
        let body = Body { media_type, content, coding: self.coding };
        let version = content.version(self.coding);
        let mut response = Versioned::unless_known(version, &self.known, body).into_response();
        // A 304 has these headers, too (RFC 9110 section 15.4.5).
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
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
