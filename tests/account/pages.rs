//! The two pages: their policy, their markup, and their text without a script.

use std::collections::BTreeSet;

use users_tests::{Service, assert_problem};

use crate::support::{FILES, HTML, LANGUAGES, PAGES, between, fetch};

#[tokio::test]
async fn the_policy_allows_own_files_and_the_api_only() {
    let service = Service::start().await;
    for (path, media_type) in FILES {
        let policy = fetch(&service, path, "en").await.header("content-security-policy").unwrap_or_default();
        let directives: BTreeSet<&str> = policy.split("; ").collect();
        let expected = if media_type == HTML {
            BTreeSet::from([
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "connect-src 'self'",
                "form-action 'none'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            ])
        } else {
            BTreeSet::from(["default-src 'none'", "frame-ancestors 'none'"])
        };
        assert_eq!(directives, expected, "{path}");
    }
}

#[tokio::test]
async fn a_page_refers_to_its_two_files_only() {
    let service = Service::start().await;
    for (page, _) in PAGES {
        for language in LANGUAGES {
            let markup = fetch(&service, page, language).await.body;
            let mut addresses = between(&markup, "src=\"", "\"");
            addresses.extend(between(&markup, "href=\"", "\""));
            addresses.sort_unstable();
            assert_eq!(addresses, ["/account/account.css", "/account/account.js"], "{page} {language}");
            assert!(!markup.contains("://"), "{page} {language}: expected no other address");
            for inline in
                ["<style", " style=", " onload=", " onclick=", "javascript:", "<iframe", "<base", "<img"]
            {
                assert!(!markup.contains(inline), "{page} {language}: expected no {inline}");
            }
            for script in between(&markup, "<script", "</script>") {
                assert_eq!(script, " src=\"/account/account.js\" defer>", "{page} {language}");
            }
        }
    }
    for (path, _) in FILES {
        let text = fetch(&service, path, "en").await.body;
        for foreign in [
            "://",
            "@import",
            "url(",
            "eval(",
            "innerHTML",
            "document.cookie",
            "localStorage",
            "sessionStorage",
        ] {
            assert!(!text.contains(foreign), "{path}: expected no {foreign}");
        }
    }
}

#[tokio::test]
async fn a_page_without_a_script_says_what_to_do() {
    let service = Service::start().await;
    for (page, _) in PAGES {
        for (language, sentence) in [
            ("en", "Allow JavaScript for this page and open the link again"),
            ("de", "Erlauben Sie JavaScript"),
        ] {
            let markup = fetch(&service, page, language).await.body;
            let [without] = between(&markup, "<noscript>", "</noscript>")[..] else {
                panic!("{page} {language}: expected one <noscript>: {markup}")
            };
            assert!(without.contains(sentence), "{page} {language}: {without}");
            // Without the script, the form would only do harm: it would send the password to the page's own address.
            let [form] = between(&markup, "<form ", ">")[..] else { panic!("{page}: expected one form") };
            assert!(form.ends_with(" hidden"), "{page} {language}: {form}");
            assert!(!markup.contains("action="), "{page} {language}: expected no place to send the form to");
        }
    }
}

#[tokio::test]
async fn a_form_is_sent_to_the_route_that_takes_the_token() {
    let service = Service::start().await;
    for (page, route) in PAGES {
        for language in LANGUAGES {
            let markup = fetch(&service, page, language).await.body;
            assert_eq!(between(&markup, "data-route=\"", "\""), [route], "{page} {language}");
        }
    }
}

#[tokio::test]
async fn a_page_is_usable_with_a_screen_reader() {
    let service = Service::start().await;
    for (page, _) in PAGES {
        for language in LANGUAGES {
            let markup = fetch(&service, page, language).await.body;
            let [title] = between(&markup, "<title>", "</title>")[..] else {
                panic!("{page}: expected a title")
            };
            assert_eq!(between(&markup, "<h1>", "</h1>"), [title], "{page} {language}");
            assert_eq!(
                markup.matches("role=\"status\"").count(),
                1,
                "{page} {language}: expected a live region"
            );
            let ids: BTreeSet<&str> = between(&markup, " id=\"", "\"").into_iter().collect();
            for id in between(&markup, " for=\"", "\"") {
                assert!(ids.contains(id), "{page} {language}: expected a field {id}");
            }
            for described in between(&markup, "aria-describedby=\"", "\"") {
                assert!(described.split(' ').all(|id| ids.contains(id)), "{page} {language}: {described}");
            }
        }
    }
    let markup = fetch(&service, "/account/reset-password", "en").await.body;
    let [field] = between(&markup, "<input id=\"new-password\"", ">")[..] else { panic!("expected a field") };
    for attribute in ["type=\"password\"", "autocomplete=\"new-password\"", "required"] {
        assert!(field.contains(attribute), "expected {attribute}: {field}");
    }
}

#[tokio::test]
async fn the_service_takes_no_token_in_a_query() {
    // The logs of every proxy would hold a token in a query. The pages ignore such a token.
    let service = Service::start().await;
    for (page, _) in PAGES {
        let with =
            service.get(&format!("{page}?token=x")).header("accept-language", "en").send().await.expect(200);
        assert_eq!(with.body, fetch(&service, page, "en").await.body, "{page}");
        assert_problem(&service.post(page).send().await, 405, "method_not_allowed");
    }
}
