//! The roles of the components, each with the rights that its statements need. The table `component_rights` of migration 0033 lists them.
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

impl RoleArgs {
    /// The role that has the rights of a component.
    pub(crate) fn role_of(&self, component: &str) -> String {
        format!("{}_{component}", self.db_role_prefix)
    }

    #[cfg(test)]
    pub(crate) fn with_prefix(prefix: &str) -> Self {
        Self { db_role_prefix: prefix.to_owned() }
    }
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
    refuse_unfit(connection, prefix).await?;
    let missing = create(connection, prefix).await?;
    if !missing.is_empty() {
        let role: String =
            sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut *connection).await?;
        eprintln!(
            "the role {role} may not create roles: the components go on with the roles that they have. For a role of its own for each, let a \
             role that may create roles run these statements, then run this again:"
        );
        tell(&missing);
    }
    let changes: i32 = sqlx::query_scalar("SELECT grant_rights($1)")
        .bind(prefix)
        .fetch_one(&mut *connection)
        .await
        .map_err(database::explain)?;
    if changes > 0 {
        println!("corrected the rights of the components' roles");
    }
    let dangerous = dangerous(connection, prefix).await.map_err(database::explain)?;
    if !dangerous.is_empty() {
        eprintln!(
            "the components may make objects in this database, by which one that is taken over becomes its owner. The owner may not change \
             this: let a superuser run these statements in this database:"
        );
        tell(&dangerous);
    }
    Ok(())
}

/// Prints statements for somebody else.
fn tell(statements: &[String]) {
    for statement in statements {
        eprintln!("  {statement};");
    }
}

/// Refuses roles that have more power than any right in a table gives, such as the owner's: to take rights from the owner would stop the
/// service, and to leave them would undo the purpose of the roles.
async fn refuse_unfit(connection: &mut PgConnection, prefix: &str) -> anyhow::Result<()> {
    let unfit: Option<(String, String)> = sqlx::query_as(
        "WITH role AS (
             SELECT DISTINCT $1 || '_' || component AS name FROM component_rights
         ), candidate AS (
             SELECT g.*, role.name AS rights
               FROM role
               JOIN pg_roles g ON g.rolname IN (role.name, role.name || '_1', role.name || '_2')
         ), owner AS (
             SELECT c.relowner AS oid FROM pg_class c WHERE c.oid = 'component_rights'::regclass
             UNION
             SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()
         )
         SELECT rolname::text, reason
           FROM (
                SELECT g.rolname,
                       CASE
                           WHEN g.rolname = current_user OR g.rolname = session_user THEN 'is the role that migrates'
                           WHEN g.oid IN (SELECT oid FROM owner) THEN 'owns the tables or the database'
                           WHEN g.rolsuper THEN 'is a superuser'
                           WHEN g.rolcreaterole THEN 'has CREATEROLE'
                           WHEN g.rolbypassrls THEN 'has BYPASSRLS'
                           WHEN g.rolreplication THEN 'has REPLICATION'
                           ELSE (
                               SELECT 'is a member of ' || o.rolname
                                 FROM pg_roles o
                                WHERE o.oid <> g.oid
                                  AND o.rolname <> g.rights
                                  AND pg_has_role(g.oid, o.oid, 'MEMBER')
                                  AND (
                                      o.oid IN (SELECT oid FROM owner)
                                      OR o.rolsuper OR o.rolcreaterole OR o.rolbypassrls OR o.rolreplication
                                      OR o.rolname LIKE 'pg\\_%'
                                      OR o.rolname IN (SELECT rolname FROM candidate)
                                  )
                                ORDER BY o.rolname LIKE 'pg\\_%', o.rolname
                                LIMIT 1
                           )
                       END AS reason
                  FROM candidate g
                ) AS it
          WHERE reason IS NOT NULL
          ORDER BY rolname
          LIMIT 1",
    )
    .bind(prefix)
    .fetch_optional(connection)
    .await
    .map_err(database::explain)?;
    match unfit {
        None => Ok(()),
        Some((name, reason)) => bail!(
            "the role {name} {reason}, so it cannot be the role of a component: take that from it, or name other roles with --db-role-prefix"
        ),
    }
}

/// The statements that take from the roles, or from PUBLIC, the right to make objects in the schema or in the database. Only the owners of these
/// can run them: until PostgreSQL 14, `public` belongs to a superuser and lets everybody make objects. A function in the schema with the exact
/// types of a call is preferred to one of Postgres, so the functions that run with the rights of the owner would call it.
async fn dangerous(connection: &mut PgConnection, prefix: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "WITH role AS (
             SELECT g.oid
               FROM (SELECT DISTINCT $1 || '_' || component AS name FROM component_rights) AS it
               JOIN pg_roles g ON g.rolname IN (it.name, it.name || '_1', it.name || '_2')
         ), place AS (
             SELECT format('SCHEMA %I', n.nspname) AS name, coalesce(n.nspacl, acldefault('n', n.nspowner)) AS acl
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.oid = 'component_rights'::regclass
             UNION ALL
             SELECT format('DATABASE %I', d.datname), coalesce(d.datacl, acldefault('d', d.datdba))
               FROM pg_database d
              WHERE d.datname = current_database()
         )
         SELECT DISTINCT
                format('REVOKE %s ON %s FROM %s', it.privilege_type, place.name,
                       CASE it.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(it.grantee)) END)
           FROM place CROSS JOIN LATERAL aclexplode(place.acl) AS it
          WHERE it.privilege_type IN ('CREATE', 'TEMPORARY')
            AND EXISTS (
                    SELECT FROM role
                     WHERE CASE it.grantee WHEN 0 THEN true ELSE pg_has_role(role.oid, it.grantee, 'USAGE') END
                )
          ORDER BY 1",
    )
    .bind(prefix)
    .fetch_all(connection)
    .await
}

/// Creates missing roles. Returns the statements that are left when this role may not run them.
async fn create(connection: &mut PgConnection, prefix: &str) -> anyhow::Result<Vec<String>> {
    for _ in 0..ATTEMPTS {
        let missing = missing(connection, prefix).await?;
        if missing.is_empty() {
            return Ok(missing);
        }
        let mut is_refused = false;
        for statement in &missing {
            // Quoted by Postgres itself.
            match sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut *connection).await {
                Ok(_) => {}
                Err(sqlx::Error::Database(error)) => match error.code().as_deref() {
                    // insufficient_privilege
                    Some("42501") => is_refused = true,
                    // duplicate_object, unique_violation, undefined_object and “tuple concurrently updated”: another run is at it, or the
                    // role was refused above.
                    Some("42710" | "23505" | "42704" | "XX000") => {}
                    _ => return Err(database::explain(sqlx::Error::Database(error))),
                },
                Err(error) => return Err(database::explain(error)),
            }
        }
        let left = self::missing(connection, prefix).await?;
        if is_refused || left.is_empty() {
            return Ok(left);
        }
        tokio::time::sleep(PAUSE).await;
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
