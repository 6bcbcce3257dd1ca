//! Delivery to a mail server.

use std::io;
use std::iter;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use lettre::Message;
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::{Error, response::Severity};
use tokio::net::TcpStream;

use super::Undelivered;
use super::line_by_line::LineByLine;
use super::smtp_url::{Encryption, SmtpUrl};

/// The time limit of a connection: of its opening, its encryption and the login.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);
/// A connection that was unused for this long is asked whether it is still there.
const IDLE: Duration = Duration::from_secs(5);
/// The time limit of that question, and of a farewell.
const NOOP_LIMIT: Duration = Duration::from_secs(5);
/// The time limit of the commands before a message, for all together. RFC 5321 section 4.5.3.2 wants up to five minutes for each, but the
/// server has no message yet, so another attempt does no harm.
const COMMANDS_LIMIT: Duration = Duration::from_secs(2 * 60);
/// The time limit of the message, and of the answer to its end. A server may take ten minutes for that answer (RFC 5321 section 4.5.3.2.6).
/// A client that does not wait for it sends a delivered message again (RFC 1047).
const ANSWER_LIMIT: Duration = Duration::from_secs(10 * 60);
/// The time limit of a delivery.
pub(crate) const DELIVERY_LIMIT: Duration =
    Duration::from_secs(COMMANDS_LIMIT.as_secs() + ANSWER_LIMIT.as_secs() + NOOP_LIMIT.as_secs());

const FAILED: &str = "the connection to the mail server failed";
const SLOW: &str = "the mail server did not answer in time";
const UNCONFIRMED: &str = "the mail server did not say whether it takes the message";

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
        let smtp = opened.map_err(|_| "the mail server does not answer".to_owned())??;
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

    async fn open(&self) -> Result<AsyncSmtpConnection, String> {
        let address = (self.url.host.as_str(), self.url.port);
        let mut smtp = match (self.url.encryption, &self.tls) {
            (Encryption::StartTls, Some(tls)) => {
                let stream = TcpStream::connect(address).await;
                let stream = stream.map_err(|error| format!("{FAILED}: {error}"))?;
                starttls(stream, tls.clone(), &self.hello).await
            }
            (_, tls) => {
                let limit = Some(CONNECT_LIMIT);
                AsyncSmtpConnection::connect_tokio1(address, limit, &self.hello, tls.clone(), None).await
            }
        }
        .map_err(|error| describe(&error))?;
        if let Some(credentials) = &self.url.credentials {
            let known = smtp.auth(DEFAULT_MECHANISMS, credentials).await;
            known.map_err(|error| describe(&error))?;
        }
        Ok(smtp)
    }

    /// Delivers a message over the connection that is open. If this is abandoned, the connection closes: it would be in the middle of a
    /// message.
    pub(super) async fn deliver(&mut self, message: &Message) -> Result<(), Undelivered> {
        let Some(mut connection) = self.connection.take() else {
            return Err(Undelivered::Outage("there is no connection to the mail server".to_owned()));
        };
        let octets = message.formatted();
        let parameters = match parameters(&connection.smtp, message.envelope(), &octets) {
            Ok(parameters) => parameters,
            Err(lacks) => {
                self.connection = Some(connection);
                return Err(Undelivered::Permanent(lacks));
            }
        };
        let begun = begin(&mut connection.smtp, message.envelope(), parameters);
        match tokio::time::timeout(COMMANDS_LIMIT, begun).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                leave(connection).await;
                return Err(classify(&error));
            }
            Err(_) => return Err(Undelivered::Temporary(SLOW.to_owned())),
        }
        // The end of the message is written when no part is left.
        let mut is_at_end = false;
        let parts = iter::once(octets.as_slice()).chain(iter::from_fn(|| {
            is_at_end = true;
            None
        }));
        let answered = tokio::time::timeout(ANSWER_LIMIT, connection.smtp.message_iter(parts)).await;
        match answered {
            Ok(Ok(_)) => {
                connection.used_at = Instant::now();
                self.connection = Some(connection);
                Ok(())
            }
            Ok(Err(error)) if error.status().is_some() => {
                leave(connection).await;
                Err(classify(&error))
            }
            // A server takes no message without its end (RFC 5321 section 4.1.1.4), so another attempt makes no copy.
            Ok(Err(error)) if !is_at_end || could_not_write(&error) => {
                Err(Undelivered::Temporary(describe(&error)))
            }
            Err(_) if !is_at_end => Err(Undelivered::Temporary(SLOW.to_owned())),
            Ok(Err(error)) => Err(Undelivered::Unanswered(format!("{UNCONFIRMED}: {}", describe(&error)))),
            Err(_) => Err(Undelivered::Unanswered(UNCONFIRMED.to_owned())),
        }
    }

    pub(super) async fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            leave(connection).await;
        }
    }
}

