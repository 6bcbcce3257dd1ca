//! A new password: typed at a terminal, or the first line of standard input. Other users of the machine could
//! read an argument or an environment variable.

use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use users_core::{Candidate, Email, Password, PasswordRules, has_nul};

/// The maximum number of bytes to read: many times the longest password.
const MAX_LINE: u64 = 4096;

/// The options for a new password: its source, and the words that it may not contain.
#[derive(Debug, Args)]
pub(crate) struct PasswordArgs {
    /// Read the password from the first line of standard input instead of asking for it.
    #[arg(long)]
    password_stdin: bool,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_DENIED_WORDS", default_value = "")]
    denied_words: String,
}

impl PasswordArgs {
    /// Reads a valid password for the account with this address and this owner, where they are known and valid.
    pub(crate) fn read(&self, email: Option<&Email>, full_name: Option<&str>) -> anyhow::Result<Password> {
        let rules = PasswordRules::new(self.denied_words.parse()?, judge);
        let valid = |text: String| -> anyhow::Result<Password> {
            if has_nul(&text) {
                bail!("the password must not contain a NUL character");
            }
            let password = Password::from(text);
            rules.check(&password, email, full_name).map_err(|rule| anyhow!("the password {rule}"))?;
            Ok(password)
        };
        if self.password_stdin {
            return valid(first_line(io::stdin().lock())?);
        }
        if !io::stdin().is_terminal() {
            bail!("no terminal to ask for the password: put it on standard input and add --password-stdin");
        }
        let password = valid(ask("Password: ")?)?;
        if Password::from(ask("The same password again: ")?).as_bytes() != password.as_bytes() {
            bail!("the two passwords differ: run the command again");
        }
        Ok(password)
    }
}

/// The default rule of the service. A rule that an operator has swapped in is not asked: it is a component, and nothing runs it here.
fn judge(candidate: &Candidate<'_>) -> Result<(), String> {
    if users_password::is_common(candidate.folded) { Err(users_password::REASON.to_owned()) } else { Ok(()) }
}

/// The mark that some editors and shells put before a text in UTF-8 (RFC 3629 section 6). Nobody types it.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The first line without its end and without a byte-order mark. Spaces count.
fn first_line(input: impl BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    input
        .take(MAX_LINE)
        .read_line(&mut line)
        .map_err(|error| anyhow!("the password on standard input cannot be read: {error}"))?;
    let line = line.trim_end_matches(['\r', '\n']);
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    if line.is_empty() {
        bail!("standard input holds no password: put it on the first line");
    }
    Ok(line.to_owned())
}

/// Asks at the terminal without an echo.
fn ask(prompt: &str) -> anyhow::Result<String> {
    // On Ctrl-C, the prompt raises SIGINT before it restores the terminal. Without a handler, the process would end too
    // early.
    let _handler = signal(SignalKind::interrupt()).context("signals cannot be caught")?;
    rpassword::prompt_password(prompt).map_err(|error| anyhow!("no password was typed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::first_line;

    #[test]
    fn the_first_line_is_taken_without_its_end() {
        for (input, password) in [
            ("a fine one", "a fine one"),
            ("a fine one\n", "a fine one"),
            ("a fine one\r\nanother\n", "a fine one"),
            ("  spaces count  \n", "  spaces count  "),
            ("\u{feff}a fine one\r\n", "a fine one"),
            ("only \u{feff}at the start\n", "only \u{feff}at the start"),
        ] {
            assert_eq!(first_line(input.as_bytes()).unwrap(), password, "{input:?}");
        }
    }

    #[test]
    fn an_empty_line_and_invalid_utf_8_are_refused() {
        for input in [&b""[..], b"\n", b"\r\n", b"\nsecond line\n", b"\xff\xfe\n", b"\xef\xbb\xbf\n"] {
            assert!(first_line(input).is_err(), "{input:?}");
        }
    }

    #[test]
    fn an_endless_line_is_not_read_to_its_end() {
        let read = first_line(std::io::BufReader::new(std::io::repeat(b'a'))).unwrap();
        assert_eq!(read.len(), 4096);
    }
}
