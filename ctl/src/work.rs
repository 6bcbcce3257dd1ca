//! `usersctl work`: the worker. It sends the messages of the outbox, deletes what has expired, and makes signing keys.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::{fmt, io, thread};

use anyhow::bail;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use users_worker::{
    Composer, Config, Delivery, Directory, Limits, Links, Smtp, SmtpUrl, Templates, sender_domain,
};

use crate::database::DatabaseArgs;
use crate::keys::KeySecretArgs;

/// The sender of messages that are written to files.
const DEVELOPMENT_SENDER: &str = "Users <no-reply@localhost>";

/// `usersctl work …`
#[derive(Args)]
pub(crate) struct Work {
    /// Send everything that is due, then end.
    #[arg(long)]
    once: bool,
    /// For development only: deliver to files in this directory instead of a mail server, and print the link of each message.
    #[arg(long, env = "MAIL_DIR", value_name = "DIR")]
    mail_dir: Option<PathBuf>,
    /// The mail server: smtps://user:password@host, smtp://user:password@host?tls=required or smtp://host. Prefer the environment
    /// variable: every user of this machine can read a command line.
    #[arg(long, env = "SMTP_URL", hide_env_values = true, value_name = "URL")]
    smtp_url: Option<String>,
    /// A file with certificates (PEM) of authorities to trust for the mail server, in addition to Mozilla's.
    #[arg(long, env = "SMTP_CA_FILE", value_name = "FILE")]
    smtp_ca_file: Option<PathBuf>,
    /// The sender, as "Users <no-reply@example.com>" or the address alone.
    #[arg(long, env = "MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// A directory with templates that replace the built-in ones or add languages, such as de/password_reset.txt.
    #[arg(long, env = "MAIL_TEMPLATES", value_name = "DIR")]
    mail_templates: Option<PathBuf>,
    /// The URL at which people reach the service.
    #[arg(long, env = "PUBLIC_URL", value_name = "URL", default_value = "http://127.0.0.1:3000")]
    public_url: String,
    /// Where the pages for links are. By default /account under the public URL.
    #[arg(long, env = "ACCOUNT_URL", value_name = "URL")]
    account_url: Option<String>,
    /// The maximum number of messages of one kind to one account. 0 means no limit.
    #[arg(long, env = "LIMIT_MAILS", value_name = "LIMITS", default_value = "1/1m,5/1h")]
    limit_mails: Limits,
    #[command(flatten)]
    key_secret: KeySecretArgs,
    /// Answer probes at this address: GET /healthz and GET /readyz.
    #[arg(long, env = "WORKER_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Stop when stdin closes, so that a program that dies stops its worker.
    #[arg(long, hide = true)]
    stop_on_stdin_close: bool,
}

/// Does not show the password of the mail server.
impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work")
            .field("once", &self.once)
            .field("mail_dir", &self.mail_dir)
            .finish_non_exhaustive()
    }
}

impl Work {
    fn config(&self) -> anyhow::Result<Config> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (delivery, from) = match (&self.mail_dir, filled(&self.smtp_url), filled(&self.mail_from)) {
            (Some(dir), _, from) => {
                let from = from.unwrap_or_else(|| DEVELOPMENT_SENDER.to_owned());
                (Delivery::Directory(Directory::new(dir.clone())), from)
            }
            (None, None, _) => bail!(
                "no mail server is named: set SMTP_URL, as in smtps://user:password@mail.example.com, or for development --mail-dir"
            ),
            (None, Some(_), None) => bail!(
                "no sender is named: set MAIL_FROM to an address that the mail server accepts, as in no-reply@example.com"
            ),
            (None, Some(url), Some(from)) => {
                let ca = self.smtp_ca_file.as_deref().filter(|path| !path.as_os_str().is_empty());
                let hello = sender_domain(&from)?;
                (Delivery::Smtp(Box::new(Smtp::new(SmtpUrl::parse(&url)?, ca, &hello)?)), from)
            }
        };
        let links = Links::new(&self.public_url, self.account_url.as_deref())?;
        let templates = self.mail_templates.as_deref().filter(|path| !path.as_os_str().is_empty());
        Ok(Config {
            delivery,
            composer: Composer::new(&from, links, Templates::load(templates)?)?,
            limits: self.limit_mails.clone(),
            key_secret: self.key_secret.read()?,
            once: self.once,
            listen: self.listen,
        })
    }
}

/// Works until SIGTERM or SIGINT; with `--once`, until nothing is due.
pub(crate) async fn run(command: &Work, database: &DatabaseArgs) -> anyhow::Result<()> {
    let config = command.config()?;
    let mut stop = std::pin::pin!(stop(command.stop_on_stdin_close)?);
    let options = tokio::select! {
        options = database.reachable() => options?,
        () = stop.as_mut() => return Ok(()),
    };
    users_worker::work(options, config, stop).await
}

/// The signal to stop.
fn stop(on_stdin_close: bool) -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let stdin_closed = Arc::new(Notify::new());
    if on_stdin_close {
        let closed = Arc::clone(&stdin_closed);
        // A thread that reads cannot be stopped. This one ends with the program; the runtime would wait for one of its own.
        thread::spawn(move || {
            // A standard input that cannot be read is closed, too.
            _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            closed.notify_one();
        });
    }
    Ok(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
            () = stdin_closed.notified() => {}
        }
    })
}
