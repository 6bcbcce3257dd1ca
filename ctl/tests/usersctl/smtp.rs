//! A mail server for tests. It records what it gets, and counts messages to one recipient that arrive at the same time.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The authority that issued the certificate of the servers with TLS. The certificate is for `localhost`.
pub(crate) const CA_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/usersctl/tls/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("tls/server.pem");
const KEY: &[u8] = include_bytes!("tls/server.key");

/// The extensions and demands of the server.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Offers {
    pub(crate) starttls: bool,
    /// Somebody on the way adds plaintext behind the answer to STARTTLS.
    pub(crate) injection: bool,
    pub(crate) implicit_tls: bool,
    pub(crate) smtputf8: bool,
    /// Accepts mail only after a login as `user` with `it's@secret`.
    pub(crate) login: bool,
}

/// A message that the server has accepted.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) recipient: String,
    pub(crate) text: String,
    pub(crate) is_encrypted: bool,
}

#[derive(Default)]
struct State {
    mails: Vec<Mail>,
    /// How often each recipient was named.
    attempts: BTreeMap<String, usize>,
    in_flight: HashSet<String>,
    overlaps: usize,
    /// Messages that wait for their last answer.
    held: usize,
    is_holding: bool,
    hangs_up: bool,
    is_stopped: bool,
    streams: Vec<TcpStream>,
}

struct Shared {
    state: Mutex<State>,
    released: Condvar,
    offers: Offers,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

pub(crate) struct MailServer {
    port: u16,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

impl MailServer {
    pub(crate) fn start(offers: Offers) -> Self {
        Self::start_at(0, offers)
    }

    /// Starts a server on a port where another server listened before.
    pub(crate) fn start_at(port: u16, offers: Offers) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared { state: Mutex::default(), released: Condvar::new(), offers });
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self { port, shared, acceptor: Some(acceptor) }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The URL of the server, without encryption.
    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.shared.state().mails.clone()
    }

    /// The number of messages that each recipient got.
    pub(crate) fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for mail in &self.shared.state().mails {
            *counts.entry(mail.recipient.clone()).or_default() += 1;
        }
        counts
    }

    /// How often a recipient was named, accepted or not.
    pub(crate) fn attempts(&self, recipient: &str) -> usize {
        self.shared.state().attempts.get(recipient).copied().unwrap_or_default()
    }

    pub(crate) fn overlaps(&self) -> usize {
        self.shared.state().overlaps
    }

    /// From now on, holds back the last answer to each message, until [`release`](Self::release).
    pub(crate) fn hold(&self) {
        self.shared.state().is_holding = true;
    }

    /// Takes messages from now on, but hangs up instead of the last answer.
    pub(crate) fn hang_up(&self, hangs_up: bool) {
        self.shared.state().hangs_up = hangs_up;
    }

    /// The number of messages that wait for their last answer.
    pub(crate) fn held(&self) -> usize {
        self.shared.state().held
    }

    pub(crate) fn release(&self) {
        self.shared.state().is_holding = false;
        self.shared.released.notify_all();
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        {
            let mut state = self.shared.state();
            state.is_stopped = true;
            state.is_holding = false;
            for stream in &state.streams {
                _ = stream.shutdown(Shutdown::Both);
            }
        }
        self.shared.released.notify_all();
        // Wakes the thread that accepts connections.
        _ = TcpStream::connect(("127.0.0.1", self.port));
        _ = self.acceptor.take().unwrap().join();
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        let stream = stream.unwrap();
        let mut state = shared.state();
        if state.is_stopped {
            return;
        }
        let connection = stream.try_clone().unwrap();
        state.streams.push(stream.try_clone().unwrap());
        drop(state);
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            let mut session = Session { shared, recipient: None, is_encrypted: false, is_known: false };
            // A client that hangs up ends its session.
            _ = session.run(stream);
            session.forget();
            // Dropping it would not close it: the list of streams has it, too.
            _ = connection.shutdown(Shutdown::Both);
        });
    }
}

struct Session {
    shared: Arc<Shared>,
    recipient: Option<String>,
    is_encrypted: bool,
    is_known: bool,
}

impl Session {
    fn run(&mut self, mut stream: TcpStream) -> io::Result<()> {
        if self.shared.offers.implicit_tls {
            self.is_encrypted = true;
            let mut stream = encrypted(stream);
            stream.write_all(b"220 localhost\r\n")?;
            return self.commands(&mut stream).map(|_| ());
        }
        stream.write_all(b"220 localhost\r\n")?;
        if self.commands(&mut stream)? {
            self.is_encrypted = true;
            self.commands(&mut encrypted(stream))?;
        }
        Ok(())
    }

