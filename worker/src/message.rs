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

impl Composer {
    /// `from` is the sender, as `Users <no-reply@example.com>` or the address alone. Renders every template once, so that a fault in one is
    /// found now.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub fn new(from: &str, links: Links, templates: Templates) -> anyhow::Result<Self> {
        let from: Mailbox = from.parse().ok().context(
            "MAIL_FROM must be an address, such as no-reply@example.com or Users <no-reply@example.com>",
        )?;
        templates.check(&links)?;
        Ok(Self { from, links, templates })
    }

    /// Renders a message. `number` names the row of the outbox and its time, so that a second attempt has the same `Message-ID` and a mail
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

    /// RFC 5322 section 3.6.4. A hash, so that nobody can tell from it how many messages there are.
    fn message_id(&self, event: Event, number: i64, address: &str) -> String {
        let hash = Sha256::digest(format!("{number} {event} {address}"));
        let unique: String = hash.iter().take(16).map(|octet| format!("{octet:02x}")).collect();
        format!("<{unique}@{}>", ascii_domain(self.from.email.domain()))
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
    let key = EmailKey::of(&format!("x@{domain}"));
    key.as_str().rsplit_once('@').map_or_else(|| domain.to_owned(), |(_, ascii)| ascii.to_owned())
}
