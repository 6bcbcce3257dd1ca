//! Delivery to files, for development: an inbox without a mail server.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use super::Undelivered;
use crate::message::Letter;

/// A directory that gets a file `….eml` for each message, and prints the link of each on standard output. The links work, so this is for
/// development only.
#[derive(Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// The directory is made when the first message comes.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn prepare(&self) -> Result<(), String> {
        fs::create_dir_all(&self.0).map_err(|error| format!("the directory for mail cannot be made: {error}"))
    }

    pub(super) fn deliver(&self, letter: &Letter, name: &str) -> Result<(), Undelivered> {
        self.write(&letter.message.formatted(), name)
            .map_err(|error| Undelivered::Outage(format!("the message cannot be written: {error}")))?;
        let recipient = letter.message.envelope().to().first().map(ToString::to_string).unwrap_or_default();
        let link = letter.link.as_deref().unwrap_or("no link");
        // Nobody may be there to read it.
        _ = writeln!(io::stdout().lock(), "mail to {recipient}: {link}");
        Ok(())
    }

    /// Under another name first: whoever looks into the directory finds complete messages only.
    fn write(&self, octets: &[u8], name: &str) -> io::Result<()> {
        let unfinished = self.0.join(format!(".{name}.part"));
        let mut file = File::create(&unfinished)?;
        file.write_all(octets)?;
        file.sync_all()?;
        fs::rename(unfinished, self.0.join(format!("{name}.eml")))
    }
}
