//! The options that name the database, and the connection to it.

use std::net::Ipv6Addr;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::check_config::Check;
use crate::component_roles::ComponentRoles;
use crate::migrate::RoleArgs;

/// The time limit of one attempt to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The pause between two attempts while `--wait` lasts.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// The database: a URL, or the service's own variables.
#[derive(Args)]
pub(crate) struct DatabaseArgs {
    /// The database, as postgres://user:password@host:port/name. Prefer the environment variable: every user of this
    /// machine can read a command line.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// Retry for this long, such as 90s or 5m, while Postgres is unreachable or starting.
    #[arg(long, global = true, value_name = "TIME", default_value = "0s", value_parser = humantime::parse_duration)]
    wait: Duration,
    #[command(flatten)]
    parts: Parts,
}

/// The service's own variables. A URL takes precedence.
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
    #[command(flatten)]
    own: ComponentRoles,
}

impl Parts {
    fn check(&self) -> Vec<Check> {
        let host = self.db_host.as_deref().unwrap_or_default();
        let mut checks = vec![
            if is_ipv6(host) {
                Err(format!(
                    "db_host must have brackets around an IPv6 address, as in [{host}]: spin.toml composes an allowed host from it"
                ))
            } else {
                Ok("db_host can be an allowed host".to_owned())
            },
            match self.db_sslmode.as_str() {
                mode @ ("disable" | "prefer" | "require") => Ok(format!("db_sslmode is {mode}")),
                _ => Err("db_sslmode must be disable, prefer or require".to_owned()),
            },
        ];
        checks.extend(self.own.check(self.db_password.as_deref().unwrap_or_default()));
        checks
    }
}

/// Shows neither the URL nor the password.
impl std::fmt::Debug for DatabaseArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseArgs").finish_non_exhaustive()
    }
}

impl DatabaseArgs {
    /// Connects within ten seconds. Retries within `--wait` while Postgres is unreachable or starting.
    ///
    /// # Errors
    /// One sentence that names the host and the remedy. It never holds the password.
    pub(crate) async fn connect(&self) -> anyhow::Result<PgConnection> {
        let options = self.options()?.application_name("usersctl").disable_statement_logging();
        let place = place(&options);
        let start = Instant::now();
        let mut announced = false;
        loop {
            let connecting = PgConnection::connect_with(&options);
            let error = match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) if !is_temporary(&error) => bail!(connection_error(&error, &place)),
                Ok(Err(error)) => connection_error(&error, &place),
                Err(_) => {
                    format!(
                        "{place} does not answer: check that Postgres runs there and that this machine may reach it"
                    )
                }
            };
            if start.elapsed() + RETRY_PAUSE > self.wait {
                bail!(error);
            }
            if !announced {
                eprintln!("waiting for Postgres at {place}");
                announced = true;
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }

    /// Connects once, as [`connect`](Self::connect) does, and returns the options for a program that opens its connections by itself.
    ///
    /// # Errors
    /// Those of [`connect`](Self::connect).
    pub(crate) async fn reachable(&self) -> anyhow::Result<PgConnectOptions> {
        let connection = self.connect().await?;
        // Nobody waits for a farewell that is lost.
        _ = tokio::time::timeout(CONNECT_TIMEOUT, connection.close()).await;
        Ok(self.options()?.application_name("usersctl").disable_statement_logging())
    }

    /// Checks the settings as the service reads them. The service accepts fewer settings than this program.
    pub(crate) fn check(&self) -> Vec<Check> {
        let options = match self.options() {
            Ok(options) => options,
            Err(error) => return vec![Err(error.to_string())],
        };
        let database = options.get_database().unwrap_or("of the role's name");
        let place = match options.get_socket() {
            None => Ok(format!("the database is {database} at {}", place(&options))),
            Some(_) => Err("the service cannot use a Unix socket: name a host".to_owned()),
        };
        let mut checks = vec![place];
        // The service reads the variables, not the URL.
        if self.database_url.is_none() || self.parts.db_host.is_some() {
            checks.extend(self.parts.check());
        }
        if is_ipv6(options.get_host()) && !matches!(options.get_ssl_mode(), PgSslMode::Disable) {
            checks.push(Err(
                "Spin cannot verify the certificate of an IPv6 address: name the server by a host name, or set db_sslmode to disable"
                    .to_owned(),
            ));
        }
        checks
    }

