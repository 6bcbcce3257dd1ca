//! `usersctl seed`: generated accounts and grants for measurements, the same in every run. Not for production.

mod names;

use std::time::Instant;

use anyhow::bail;
use clap::Args;
use sqlx::{Connection, PgConnection};

use crate::database::{self, DatabaseArgs};

/// `usersctl seed …`
#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// The number of accounts.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    users: u32,
    /// The number of accounts that have a role. There are 200 generated roles.
    #[arg(long, value_name = "N", default_value_t = 0)]
    grants: u32,
}

/// Fills the database in one transaction, and prints the duration.
pub(crate) async fn run(command: &Seed, database: &DatabaseArgs) -> anyhow::Result<()> {
    if command.grants > command.users {
        bail!("--grants cannot exceed --users: an account gets one grant at most");
    }
    let mut connection = database.connect().await?;
    let start = Instant::now();
    if !fill(&mut connection, command).await.map_err(database::explain)? {
        bail!("the database has accounts already: seed only fills an empty database");
    }
    vacuum(&mut connection).await.map_err(database::explain)?;
    let (users, grants, seconds) = (command.users, command.grants, start.elapsed().as_secs_f32());
    println!("made {users} accounts and {grants} grants in {seconds:.1} s");
    Ok(())
}

/// Returns false and changes nothing when the database has accounts already.
async fn fill(connection: &mut PgConnection, command: &Seed) -> sqlx::Result<bool> {
    let mut transaction = connection.begin().await?;
    // No other transaction can add an account between the check and the commit.
    sqlx::query("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE").execute(&mut *transaction).await?;
    if sqlx::query_scalar("SELECT EXISTS (SELECT FROM users)").fetch_one(&mut *transaction).await? {
        return Ok(false);
    }
    make_users(&mut transaction, command.users).await?;
    if command.grants > 0 {
        let roles = names::roles();
        database::lock_administrators(&mut transaction).await?;
        make_roles(&mut transaction, &roles).await?;
        make_grants(&mut transaction, &roles, command.users, command.grants).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

/// Account n gets the names and the domain at place n * 742938285 modulo the prime 2^31 - 1. Neighbouring accounts differ,
/// and every account has its own place and so its own address. The texts are ASCII, so Postgres computes the keys.
async fn make_users(connection: &mut PgConnection, users: u32) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO users (email, full_name, password_hash, is_active, is_admin, email_key, search_text)
         SELECT email, full_name, '!', n % 20 <> 7, n % 20000 = 1,
                email,
                lower((email || E'\\n' || coalesce(full_name, '')) COLLATE \"C\")
           FROM generate_series(1, $1::bigint) AS n
          CROSS JOIN LATERAL (SELECT n * 742938285 % 2147483647 AS place) AS p
          CROSS JOIN LATERAL (
              SELECT ($2::text[])[place % 20 + 1] || ($3::text[])[place / 20 % 20 + 1] AS first,
                     ($4::text[])[place / 400 % 25 + 1] || ($5::text[])[place / 10000 % 40 + 1] AS last,
                     ($6::text[])[n % 30 + 1] AS domain
          ) AS names
          CROSS JOIN LATERAL (
              SELECT lower((first || '.' || last) COLLATE \"C\") || (place / 400000) || '@' || domain AS email,
                     CASE WHEN n % 10 <> 3 THEN first || ' ' || last END AS full_name
          ) AS texts",
    )
    .bind(i64::from(users))
    .bind(names::FIRST_STARTS)
    .bind(names::FIRST_ENDS)
    .bind(names::LAST_STARTS)
    .bind(names::LAST_ENDS)
    .bind(names::DOMAINS)
    .execute(connection)
    .await?;
    Ok(())
}

/// 300 permissions, and 200 roles with five permissions each. Roles and permissions of an earlier seed are used again.
async fn make_roles(connection: &mut PgConnection, roles: &[String]) -> sqlx::Result<()> {
    let permissions = names::permissions();
    sqlx::query(
        "INSERT INTO permissions (name, description, resource, action, name_key)
         SELECT name, 'Generated for measurements.', split_part(name, ':', 1), split_part(name, ':', 2),
                lower(name COLLATE \"C\")
           FROM unnest($1::text[]) AS name
         ON CONFLICT DO NOTHING",
    )
    .bind(&permissions)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO roles (name, description, name_key)
         SELECT name, 'Generated for measurements.', lower(name COLLATE \"C\")
           FROM unnest($1::text[]) AS name
         ON CONFLICT DO NOTHING",
    )
    .bind(roles)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO role_permissions (role_id, permission_id)
         SELECT r.id, p.id
           FROM unnest($1::text[]) WITH ORDINALITY AS role (name, n)
           JOIN roles r ON lower(r.name) = lower(role.name)
          CROSS JOIN generate_series(0, 4) AS k
           JOIN unnest($2::text[]) WITH ORDINALITY AS permission (name, n)
             ON permission.n - 1 = (role.n * 7 + k * 61) % 300
           JOIN permissions p ON lower(p.name) = lower(permission.name)
         ON CONFLICT DO NOTHING",
    )
    .bind(roles)
    .bind(&permissions)
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives a role to accounts at equal distances. The roles take turns.
async fn make_grants(
    connection: &mut PgConnection,
    roles: &[String],
    users: u32,
    grants: u32,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO user_roles (user_id, role_id)
         SELECT u.id, r.id
           FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM users) AS u
           JOIN unnest($1::text[]) WITH ORDINALITY AS role (name, n) ON role.n - 1 = u.n * $3 / $2 % 200
           JOIN roles r ON lower(r.name) = lower(role.name)
          WHERE u.n * $3 % $2 < $3",
    )
    .bind(roles)
    .bind(i64::from(users))
    .bind(i64::from(grants))
    .execute(connection)
    .await?;
    Ok(())
}

/// Collects statistics and merges the pending entries of the search index. Autovacuum would do so during a measurement.
async fn vacuum(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("VACUUM (ANALYZE) users, permissions, roles, role_permissions, user_roles")
        .execute(connection)
        .await?;
    Ok(())
}
