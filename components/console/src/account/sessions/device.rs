//! A device in words: the browser and the system that a `User-Agent` names (RFC 9110 section 10.1.5).
//!
//! Clients write whatever they like into `User-Agent`. The words help people to recognise their devices, and prove nothing.

/// The mark of a product in a `User-Agent`, and its name for people.
type Product = (&'static str, &'static str);

/// Browsers. Most of them also name the browsers that they resemble, so the first match counts.
const BROWSERS: [Product; 14] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Systems. Here, too, the first match counts: Android also calls itself Linux, and an iPhone is `like Mac OS X`.
const SYSTEMS: [Product; 9] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
];

/// The longest name of a program that is shown, in characters.
const LONGEST_NAME: usize = 40;

/// A device, by its `User-Agent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Device<'a> {
    /// A browser on a system.
    Browser { browser: &'static str, system: &'static str },
    /// A program that names itself, such as `curl`.
    Program(&'a str),
    /// Nothing in the `User-Agent` would help people to recognise it.
    Unknown,
}

impl<'a> Device<'a> {
    /// Reads a `User-Agent`. `None` stands for a client that sent none.
    pub(crate) fn of(client: Option<&'a str>) -> Self {
        let Some(client) = client else { return Self::Unknown };
        match (named(&BROWSERS, client), named(&SYSTEMS, client)) {
            (Some(browser), Some(system)) => Self::Browser { browser, system },
            (Some(name), None) | (None, Some(name)) => Self::Program(name),
            (None, None) => program(client).map_or(Self::Unknown, Self::Program),
        }
    }
}

fn named(products: &[Product], client: &str) -> Option<&'static str> {
    products.iter().find(|(mark, _)| client.contains(mark)).map(|(_, name)| *name)
}

/// The name of the first product: the text before the first `/` or space.
fn program(client: &str) -> Option<&str> {
    let name = client.trim_start().split(['/', ' ']).next()?;
    let is_sensible = !name.is_empty() && name.chars().count() <= LONGEST_NAME && name != "Mozilla";
    is_sensible.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_with_its_system() {
        for (client, browser, system) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "Chrome",
                "Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
                "Edge",
                "Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Safari",
                "macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1",
                "Chrome",
                "iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
                "Samsung Internet",
                "Android",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "Chrome",
                "ChromeOS",
            ),
        ] {
            assert_eq!(Device::of(Some(client)), Device::Browser { browser, system }, "{client}");
        }
    }

    #[test]
    fn a_program_is_named_as_it_names_itself() {
        for (client, name) in [
            ("curl/8.14.1", "curl"),
            ("PostmanRuntime/7.44.0", "PostmanRuntime"),
            ("<b>bold</b>", "<b>bold<"),
            ("Mozilla/5.0 (Linux)", "Linux"),
        ] {
            assert_eq!(Device::of(Some(client)), Device::Program(name), "{client}");
        }
    }

    #[test]
    fn a_client_that_says_nothing_useful_is_unknown() {
        for client in [None, Some(""), Some("  "), Some("/"), Some("Mozilla/5.0"), Some(&*"x".repeat(41))] {
            assert_eq!(Device::of(client), Device::Unknown, "{client:?}");
        }
    }
}