    /// Logs in with the role of each component that has one of its own, and checks that it has the rights of the component and no more power.
    pub(crate) async fn check_logins(&self, roles: &RoleArgs) -> Vec<Check> {
        let Ok(options) = self.options() else { return Vec::new() };
        let place = place(&options);
        let mut checks = Vec::new();
        for (component, user, password) in self.parts.own.logins() {
            let options = options.clone().username(user).password(password).disable_statement_logging();
            let connected = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&options)).await;
            checks.push(match connected {
                Ok(Ok(mut connection)) => match unfit(&mut connection, &roles.role_of(component)).await {
                    Ok(None) => Ok(format!("Postgres accepts the role {user} and its password")),
                    Ok(Some(reason)) => Err(format!("the role {user} of the component {component} {reason}")),
                    Err(error) => Err(explain(error).to_string()),
                },
                Ok(Err(sqlx::Error::Database(error))) => Err(format!(
                    "Postgres at {place} refuses the role {user} ({}): give it LOGIN and this password",
                    error.message()
                )),
                Ok(Err(error)) => Err(connection_error(&error, &place)),
                Err(_) => Err(format!("{place} does not answer to the role {user}")),
            });
        }
        checks
    }

    fn options(&self) -> anyhow::Result<PgConnectOptions> {
        if let Some(url) = &self.database_url {
            if has_bare_delimiter(url) {
                bail!("{BARE_DELIMITER}");
            }
            // The parser's message may quote the URL.
            let options: PgConnectOptions = url.parse().map_err(|_| {
                anyhow!(
                    "DATABASE_URL is not a Postgres URL: write postgres://user:password@host:port/database, and percent-encode special characters of the user and the password"
                )
            })?;
            // The parser keeps the brackets of an IPv6 address, and a connection to such a host fails.
            let host = without_brackets(options.get_host()).to_owned();
            return Ok(options.host(&host));
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
            .host(without_brackets(host))
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

/// Tells why the role of this connection is not fit for a component, whose rights the role `rights` has.
async fn unfit(connection: &mut PgConnection, rights: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "SELECT CASE
                    WHEN me.rolsuper THEN 'is a superuser: take that from it'
                    WHEN pg_has_role(d.datdba, 'MEMBER') OR pg_has_role(c.relowner, 'MEMBER')
                        THEN 'owns the tables or the database, or is a member of the role that does: give the component a role of its own'
                    WHEN NOT coalesce(pg_has_role((SELECT oid FROM pg_roles WHERE rolname = $1), 'USAGE'), false)
                        THEN format('is no member of %s, which has the rights of the component: GRANT %I TO %I', $1, $1, me.rolname)
                    WHEN has_schema_privilege(c.relnamespace, 'CREATE')
                        OR has_database_privilege(d.oid, 'CREATE')
                        OR has_database_privilege(d.oid, 'TEMPORARY')
                        THEN 'may make objects in the database, and so become its owner: `usersctl migrate upgrade` tells the statements against it'
                END
           FROM pg_roles me
           JOIN pg_database d ON d.datname = current_database()
           LEFT JOIN pg_class c ON c.oid = to_regclass('component_rights')
          WHERE me.rolname = current_user",
    )
    .bind(rights)
    .fetch_one(connection)
    .await
}

const BARE_DELIMITER: &str = "the user or the password in DATABASE_URL has a character that ends them: percent-encode it, / as %2F, ? as %3F, # as %23 and @ as %40";

/// Returns true when an `@` follows the authority of the URL (RFC 3986 section 3.2). Then a `/`, `?` or `#` in the password ends the
/// authority. The parser would take a part of the password for the host and the port, and errors would show it.
fn has_bare_delimiter(url: &str) -> bool {
    let (_, authority) = url.split_once("://").unwrap_or(("", url));
    authority.split_once(['/', '?', '#']).is_some_and(|(_, rest)| rest.contains('@'))
}

/// The host and the port, as in a URL.
pub(crate) fn place(options: &PgConnectOptions) -> String {
    let (host, port) = (options.get_host(), options.get_port());
    if is_ipv6(host) { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Returns true for an IPv6 address without brackets.
pub(crate) fn is_ipv6(host: &str) -> bool {
    host.parse::<Ipv6Addr>().is_ok()
}

/// An IPv6 address without its brackets (RFC 3986 section 3.2.2); any other host as it is.
fn without_brackets(host: &str) -> &str {
    let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.filter(|inner| is_ipv6(inner)).unwrap_or(host)
}

/// True when a retry may succeed: nothing listens, or the server is starting, stopping or out of connections.
fn is_temporary(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P03" | "57P01" | "53300"))
        }
        _ => false,
    }
}

/// The cause of a failed connection, and the remedy.
fn connection_error(error: &sqlx::Error, place: &str) -> String {
    match error {
        sqlx::Error::Io(error) => {
            format!("Postgres at {place} cannot be reached ({error}): start it, or correct DATABASE_URL")
        }
        sqlx::Error::Tls(error) => {
            format!("no TLS connection to Postgres at {place} ({error}): correct its sslmode")
        }
        sqlx::Error::Database(error) => match error.code().as_deref() {
            Some("28P01" | "28000") => {
                format!("Postgres at {place} refuses this user or password: correct DATABASE_URL")
            }
            Some("3D000") => {
                format!("Postgres at {place} has no such database: create it, or correct DATABASE_URL")
            }
            _ => format!(
                "Postgres at {place} refuses a connection ({}): try again, or ask its administrator",
                error.message()
            ),
        },
        _ => format!("no connection to Postgres at {place}: {error}"),
    }
}

/// The cause of a failed statement, and the remedy. It leaves out Postgres' details, which may quote a row.
pub(crate) fn explain(error: sqlx::Error) -> anyhow::Error {
    match error {
        sqlx::Error::Database(error) => match error.code().as_deref() {
            // undefined_table, undefined_column, undefined_function
            Some("42P01" | "42703" | "42883") => anyhow!(
                "the database schema is too old for this command: run `usersctl migrate upgrade` first"
            ),
            // read_only_sql_transaction
            Some("25006") => anyhow!(
                "the database is read-only, and nothing was changed: name the primary server, or switch default_transaction_read_only off"
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

/// Takes the lock for changes of administrators, until the transaction ends. A transaction that gives permissions to roles takes this
/// lock first, as the service's statements do: otherwise the transaction and a statement could wait for each other.
pub(crate) async fn lock_administrators(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("SELECT lock_administrators()").execute(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::DatabaseArgs;
    use clap::Parser;

    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        database: DatabaseArgs,
    }

    fn parse(arguments: &[&str]) -> DatabaseArgs {
        Arguments::parse_from([&["usersctl"], arguments].concat()).database
    }

    #[test]
    fn a_broken_url_is_refused_without_being_shown() {
        let error = parse(&["--database-url", "mysql//root:hunter2@x"]).options().unwrap_err().to_string();
        assert!(error.contains("DATABASE_URL") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_delimiter_in_a_password_is_refused_without_being_shown() {
        for password in ["5432/hunter2", "hunter/2", "5?hunter", "5#hunter", "a@5/hunter", "5/hunter@x/2"] {
            let url = format!("postgres://users:{password}@db.example/users");
            let error = parse(&["--database-url", &url]).options().unwrap_err().to_string();
            assert!(error.contains("percent-encode"), "{error}");
            assert!(!error.contains("hunter") && !error.contains("543"), "{error}");
        }
        for url in [
            "postgres://users:5432%2Fhunter2%40@db.example/users",
            "postgres://db.example/users?sslmode=disable",
            "postgres://us@er:p@ss:word@db.example:5432/users",
        ] {
            let options = parse(&["--database-url", url]).options().unwrap();
            assert_eq!((options.get_host(), options.get_port()), ("db.example", 5432), "{url}");
        }
    }

    /// The checks that fail.
    fn failed(arguments: &[&str]) -> Vec<String> {
        parse(arguments).check().into_iter().filter_map(Result::err).collect()
    }

    #[test]
    fn settings_that_the_service_cannot_use_fail_their_check() {
        let complete = ["--db-host", "db.example", "--db-password", "hunter2"];
        assert_eq!(failed(&complete), [""; 0]);
        for (more, word) in [
            (&["--db-sslmode", "verify-full"][..], "db_sslmode"),
            (&["--database-url", "postgres://u:hunter2@%2Frun%2Fpostgres/d"], "Unix socket"),
            (&["--database-url", "postgres://u:hunter2@[::1]/d?sslmode=require"], "IPv6"),
            (&["--database-url", "postgres://u:hunter2/@h/d"], "percent-encode"),
        ] {
            let failed = failed(&[&complete[..], more].concat());
            assert!(matches!(&failed[..], [one] if one.contains(word)), "{failed:?}");
            assert!(!failed[0].contains("hunter"), "{failed:?}");
        }
        let without_tls = ["--db-password", "p", "--db-sslmode", "disable"];
        assert_eq!(failed(&[&["--db-host", "[::1]"][..], &without_tls].concat()), [""; 0]);
        let bare = failed(&[&["--db-host", "::1"][..], &without_tls].concat());
        assert!(bare[0].contains("[::1]"), "{bare:?}");
        assert!(failed(&["--db-host", "h"])[0].contains("db_password"));
        assert!(failed(&[])[0].contains("no database is named"));
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
    fn an_ipv6_address_may_be_in_brackets() {
        for arguments in [
            &["--database-url", "postgres://u:p@[::1]:6543/n"][..],
            &["--db-host", "[::1]", "--db-port", "6543"],
            &["--db-host", "::1", "--db-port", "6543"],
        ] {
            let options = parse(arguments).options().unwrap();
            assert_eq!(options.get_host(), "::1", "{arguments:?}");
            assert_eq!(super::place(&options), "[::1]:6543");
        }
    }

    #[test]
    fn a_url_takes_precedence_over_the_variables_of_the_service() {
        let options =
            parse(&["--database-url", "postgres://u:p@elsewhere:1/n", "--db-host", "h"]).options().unwrap();
        assert_eq!((options.get_host(), options.get_port()), ("elsewhere", 1));
    }
}
