//! The new account's password: typed by a person, or the first line of standard input. Never an argument or a variable of
//! the environment, which others on the machine may read.

use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, anyhow, bail};
use tokio::signal::unix::{SignalKind, signal};
use users_core::{Email, Password, has_nul};

/// The most octets that are read: many times what a password may have.
const LONGEST_LINE: u64 = 4096;

/// A password that this account may have.
pub(super) fn read(from_stdin: bool, email: &Email) -> anyhow::Result<Password> {
    if from_stdin {
        return accept(first_line(io::stdin().lock())?, email);
    }
    if !io::stdin().is_terminal() {
        bail!(
            "there is no terminal to ask for the password on: put it on standard input and give --password-stdin"
        );
    }
    let password = accept(ask("Password: ")?, email)?;
    if Password::from(ask("The same password again: ")?).as_bytes() != password.as_bytes() {
        bail!("the two passwords differ: run the command again");
    }
    Ok(password)
}

/// The rules that the service itself has for a new password.
fn accept(text: String, email: &Email) -> anyhow::Result<Password> {
    if has_nul(&text) {
        bail!("the password must not contain a NUL character");
    }
    let password = Password::from(text);
    password.validate(Some(email)).map_err(|rule| anyhow!("the password {rule}"))?;
    Ok(password)
}

/// Without the end of the line, and otherwise as it is: spaces count.
fn first_line(input: impl BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    input
        .take(LONGEST_LINE)
        .read_line(&mut line)
        .map_err(|error| anyhow!("the password on standard input cannot be read: {error}"))?;
    let password = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(password);
    if line.is_empty() {
        bail!("standard input holds no password: put it on the first line");
    }
    Ok(line)
}

/// Asks without showing what is typed.
fn ask(prompt: &str) -> anyhow::Result<String> {
    // The prompt raises Ctrl-C while it has the terminal, and gives the terminal back when it returns. With a handler, it
    // does return.
    let _survive = signal(SignalKind::interrupt()).context("signals cannot be caught")?;
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
        ] {
            assert_eq!(first_line(input.as_bytes()).unwrap(), password, "{input:?}");
        }
    }

    #[test]
    fn no_line_or_no_text_is_refused() {
        for input in [&b""[..], b"\n", b"\r\n", b"\nsecond line\n", b"\xff\xfe\n"] {
            assert!(first_line(input).is_err(), "{input:?}");
        }
    }

    #[test]
    fn an_endless_line_is_not_read_to_its_end() {
        let read = first_line(std::io::BufReader::new(std::io::repeat(b'a'))).unwrap();
        assert_eq!(read.len(), 4096);
    }
}
