//! The two pages and their Content-Security-Policy.

use users_tests::Service;

use crate::support::{FILES, HTML, JAVASCRIPT, PAGES, fetch};

async fn text(service: &Service, path: &str) -> String {
    let (_, octets) = fetch(service, path, "identity").await;
    String::from_utf8(octets).expect("a page is UTF-8")
}

/// Every text between `start` and `end`.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).map(|rest| rest.split(end).next().unwrap_or_default()).collect()
}

/// The addresses in the markup of a page.
fn addresses(page: &str) -> Vec<&str> {
    ["src=\"", "href=\""].iter().flat_map(|attribute| between(page, attribute, "\"")).collect()
}

/// A directive of a page's Content-Security-Policy.
fn directive<'a>(policy: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let mut directives = policy.split(';').map(|it| it.split_whitespace());
    directives.find_map(|mut words| (words.next() == Some(name)).then(|| words.collect()))
}

#[tokio::test]
async fn a_page_refers_only_to_existing_files_of_the_service() {
    let service = Service::start().await;
    for page in PAGES {
        let markup = text(&service, page).await;
        let addresses = addresses(&markup);
        let scripts = addresses.iter().filter(|it| it.ends_with(".js")).count();
        assert_eq!(scripts, 2, "{page}: expected a bundle and a script that starts it: {addresses:?}");
        for address in addresses {
            let known = FILES.iter().any(|(path, _)| *path == address);
            assert!(known, "{page}: expected a path of the service, not {address}");
            service.get(address).send().await.expect(200);
        }
        assert!(!markup.contains("://"), "{page}: expected no other address");
    }
}

#[tokio::test]
async fn scripts_and_styles_load_nothing_from_other_hosts() {
    let service = Service::start().await;
    for page in PAGES {
        let script = text(&service, &format!("{page}/init.js")).await;
        assert!(!script.contains("://"), "{page}: {script}");
        assert!(script.contains("\"/openapi.json\""), "{page}: expected the document: {script}");
    }
    let style = text(&service, "/docs/swagger-ui.css").await;
    assert!(!style.contains("@import"), "expected one style sheet");
    let addresses = between(&style, "url(", ")");
    assert!(!addresses.is_empty(), "expected icons");
    for address in addresses {
        let address = address.trim_start_matches(['"', '\'']);
        assert!(address.starts_with("data:"), "expected nothing from elsewhere: {address}");
    }
}

#[tokio::test]
async fn a_page_has_no_script_style_or_handler_in_its_markup() {
    let service = Service::start().await;
    for page in PAGES {
        let markup = text(&service, page).await;
        for script in between(&markup, "<script", "</script>") {
            assert!(script.starts_with(" src=") && script.ends_with("\">"), "{page}: <script{script}");
        }
        for inline in ["<style", " style=", " onload=", " onclick=", "javascript:", "<iframe", "<base"] {
            assert!(!markup.contains(inline), "{page}: expected no {inline}");
        }
    }
}

#[tokio::test]
async fn the_content_security_policy_allows_only_files_of_the_service() {
    let service = Service::start().await;
    for (path, media_type) in FILES {
        let (answer, _) = fetch(&service, path, "gzip").await;
        let policy = answer.header("content-security-policy").unwrap_or_default();
        let sources = |name: &str| directive(&policy, name);
        let none = Some(vec!["'none'"]);
        assert_eq!(sources("default-src"), none, "{path}: {policy}");
        assert_eq!(sources("frame-ancestors"), none, "{path}: {policy}");
        let foreign = ["unsafe", "http:", "https:", "//", "*"];
        assert!(foreign.iter().all(|it| !policy.contains(it)), "{path}: {policy}");
        if media_type != HTML {
            assert_eq!(sources("script-src"), None, "{path} is no page: {policy}");
            continue;
        }
        assert_eq!(sources("script-src"), Some(vec!["'self'"]), "{path}: {policy}");
        assert_eq!(sources("connect-src"), Some(vec!["'self'"]), "{path}: {policy}");
        assert_eq!(sources("img-src"), Some(vec!["'self'", "data:"]), "{path}: {policy}");
        for name in ["base-uri", "form-action"] {
            assert_eq!(sources(name), none, "{path}: {policy}");
        }
    }
}

#[tokio::test]
async fn swagger_ui_keeps_no_tokens_and_uses_no_validator() {
    let service = Service::start().await;
    let script = text(&service, "/docs/init.js").await;
    for option in ["persistAuthorization: false", "validatorUrl: null", "deepLinking: true", "\"BaseLayout\""]
    {
        assert!(script.contains(option), "expected {option}: {script}");
    }
}

#[tokio::test]
async fn the_licence_of_a_bundle_is_at_the_path_in_the_bundle() {
    let service = Service::start().await;
    let bundles =
        FILES.iter().filter(|(path, media_type)| *media_type == JAVASCRIPT && !path.ends_with("/init.js"));
    for (path, _) in bundles {
        let bundle = text(&service, path).await;
        let [name, ..] = between(&bundle, "For license information please see ", " ")[..] else {
            panic!("{path}: expected the name of a file")
        };
        let (folder, _) = path.rsplit_once('/').expect("a path");
        let licence = text(&service, &format!("{folder}/{name}")).await;
        assert!(licence.contains("License") && licence.contains("WITHOUT WARRANT"), "{path}: {licence}");
    }
}
