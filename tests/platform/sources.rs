//! Rules that the components' sources keep.

use std::path::{Path, PathBuf};

use users_tests::environment;

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.expect("a directory can be read").path()) {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
    files
}

/// Words that begin or end a transaction.
const TRANSACTION: [&str; 6] =
    ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "START TRANSACTION", "SET TRANSACTION"];

/// A word of SQL, not a part of another one.
fn holds(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        let (before, after) = (line[..start].chars().last(), line[start + word.len()..].chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

/// Invariant 1: a guest that stops between the two would leave its transaction to a stranger.
#[test]
fn no_component_opens_a_transaction() {
    let root = environment().root();
    let files = [
        rust_files(&root.join("components")),
        rust_files(&root.join("crates/db")),
        rust_files(&root.join("crates/web")),
    ];
    for file in files.concat() {
        let source = std::fs::read_to_string(&file).expect("a source can be read");
        for (number, line) in source.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default().to_uppercase();
            let word = TRANSACTION.iter().find(|word| holds(&code, word) && !line.contains("fn "));
            assert!(word.is_none(), "{}:{}: expected no {word:?}: {line}", file.display(), number + 1);
        }
    }
}

#[test]
fn a_word_is_found_where_it_is_no_part_of_another() {
    for (line, word, expected) in [
        ("\"BEGIN\"", "BEGIN", true),
        ("BEGIN;", "BEGIN", true),
        ("let beginning = 1", "BEGIN", false),
        ("COMMITTED", "COMMIT", false),
    ] {
        assert_eq!(holds(line, word), expected, "{line}");
    }
}
