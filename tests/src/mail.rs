//! The messages that a service owes, sent by the worker into a folder.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use mail_parser::{Addr, Address, Message, MessageParser};

use crate::{Service, environment};

/// A message that the worker sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address of the recipient, without a name.
    pub to: String,
    /// The address of the sender, without a name.
    pub from: String,
    /// The subject, decoded.
    pub subject: String,
    /// The part in plain text, decoded.
    pub text: String,
    /// The part in HTML, decoded.
    pub html: String,
    /// The message as it would go to the mail server.
    pub raw: String,
}

impl Mail {
    /// The link in the text, if there is one: the only word with a `#token=`.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        self.text.split_whitespace().find(|word| word.contains("#token="))
    }

    /// The token of the link.
    ///
    /// # Panics
    /// When the message has no link.
    #[must_use]
    pub fn token(&self) -> &str {
        let token = self.link().and_then(|link| link.split_once("#token="));
        token.unwrap_or_else(|| panic!("expected a link in\n{}", self.text)).1
    }
}

/// A running worker. Dropping the value ends it.
#[derive(Debug)]
pub struct Postman(Child);

impl Drop for Postman {
    fn drop(&mut self) {
        // Its database is dropped next, so nothing is left to be finished.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Service {
    /// Has the worker send all messages that are due, with the settings of production. Returns them, oldest first. Each message is
    /// sent once, so the next call returns later ones only.
    ///
    /// # Panics
    /// When the worker fails, or a message cannot be read.
    pub async fn mail(&self) -> Vec<Mail> {
        self.mail_with(&[]).await
    }

    /// The same with other variables of the worker, such as `("LIMIT_MAILS", "0")`.
    ///
    /// # Panics
    /// When the worker fails, or a message cannot be read.
    pub async fn mail_with(&self, variables: &[(&str, &str)]) -> Vec<Mail> {
        let inbox = tempfile::tempdir().expect("there is room for messages");
        let _ = self.work(inbox.path(), variables).await;
        messages(inbox.path())
    }

    /// Has the worker send all messages that are due. Returns the lines that it prints for developers: one for each message, with its
    /// link.
    ///
    /// # Panics
    /// When the worker fails.
    pub async fn mail_as_printed(&self) -> String {
        let inbox = tempfile::tempdir().expect("there is room for messages");
        self.work(inbox.path(), &[]).await
    }

    /// Runs the worker until nothing is due. Returns its standard output.
    async fn work(&self, inbox: &Path, variables: &[(&str, &str)]) -> String {
        let mut command = self.worker(inbox);
        command.arg("--once");
        command.envs(variables.iter().copied());
        let running = tokio::task::spawn_blocking(move || command.output());
        let output = running.await.expect("no panic").expect("usersctl can be started");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "usersctl work: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    /// Starts a worker that runs beside the service, sends each message at once, and limits their number for nobody. It delivers them
    /// to files in a folder, each of which is complete when its name ends in `.eml`.
    ///
    /// # Panics
    /// When the worker cannot be started.
    #[must_use]
    pub fn postman(&self, inbox: &Path) -> Postman {
        let mut command = self.worker(inbox);
        command.env("PUBLIC_URL", format!("http://{}", self.address())).env("LIMIT_MAILS", "0");
        // We hold the other end of the pipe. If the test is killed, it closes, and the worker ends, too.
        command.arg("--stop-on-stdin-close").stdin(Stdio::piped()).stdout(Stdio::null());
        Postman(command.spawn().expect("usersctl can be started"))
    }

    /// The worker's command with the settings of production, and none of the terminal's.
    fn worker(&self, inbox: &Path) -> Command {
        let mut command = Command::new(&environment().ctl);
        command.args(["work", "--mail-dir"]).arg(inbox);
        for name in [
            "DATABASE_URL",
            "SMTP_URL",
            "PUBLIC_URL",
            "ACCOUNT_URL",
            "LIMIT_MAILS",
            "MAIL_FROM",
            "KEY_SECRET",
        ] {
            command.env_remove(name);
        }
        for (name, value) in self.database().worker_variables() {
            command.env(format!("SPIN_VARIABLE_{}", name.to_uppercase()), value);
        }
        command
    }

    /// The only message that is due to an address. The worker sends the other messages that are due, too, and they are lost.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub async fn mail_to(&self, address: &str) -> Mail {
        let mut sent = self.mail().await;
        sent.retain(|mail| mail.to == address);
        let (Some(mail), true) = (sent.pop(), sent.is_empty()) else {
            panic!("expected one message to {address}")
        };
        mail
    }
}

/// The messages in a folder, oldest first.
fn messages(folder: &Path) -> Vec<Mail> {
    let entries =
        fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("a file").path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|it| it == "eml"))
        .map(|path| (fs::metadata(&path).and_then(|it| it.modified()).expect("a file has a time"), path))
        .collect();
    files.sort();
    files.iter().map(|(_, path)| read(&fs::read(path).expect("a message can be read"))).collect()
}

fn read(raw: &[u8]) -> Mail {
    let message = MessageParser::default().parse(raw).expect("a message of RFC 5322");
    let body = |body: Option<std::borrow::Cow<'_, str>>| body.unwrap_or_default().into_owned();
    Mail {
        to: address(&message, Message::to),
        from: address(&message, Message::from),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: body(message.body_text(0)),
        html: body(message.body_html(0)),
        raw: String::from_utf8_lossy(raw).into_owned(),
    }
}

/// The only address of a field.
fn address<'a>(message: &'a Message<'a>, field: fn(&'a Message<'a>) -> Option<&'a Address<'a>>) -> String {
    let addresses: Vec<&Addr<'_>> = field(message).into_iter().flat_map(Address::iter).collect();
    let [Addr { address: Some(address), .. }] = addresses[..] else {
        panic!("expected one address, got {addresses:?}")
    };
    address.to_string()
}
