//! Delivery to a mail server.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use lettre::Message;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, response::Severity};

use super::Undelivered;
use super::smtp_url::{Encryption, SmtpUrl};

/// The time limit of a connection: of its opening, its encryption and the login.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);
/// A connection that was unused for this long is asked whether it is still there.
const IDLE: Duration = Duration::from_secs(5);
/// The time limit of that question, and of a farewell.
const NOOP_LIMIT: Duration = Duration::from_secs(5);

/// A mail server, and the connection to it, which one message after the other uses.
pub struct Smtp {
    url: SmtpUrl,
    tls: Option<TlsParameters>,
    hello: ClientId,
    connection: Option<Connection>,
}

struct Connection {
    smtp: AsyncSmtpConnection,
    used_at: Instant,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Smtp {
    /// A mail server. Its certificate is verified with Mozilla's roots, which this program contains, and with those in the file `ca`.
    /// `hello` is the domain by which this client names itself (RFC 5321 section 4.1.1.1).
    ///
    /// # Errors
    /// One sentence for the operator, when the file holds no certificates.
    pub fn new(url: SmtpUrl, ca: Option<&Path>, hello: &str) -> anyhow::Result<Self> {
        let tls = match url.encryption {
            Encryption::None => None,
            Encryption::StartTls | Encryption::Implicit => Some(tls(&url.host, ca)?),
        };
        Ok(Self { url, tls, hello: ClientId::Domain(hello.to_owned()), connection: None })
    }

    /// Opens the connection, unless there is one that works.
    pub(super) async fn prepare(&mut self) -> Result<(), String> {
        if self.is_alive().await {
            return Ok(());
        }
        self.connection = None;
        let opened = tokio::time::timeout(CONNECT_LIMIT, self.open()).await;
        let smtp = opened
            .map_err(|_| "the mail server does not answer".to_owned())?
            .map_err(|error| describe(&error))?;
        self.connection = Some(Connection { smtp, used_at: Instant::now() });
        Ok(())
    }

    async fn is_alive(&mut self) -> bool {
        let Some(connection) = &mut self.connection else { return false };
        if connection.smtp.has_broken() {
            return false;
        }
        if connection.used_at.elapsed() < IDLE {
            return true;
        }
        let asked = tokio::time::timeout(NOOP_LIMIT, connection.smtp.test_connected()).await;
        asked.unwrap_or(false)
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Error> {
        let address = (self.url.host.as_str(), self.url.port);
        let implicit = self.tls.clone().filter(|_| self.url.encryption == Encryption::Implicit);
        let mut smtp =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT_LIMIT), &self.hello, implicit, None)
                .await?;
        if let (Encryption::StartTls, Some(tls)) = (self.url.encryption, &self.tls) {
            // An error when the server does not offer it: nothing is sent unencrypted instead.
            smtp.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.url.credentials {
            login(&mut smtp, credentials).await?;
        }
        Ok(smtp)
    }

    pub(super) async fn deliver(&mut self, message: &Message) -> Result<(), Undelivered> {
        let Some(connection) = &mut self.connection else {
            return Err(Undelivered::Outage("there is no connection to the mail server".to_owned()));
        };
        let sent = connection.smtp.send(message.envelope(), &message.formatted()).await;
        connection.used_at = Instant::now();
        match sent {
            Ok(_) => Ok(()),
            Err(error) => {
                // A refusal for want of an extension has sent nothing, and leaves the connection as it was.
                if !error.is_client() {
                    self.connection = None;
                }
                Err(classify(&error))
            }
        }
    }

    pub(super) async fn close(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            // The server closes the connection by itself if the farewell is lost.
            _ = tokio::time::timeout(NOOP_LIMIT, connection.smtp.quit()).await;
        }
    }

    pub(super) fn forget(&mut self) {
        self.connection = None;
    }
}

async fn login(smtp: &mut AsyncSmtpConnection, credentials: &Credentials) -> Result<(), Error> {
    smtp.auth(DEFAULT_MECHANISMS, credentials).await?;
    Ok(())
}

fn tls(host: &str, ca: Option<&Path>) -> anyhow::Result<TlsParameters> {
    let mut parameters: TlsParametersBuilder =
        TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
    if let Some(path) = ca {
        let pem =
            std::fs::read(path).with_context(|| format!("SMTP_CA_FILE {} cannot be read", path.display()))?;
        let certificates = Certificate::from_pem(&pem)
            .ok()
            .with_context(|| format!("SMTP_CA_FILE {} must hold certificates in PEM", path.display()))?;
        parameters = parameters.add_root_certificate(certificates);
    }
    parameters.build().context("SMTP_CA_FILE must hold certificates of authorities")
}

/// RFC 5321 section 4.2.1, and RFC 4954 section 6 for the login.
fn classify(error: &Error) -> Undelivered {
    let text = describe(error);
    if error.is_client() {
        return Undelivered::Permanent(text);
    }
    match error.status().map(u16::from) {
        // The server wants a login or encryption, or has shut its service: no message could be sent.
        Some(421 | 454 | 530 | 534 | 535 | 538) => Undelivered::Outage(text),
        Some(_)
            if error.status().is_some_and(|code| code.severity == Severity::PermanentNegativeCompletion) =>
        {
            Undelivered::Permanent(text)
        }
        _ => Undelivered::Temporary(text),
    }
}

/// The error without the words of the server: they may quote an address.
fn describe(error: &Error) -> String {
    let source = || std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    if let Some(code) = error.status() {
        return match enhanced_code(&source()) {
            Some(enhanced) => format!("the mail server answered {code} {enhanced}"),
            None => format!("the mail server answered {code}"),
        };
    }
    if error.is_client() {
        // lettre's own sentences: a missing extension (SMTPUTF8, 8BITMIME, STARTTLS) or way to log in.
        return format!("the mail server lacks something: {}", source());
    }
    if error.is_tls() {
        return format!("the connection to the mail server cannot be encrypted: {}", source());
    }
    if error.is_response() {
        return "the mail server's answer cannot be read, or it closed the connection".to_owned();
    }
    format!("the connection to the mail server failed: {}", source())
}

/// The code at the start of a server's words, such as 5.1.1 (RFC 3463 section 2).
fn enhanced_code(words: &str) -> Option<&str> {
    let code = words.split_whitespace().next()?;
    let parts: Vec<&str> = code.split('.').collect();
    let is_number =
        |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|octet| octet.is_ascii_digit());
    (parts.len() == 3 && parts.iter().all(is_number)).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_are_left_out_but_for_their_code() {
        assert_eq!(enhanced_code("5.1.1 <ada@example.com>: no such user"), Some("5.1.1"));
        assert_eq!(enhanced_code("4.7.100 later"), Some("4.7.100"));
        for none in ["", "ada@example.com unknown", "5.1 x", "5.1.1.1 x", "5.1.ada x", "1234.1.1 x"] {
            assert_eq!(enhanced_code(none), None, "{none}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        let new = || {
            Smtp::new(SmtpUrl::parse("smtps://mail.example").unwrap(), Some(&path), "example.com")
                .unwrap_err()
                .to_string()
        };
        assert!(new().contains("cannot be read"), "{}", new());
        std::fs::write(&path, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n").unwrap();
        assert!(new().contains("must hold certificates"), "{}", new());
    }
}
