//! Messages: from a kind, a recipient and a token to the octets that are sent.

mod language;
mod links;
mod templates;

use std::time::SystemTime;

use anyhow::Context;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use sha2::{Digest, Sha256};
use users_core::{Email, EmailKey, Event};

pub use links::Links;
pub use templates::Templates;

const MAIL_FROM: &str =
    "MAIL_FROM must be an address, such as no-reply@example.com or Users <no-reply@example.com>";

/// Renders messages.
#[derive(Debug)]
pub struct Composer {
    from: Mailbox,
    links: Links,
    templates: Templates,
}

/// A message that is ready to be delivered.
pub(crate) struct Letter {
    pub(crate) message: Message,
    /// The link in it. It holds a token that works: nothing but a developer's terminal may show it.
    pub(crate) link: Option<String>,
}

/// The reason why a message cannot be written at all. Another attempt would not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unwritable {
    /// Releases before this one accepted some that cannot exist.
    #[error("the address of the account is not one that mail can be sent to")]
    Address,
    #[error("the template does not render: correct it, then run `usersctl outbox retry`")]
    Template,
}

/// The domain of a sender, in A-labels.
///
/// # Errors
/// One sentence for the operator.
pub fn sender_domain(from: &str) -> anyhow::Result<String> {
    let from: Mailbox = from.parse().ok().context(MAIL_FROM)?;
    Ok(ascii_domain(from.email.domain()))
}

impl Composer {
    /// `from` is the sender, as `Users <no-reply@example.com>` or the address alone. Renders every template once, so that a fault in one is
    /// found now.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub fn new(from: &str, links: Links, templates: Templates) -> anyhow::Result<Self> {
        let from: Mailbox = from.parse().ok().context(MAIL_FROM)?;
        let email =
            Address::new(from.email.user(), ascii_domain(from.email.domain())).ok().context(MAIL_FROM)?;
        let from = Mailbox::new(from.name, email);
        templates.check(&links)?;
        Ok(Self { from, links, templates })
    }

    /// Renders a message. `number` names the row of the outbox, so that a second attempt has the same `Message-ID` and a mail
    /// server can recognise it.
    pub(crate) fn compose(
        &self,
        event: Event,
        address: &str,
        language: Option<&str>,
        token: &str,
        number: i64,
        now: SystemTime,
    ) -> Result<Letter, Unwritable> {
        let recipient = mailbox(address)?;
        let link = event.purpose().map(|purpose| self.links.link(purpose, token));
        let text = self
            .templates
            .render(event, language, &self.links, link.as_deref())
            .map_err(|_| Unwritable::Template)?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, recipient))
            .subject(text.subject)
            .date(now)
            .message_id(Some(self.message_id(event, number, address)))
            // RFC 3834 section 5: no holiday notice answers.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(text.plain, text.html))
            .map_err(|_| Unwritable::Template)?;
        Ok(Letter { message, link })
    }

    /// RFC 5322 section 3.6.4: unique, and the same in a second attempt. It is a hash, so that the number of messages is not plain to see. It is
    /// no secret: nothing is decided by it.
    fn message_id(&self, event: Event, number: i64, address: &str) -> String {
        let hash = Sha256::digest(format!("{number} {event} {address}"));
        let unique: String = hash.iter().take(16).map(|octet| format!("{octet:02x}")).collect();
        format!("<{unique}@{}>", self.from.email.domain())
    }
}

/// The address for an envelope and the header `To`. The domain is in A-labels (RFC 5890), which every mail server understands. Only an
/// address with other characters before the `@` needs SMTPUTF8 (RFC 6531).
///
/// There is no name beside it: names come from accounts, so whoever registers somebody else's address could write to them.
fn mailbox(address: &str) -> Result<Address, Unwritable> {
    let email = Email::parse(address).map_err(|_| Unwritable::Address)?;
    let (local, domain) = email.as_str().rsplit_once('@').ok_or(Unwritable::Address)?;
    Address::new(local, ascii_domain(domain)).map_err(|_| Unwritable::Address)
}

