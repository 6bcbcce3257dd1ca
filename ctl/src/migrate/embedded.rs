//! The migrations that are compiled in.
//!
//! The build script lists them. The macro of sqlx would do the same, but cargo would build sqlx and tokio a second time for the
//! macro.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// The name and the text of every file.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// The migrations of the repository at the time of the build.
pub(super) fn migrator() -> Migrator {
    Migrator::with_migrations(FILES.iter().filter_map(|(name, text)| migration(name, text)).collect())
}

/// Reads a file as sqlx does: `0003_what_it_does.up.sql`. The first line of the text may forbid a transaction.
fn migration(name: &str, text: &'static str) -> Option<Migration> {
    let (version, rest) = name.split_once('_')?;
    let kind = MigrationType::from_filename(name);
    let description = rest.strip_suffix(kind.suffix())?.replace('_', " ");
    let no_transaction = text.starts_with("-- no-transaction");
    Some(Migration::new(version.parse().ok()?, description.into(), kind, text.into_sql_str(), no_transaction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_compiled_migrations_are_those_that_sqlx_reads() {
        let read = Migrator::new(std::path::Path::new("../migrations")).await.unwrap();
        let facts = |migrator: &Migrator| -> Vec<_> {
            let facts = |it: &Migration| {
                (it.version, it.description.to_string(), it.migration_type, it.checksum.to_vec(), it.no_tx)
            };
            migrator.iter().map(facts).collect()
        };
        assert_eq!(facts(&migrator()), facts(&read));
    }
}
