//! Which database, and a connection to it.

use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection, PgConnection};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// How long before the next attempt, for who waits.
const PAUSE: Duration = Duration::from_millis(500);

/// Where the database is: a URL, or the variables the service itself is given.
#[derive(Args)]
pub(crate) struct DatabaseArgs {
    /// The database, as postgres://user:password@host:port/name. Prefer the environment: a command line can be read by
    /// everybody on the machine.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// Keep trying for this long, such as 90s or 5m, while Postgres cannot be reached or is on its way up.
    #[arg(long, global = true, value_name = "TIME", default_value = "0s", value_parser = humantime::parse_duration)]
    wait: Duration,
    #[command(flatten)]
    parts: Parts,
}

/// The service's own variables, used when there is no URL.
#[derive(Args)]
struct Parts {
    #[arg(long, global = true, hide = true, env = "SPIN_VARIABLE_DB_HOST")]
    db_host: Option<String>,
    #[arg(long, global = true, hide = true, env = "SPIN_VARIABLE_DB_PORT", default_value_t = 5432)]
    db_port: u16,
    #[arg(long, global = true, hide = true, env = "SPIN_VARIABLE_DB_NAME", default_value = "users")]
    db_name: String,
    #[arg(long, global = true, hide = true, env = "SPIN_VARIABLE_DB_USER", default_value = "users")]
    db_user: String,
    #[arg(long, global = true, hide = true, env = "SPIN_VARIABLE_DB_PASSWORD", hide_env_values = true)]
    db_password: Option<String>,
    #[arg(long, global = true, hide = true, env = "SPIN_VARIABLE_DB_SSLMODE", default_value = "prefer")]
    db_sslmode: String,
}

/// Neither URL nor password, should anybody print the arguments.
impl std::fmt::Debug for DatabaseArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseArgs").finish_non_exhaustive()
    }
}

impl DatabaseArgs {
    /// Opens a connection, within ten seconds, or within `--wait` while there is no Postgres that takes connections.
    ///
    /// # Errors
    /// One sentence that names the host and what to do, and never the password.
    pub(crate) async fn connect(&self) -> anyhow::Result<PgConnection> {
        let options = self.options()?.application_name("usersctl").disable_statement_logging();
        let place = format!("{}:{}", options.get_host(), options.get_port());
        let begun = Instant::now();
        let mut told = false;
        loop {
            let connecting = PgConnection::connect_with(&options);
            let error = match tokio::time::timeout(CONNECT, connecting).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) if !may_pass(&error) => bail!(refusal(&error, &place)),
                Ok(Err(error)) => refusal(&error, &place),
                Err(_) => {
                    format!("{place} does not answer: is Postgres there, and may this machine reach it?")
                }
            };
            if begun.elapsed() + PAUSE > self.wait {
                bail!(error);
            }
            if !told {
                eprintln!("waiting for Postgres at {place}");
                told = true;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn options(&self) -> anyhow::Result<PgConnectOptions> {
        if let Some(url) = &self.database_url {
            // The parser's own message may hold a piece of the URL.
            return url.parse().map_err(|_| {
                anyhow!("DATABASE_URL is no Postgres URL: write postgres://user:password@host:port/database")
            });
        }
        let parts = &self.parts;
        let Some(host) = &parts.db_host else {
            bail!("no database is named: set DATABASE_URL to postgres://user:password@host:port/database");
        };
        let sslmode: PgSslMode =
            parts.db_sslmode.parse().ok().context(
                "SPIN_VARIABLE_DB_SSLMODE must be disable, prefer, require, verify-ca or verify-full",
            )?;
        let options = PgConnectOptions::new_without_pgpass()
            .host(host)
            .port(parts.db_port)
            .database(&parts.db_name)
            .username(&parts.db_user)
            .ssl_mode(sslmode);
        Ok(match &parts.db_password {
            Some(password) => options.password(password),
            None => options,
        })
    }
}

/// Whether another attempt may go better: nobody listens, or a server that is starting, stopping or full does.
fn may_pass(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P03" | "57P01" | "53300"))
        }
        _ => false,
    }
}

/// Why Postgres could not be had, and what to do about it.
fn refusal(error: &sqlx::Error, place: &str) -> String {
    match error {
        sqlx::Error::Io(error) => {
            format!("Postgres at {place} cannot be reached ({error}): start it, or correct DATABASE_URL")
        }
        sqlx::Error::Tls(error) => {
            format!("no secure connection to Postgres at {place} ({error}): correct its sslmode")
        }
        sqlx::Error::Database(error) => match error.code().as_deref() {
            Some("28P01" | "28000") => {
                format!("Postgres at {place} refuses this user or password: correct DATABASE_URL")
            }
            Some("3D000") => {
                format!("Postgres at {place} has no such database: create it, or correct DATABASE_URL")
            }
            _ => format!(
                "Postgres at {place} refuses a connection ({}): try again, or ask who runs it",
                error.message()
            ),
        },
        _ => format!("no connection to Postgres at {place}: {error}"),
    }
}

/// Why a statement failed, and what to do about it. Postgres's details stay out: they may quote a row.
pub(crate) fn explain(error: sqlx::Error) -> anyhow::Error {
    match error {
        sqlx::Error::Database(error) => match error.code().as_deref() {
            // A table, a column or a function is not there.
            Some("42P01" | "42703" | "42883") => anyhow!(
                "the database's schema is too old for this command: run `usersctl migrate upgrade` first"
            ),
            code => anyhow!(
                "Postgres refused a statement, and nothing was changed: {} (SQLSTATE {})",
                error.message(),
                code.unwrap_or("unknown")
            ),
        },
        other => anyhow!("the connection to Postgres was lost ({other}): run the command again"),
    }
}

#[cfg(test)]
mod tests {
    use super::DatabaseArgs;
    use clap::Parser;

    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        database: DatabaseArgs,
    }

    fn parse(arguments: &[&str]) -> DatabaseArgs {
        Only::parse_from([&["usersctl"], arguments].concat()).database
    }

    #[test]
    fn a_broken_url_is_refused_without_being_shown() {
        let error = parse(&["--database-url", "mysql//root:hunter2@x"]).options().unwrap_err().to_string();
        assert!(error.contains("DATABASE_URL") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn arguments_do_not_show_their_secrets() {
        let shown = format!(
            "{:?}",
            parse(&["--database-url", "postgres://u:hunter2@h/d", "--db-password", "hunter3"])
        );
        assert!(!shown.contains("hunter"), "{shown}");
    }

    #[test]
    fn the_services_own_variables_do_too() {
        let options = parse(&["--database-url", "postgres://u:p@elsewhere:1/n"]).options().unwrap();
        assert_eq!((options.get_host(), options.get_port()), ("elsewhere", 1));
    }
}
