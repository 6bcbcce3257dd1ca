//! The roles of the components, each with the rights that its statements need. The table `component_rights` of migration 0034 lists them.
//!
//! A component has a role that nobody can log in as, which holds the rights, and two members of it that can: `users_auth`, and `users_auth_1`
//! and `users_auth_2`. One member is in use. A deployment changes a password by changing to the other member.

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::database;

/// Roles belong to the whole cluster. Runs in other databases may create the same ones at this moment, so a refused statement is looked at
/// again this many times.
const ATTEMPTS: usize = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// The names of the roles.
#[derive(Debug, Args)]
pub(crate) struct RoleArgs {
    /// The roles of the components are named after it: users_auth, users_users, …
    #[arg(long, env = "DB_ROLE_PREFIX", value_name = "PREFIX", default_value = "users", value_parser = prefix)]
    db_role_prefix: String,
}

/// A prefix that needs no quotes in SQL, and that is short enough: Postgres cuts names at 63 characters.
fn prefix(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if text.len() <= 40 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err("use at most 40 characters: a-z, 0-9 and _, beginning with a letter".to_owned())
    }
}

/// Creates missing roles, or prints the statements for somebody who may. Gives the roles that exist their rights. Does nothing until the table
/// of rights exists.
pub(super) async fn prepare(connection: &mut PgConnection, names: &RoleArgs) -> anyhow::Result<()> {
    let prefix = &names.db_role_prefix;
    let is_ready: bool = sqlx::query_scalar("SELECT to_regprocedure('grant_rights(text)') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !is_ready {
        return Ok(());
    }
    if let Some(missing) = create(connection, prefix).await? {
        let role: String =
            sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut *connection).await?;
        eprintln!(
            "the role {role} may not create roles: the components go on with the roles that they have. For a role of its own for each, let a \
             role that may create roles run these statements, then run this again:"
        );
        for statement in missing {
            eprintln!("  {statement};");
        }
    }
    let changes: i32 = sqlx::query_scalar("SELECT grant_rights($1)")
        .bind(prefix)
        .fetch_one(connection)
        .await
        .map_err(database::explain)?;
    if changes > 0 {
        println!("corrected the rights of the components' roles");
    }
    Ok(())
}

/// Creates missing roles. Returns the statements that are left when this role may not run them.
async fn create(connection: &mut PgConnection, prefix: &str) -> anyhow::Result<Option<Vec<String>>> {
    for _ in 0..ATTEMPTS {
        let missing = missing(connection, prefix).await?;
        if missing.is_empty() {
            return Ok(None);
        }
        for statement in &missing {
            // Quoted by Postgres itself.
            match sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut *connection).await {
                Ok(_) => {}
                Err(sqlx::Error::Database(error)) => match error.code().as_deref() {
                    // insufficient_privilege
                    Some("42501") => return Ok(Some(missing)),
                    // duplicate_object, unique_violation, undefined_object and “tuple concurrently updated”: another run is at it.
                    Some("42710" | "23505" | "42704" | "XX000") => {}
                    _ => return Err(database::explain(sqlx::Error::Database(error))),
                },
                Err(error) => return Err(database::explain(error)),
            }
        }
        if !self::missing(connection, prefix).await?.is_empty() {
            tokio::time::sleep(PAUSE).await;
        }
    }
    bail!(
        "the roles {prefix}_… cannot be created, because something else changes them all the time: run this again"
    )
}

/// The statements that create what is missing, in their order.
async fn missing(connection: &mut PgConnection, prefix: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "WITH role AS (
             SELECT DISTINCT $1 || '_' || component AS name FROM component_rights
         ), member AS (
             SELECT role.name AS role, role.name || '_' || number AS name FROM role, generate_series(1, 2) AS number
         ), home AS (
             SELECT n.nspname AS name
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.oid = 'component_rights'::regclass
         ), statement AS (
             SELECT 1 AS step, format('CREATE ROLE %I NOLOGIN', name) AS text
               FROM (SELECT name FROM role UNION SELECT name FROM member) AS it
              WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = it.name)
             UNION ALL
             SELECT 2, format('GRANT %I TO %I', member.role, member.name)
               FROM member
              WHERE NOT EXISTS (
                        SELECT FROM pg_auth_members m
                          JOIN pg_roles r ON r.oid = m.roleid
                          JOIN pg_roles l ON l.oid = m.member
                         WHERE r.rolname = member.role AND l.rolname = member.name
                    )
             UNION ALL
             -- The tables of an early release may be elsewhere.
             SELECT 3, format('ALTER ROLE %I IN DATABASE %I SET search_path = %I', member.name, current_database(), home.name)
               FROM member, home
              WHERE home.name <> 'public'
                AND NOT EXISTS (
                        SELECT FROM pg_db_role_setting s
                          JOIN pg_roles l ON l.oid = s.setrole
                          JOIN pg_database d ON d.oid = s.setdatabase
                         CROSS JOIN unnest(s.setconfig) AS setting
                         WHERE l.rolname = member.name AND d.datname = current_database() AND setting LIKE 'search_path=%'
                    )
         )
         SELECT text FROM statement ORDER BY step, text",
    )
    .bind(prefix)
    .fetch_all(connection)
    .await
}

#[cfg(test)]
mod tests {
    use super::prefix;

    #[test]
    fn a_prefix_needs_no_quotes() {
        assert_eq!(prefix("users_2").as_deref(), Ok("users_2"));
        for text in ["", "Users", "2users", "users-auth", "_users", "usérs", &"u".repeat(41)] {
            assert!(prefix(text).is_err(), "{text}");
        }
    }
}
