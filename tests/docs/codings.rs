//! Content codings: gzip and identity (RFC 9110 section 12.5.3).

use std::io::Read;

use flate2::read::GzDecoder;
use users_tests::{Service, etag};

use crate::support::{FILES, fetch};

fn inflated(gzip: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(gzip).read_to_end(&mut plain).expect("the body is gzip");
    plain
}

#[tokio::test]
async fn both_codings_have_the_same_content_and_different_etags() {
    let service = Service::start().await;
    for (path, _) in FILES {
        let (gzip, packed) = fetch(&service, path, "gzip").await;
        let (identity, plain) = fetch(&service, path, "identity").await;
        assert_eq!(gzip.header("content-encoding").as_deref(), Some("gzip"), "{path}");
        assert_eq!(identity.header("content-encoding"), None, "{path}");
        assert!(inflated(&packed) == plain, "{path}: expected the same octets");
        assert_ne!(etag(&gzip), etag(&identity), "{path}: expected a version for each coding");
        for name in ["content-type", "content-security-policy", "cache-control", "vary"] {
            assert_eq!(gzip.header(name), identity.header(name), "{path}: expected the same {name}");
        }
    }
}

#[tokio::test]
async fn a_client_gets_the_coding_that_it_prefers() {
    let service = Service::start().await;
    for (accept, expected) in [
        (&["gzip, deflate, br, zstd"][..], Some("gzip")),
        (&["*"], Some("gzip")),
        (&["br;q=1, gzip;q=0.001"], Some("gzip")),
        (&["br", "gzip"], Some("gzip")),
        (&["gzip;q=0"], None),
        (&["gzip;q=0, *"], None),
        (&["*;q=0"], None),
        (&["br"], None),
        (&[""], None),
        (&["gzip;q=0.5, identity"], None),
        (&["identity;q=0"], None),
        (&[], None),
    ] {
        let request = accept.iter().fold(service.get("/docs"), |it, line| it.header("accept-encoding", line));
        let (answer, octets) = request.send_for_bytes().await;
        assert_eq!(answer.header("content-encoding").as_deref(), expected, "{accept:?}");
        let plain = if expected.is_some() { inflated(&octets) } else { octets };
        assert!(plain.starts_with(b"<!DOCTYPE html>"), "{accept:?}: expected the page");
    }
}
