//! Conditional requests for files.

use users_tests::{Answer, Service, etag};

use crate::support::{FILES, fetch};

async fn again(service: &Service, path: &str, accept: &str, known: &str) -> Answer {
    let request = service.get(path).header("accept-encoding", accept).header("if-none-match", known);
    request.send_for_bytes().await.0
}

#[tokio::test]
async fn a_known_version_is_304() {
    let service = Service::start().await;
    for (path, _) in FILES {
        for accept in ["gzip", "identity"] {
            let (first, _) = fetch(&service, path, accept).await;
            let tag = etag(&first);
            for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
                let request =
                    service.get(path).header("accept-encoding", accept).header("if-none-match", &known);
                let answer = request.send().await.expect(304);
                assert_eq!(answer.body, "", "{path} {known}");
                for name in ["etag", "cache-control", "content-security-policy", "vary"] {
                    assert_eq!(answer.header(name), first.header(name), "{path}: expected the same {name}");
                }
                for name in ["content-length", "content-encoding", "content-type"] {
                    assert_eq!(answer.header(name), None, "{path}: expected no {name} without a body");
                }
            }
        }
    }
}

#[tokio::test]
async fn another_version_or_coding_gets_the_file() {
    let service = Service::start().await;
    for (path, _) in FILES {
        let (gzip, _) = fetch(&service, path, "gzip").await;
        let (identity, _) = fetch(&service, path, "identity").await;
        for (accept, known) in
            [("gzip", etag(&identity)), ("identity", etag(&gzip)), ("gzip", "\"x\"".into())]
        {
            assert_eq!(again(&service, path, accept, &known).await.status, 200, "{path} {accept} {known}");
        }
    }
}

#[tokio::test]
async fn every_replica_has_the_same_etags() {
    let (one, other) = (Service::start().await, Service::start().await);
    for (path, _) in FILES {
        let tags = (fetch(&one, path, "gzip").await.0, fetch(&other, path, "gzip").await.0);
        assert_eq!(etag(&tags.0), etag(&tags.1), "{path}");
    }
}