/// Says goodbye. The server closes the connection by itself if that is lost.
async fn leave(mut connection: Connection) {
    _ = tokio::time::timeout(NOOP_LIMIT, connection.smtp.quit()).await;
}

/// The parameters that announce an unusual message (RFC 6531 section 3.4, RFC 6152). An error when the server does not offer an extension
/// that the message needs.
fn parameters(
    smtp: &AsyncSmtpConnection,
    envelope: &Envelope,
    octets: &[u8],
) -> Result<Vec<MailParameter>, String> {
    let mut addresses = envelope.from().into_iter().chain(envelope.to());
    let offers = |extension| smtp.server_info().supports_feature(extension);
    let mut parameters = Vec::new();
    if addresses.any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
        if !offers(Extension::SmtpUtfEight) {
            return Err("the mail server lacks SMTPUTF8, which the address needs".to_owned());
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !octets.is_ascii() {
        if !offers(Extension::EightBitMime) {
            return Err("the mail server lacks 8BITMIME, which the message needs".to_owned());
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
}

/// The commands before a message.
async fn begin(
    smtp: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    parameters: Vec<MailParameter>,
) -> Result<(), Error> {
    smtp.command(Mail::new(envelope.from().cloned(), parameters)).await?;
    for recipient in envelope.to() {
        smtp.command(Rcpt::new(recipient.clone(), Vec::new())).await?;
    }
    smtp.command(Data).await?;
    Ok(())
}

/// A connection that is encrypted by STARTTLS. An error when the server does not offer it: nothing is sent unencrypted instead.
async fn starttls(
    stream: TcpStream,
    tls: TlsParameters,
    hello: &ClientId,
) -> Result<AsyncSmtpConnection, Error> {
    let stream = Box::new(LineByLine::new(stream));
    let mut smtp = AsyncSmtpConnection::connect_with_transport(stream, hello).await?;
    smtp.starttls(tls, hello).await?;
    Ok(smtp)
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

/// Returns true when the octets certainly did not leave, because the server had closed the connection. Reading never fails this way. After
/// a reset, nobody knows: it may have happened while writing or while reading.
fn could_not_write(error: &Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// RFC 5321 section 4.2.1, and RFC 4954 section 6 for the login.
fn classify(error: &Error) -> Undelivered {
    let text = describe(error);
    if error.is_client() {
        return Undelivered::Permanent(text);
    }
    match error.status().map(u16::from) {
        // The server demands a login or encryption, or is shutting down: no message could be sent.
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
        // lettre's own sentences: STARTTLS or a way to log in is missing.
        return format!("the mail server lacks something: {}", source());
    }
    if error.is_tls() {
        return format!("the connection to the mail server cannot be encrypted: {}", source());
    }
    if error.is_response() {
        return "the mail server's answer cannot be read, or it closed the connection".to_owned();
    }
    format!("{FAILED}: {}", source())
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
    use std::net::SocketAddr;

    use lettre::transport::smtp::client::AsyncTokioStream;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};

    use super::*;

    impl AsyncTokioStream for LineByLine<DuplexStream> {
        fn peer_addr(&self) -> io::Result<SocketAddr> {
            Ok(([127, 0, 0, 1], 25).into())
        }
    }

    /// A mail server that answers the command `MAIL` and the end of a message after these times.
    async fn serve(stream: DuplexStream, before: Duration, after: Duration) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 hello\r\n").await?;
        let mut is_message = false;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let answer = match line.trim_end() {
                "DATA" => {
                    is_message = true;
                    "354 go ahead\r\n"
                }
                "." => {
                    is_message = false;
                    tokio::time::sleep(after).await;
                    "250 queued\r\n"
                }
                _ if is_message => continue,
                command => {
                    if command.starts_with("MAIL") {
                        tokio::time::sleep(before).await;
                    }
                    "250 ok\r\n"
                }
            };
            stream.write_all(answer.as_bytes()).await?;
        }
    }

    /// The outcome of a delivery to such a server, in seconds.
    async fn deliver(before: u64, after: u64) -> (Result<(), Undelivered>, bool) {
        let (client, server) = duplex(64 * 1024);
        deliver_to(client, serve(server, Duration::from_secs(before), Duration::from_secs(after))).await
    }

    /// A mail server that reads nothing after this line of a message, and hangs up after a while.
    async fn stop_after(last: &str, stream: DuplexStream, pause: Duration) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 hello\r\n").await?;
        let mut is_message = false;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            if is_message && line.trim_end() == last {
                break;
            }
            if !is_message {
                stream.write_all(b"250 ok\r\n").await?;
            }
            is_message |= line == "DATA\r\n";
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// The outcome of a delivery to such a server. The network between them holds one octet.
    async fn deliver_up_to(last: &'static str, pause: Duration) -> Undelivered {
        let (client, server) = duplex(1);
        let (outcome, is_open) = deliver_to(client, stop_after(last, server, pause)).await;
        assert!(!is_open, "expected no further message in the middle of this one");
        outcome.unwrap_err()
    }

    /// The outcome of a delivery, and whether the connection is kept for the next one.
    async fn deliver_to(
        client: DuplexStream,
        server: impl Future<Output = io::Result<()>> + Send + 'static,
    ) -> (Result<(), Undelivered>, bool) {
        let served = tokio::spawn(server);
        let mut smtp = Smtp::new(SmtpUrl::parse("smtp://127.0.0.1").unwrap(), None, "example.com").unwrap();
        let connection =
            AsyncSmtpConnection::connect_with_transport(Box::new(LineByLine::new(client)), &smtp.hello);
        smtp.connection = Some(Connection { smtp: connection.await.unwrap(), used_at: Instant::now() });
        let message = Message::builder()
            .from("no-reply@example.com".parse().unwrap())
            .to("ada@example.com".parse().unwrap())
            .body("Hello\n".to_owned())
            .unwrap();
        let outcome = smtp.deliver(&message).await;
        let is_open = smtp.connection.is_some();
        served.abort();
        (outcome, is_open)
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_has_ten_minutes_to_confirm_a_message() {
        assert_eq!(deliver(0, 599).await, (Ok(()), true));
        let (outcome, is_open) = deliver(0, 601).await;
        assert_eq!((outcome, is_open), (Err(Undelivered::Unanswered(UNCONFIRMED.to_owned())), false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_slow_before_the_message_has_not_got_it() {
        assert_eq!(deliver(119, 0).await, (Ok(()), true));
        let (outcome, is_open) = deliver(121, 0).await;
        assert_eq!((outcome, is_open), (Err(Undelivered::Temporary(SLOW.to_owned())), false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_hangs_up_before_the_end_of_the_message_has_not_got_it() {
        // In the middle of the message, and after its last line.
        for last in ["", "Hello"] {
            let outcome = deliver_up_to(last, Duration::ZERO).await;
            let Undelivered::Temporary(cause) = &outcome else { panic!("{last}: {outcome:?}") };
            assert!(cause.starts_with(FAILED), "{last}: {cause}");
        }
        let outcome = deliver_up_to(".", Duration::ZERO).await;
        assert!(matches!(outcome, Undelivered::Unanswered(_)), "{outcome:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_stops_reading_within_the_message_has_not_got_it() {
        let outcome = deliver_up_to("", 2 * ANSWER_LIMIT).await;
        assert_eq!(outcome, Undelivered::Temporary(SLOW.to_owned()));
    }

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
