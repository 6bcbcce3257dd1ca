//! Rules for the text of the files in the repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::cargo::root;

/// Statements that open, end or divide a transaction (docs/ARCHITECTURE.md#invariants, 1).
const TRANSACTION: [&str; 6] =
    ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "START TRANSACTION", "SET TRANSACTION"];
/// The hosts of package registries, which only the configuration of their clients may name. Each host is in two parts, so that this
/// file passes the check.
const REGISTRIES: [(&str, &str); 7] = [
    ("index.crates", ".io"),
    ("static.crates", ".io"),
    ("deb.debian", ".org"),
    ("registry.npmjs", ".org"),
    ("files.pythonhosted", ".org"),
    ("pypi", ".org/simple"),
    ("proxy.golang", ".org"),
];

/// Checks that no component and no crate of the product opens a transaction: a component that stops halfway would leave the
/// transaction open on a pooled connection.
pub(super) fn no_transactions() -> anyhow::Result<()> {
    let places =
        files()?.into_iter().filter(|path| is_guest(path) && path.extension().is_some_and(|ext| ext == "rs"));
    complain(places, |line| TRANSACTION.into_iter().find(|words| is_statement(line, words)))
}

/// Checks that no file names the host of a package registry.
pub(super) fn no_registry_hosts() -> anyhow::Result<()> {
    let hosts = REGISTRIES.map(|(start, end)| format!("{start}{end}"));
    let places =
        files()?.into_iter().filter(|path| path.file_name().is_some_and(|name| name != "Cargo.lock"));
    complain(places, |line| {
        hosts.iter().find(|host| line.contains(host.as_str())).map(|_| "a package registry's host")
    })
}

/// Returns an error that names every line in which `finds` finds something.
fn complain<'a>(
    paths: impl Iterator<Item = PathBuf>,
    finds: impl Fn(&str) -> Option<&'a str>,
) -> anyhow::Result<()> {
    let mut found = Vec::new();
    for path in paths {
        // This skips binary files, and files that were just deleted.
        let Ok(text) = fs::read_to_string(root().join(&path)) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            if let Some(what) = finds(line) {
                found.push(format!("{}:{} has {what}", path.display(), number + 1));
            }
        }
    }
    if found.is_empty() { Ok(()) } else { bail!("{}", found.join("; ")) }
}

fn is_guest(path: &Path) -> bool {
    let tests = path.components().any(|part| part.as_os_str() == "tests");
    !tests && ["components", "crates"].iter().any(|dir| path.starts_with(dir))
}

/// True when a line of Rust, without its comment, holds `words` as whole words: in capitals, or in a string in any case. A line
/// that declares a function does not count: a function may be called `begin`.
fn is_statement(line: &str, words: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let mut strings = code.split('"').skip(1).step_by(2);
    !line.contains("fn ") && (holds(code, words) || strings.any(|it| holds(&it.to_ascii_uppercase(), words)))
}

fn holds(text: &str, words: &str) -> bool {
    let edge = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(words)
        .any(|(at, _)| edge(text[..at].chars().next_back()) && edge(text[at + words.len()..].chars().next()))
}

/// Every file that is, or may be, committed.
fn files() -> anyhow::Result<Vec<PathBuf>> {
    let said = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .context("git cannot be started")?;
    if !said.status.success() {
        bail!("git cannot list the files: {}", String::from_utf8_lossy(&said.stderr).trim());
    }
    let names = String::from_utf8_lossy(&said.stdout).into_owned();
    Ok(names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect())
}

#[cfg(test)]
mod tests {
    use super::is_statement;

    #[test]
    fn a_transaction_statement_is_told_from_other_words() {
        assert!(is_statement(r#"    db.execute("BEGIN").await?;"#, "BEGIN"));
        assert!(is_statement(r#"    db.execute("begin isolation level serializable")"#, "BEGIN"));
        assert!(is_statement("    COMMIT;", "COMMIT"));
        assert!(is_statement(r#"    db.execute("SELECT 1; rollback")"#, "ROLLBACK"));
        assert!(!is_statement("    SELECT COMMITTED", "COMMIT"));
        assert!(!is_statement("    // A BEGIN here would leak.", "BEGIN"));
        assert!(!is_statement("    let begin = BEGINNING;", "BEGIN"));
    }
}
