//! `usersctl create-admin`: the first administrator, and a new one when the last is lost.
//!
//! An installation has no default account and no default password.

mod password;

use anyhow::{anyhow, bail};
use clap::Args;
use sqlx::PgConnection;
use users_core::{Email, FullName, Password};
use users_crypto::{OsRandom, PasswordHasher};

use crate::database::{self, DatabaseArgs};

/// The unique index on email addresses.
const USERS_EMAIL_KEY: &str = "users_email_key";

/// `usersctl create-admin …`
#[derive(Debug, Args)]
pub(crate) struct CreateAdmin {
    /// The account's email address.
    email: String,
    /// The full name of its owner.
    #[arg(long, value_name = "NAME")]
    full_name: Option<String>,
    /// Read the password from the first line of standard input instead of asking for it.
    #[arg(long)]
    password_stdin: bool,
    /// Promote and activate the existing account with this address. Its password stays.
    #[arg(long, conflicts_with_all = ["full_name", "password_stdin"])]
    promote: bool,
}

/// Creates or promotes the account, and prints its id and address.
pub(crate) async fn run(command: &CreateAdmin, database: &DatabaseArgs) -> anyhow::Result<()> {
    let email = Email::parse(&command.email).map_err(|rule| anyhow!("EMAIL {rule}"))?;
    let full_name = command.full_name.clone().map(FullName::try_from).transpose();
    let full_name = full_name.map_err(|rule| anyhow!("--full-name {rule}"))?;
    // Connect before asking for the password: nobody should type it in vain.
    let mut connection = database.connect().await?;
    let (id, email) = if command.promote {
        promote(&mut connection, &email).await?
    } else {
        let password = password::read(command.password_stdin, &email)?;
        create(&mut connection, &email, full_name.as_ref(), &password).await?
    };
    println!("administrator {id} {email}");
    Ok(())
}

/// Creates an account with every default role, in one statement.
async fn create(
    connection: &mut PgConnection,
    email: &Email,
    full_name: Option<&FullName>,
    password: &Password,
) -> anyhow::Result<(i32, String)> {
    let hash = PasswordHasher::new().hash(password, &OsRandom).await?;
    let created = sqlx::query_as(
        "WITH account AS (
             INSERT INTO users (email, full_name, password_hash, is_admin)
             VALUES ($1, $2, $3, true)
             RETURNING id, email
         ), granted AS (
             INSERT INTO user_roles (user_id, role_id)
             SELECT account.id, r.id
               FROM account, roles r
              WHERE r.is_default
                FOR KEY SHARE OF r
         )
         SELECT id, email FROM account",
    )
    .bind(email.as_str())
    .bind(full_name.map(FullName::as_str))
    .bind(hash)
    .fetch_one(connection)
    .await;
    match created {
        Err(sqlx::Error::Database(error)) if error.constraint() == Some(USERS_EMAIL_KEY) => {
            bail!("an account has this address already: add --promote to make it an administrator")
        }
        created => created.map_err(database::explain),
    }
}

/// A second promotion changes nothing.
async fn promote(connection: &mut PgConnection, email: &Email) -> anyhow::Result<(i32, String)> {
    let promoted = sqlx::query_as(
        "UPDATE users
            SET is_admin = true,
                is_active = true,
                updated_at = CASE WHEN is_admin AND is_active THEN updated_at
                                  ELSE greatest(now(), updated_at + interval '1 microsecond') END
          WHERE lower(email) = lower($1)
         RETURNING id, email",
    )
    .bind(email.as_str())
    .fetch_optional(connection)
    .await
    .map_err(database::explain)?;
    promoted.ok_or_else(|| anyhow!("no account has this address: leave --promote out to create one"))
}
