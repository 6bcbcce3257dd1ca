//! The language of a message.

/// The language for everybody whose own is not available.
pub(crate) const FALLBACK: &str = "en";

/// The best of the available languages for a tag: the longest one that the tag begins with, subtag by subtag (the lookup of RFC 4647 section
/// 3.4). Case makes no difference. [`FALLBACK`] without a tag, and when none fits.
pub(crate) fn best<'a>(tag: Option<&str>, mut available: impl Iterator<Item = &'a str> + Clone) -> &'a str {
    let mut range = tag.unwrap_or_default();
    while !range.is_empty() {
        if let Some(found) = available.clone().find(|language| language.eq_ignore_ascii_case(range)) {
            return found;
        }
        range = shortened(range);
    }
    available.find(|language| *language == FALLBACK).unwrap_or(FALLBACK)
}

/// Without the last subtag, and without the single letter before it, which only introduces it.
fn shortened(range: &str) -> &str {
    let mut rest = range.rsplit_once('-').map_or("", |(rest, _)| rest);
    while let Some((before, last)) = rest.rsplit_once('-') {
        if last.chars().count() != 1 {
            break;
        }
        rest = before;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::best;

    fn of(tag: &str) -> &'static str {
        best(Some(tag), ["de", "en", "pt-BR", "zh-Hant"].into_iter())
    }

    #[test]
    fn the_language_that_the_tag_begins_with_is_best() {
        for (tag, expected) in [
            ("de", "de"),
            ("DE-at", "de"),
            ("de-AT-1996", "de"),
            ("de-x-private", "de"),
            ("zh-Hant-TW", "zh-Hant"),
            ("pt-br", "pt-BR"),
            ("en-GB", "en"),
        ] {
            assert_eq!(of(tag), expected, "{tag}");
        }
    }

    #[test]
    fn everything_else_is_english() {
        for tag in ["", "fr", "zh-Hans", "pt", "den", "x-de", "-", "de_AT", "dé"] {
            assert_eq!(of(tag), "en", "{tag}");
        }
        assert_eq!(best(None, ["de", "en"].into_iter()), "en");
    }
}
