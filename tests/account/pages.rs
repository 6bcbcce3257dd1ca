//! The pages that links in e-mails lead to: their policy, their markup, and their text without a script.

use std::collections::BTreeSet;

use users_tests::{Service, between};

use crate::support::{FILES, LANGUAGES, PAGES, fetch};

#[tokio::test]
async fn the_policy_allows_own_files_and_own_forms_only() {
    let service = Service::start().await;
    let page = BTreeSet::from([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]);
    let file = BTreeSet::from(["default-src 'none'", "frame-ancestors 'none'"]);
    let pages = PAGES.into_iter().map(|path| (path, &page));
    for (path, expected) in pages.chain(FILES.map(|(path, _)| (path, &file))) {
        let policy = fetch(&service, path, "en").await.header("content-security-policy").unwrap_or_default();
        assert_eq!(&policy.split("; ").collect::<BTreeSet<&str>>(), expected, "{path}");
    }
}

#[tokio::test]
async fn a_page_refers_to_this_service_only() {
    let service = Service::start().await;
    for page in PAGES {
        for language in LANGUAGES {
            let markup = fetch(&service, page, language).await.body;
            let mut addresses = between(&markup, " src=\"", "\"");
            addresses.extend(between(&markup, " href=\"", "\""));
            addresses.extend(between(&markup, " action=\"", "\""));
            for address in addresses {
                let is_ours = address.starts_with("/account") || ["#content", "data:,"].contains(&address);
                assert!(is_ours, "{page} {language}: {address}");
            }
            assert!(!markup.contains("://"), "{page} {language}: expected no other address");
            for inline in
                ["<style", " style=", " onload=", " onclick=", "javascript:", "<iframe", "<base", "<img"]
            {
                assert!(!markup.contains(inline), "{page} {language}: expected no {inline}");
            }
            for script in between(&markup, "<script", "</script>") {
                assert_eq!(script, " src=\"/account/console.js\" defer>", "{page} {language}");
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
async fn without_a_script_the_link_can_be_pasted() {
    let service = Service::start().await;
    for page in PAGES {
        for (language, sentence) in [
            ("en", "Copy the whole link out of the e-mail and paste it here."),
            ("de", "Kopieren Sie den ganzen Link aus der E-Mail"),
        ] {
            let markup = fetch(&service, page, language).await.body;
            assert!(markup.contains(sentence), "{page} {language}: {markup}");
            let [field] = between(&markup, "<input id=\"token\"", ">")[..] else {
                panic!("{page}: {markup}")
            };
            assert!(field.contains("type=\"text\"") && field.contains(" required"), "{page}: {field}");
            let forms = between(&markup, "<form ", ">");
            let action = format!("action=\"{page}\"");
            let own: Vec<_> = forms.iter().filter(|form| form.contains(&action)).collect();
            assert!(
                own.len() == 1 && own.iter().all(|form| form.contains("method=\"post\"")),
                "{page}: {forms:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_page_is_usable_with_a_screen_reader() {
    let service = Service::start().await;
    for page in PAGES {
        for language in LANGUAGES {
            let markup = fetch(&service, page, language).await.body;
            let [title] = between(&markup, "<title>", "</title>")[..] else {
                panic!("{page}: expected a title")
            };
            let [heading] = between(&markup, "<h1>", "</h1>")[..] else {
                panic!("{page}: expected a heading")
            };
            assert!(title.starts_with(heading), "{page} {language}: {title}");
            let ids: Vec<&str> = between(&markup, " id=\"", "\"");
            assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{page}: {ids:?}");
            for id in between(&markup, " for=\"", "\"") {
                assert!(ids.contains(&id), "{page} {language}: expected a field {id}");
            }
            for described in between(&markup, "aria-describedby=\"", "\"") {
                assert!(described.split(' ').all(|id| ids.contains(&id)), "{page} {language}: {described}");
            }
        }
    }
    let markup = fetch(&service, "/account/reset-password", "en").await.body;
    let [field] = between(&markup, "<input id=\"new_password\"", ">")[..] else { panic!("expected a field") };
    for attribute in ["type=\"password\"", "autocomplete=\"new-password\"", "required"] {
        assert!(field.contains(attribute), "expected {attribute}: {field}");
    }
}

#[tokio::test]
async fn the_service_takes_no_token_in_a_query() {
    // The logs of every proxy would hold a token in a query. The pages ignore such a token.
    let service = Service::start().await;
    for page in PAGES {
        let with = service.get(&format!("{page}?token=secret-token")).send().await.expect(200);
        assert!(!with.body.contains("secret-token"), "{page}");
        service.post(page).send().await.expect(415);
    }
}
