//! Fills missing keys of addresses and names, and missing texts for the search. Rows from before migration 0013 lack them, and so do
//! rows that a replica of the previous release has written since. The rules are in `users-core`, so Postgres cannot compute the values.
//!
//! Accounts are filled in batches, oldest first, with a transaction for each batch. A killed run loses one batch, and the next run
//! continues there. When two rows have the same key, the older row gets it.

use std::collections::HashSet;

use anyhow::anyhow;
use sqlx::{Connection, PgConnection};
use users_core::{EmailKey, name_key, search_text};

use super::engine;

/// The number of accounts in a batch. Their rows are locked for a fraction of a second.
const BATCH: i64 = 1000;
/// The SQLSTATEs `unique_violation` and `lock_not_available`.
const UNIQUE_VIOLATION: &str = "23505";
const DEADLOCK: &str = "40P01";
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// Fills the missing values, and prints the number of filled rows and the names that are taken twice. Does nothing until the
/// columns and their indexes exist.
pub(super) async fn fill(connection: &mut PgConnection) -> anyhow::Result<()> {
    if !is_ready(connection).await? {
        return Ok(());
    }
    engine::limit_lock_waits(connection, true).await?;
    let accounts = fill_accounts(connection).await.map_err(explain)?;
    if accounts > 0 {
        // Without statistics of the new columns, Postgres would read the whole table to find accounts without keys.
        if let Err(error) =
            sqlx::query("ANALYZE users (email_key, search_text)").execute(&mut *connection).await
        {
            eprintln!("run ANALYZE users when nothing else maintains it, or searches stay slow: {error}");
        }
        println!("computed the keys of {accounts} accounts");
    }
    let collisions: i64 =
        sqlx::query_scalar("SELECT count(*) FROM users WHERE email_key IS NULL AND search_text IS NOT NULL")
            .fetch_one(&mut *connection)
            .await?;
    if collisions > 0 {
        eprintln!(
            "{collisions} accounts have the address of an older account in another spelling and cannot log in: see `usersctl accounts collisions`"
        );
    }
    for names in [&ROLES, &PERMISSIONS] {
        fill_names(connection, names).await.map_err(explain)?;
    }
    Ok(())
}

/// Returns true when the columns and their indexes exist. With `--dir`, an upgrade can end between the migrations that create them.
async fn is_ready(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT count(*) = 3
           FROM pg_index
          WHERE indexrelid IN (
                    to_regclass('users_email_key_key'),
                    to_regclass('users_without_key_idx'),
                    to_regclass('permissions_name_key_key')
                )
            AND indisvalid",
    )
    .fetch_one(connection)
    .await
}

/// Returns the number of accounts that changed.
async fn fill_accounts(connection: &mut PgConnection) -> sqlx::Result<u64> {
    let (mut after, mut changed) = (0, 0);
    loop {
        match fill_batch(connection, after).await {
            Ok(None) => return Ok(changed),
            Ok(Some(batch)) => {
                after = batch.last;
                changed += batch.changed;
            }
            // Somebody registered the address at this moment, and the next try sees that account.
            // Or this batch and a statement of the service waited for each other.
            Err(sqlx::Error::Database(error))
                if [Some(UNIQUE_VIOLATION), Some(DEADLOCK)].contains(&error.code().as_deref()) => {}
            Err(error) => return Err(error),
        }
    }
}

/// A batch that was filled.
struct Batch {
    /// The id of its last account.
    last: i32,
    changed: u64,
}

/// Fills the next accounts after an id. `None` when no accounts are left.
///
/// The batch also holds accounts that once lost their key to an older account: the older account may be deleted by now.
async fn fill_batch(connection: &mut PgConnection, after: i32) -> sqlx::Result<Option<Batch>> {
    let mut transaction = connection.begin().await?;
    let rows: Vec<(i32, String, Option<String>)> = sqlx::query_as(
        "SELECT id, email, full_name
           FROM users
          WHERE (email_key IS NULL OR search_text IS NULL) AND id > $1
          ORDER BY id
          LIMIT $2
            FOR NO KEY UPDATE",
    )
    .bind(after)
    .bind(BATCH)
    .fetch_all(&mut *transaction)
    .await?;
    let Some((last, ..)) = rows.last() else { return Ok(None) };
    let last = *last;
    let keys = rows.iter().map(|(_, email, _)| EmailKey::of(email).as_str().to_owned());
    let keys = without_repetitions(keys);
    let ids: Vec<i32> = rows.iter().map(|(id, ..)| *id).collect();
    let texts: Vec<String> =
        rows.iter().map(|(_, email, name)| search_text(email, name.as_deref())).collect();
    // A younger account may have been registered with the key since the migration.
    sqlx::query(
        "UPDATE users u
            SET email_key = NULL
           FROM unnest($1::int4[], $2::text[]) AS filled (id, key)
          WHERE u.email_key = filled.key AND u.id > filled.id",
    )
    .bind(&ids)
    .bind(&keys)
    .execute(&mut *transaction)
    .await?;
    let updated = sqlx::query(
        "UPDATE users u
            SET email_key = filled.key, search_text = filled.text
           FROM (
                    SELECT id, text,
                           CASE WHEN NOT EXISTS (SELECT FROM users o WHERE o.email_key = key AND o.id <> f.id) THEN key END
                               AS key
                      FROM unnest($1::int4[], $2::text[], $3::text[]) AS f (id, key, text)
                ) AS filled
          WHERE u.id = filled.id
            AND (u.email_key IS DISTINCT FROM filled.key OR u.search_text IS DISTINCT FROM filled.text)",
    )
    .bind(&ids)
    .bind(&keys)
    .bind(&texts)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(Some(Batch { last, changed: updated.rows_affected() }))
}