    /// Returns true when the client wants to encrypt.
    fn commands(&mut self, stream: &mut (impl Read + Write)) -> io::Result<bool> {
        loop {
            let line = read_line(stream)?;
            let command = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            let reply = match command.as_str() {
                "EHLO" => self.extensions(),
                "STAR" => {
                    let injected = if self.shared.offers.injection { "250 injected\r\n" } else { "" };
                    // At once, as in one packet.
                    stream.write_all(format!("220 2.0.0 go ahead\r\n{injected}").as_bytes())?;
                    return Ok(true);
                }
                "AUTH" => self.log_in(&line),
                "MAIL" if self.shared.offers.login && !self.is_known => "530 5.7.0 log in first".to_owned(),
                "RCPT" => self.name_recipient(&line),
                "DATA" => {
                    stream.write_all(b"354 go ahead\r\n")?;
                    let text = read_message(stream)?;
                    let reply = self.accept(text);
                    if self.shared.state().hangs_up {
                        return Ok(false);
                    }
                    reply
                }
                "QUIT" => {
                    stream.write_all(b"221 2.0.0 bye\r\n")?;
                    return Ok(false);
                }
                _ => "250 2.0.0 ok".to_owned(),
            };
            stream.write_all(format!("{reply}\r\n").as_bytes())?;
        }
    }

    fn extensions(&self) -> String {
        let offers = self.shared.offers;
        let mut lines = vec!["250-localhost", "250-8BITMIME", "250-ENHANCEDSTATUSCODES"];
        if offers.starttls && !self.is_encrypted {
            lines.push("250-STARTTLS");
        }
        if offers.smtputf8 {
            lines.push("250-SMTPUTF8");
        }
        if offers.login {
            lines.push("250-AUTH PLAIN");
        }
        lines.push("250 SIZE 1000000");
        lines.join("\r\n")
    }

    /// `\0user\0it's@secret` in base64.
    fn log_in(&mut self, line: &str) -> String {
        self.is_known = line == "AUTH PLAIN AHVzZXIAaXQnc0BzZWNyZXQ=";
        if self.is_known { "235 2.7.0 hello" } else { "535 5.7.8 user@example.com is not known" }.to_owned()
    }

    /// Refuses `refused@` always and `later@` the first time. Both answers quote the address.
    fn name_recipient(&mut self, line: &str) -> String {
        let recipient = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let mut state = self.shared.state();
        let attempts = state.attempts.entry(recipient.clone()).or_default();
        *attempts += 1;
        if recipient.starts_with("refused@") {
            return format!("550 5.1.1 <{recipient}> is not here");
        }
        if recipient.starts_with("later@") && *attempts == 1 {
            return format!("451 4.7.1 <{recipient}> must wait");
        }
        if !state.in_flight.insert(recipient.clone()) {
            state.overlaps += 1;
        }
        drop(state);
        self.recipient = Some(recipient);
        "250 2.1.5 ok".to_owned()
    }

    fn accept(&mut self, text: String) -> String {
        let recipient = self.recipient.clone().unwrap_or_default();
        let mut state = self.shared.state();
        state.mails.push(Mail { recipient, text, is_encrypted: self.is_encrypted });
        state.held += 1;
        let mut state = self.shared.released.wait_while(state, |state| state.is_holding).unwrap();
        state.held -= 1;
        drop(state);
        self.forget();
        "250 2.0.0 queued".to_owned()
    }

    fn forget(&mut self) {
        if let Some(recipient) = self.recipient.take() {
            self.shared.state().in_flight.remove(&recipient);
        }
    }
}

fn read_line(stream: &mut impl Read) -> io::Result<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        let mut octet = [0];
        stream.read_exact(&mut octet)?;
        line.push(octet[0]);
    }
    line.truncate(line.len() - 2);
    Ok(String::from_utf8_lossy(&line).into_owned())
}

fn read_message(stream: &mut impl Read) -> io::Result<String> {
    let mut lines = Vec::new();
    loop {
        let line = read_line(stream)?;
        if line == "." {
            return Ok(lines.join("\r\n"));
        }
        lines.push(line);
    }
}

fn encrypted(stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
    let certificates = CertificateDer::pem_slice_iter(CERTIFICATE).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream)
}
