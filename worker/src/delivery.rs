//! Ways to deliver a message.

mod directory;
mod line_by_line;
mod smtp;
mod smtp_url;

use crate::message::Letter;

pub use directory::Directory;
pub(crate) use smtp::DELIVERY_LIMIT;
pub use smtp::Smtp;
pub use smtp_url::SmtpUrl;

/// The place to which messages are delivered.
#[derive(Debug)]
pub enum Delivery {
    /// To a mail server.
    Smtp(Box<Smtp>),
    /// To files in a directory. For development only.
    Directory(Directory),
}

/// The reason why a message was not delivered. None of the texts holds an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Undelivered {
    /// Another attempt may succeed.
    Temporary(String),
    /// No attempt will succeed.
    Permanent(String),
    /// The server has the whole message, and did not confirm it. It may have taken it, so another attempt may deliver a second copy.
    Unanswered(String),
    /// The failure has nothing to do with the message: the server cannot be reached, or refuses this worker.
    Outage(String),
}

impl Delivery {
    /// Makes sure that messages can be delivered, before one is begun.
    ///
    /// # Errors
    /// The reason why none can be.
    pub(crate) async fn prepare(&mut self) -> Result<(), String> {
        match self {
            Self::Smtp(smtp) => smtp.prepare().await,
            Self::Directory(directory) => directory.prepare(),
        }
    }

    /// Delivers a message within [`DELIVERY_LIMIT`]. `name` is one that no other attempt has.
    pub(crate) async fn deliver(&mut self, letter: &Letter, name: &str) -> Result<(), Undelivered> {
        match self {
            Self::Smtp(smtp) => smtp.deliver(&letter.message).await,
            Self::Directory(directory) => directory.deliver(letter, name),
        }
    }

    /// Closes the connection, which an idle worker does not need.
    pub(crate) async fn rest(&mut self) {
        if let Self::Smtp(smtp) = self {
            smtp.close().await;
        }
    }
}
