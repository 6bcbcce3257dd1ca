//! The files that are served: the media type of each, and the Content-Security-Policy of the pages.

use users_web::Asset;

use crate::links::page::Page;

/// The files that build.rs has packed.
mod packed {
    include!(concat!(env!("OUT_DIR"), "/packed.rs"));
}

const CSS: &str = "text/css; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The Content-Security-Policy of the pages. Our script sends the form, so the browser must not submit it.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                           form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The Content-Security-Policy of the script and the style sheet, for a browser that opens such a file by itself.
const PART_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

pub(crate) static RESET_PASSWORD: Page = Page {
    english: Asset::new(HTML, PAGE_POLICY, packed::RESET_PASSWORD_EN).in_language("en"),
    german: Asset::new(HTML, PAGE_POLICY, packed::RESET_PASSWORD_DE).in_language("de"),
};
pub(crate) static VERIFY_EMAIL: Page = Page {
    english: Asset::new(HTML, PAGE_POLICY, packed::VERIFY_EMAIL_EN).in_language("en"),
    german: Asset::new(HTML, PAGE_POLICY, packed::VERIFY_EMAIL_DE).in_language("de"),
};

pub(crate) static CONSOLE_SCRIPT: Asset = Asset::new(JAVASCRIPT, PART_POLICY, packed::CONSOLE_SCRIPT);
pub(crate) static CONSOLE_STYLE: Asset = Asset::new(CSS, PART_POLICY, packed::CONSOLE_STYLE);

pub(crate) static SCRIPT: Asset = Asset::new(JAVASCRIPT, PART_POLICY, packed::SCRIPT);
pub(crate) static STYLE: Asset = Asset::new(CSS, PART_POLICY, packed::STYLE);

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: [&Page; 2] = [&RESET_PASSWORD, &VERIFY_EMAIL];

    fn text(asset: &Asset) -> String {
        String::from_utf8(asset.content.inflated().unwrap()).unwrap()
    }

    /// Every text between `start` and `end`.
    fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
        text.split(start).skip(1).map(|rest| rest.split(end).next().unwrap_or_default()).collect()
    }

    #[test]
    fn a_page_has_a_text_for_every_outcome_that_the_script_tells() {
        let script = text(&SCRIPT);
        let told = [between(&script, "tell(\"", "\""), between(&script, "end(\"", "\"")].concat();
        assert!(told.len() >= 6, "expected outcomes: {told:?}");
        for page in PAGES {
            for asset in [&page.english, &page.german] {
                let page = text(asset);
                for outcome in &told {
                    let template = format!("<template data-outcome=\"{outcome}\">");
                    assert_eq!(page.matches(&template).count(), 1, "expected {template}");
                }
            }
        }
    }

    #[test]
    fn a_page_has_the_same_elements_in_each_language() {
        for page in PAGES {
            let tags = |asset| {
                let mut tags: Vec<String> =
                    between(&text(asset), "<", ">").into_iter().map(str::to_owned).collect();
                tags.retain(|tag| !tag.starts_with("html "));
                tags
            };
            assert_eq!(tags(&page.english), tags(&page.german));
        }
    }

    #[test]
    fn a_page_says_which_language_it_is_in() {
        for page in PAGES {
            assert!(text(&page.english).contains("<html lang=\"en\">"));
            assert!(text(&page.german).contains("<html lang=\"de\">"));
        }
    }
}
