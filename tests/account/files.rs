//! Served and unknown files.

use users_tests::{Service, assert_asset, assert_problem, etag};

use crate::support::{FILES, HTML, LANGUAGES, PAGES, fetch};

#[tokio::test]
async fn every_file_has_its_type_and_is_revalidated() {
    let service = Service::start().await;
    for (path, media_type) in FILES {
        let answer = fetch(&service, path, "en").await;
        let version = assert_asset(&answer, media_type, path);
        assert_eq!(answer.header("referrer-policy").as_deref(), Some("no-referrer"), "{path}");
        assert!(!answer.body.is_empty(), "{path}: expected a file");
        let again =
            service.get(path).header("if-none-match", &version).header("accept-language", "en").send().await;
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}: {again:#?}");
        let same = service.get(&format!("{path}/")).header("accept-language", "en").send().await.expect(200);
        assert_eq!((etag(&same), &same.body), (version, &answer.body), "{path}/: expected the same file");
    }
}

#[tokio::test]
async fn a_page_is_sent_in_the_language_of_its_reader_and_a_file_to_everybody_alike() {
    let service = Service::start().await;
    for (path, _) in FILES {
        let [english, german] = LANGUAGES;
        let english = fetch(&service, path, english).await;
        let german = fetch(&service, path, german).await;
        assert_eq!(english.body, german.body, "{path}");
        assert_eq!(german.header("content-language"), None, "{path}");
        assert_eq!(german.header("vary").as_deref(), Some("Accept-Encoding"), "{path}");
    }
    for path in PAGES {
        for (wish, language) in
            [("en", "en"), ("de", "de"), ("fr", "en"), ("*", "en"), ("de;q=0.1, en", "en")]
        {
            let answer = fetch(&service, path, wish).await;
            assert_eq!(answer.header("content-type").as_deref(), Some(HTML), "{path}");
            assert_eq!(answer.header("content-language").as_deref(), Some(language), "{path} {wish}");
            let root = format!("<html lang=\"{language}\"");
            assert!(answer.body.contains(&root), "{path}: expected {root}");
        }
        let none = service.get(path).send().await.expect(200);
        assert!(
            none.body.contains("<html lang=\"en\""),
            "{path}: expected English for a reader without a wish"
        );
    }
}

#[tokio::test]
async fn a_browser_without_gzip_gets_the_same_file() {
    let service = Service::start().await;
    for (path, _) in FILES {
        let plain = fetch(&service, path, "en").await;
        let (packed, octets) = service.get(path).header("accept-encoding", "gzip").send_for_bytes().await;
        let packed = packed.expect(200);
        assert_eq!(packed.header("content-encoding").as_deref(), Some("gzip"), "{path}");
        assert!(octets.len() < plain.body.len(), "{path}: expected fewer octets");
        assert_ne!(etag(&packed), etag(&plain), "{path}: expected a version for each coding");
    }
}

#[tokio::test]
async fn files_are_only_read() {
    let service = Service::start().await;
    for (path, _) in FILES {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let answer = service.request(method, path).send().await;
            assert_problem(&answer, 405, "method_not_allowed");
            assert_eq!(answer.header("allow").as_deref(), Some("GET,HEAD"), "{method} {path}");
        }
        let head = service.request("HEAD", path).send().await.expect(200);
        let get = service.get(path).send().await.expect(200);
        assert_eq!(head.body, "", "HEAD {path}");
        for name in ["content-type", "content-security-policy", "etag", "vary", "content-language"] {
            assert_eq!(head.header(name), get.header(name), "HEAD {path}: expected the same {name}");
        }
    }
}

#[tokio::test]
async fn every_other_path_is_404() {
    let service = Service::start().await;
    for path in [
        "/account/nope",
        "/account/index.html",
        "/account/reset-password.en.html",
        "/account/reset-password/x",
        "/account/Verify-Email",
        "/account//account.js",
        "/accountx",
    ] {
        assert_problem(&service.get(path).send().await, 404, "not_found");
    }
}

#[tokio::test]
async fn the_pages_need_neither_database_nor_secret() {
    let service = Service::builder()
        .variable("jwt_secret", "short")
        .variable("key_secret", "")
        .without_postgres()
        .start()
        .await;
    for (number, path) in FILES.map(|(path, _)| path).into_iter().chain(PAGES).enumerate() {
        let id = format!("file-{number}");
        service.get(path).id(&id).send().await.expect(200);
        assert_eq!(
            service.logs().of_request(&id).await.statements(),
            [""; 0],
            "{path}: expected no statement"
        );
    }
}