fn ascii_domain(domain: &str) -> String {
    if domain.is_ascii() {
        return domain.to_owned();
    }
    let key = EmailKey::of(&format!("x@{domain}"));
    key.as_str().rsplit_once('@').map_or_else(|| domain.to_owned(), |(_, ascii)| ascii.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn composer() -> Composer {
        let links = Links::new("https://users.example.com", None).unwrap();
        Composer::new("Users <no-reply@bücher.example>", links, Templates::load(None).unwrap()).unwrap()
    }

    fn compose(event: Event, address: &str, language: Option<&str>) -> Result<Letter, Unwritable> {
        let now = UNIX_EPOCH + Duration::from_secs(1_790_000_000);
        composer().compose(event, address, language, TOKEN, 7, now)
    }

    /// The headers of a message.
    fn headers(address: &str, language: Option<&str>) -> String {
        let letter = compose(Event::PasswordReset, address, language).unwrap();
        let octets = String::from_utf8(letter.message.formatted()).unwrap();
        octets.split_once("\r\n\r\n").unwrap().0.to_owned()
    }

    #[test]
    fn a_message_has_the_headers_of_one_that_a_program_sends() {
        let headers = headers("ada@example.com", None);
        let lines: Vec<&str> = headers.split("\r\n").collect();
        for expected in [
            "To: ada@example.com",
            "Subject: Set a new password",
            "Date: Mon, 21 Sep 2026 14:13:20 +0000",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(lines.contains(&expected), "{expected} in {headers}");
        }
        let id = lines.iter().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
        assert!(id.starts_with('<') && id.ends_with("@xn--bcher-kva.example>"), "{id}");
    }

    #[test]
    fn a_second_attempt_has_the_same_message_id() {
        let id = |number| composer().message_id(Event::PasswordReset, number, "ada@example.com");
        assert_eq!(id(1), id(1));
        assert_ne!(id(1), id(2));
    }

    #[test]
    fn an_address_cannot_add_a_header_or_a_recipient() {
        for hostile in [
            "ada@example.com\r\nBcc: eve@example.com",
            "ada\r\n@example.com",
            "ada@exam\nple.com",
            "ada\0@example.com",
            "ada@example.com, eve@example.com",
            "Ada <ada@example.com>",
            "\"ada\r\nBcc: eve@example.com\"@example.com",
            "\"ada eve\"@example.com",
            "ada@example.com>\r\nDATA",
            "ada@[127.0.0.1]",
            "ada",
            "",
        ] {
            let refused = compose(Event::PasswordReset, hostile, None).err();
            assert_eq!(refused, Some(Unwritable::Address), "{hostile:?}");
        }
    }

    #[test]
    fn a_domain_of_any_script_is_sent_as_a_labels() {
        assert!(headers("ada@bücher.example", None).contains("\r\nTo: ada@xn--bcher-kva.example\r\n"));
        let letter = compose(Event::PasswordReset, "ada@bücher.example", None).unwrap();
        assert!(letter.message.formatted().is_ascii());
    }

    #[test]
    fn only_a_local_part_beyond_ascii_needs_smtputf8() {
        let letter = compose(Event::PasswordReset, "用户@例子.公司", None).unwrap();
        let recipient = letter.message.envelope().to().first().unwrap().to_string();
        assert_eq!(recipient, "用户@xn--fsqu00a.xn--55qx5d");
        assert!(!letter.message.formatted().is_ascii());
    }

    #[test]
    fn every_kind_has_a_text_in_every_language_and_a_link_if_it_has_a_purpose() {
        let templates = Templates::load(None).unwrap();
        let links = Links::new("https://users.example.com", None).unwrap();
        for event in Event::ALL {
            let mut subjects = Vec::new();
            for language in ["en", "de"] {
                let link = event.purpose().map(|purpose| links.link(purpose, TOKEN));
                let text = templates.render(event, Some(language), &links, link.as_deref()).unwrap();
                assert_eq!(text.plain.contains(TOKEN), event.purpose().is_some(), "{language}/{event}");
                assert_eq!(text.html.matches("<a href=").count(), usize::from(event.purpose().is_some()));
                assert!(text.html.contains(&format!("<html lang=\"{language}\">")));
                subjects.push(text.subject);
            }
            assert_ne!(subjects[0], subjects[1], "{event}");
        }
    }

    #[test]
    fn the_language_is_that_of_the_profile_or_english() {
        for (language, subject) in [
            (Some("de-AT"), "Subject: Setzen Sie ein neues Passwort"),
            (Some("fr"), "Subject: Set a new password"),
            (None, "Subject: Set a new password"),
        ] {
            assert!(headers("ada@example.com", language).contains(subject), "{language:?}");
        }
    }

    fn with(file: &str, text: &str) -> anyhow::Result<Composer> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let links = Links::new("https://users.example.com", None).unwrap();
        Composer::new("no-reply@example.com", links, Templates::load(Some(dir.path()))?)
    }

    #[test]
    fn a_directory_replaces_templates_and_adds_languages() {
        let text = |composer: &Composer, language| {
            let text =
                composer.templates.render(Event::PasswordReset, Some(language), &composer.links, Some("L"));
            text.unwrap()
        };
        let replaced =
            with("en/password_reset.txt", "Subject: Hello\r\n\r\nUse <{{ link }}> & hurry.\r\n").unwrap();
        assert_eq!(text(&replaced, "en").subject, "Hello");
        assert_eq!(text(&replaced, "en").plain, "Use <L> & hurry.");
        assert!(text(&replaced, "en").html.contains("<p>Use &lt;L&gt; &amp; hurry.</p>"));
        assert_eq!(text(&replaced, "de").subject, "Setzen Sie ein neues Passwort");

        let added = with("fr/password_reset.txt", "Subject: Bonjour\n\n{{ link }}").unwrap();
        assert_eq!(text(&added, "fr-CA").subject, "Bonjour");
        let other = added.templates.render(Event::PasswordChanged, Some("fr"), &added.links, None).unwrap();
        assert_eq!(other.subject, "Your password has changed");

        let page = with("en/password_reset.html", "<b>{{ link }}</b>").unwrap();
        assert_eq!(text(&page, "en").html, "<b>L</b>");
        assert_eq!(text(&page, "en").subject, "Set a new password");
    }

    #[test]
    fn a_fault_in_a_template_is_found_at_the_start() {
        for (file, text, word) in [
            ("en/password_reset.txt", "Subject: A\n\n{{ nothing }}", "en/password_reset"),
            ("en/password_reset.txt", "Subject: A\n\n{{ link", "en/password_reset"),
            ("en/password_reset.txt", "Hello\n\n{{ link }}", "Subject"),
            ("en/password_reset.txt", "Subject: A\rBcc: eve@example.com\n\n{{ link }}", "Subject"),
            ("en/password_reset.txt", "Subject: A\n\n", "text"),
            (
                "en/password_reset.txt",
                "Subject: A\n\nAsk us for a link.",
                "en/password_reset.txt lacks the link",
            ),
            ("de/invitation.txt", "Subject: A {{ link }}\n\nB", "de/invitation.txt lacks the link"),
            ("fr/email_change.txt", "Subject: A\n\n{{ public_url }}", "fr/email_change.txt lacks the link"),
            ("de/password_reset.html", "<b>Hello</b>", "de/password_reset.html lacks the link"),
            ("layout.html", "<b>{{ subject }}</b>", "layout.html lacks the link"),
            ("en/password_restet.txt", "Subject: A\n\n{{ link }}", "en/password_restet.txt"),
            ("en/password_reset.md", "Subject: A\n\n{{ link }}", "en/password_reset.md"),
        ] {
            let error = format!("{:#}", with(file, text).unwrap_err());
            assert!(error.contains(word), "{file} {text:?}: {error}");
        }
    }

    #[test]
    fn a_message_without_a_link_needs_none_in_its_template() {
        assert!(with("en/password_changed.txt", "Subject: A\n\nB").is_ok());
        assert!(with("en/account_deleted.html", "<b>{{ subject }}</b>").is_ok());
    }

    #[test]
    fn a_sender_that_is_no_address_is_refused() {
        for wrong in ["", "no-reply", "no-reply@example.com\r\nBcc: eve@example.com"] {
            let links = Links::new("https://users.example.com", None).unwrap();
            let error = Composer::new(wrong, links, Templates::load(None).unwrap()).unwrap_err();
            assert!(error.to_string().starts_with("MAIL_FROM must be"), "{wrong:?}");
        }
    }
}
