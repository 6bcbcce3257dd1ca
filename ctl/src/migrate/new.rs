//! `usersctl migrate new NAME`: the next pair of files.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};

const UP: &str =
    "-- Purpose: … Expand first and contract in a later release; see README.md in this folder.\n";
const DOWN: &str = "-- Reverts the up file and keeps as much data as possible.\n";

/// Creates the next numbered up and down file, and prints their paths.
pub(super) fn run(dir: Option<&Path>, name: &str) -> anyhow::Result<()> {
    let dir = dir.unwrap_or(Path::new("migrations"));
    let slug = slug(name);
    if slug.is_empty() {
        bail!(
            "the name of a migration needs a letter or a digit: describe the change, such as `add_last_login`"
        );
    }
    let next = newest(dir)? + 1;
    for (direction, text) in [("up", UP), ("down", DOWN)] {
        let path = dir.join(format!("{next:04}_{slug}.{direction}.sql"));
        File::create_new(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("{} cannot be written", path.display()))?;
        println!("{}", path.display());
    }
    Ok(())
}

/// Turns `Add last-login!` into `add_last_login`.
fn slug(name: &str) -> String {
    let words: Vec<_> =
        name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("_").to_ascii_lowercase()
}

fn newest(dir: &Path) -> anyhow::Result<u32> {
    let entries = fs::read_dir(dir).with_context(|| {
        format!(
            "{} cannot be read: run the command in the root of the repository, or name the directory with --dir",
            dir.display()
        )
    })?;
    let numbers =
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.split('_').next()?.parse().ok());
    Ok(numbers.max().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{run, slug};

    #[test]
    fn a_name_becomes_a_file_name() {
        assert_eq!(slug("Add last-login!"), "add_last_login");
        assert_eq!(slug("../"), "");
    }

    #[test]
    fn the_next_pair_is_numbered_after_the_newest() {
        let dir = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            run(Some(dir.path()), "add roles").unwrap();
        }
        let mut names: Vec<_> = dir.path().read_dir().unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(
            names,
            [
                "0001_add_roles.down.sql",
                "0001_add_roles.up.sql",
                "0002_add_roles.down.sql",
                "0002_add_roles.up.sql"
            ]
        );
    }
}
