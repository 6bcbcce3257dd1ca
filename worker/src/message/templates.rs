//! The texts of messages.
//!
//! A template is a file for a language and a kind, such as `de/password_reset.txt`: a line `Subject: …`, an empty line, and the text. The HTML
//! part is made of the same text: `layout.html` gets its paragraphs. A file such as `de/password_reset.html` replaces the layout for
//! one message.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context, bail};
use minijinja::{Environment, UndefinedBehavior, Value, context};
use users_core::Event;

use super::language::{self, FALLBACK};
use super::links::Links;

/// The templates of this release.
macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

const BUILT_IN: [(&str, &str); 35] = built_in![
    "layout.html",
    "en/email_verification.txt",
    "en/password_forgotten.txt",
    "en/password_reset.txt",
    "en/invitation.txt",
    "en/email_change.txt",
    "en/email_change_requested.txt",
    "en/email_changed_from.txt",
    "en/email_changed_to.txt",
    "en/password_changed.txt",
    "en/password_guessed.txt",
    "en/api_key_created.txt",
    "en/factor_added.txt",
    "en/factor_removed.txt",
    "en/recovery_codes_made.txt",
    "en/recovery_code_used.txt",
    "en/factors_reset.txt",
    "en/account_deleted.txt",
    "de/email_verification.txt",
    "de/password_forgotten.txt",
    "de/password_reset.txt",
    "de/invitation.txt",
    "de/email_change.txt",
    "de/email_change_requested.txt",
    "de/email_changed_from.txt",
    "de/email_changed_to.txt",
    "de/password_changed.txt",
    "de/password_guessed.txt",
    "de/api_key_created.txt",
    "de/factor_added.txt",
    "de/factor_removed.txt",
    "de/recovery_codes_made.txt",
    "de/recovery_code_used.txt",
    "de/factors_reset.txt",
    "de/account_deleted.txt",
];

/// The template of the HTML part of all messages that have none of their own.
const LAYOUT: &str = "layout.html";
/// A token that no text has by chance.
const EXAMPLE_TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A file longer than this is no template.
const MAX_OCTETS: u64 = 256 * 1024;

/// The templates, by the names of their files.
pub struct Templates {
    environment: Environment<'static>,
    languages: Vec<String>,
}

/// A rendered message.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) subject: String,
    pub(crate) plain: String,
    pub(crate) html: String,
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Templates").field("languages", &self.languages).finish_non_exhaustive()
    }
}

