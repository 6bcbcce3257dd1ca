//! The files that pages load: the media type of each, and their Content-Security-Policy.

use users_web::Asset;

/// The files that build.rs has packed.
mod packed {
    include!(concat!(env!("OUT_DIR"), "/packed.rs"));
}

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The Content-Security-Policy of the script and the style sheet, for a browser that opens such a file by itself.
const PART_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

pub(crate) static PASSKEYS: Asset = Asset::new(JAVASCRIPT, PART_POLICY, packed::PASSKEYS);
pub(crate) static SCRIPT: Asset = Asset::new(JAVASCRIPT, PART_POLICY, packed::SCRIPT);
pub(crate) static STYLE: Asset = Asset::new(CSS, PART_POLICY, packed::STYLE);
