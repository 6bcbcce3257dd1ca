//! Files that a component serves: pages, scripts and the like.

use crate::{Answer, etag};

/// Asserts what holds for every served file. Returns its version.
///
/// # Panics
/// When it does not hold.
#[track_caller]
pub fn assert_asset(answer: &Answer, media_type: &str, path: &str) -> String {
    let header = |name: &str| answer.header(name).unwrap_or_default();
    assert_eq!(header("content-type"), media_type, "{path}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(header("cache-control"), "no-cache", "{path}: expected no release to be mixed with another");
    assert!(!answer.request_id().is_empty(), "{path}");
    etag(answer)
}
