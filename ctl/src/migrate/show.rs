//! Shows the applied and the pending migrations.

use sqlx::migrate::{Migration, Migrator};
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::{engine, table};

/// Prints the schema version and the number of pending migrations.
pub(super) async fn current(connection: &mut PgConnection, migrator: &Migrator) -> anyhow::Result<()> {
    let versions = match table::find(connection, migrator).await?.table {
        Some(table) => engine::applied(connection, table).await?,
        None => Vec::new(),
    };
    let newest = ups(migrator).last().map_or(0, |migration| migration.version);
    let pending = ups(migrator).filter(|migration| !versions.contains(&migration.version)).count();
    match versions.last() {
        None => println!("no migration is applied; the newest is {newest:04}"),
        Some(version) if *version > newest => {
            println!("{version:04} (newer than this usersctl, which knows {newest:04})");
        }
        Some(version) if pending == 0 => println!("{version:04} (the newest)"),
        Some(version) => println!("{version:04} ({pending} pending; the newest is {newest:04})"),
    }
    Ok(())
}

/// Prints every migration with the time at which it was applied, in UTC.
pub(super) async fn history(connection: &mut PgConnection, migrator: &Migrator) -> anyhow::Result<()> {
    let mut applied = Vec::new();
    if let Some(table) = table::find(connection, migrator).await?.table {
        let rows = format!(
            r#"SELECT version, description, success,
                      to_char(installed_on AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at
                 FROM {table} ORDER BY version"#
        );
        for row in sqlx::query(AssertSqlSafe(rows)).fetch_all(connection).await? {
            let (version, description): (i64, String) =
                (row.try_get("version")?, row.try_get("description")?);
            let (success, at): (bool, String) = (row.try_get("success")?, row.try_get("at")?);
            applied.push((version, description, if success { at } else { "interrupted".to_owned() }));
        }
    }
    for migration in ups(migrator) {
        let at =
            applied.iter().find(|(version, ..)| *version == migration.version).map(|(.., at)| at.as_str());
        println!("{:04}  {:20}  {}", migration.version, at.unwrap_or("not applied"), migration.description);
    }
    for (version, description, at) in
        applied.iter().filter(|(version, ..)| !migrator.version_exists(*version))
    {
        println!("{version:04}  {at:20}  {description} (unknown to this usersctl)");
    }
    Ok(())
}

/// The up migrations, oldest first.
pub(super) fn ups(migrator: &Migrator) -> impl Iterator<Item = &Migration> {
    migrator.iter().filter(|migration| !migration.migration_type.is_down_migration())
}