/// The keys, with `None` for each repetition of an earlier key.
fn without_repetitions(keys: impl Iterator<Item = String>) -> Vec<Option<String>> {
    let mut seen = HashSet::new();
    keys.map(|key| seen.insert(key.clone()).then_some(key)).collect()
}

/// A table of names.
struct Names {
    /// The word that operators use for a row of the table.
    kind: &'static str,
    without_key: &'static str,
    /// The statement that takes the keys from younger rows.
    take: &'static str,
    fill: &'static str,
}

const ROLES: Names = Names {
    kind: "role",
    without_key: "SELECT id, name FROM roles WHERE name_key IS NULL ORDER BY id FOR NO KEY UPDATE",
    take: "UPDATE roles r
              SET name_key = NULL
             FROM unnest($1::int4[], $2::text[]) AS filled (id, key)
            WHERE r.name_key = filled.key AND r.id > filled.id",
    fill: "UPDATE roles r
              SET name_key = filled.key
             FROM unnest($1::int4[], $2::text[]) AS filled (id, key)
            WHERE r.id = filled.id AND filled.key IS NOT NULL
              AND NOT EXISTS (SELECT FROM roles o WHERE o.name_key = filled.key)",
};

const PERMISSIONS: Names = Names {
    kind: "permission",
    without_key: "SELECT id, name FROM permissions WHERE name_key IS NULL ORDER BY id FOR NO KEY UPDATE",
    take: "UPDATE permissions p
              SET name_key = NULL
             FROM unnest($1::int4[], $2::text[]) AS filled (id, key)
            WHERE p.name_key = filled.key AND p.id > filled.id",
    fill: "UPDATE permissions p
              SET name_key = filled.key
             FROM unnest($1::int4[], $2::text[]) AS filled (id, key)
            WHERE p.id = filled.id AND filled.key IS NOT NULL
              AND NOT EXISTS (SELECT FROM permissions o WHERE o.name_key = filled.key)",
};

/// Fills the keys of all rows in one transaction: a database has hundreds of them at most. Prints the rows that have no key because an
/// older row has it.
async fn fill_names(connection: &mut PgConnection, names: &Names) -> sqlx::Result<()> {
    loop {
        match try_names(connection, names).await {
            Ok(()) => break,
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(UNIQUE_VIOLATION) => {}
            Err(error) => return Err(error),
        }
    }
    let left: Vec<(i32, String)> = sqlx::query_as(names.without_key).fetch_all(connection).await?;
    for (id, name) in left {
        let kind = names.kind;
        eprintln!(
            "the {kind} {id} ({name}) has the name of an older {kind} in another spelling: rename one of them"
        );
    }
    Ok(())
}

async fn try_names(connection: &mut PgConnection, names: &Names) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    let rows: Vec<(i32, String)> = sqlx::query_as(names.without_key).fetch_all(&mut *transaction).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<i32> = rows.iter().map(|(id, _)| *id).collect();
    let keys = without_repetitions(rows.iter().map(|(_, name)| name_key(name)));
    for statement in [names.take, names.fill] {
        sqlx::query(statement).bind(&ids).bind(&keys).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// The cause of a failed batch, and the remedy.
fn explain(error: sqlx::Error) -> anyhow::Error {
    match &error {
        sqlx::Error::Database(cause) if cause.code().as_deref() == Some(LOCK_NOT_AVAILABLE) => anyhow!(
            "computing the keys waited {} for rows that another transaction holds: run the command again when that one has ended, it goes on where it stopped",
            engine::LOCK_TIMEOUT
        ),
        _ => crate::database::explain(error),
    }
}

#[cfg(test)]
mod tests {
    use super::without_repetitions;

    #[test]
    fn the_first_of_equal_keys_is_kept() {
        let keys = ["a", "b", "a", "a"].map(str::to_owned).into_iter();
        assert_eq!(without_repetitions(keys), [Some("a".to_owned()), Some("b".to_owned()), None, None]);
    }
}
