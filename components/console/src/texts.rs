//! The texts of the pages, in every language (Project Fluent, <https://projectfluent.org>).
//!
//! A key is `page-message-name`. The messages of an area are in a file of their own, `texts/<area>.<language>.ftl`.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;
use users_web::Language;

/// The files of each language.
macro_rules! files {
    ($language:literal) => {
        [
            include_str!(concat!("../texts/core.", $language, ".ftl")),
            include_str!(concat!("../texts/account.", $language, ".ftl")),
            include_str!(concat!("../texts/security.", $language, ".ftl")),
            include_str!(concat!("../texts/rules.", $language, ".ftl")),
            include_str!(concat!("../texts/accounts.", $language, ".ftl")),
            include_str!(concat!("../texts/roles.", $language, ".ftl")),
            include_str!(concat!("../texts/overview.", $language, ".ftl")),
            include_str!(concat!("../texts/home.", $language, ".ftl")),
        ]
    };
}

const ENGLISH: [&str; 8] = files!("en");
const GERMAN: [&str; 8] = files!("de");

/// A value in a text: its name and the value.
pub(crate) type Argument<'a> = (&'a str, FluentValue<'a>);

/// All texts.
pub(crate) struct Catalogue {
    english: FluentBundle<FluentResource>,
    german: FluentBundle<FluentResource>,
}

impl Catalogue {
    /// Reads the texts, which are part of the program.
    ///
    /// # Errors
    /// A file has an error, or two files have the same key.
    pub(crate) fn read() -> Result<Self, String> {
        Ok(Self { english: bundle(Language::English, &ENGLISH)?, german: bundle(Language::German, &GERMAN)? })
    }

    /// The text of a key. `None` when there is no such key.
    pub(crate) fn find(&self, language: Language, key: &str, arguments: &[Argument<'_>]) -> Option<String> {
        let bundle = match language {
            Language::English => &self.english,
            Language::German => &self.german,
        };
        let pattern = bundle.get_message(key)?.value()?;
        let arguments: FluentArgs<'_> =
            arguments.iter().map(|(name, value)| (*name, value.clone())).collect();
        let mut errors = Vec::new();
        Some(bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned())
    }
}

fn bundle(language: Language, files: &[&str]) -> Result<FluentBundle<FluentResource>, String> {
    let language: LanguageIdentifier =
        language.tag().parse().map_err(|error| format!("{}: {error}", language.tag()))?;
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Isolation marks around values would be visible in titles and attributes.
    bundle.set_use_isolating(false);
    for text in files {
        let resource = FluentResource::try_new((*text).to_owned())
            .map_err(|(_, errors)| format!("a file of texts has errors: {errors:?}"))?;
        bundle.add_resource(resource).map_err(|errors| format!("a text is there twice: {errors:?}"))?;
    }
    Ok(bundle)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn keys(files: &[&str]) -> BTreeSet<String> {
        let lines = files.iter().flat_map(|text| text.lines());
        let messages = lines.filter(|line| line.starts_with(|it: char| it.is_ascii_alphabetic()));
        messages.filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned())).collect()
    }

    /// The names of the values in a file's messages, by the message.
    fn values(files: &[&str]) -> BTreeSet<(String, String)> {
        let mut found = BTreeSet::new();
        let mut key = String::new();
        for line in files.iter().flat_map(|text| text.lines()) {
            if line.starts_with(|it: char| it.is_ascii_alphabetic()) {
                line.split('=').next().unwrap().trim().clone_into(&mut key);
            }
            for value in line.split('$').skip(1) {
                let name = value.split(|it: char| !it.is_ascii_alphanumeric() && it != '_').next().unwrap();
                found.insert((key.clone(), name.to_owned()));
            }
        }
        found
    }

    fn sources(directory: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        entries
            .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
            .filter(|path| path.extension().is_some_and(|it| it == "rs"))
            .collect()
    }

    #[test]
    fn the_texts_can_be_read() {
        Catalogue::read().map(drop).unwrap();
    }

    #[test]
    fn each_language_has_the_same_keys_with_the_same_values() {
        assert_eq!(keys(&ENGLISH), keys(&GERMAN));
        assert_eq!(values(&ENGLISH), values(&GERMAN));
    }

    /// The literals that are keys: in `text("…")` and `text_with("…"`, and in tables whose keys begin with `nav-`.
    fn used(source: &str) -> Vec<&str> {
        let product = source.split("#[cfg(test)]").next().unwrap();
        let after =
            |start: &'static str| product.match_indices(start).map(move |(at, _)| product.split_at(at));
        let called = ["text(", "text_with("].into_iter().flat_map(|start| {
            // The kit has a function of that name, for the description of the API.
            let own = after(start).filter(|(before, _)| !before.ends_with("openapi::"));
            own.filter_map(move |(_, call)| call[start.len()..].trim_start().strip_prefix('"'))
        });
        let listed = after("\"nav-").map(|(_, rest)| &rest[1..]);
        let literals = called.chain(listed).map(|rest| rest.split('"').next().unwrap());
        // The description of a page that is part of the API is a sentence.
        literals.filter(|literal| !literal.contains(' ')).collect()
    }

    #[test]
    fn every_key_that_a_page_uses_exists() {
        let known = keys(&ENGLISH);
        for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            for key in used(&fs::read_to_string(&path).unwrap()) {
                assert!(known.contains(key), "{}: there is no text {key:?}", path.display());
            }
        }
    }
}
