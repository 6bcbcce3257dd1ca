//! `usersctl create-admin`: the first administrator, and a new one when the last is lost.
//!
//! An installation has no default account and no default password.

use anyhow::{anyhow, bail};
use clap::Args;
use sqlx::{Connection, PgConnection};
use users_core::{Email, EmailKey, FullName, Password, search_text};
use users_crypto::{OsRandom, PasswordHasher};

use crate::account::IS_SERVICE;
use crate::database::{self, DatabaseArgs};
use crate::password::PasswordArgs;

/// The unique index on the keys of addresses, and the index of the previous release on addresses in lower case.
const UNIQUE_ADDRESSES: [&str; 2] = ["users_email_key_key", "users_email_key"];

/// `usersctl create-admin …`
#[derive(Debug, Args)]
pub(crate) struct CreateAdmin {
    /// The account's email address.
    email: String,
    /// The full name of its owner.
    #[arg(long, value_name = "NAME")]
    full_name: Option<String>,
    #[command(flatten)]
    password: PasswordArgs,
    /// Promote and activate the existing account with this address. Its password stays.
    #[arg(long, conflicts_with_all = ["full_name", "password_stdin"])]
    promote: bool,
}

/// Creates or promotes the account, and prints its id and address.
pub(crate) async fn run(command: &CreateAdmin, database: &DatabaseArgs) -> anyhow::Result<()> {
    // An existing account may have an address that an earlier release accepted, and this release refuses.
    let new = (!command.promote).then(|| Email::parse(&command.email)).transpose();
    let new = new.map_err(|rule| anyhow!("EMAIL {rule}"))?;
    let full_name = command.full_name.clone().map(FullName::try_from).transpose();
    let full_name = full_name.map_err(|rule| anyhow!("--full-name {rule}"))?;
    // Connect before asking for the password: nobody should type it in vain.
    let mut connection = database.connect().await?;
    let (id, email) = match new {
        None => promote(&mut connection, command.email.trim()).await?,
        Some(email) => {
            let password = command.password.read(Some(&email), full_name.as_ref().map(FullName::as_str))?;
            create(&mut connection, &email, full_name.as_ref(), &password).await?
        }
    };
    println!("administrator {id} {email}");
    Ok(())
}

/// Creates an account with every default role, in one statement. The operator vouches for the address, so it counts as verified.
async fn create(
    connection: &mut PgConnection,
    email: &Email,
    full_name: Option<&FullName>,
    password: &Password,
) -> anyhow::Result<(i32, String)> {
    let hash = PasswordHasher::new().hash(password, &OsRandom).await?;
    let created = sqlx::query_as(
        "WITH account AS (
             INSERT INTO users (email, full_name, password_hash, is_admin, email_verified, email_key, search_text)
             SELECT $1, $2, $3, true, true, $4, $5
              WHERE NOT EXISTS (
                        SELECT FROM users WHERE lower(email) = lower($4) AND email_key IS NULL AND search_text IS NULL
                    )
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
    .bind(email.key().as_str())
    .bind(search_text(email.as_str(), full_name.map(FullName::as_str)))
    .fetch_optional(connection)
    .await;
    let created = match created {
        Err(sqlx::Error::Database(error))
            if error.constraint().is_some_and(|name| UNIQUE_ADDRESSES.contains(&name)) =>
        {
            None
        }
        created => created.map_err(database::explain)?,
    };
    created.ok_or_else(|| {
        anyhow!("an account has this address already: add --promote to make it an administrator")
    })
}

/// Promotes and activates the account of a person. A second promotion changes nothing. Until an account has a key, its address is compared in
/// lower case, as in a login. The lock makes sure that a caller of the API who is not an administrator, and changes the account at the same
/// time, finds out.
async fn promote(connection: &mut PgConnection, email: &str) -> anyhow::Result<(i32, String)> {
    let mut transaction = connection.begin().await?;
    database::lock_administrators(&mut transaction).await.map_err(database::explain)?;
    let promoted: Option<(i32, String, bool)> = sqlx::query_as(
        "WITH account AS (
             SELECT id, email, kind = 'service' AS is_service
               FROM users
              WHERE email_key = $1
                 OR (lower(email) IN (lower($2), lower($1)) AND email_key IS NULL AND search_text IS NULL)
              ORDER BY email_key IS NULL, id
              LIMIT 1
         ), promoted AS (
             UPDATE users u
                SET is_admin = true,
                    is_active = true,
                    updated_at = CASE WHEN u.is_admin AND u.is_active THEN u.updated_at
                                      ELSE greatest(now(), u.updated_at + interval '1 microsecond') END
               FROM account
              WHERE u.id = account.id AND NOT account.is_service
             RETURNING u.id
         )
         SELECT account.id, account.email, account.is_service
           FROM account LEFT JOIN promoted ON true
          WHERE account.is_service OR promoted.id IS NOT NULL",
    )
    .bind(EmailKey::of(email).as_str())
    .bind(email)
    .fetch_optional(&mut *transaction)
    .await
    .map_err(database::explain)?;
    transaction.commit().await.map_err(database::explain)?;
    match promoted {
        Some((.., true)) => bail!(IS_SERVICE),
        Some((id, email, false)) => Ok((id, email)),
        None => Err(anyhow!("no account has this address: leave --promote out to create one")),
    }
}
