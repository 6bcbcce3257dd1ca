//! The files of the documentation: the media type of each, and the Content-Security-Policy of the pages.

use users_web::Asset;

/// The files that build.rs packs.
mod packed {
    include!(concat!(env!("OUT_DIR"), "/packed.rs"));
}

const CSS: &str = "text/css; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
// JSON is always UTF-8, so it has no parameter for the charset (RFC 8259 section 11).
const JSON: &str = "application/json";
const SVG: &str = "image/svg+xml; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// The Content-Security-Policy of the Swagger UI page. Its style sheet contains icons as `data:` URLs.
const SWAGGER_UI_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; \
                                 img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The Content-Security-Policy of the ReDoc page. ReDoc writes two style sheets into the page: an empty one, to which it adds its
/// styles one by one, and the one of its scroll bar. The policy allows both by their hashes. The search of ReDoc runs in a worker,
/// which ReDoc creates from a text.
const REDOC_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; \
                            style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' \
                            'sha256-DLDPR1ic47WIdK2WyeLkblb/tm2mQH+Jt/NNhZWu1k0='; \
                            img-src 'self' data:; worker-src blob:; \
                            base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The Content-Security-Policy of a file that is part of a page. The policy matters only if somebody opens the file alone.
const PART_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

pub(crate) static OPENAPI: Asset = Asset::new(JSON, PART_POLICY, packed::OPENAPI);

pub(crate) static SWAGGER_UI_PAGE: Asset = Asset::new(HTML, SWAGGER_UI_POLICY, packed::SWAGGER_UI_PAGE);
pub(crate) static SWAGGER_UI_INIT: Asset = Asset::new(JAVASCRIPT, PART_POLICY, packed::SWAGGER_UI_INIT);
pub(crate) static SWAGGER_UI_CSS: Asset = Asset::new(CSS, PART_POLICY, packed::SWAGGER_UI_CSS);
pub(crate) static SWAGGER_UI_BUNDLE: Asset = Asset::new(JAVASCRIPT, PART_POLICY, packed::SWAGGER_UI_BUNDLE);
pub(crate) static SWAGGER_UI_LICENSE: Asset = Asset::new(TEXT, PART_POLICY, packed::SWAGGER_UI_LICENSE);

pub(crate) static REDOC_PAGE: Asset = Asset::new(HTML, REDOC_POLICY, packed::REDOC_PAGE);
pub(crate) static REDOC_INIT: Asset = Asset::new(JAVASCRIPT, PART_POLICY, packed::REDOC_INIT);
pub(crate) static REDOC_LOGO: Asset = Asset::new(SVG, PART_POLICY, packed::REDOC_LOGO);
pub(crate) static REDOC_BUNDLE: Asset = Asset::new(JAVASCRIPT, PART_POLICY, packed::REDOC_BUNDLE);
pub(crate) static REDOC_LICENSE: Asset = Asset::new(TEXT, PART_POLICY, packed::REDOC_LICENSE);

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use sha2::{Digest, Sha256};

    use super::*;

    const ALL: [&Asset; 11] = [
        &OPENAPI,
        &SWAGGER_UI_PAGE,
        &SWAGGER_UI_INIT,
        &SWAGGER_UI_CSS,
        &SWAGGER_UI_BUNDLE,
        &SWAGGER_UI_LICENSE,
        &REDOC_PAGE,
        &REDOC_INIT,
        &REDOC_LOGO,
        &REDOC_BUNDLE,
        &REDOC_LICENSE,
    ];

    fn text(asset: &Asset) -> String {
        String::from_utf8(asset.content.inflated().unwrap()).unwrap()
    }

    #[test]
    fn a_version_is_the_hash_of_the_octets_that_are_sent() {
        let version = |octets: &[u8]| i64::from_be_bytes(Sha256::digest(octets)[..8].try_into().unwrap());
        for Asset { content, .. } in ALL {
            let plain = content.inflated().unwrap();
            assert_eq!(plain.len(), content.plain_length);
            assert_eq!(version(&plain), content.plain_version);
            assert_eq!(version(content.gzip), content.gzip_version);
        }
    }

    #[test]
    fn no_two_representations_have_the_same_version() {
        let versions: HashSet<i64> =
            ALL.iter().flat_map(|it| [it.content.gzip_version, it.content.plain_version]).collect();
        assert_eq!(versions.len(), 2 * ALL.len());
    }

    #[test]
    fn every_route_serves_a_file_of_its_own() {
        assert_eq!(crate::routes().len(), ALL.len());
    }

    #[test]
    fn a_policy_allows_nothing_from_elsewhere_and_nothing_inline() {
        for Asset { policy, .. } in ALL {
            assert!(policy.starts_with("default-src 'none'; "), "{policy}");
            assert!(policy.ends_with("; frame-ancestors 'none'"), "{policy}");
            assert!(
                !policy.contains("unsafe") && !policy.contains("//") && !policy.contains('*'),
                "{policy}"
            );
        }
    }

    #[test]
    fn redocs_logo_is_here() {
        let bundle = text(&REDOC_BUNDLE);
        assert!(!bundle.contains("cdn.redoc.ly"));
        assert_eq!(bundle.matches("\"/redoc/logo.svg\"").count(), 1);
    }

    #[test]
    fn a_licence_names_the_release_of_its_bundle() {
        let name = |asset| text(asset).lines().next().unwrap().to_owned();
        let version = text(&SWAGGER_UI_BUNDLE).contains("5.34.1");
        assert!(version && name(&SWAGGER_UI_LICENSE).contains("Swagger UI 5.34.1"));
        let version = text(&REDOC_BUNDLE).contains("\"2.0.0\"");
        assert!(version && name(&REDOC_LICENSE).contains("ReDoc 2.0.0"));
    }
}