impl Templates {
    /// The templates of this release; those in `dir` replace the ones of the same name, and add languages.
    ///
    /// # Errors
    /// One sentence for the operator, when the directory cannot be read or a file is no template.
    pub fn load(dir: Option<&Path>) -> anyhow::Result<Self> {
        let mut sources: BTreeMap<String, String> =
            BUILT_IN.iter().map(|(name, source)| ((*name).to_owned(), (*source).to_owned())).collect();
        if let Some(dir) = dir {
            read(dir, &mut sources)
                .with_context(|| format!("the templates in {} cannot be read", dir.display()))?;
        }
        let mut languages: Vec<String> =
            sources.keys().filter_map(|name| Some(name.split_once('/')?.0.to_owned())).collect();
        languages.dedup();

        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, source) in sources {
            // An editor may have written CRLF.
            let added = environment.add_template_owned(name.clone(), source.replace("\r\n", "\n"));
            added.with_context(|| format!("the template {name} has a fault"))?;
        }
        Ok(Self { environment, languages })
    }

    /// Renders a message of every kind in every language, and makes sure that both parts of it have the link, if there is one.
    pub(crate) fn check(&self, links: &Links) -> anyhow::Result<()> {
        for language in &self.languages {
            for event in Event::ALL {
                let language = self.with_text(event, language);
                let link = event.purpose().map(|purpose| links.link(purpose, EXAMPLE_TOKEN));
                let text = self
                    .render(event, Some(language), links, link.as_deref())
                    .with_context(|| format!("the template {language}/{event} has a fault"))?;
                if link.is_none() {
                    continue;
                }
                if !text.plain.contains(EXAMPLE_TOKEN) {
                    bail!(
                        "the template {language}/{event}.txt lacks the link: write {{{{ link }}}} into its text"
                    );
                }
                if !text.html.contains(EXAMPLE_TOKEN) {
                    let own = format!("{language}/{event}.html");
                    let file = if self.environment.get_template(&own).is_ok() { &own } else { LAYOUT };
                    bail!(
                        "the template {file} lacks the link of {event}: write {{{{ link }}}} or the paragraphs into it"
                    );
                }
            }
        }
        Ok(())
    }

    /// The language, or English if this kind has no text in it.
    fn with_text<'a>(&self, event: Event, language: &'a str) -> &'a str {
        let text = self.environment.get_template(&format!("{language}/{event}.txt"));
        if text.is_ok() { language } else { FALLBACK }
    }

    /// Renders a message. A language that lacks this kind gets it in English.
    pub(crate) fn render(
        &self,
        event: Event,
        tag: Option<&str>,
        links: &Links,
        link: Option<&str>,
    ) -> anyhow::Result<Text> {
        let language = language::best(tag, self.languages.iter().map(String::as_str));
        let language = self.with_text(event, language);
        let values = context! { public_url => links.public_url(), link => link };
        let source = self.environment.get_template(&format!("{language}/{event}.txt"))?.render(values)?;
        let (subject, plain) = split(&source)?;

        let own = self.environment.get_template(&format!("{language}/{event}.html"));
        let layout = own.or_else(|_| self.environment.get_template(LAYOUT))?;
        let html = layout.render(context! {
            public_url => links.public_url(),
            link => link,
            subject => subject,
            language => language,
            paragraphs => paragraphs(plain),
        })?;
        Ok(Text { subject: subject.to_owned(), plain: plain.to_owned(), html })
    }
}

/// The subject and the text. Control characters are refused: in the subject, a line break would begin another header.
fn split(source: &str) -> anyhow::Result<(&str, &str)> {
    let (first, rest) = source.split_once('\n').unwrap_or((source, ""));
    let subject = first.strip_prefix("Subject:").map(str::trim).unwrap_or_default();
    if subject.is_empty() || subject.chars().any(char::is_control) {
        bail!("its first line must be `Subject: …`");
    }
    let plain = rest.trim();
    if plain.is_empty() || plain.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        bail!("a text must follow the subject");
    }
    Ok((subject, plain))
}

fn paragraphs(plain: &str) -> Value {
    plain.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()).collect()
}

/// Reads the templates of a directory and of the directories in it, which are named as languages.
fn read(dir: &Path, sources: &mut BTreeMap<String, String>) -> anyhow::Result<()> {
    for entry in dir.read_dir()? {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        // A volume of Kubernetes has hidden entries.
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            for file in path.read_dir()? {
                let file = file?;
                if let Some(file_name) = file.file_name().to_str() {
                    read_file(&file.path(), format!("{name}/{file_name}"), sources)?;
                }
            }
        } else {
            read_file(&path, name, sources)?;
        }
    }
    Ok(())
}

/// A file with the name of a template; another one is refused, because it may be a mistyped name.
fn read_file(path: &Path, name: String, sources: &mut BTreeMap<String, String>) -> anyhow::Result<()> {
    let file = name.rsplit('/').next().unwrap_or_default();
    if file.starts_with('.') || !path.is_file() {
        return Ok(());
    }
    let kind = file.strip_suffix(".txt").or_else(|| file.strip_suffix(".html"));
    let is_known = match name.split_once('/') {
        Some(_) => kind.and_then(Event::named).is_some(),
        None => name == LAYOUT,
    };
    if !is_known {
        bail!("{name} is the name of no template: see the templates of this release");
    }
    if path.metadata()?.len() > MAX_OCTETS {
        bail!("{name} is longer than 256 KiB");
    }
    let source = std::fs::read_to_string(path).with_context(|| format!("{name} must be text in UTF-8"))?;
    sources.insert(name, source);
    Ok(())
}
