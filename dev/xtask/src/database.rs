//! The database for development: DATABASE_URL, or our own cluster under .data/.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;

use anyhow::{Context, bail};
use local_postgres::{Binaries, Cluster, Home, Settings, random_hex, read_or_create};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::cargo::root;
use crate::{apt, say, tools};

/// The name of the service's role and database in our own server.
const NAME: &str = "users";

/// The components that have a role of their own in our own server, and the worker.
const PARTS: [&str; 6] = ["auth", "users", "rbac", "profile", "system", "worker"];

/// Postgres ignores a password where it asks for none. The service asks for one, because a missing one is usually a mistake.
const NO_PASSWORD: &str = "none";

/// A running database. Our own server stops when this value is dropped.
#[derive(Debug)]
pub(crate) struct Database {
    address: Address,
    server: Server,
}

/// The address of a database and the credentials for it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// The host. An IPv6 address has no brackets.
    host: String,
    port: u16,
    name: String,
    user: String,
    password: String,
    sslmode: String,
    /// The passwords of the roles of the components and of the worker. Empty when all use the one above.
    own: BTreeMap<&'static str, String>,
}

#[derive(Debug)]
enum Server {
    Own(Box<Cluster>),
    Foreign,
}

/// The directory of the data that is kept between runs.
pub(crate) fn data_dir() -> PathBuf {
    root().join(".data")
}

fn cluster_dir() -> PathBuf {
    data_dir().join("postgres")
}

/// Locks our own cluster. Callers do this before long steps, so that a second run fails at once. Returns `None` when DATABASE_URL
/// names another database.
pub(crate) fn claim() -> anyhow::Result<Option<Home>> {
    if database_url().is_some() {
        return Ok(None);
    }
    // This step precedes the lock: Debian's package creates the user that runs the server and owns the data.
    binaries(None)?;
    Ok(Some(Home::lock(&cluster_dir())?))
}

/// The programs of this machine's Postgres, or of the pinned `major` version. Installs them where that is possible.
pub(crate) fn binaries(major: Option<u32>) -> anyhow::Result<Binaries> {
    if Binaries::find().is_err() && apt::can_install() {
        apt::without_default_cluster()?;
        apt::update()?;
        apt::install(&["postgresql"])?;
    }
    let machine = Binaries::find()?;
    let Some(major) = major else { return Ok(machine) };
    Ok(Binaries::in_dir(tools::postgres(major, &machine)?)?)
}

/// An empty server for tests. Dropping it removes it.
pub(crate) fn temporary_cluster() -> anyhow::Result<Cluster> {
    Ok(Cluster::temporary(&binaries(None)?, &Settings::for_tests())?)
}

impl Database {
    /// The database of DATABASE_URL. Without that variable, starts our own database.
    pub(crate) fn open(home: Option<Home>) -> anyhow::Result<Self> {
        let Some(home) = home else {
            let address = Address::parse(&database_url().unwrap_or_default())?;
            return Ok(Self { address, server: Server::Foreign });
        };
        let password = app_password()?;
        if home.is_elsewhere() {
            say(format_args!(
                "the database is in {}: the server's user cannot reach .data/",
                home.place().display()
            ));
        }
        let cluster = Cluster::persistent(&binaries(None)?, home, &Settings::for_development())?;
        Self::on(cluster, password, own_passwords()?)
    }

    /// Like [`Database::open`], but uses the server of a running `cargo xtask up`.
    pub(crate) fn open_or_join() -> anyhow::Result<Self> {
        match claim() {
            Ok(home) => Self::open(home),
            Err(error) => {
                let Some(running) = Home::running(&cluster_dir()) else {
                    return Err(error);
                };
                let address = Address::own(running.port, app_password()?, own_passwords()?);
                Ok(Self { address, server: Server::Foreign })
            }
        }
    }

    /// An empty database in a new server. Stopping the database removes both.
    pub(crate) fn temporary() -> anyhow::Result<Self> {
        let own: anyhow::Result<_> = PARTS.into_iter().map(|part| Ok((part, random_hex(32)?))).collect();
        Self::on(temporary_cluster()?, random_hex(32)?, own?)
    }

    fn on(cluster: Cluster, password: String, own: BTreeMap<&'static str, String>) -> anyhow::Result<Self> {
        cluster.ensure_database(NAME, NAME, &password)?;
        cluster.sql("postgres", &roles(&own))?;
        let address = Address::own(cluster.port(), password, own);
        Ok(Self { address, server: Server::Own(Box::new(cluster)) })
    }

    /// The address of the database, for the service.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Returns true when our own server has ended unexpectedly.
    pub(crate) fn has_died(&mut self) -> bool {
        match &mut self.server {
            Server::Own(cluster) => !cluster.is_running(),
            Server::Foreign => false,
        }
    }

    /// Stops our own server.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        match self.server {
            Server::Own(mut cluster) => Ok(cluster.stop()?),
            Server::Foreign => Ok(()),
        }
    }
}

fn database_url() -> Option<String> {
    env::var("DATABASE_URL").ok().filter(|url| !url.is_empty())
}

fn app_password() -> anyhow::Result<String> {
    let dir = cluster_dir();
    std::fs::create_dir_all(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    Ok(read_or_create(&dir.join("users_password"))?)
}

/// The passwords of the roles of the components and of the worker.
fn own_passwords() -> anyhow::Result<BTreeMap<&'static str, String>> {
    let password =
        |part| Ok((part, read_or_create(&cluster_dir().join(format!("{}_password", member(part))))?));
    PARTS.into_iter().map(password).collect()
}

/// The role that a part logs in with.
fn member(part: &str) -> String {
    format!("{NAME}_{part}_1")
}

/// The statements that create the roles as `usersctl` would if it might, and let the first member of each log in. Passwords are hexadecimal.
fn roles(passwords: &BTreeMap<&'static str, String>) -> String {
    let mut statements = String::new();
    for (part, password) in passwords {
        let group = format!("{NAME}_{part}");
        for role in [&group, &format!("{group}_1"), &format!("{group}_2")] {
            _ = writeln!(
                statements,
                "SELECT 'CREATE ROLE {role} NOLOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec"
            );
        }
        _ = writeln!(
            statements,
            "SET client_min_messages = warning; GRANT {group} TO {group}_1, {group}_2; ALTER ROLE {} LOGIN PASSWORD '{password}';",
            member(part)
        );
    }
    statements
}

/// The secrets of the service.
#[derive(Clone)]
pub(crate) struct Secrets {
    /// Encrypts the private keys that sign access tokens.
    key: String,
    /// Hashes the addresses for which attempts are counted.
    limit: String,
}

impl Secrets {
    /// Those of the data directory. The first call creates them.
    pub(crate) fn kept() -> anyhow::Result<Self> {
        let dir = data_dir();
        std::fs::create_dir_all(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
        let secret = |name| Ok::<_, anyhow::Error>(read_or_create(&dir.join(name))?);
        Ok(Self { key: secret("key_secret")?, limit: secret("limit_secret")? })
    }

    /// New ones, which nobody keeps.
    pub(crate) fn temporary() -> anyhow::Result<Self> {
        Ok(Self { key: random_hex(32)?, limit: random_hex(32)? })
    }

    /// The variables of the service.
    pub(crate) fn variables(&self) -> [(&'static str, &str); 2] {
        [("SPIN_VARIABLE_KEY_SECRET", &self.key), ("SPIN_VARIABLE_LIMIT_SECRET", &self.limit)]
    }

    /// The variable of the worker and of `usersctl keys`.
    pub(crate) fn of_worker(&self) -> (&'static str, &str) {
        ("KEY_SECRET", &self.key)
    }
}

/// Shows no secret.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Address {
    fn own(port: u16, password: String, own: BTreeMap<&'static str, String>) -> Self {
        let (host, sslmode) = ("127.0.0.1".to_owned(), "disable".to_owned());
        Self { host, port, name: NAME.to_owned(), user: NAME.to_owned(), password, sslmode, own }
    }

    /// Reads `postgres://user:password@host:port/name?sslmode=…`.
    fn parse(text: &str) -> anyhow::Result<Self> {
        if has_bare_delimiter(text) {
            bail!("{BARE_DELIMITER}")
        }
        // The parser's own message may quote the password.
        let Ok(url) = Url::parse(text) else { bail!("{MALFORMED}") };
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let (Some(host), user, name) = (url.host_str(), decode(url.username()), decode(url.path())) else {
            bail!("{MALFORMED}")
        };
        let name = name.trim_start_matches('/').to_owned();
        if !["postgres", "postgresql"].contains(&url.scheme()) || user.is_empty() || name.is_empty() {
            bail!("{MALFORMED}")
        }
        let host = host.trim_matches(['[', ']']).to_owned();
        let asked = url.query_pairs().find(|(key, _)| key == "sslmode").map(|(_, value)| value.into_owned());
        let sslmode = match asked.as_deref() {
            Some("disable") => "disable",
            Some("allow" | "prefer") => "prefer",
            // When the service encrypts, it always verifies the certificate.
            Some("require" | "verify-ca" | "verify-full") => "require",
            Some(_) => bail!("sslmode in DATABASE_URL must be disable, prefer or require"),
            // A server on this machine often has a self-signed certificate.
            None if is_loopback(&host) => "disable",
            None => "prefer",
        };
        Ok(Self {
            host,
            port: url.port().unwrap_or(5432),
            name,
            user,
            password: decode(url.password().unwrap_or_default()),
            sslmode: sslmode.to_owned(),
            own: BTreeMap::new(),
        })
    }

    /// The service's variables: a role of its own for each component, and the password of no other. Without own roles, the one for all.
    pub(crate) fn of_service(&self) -> Vec<(String, String)> {
        let shared = self.variables().into_iter().map(|(name, value)| match name {
            "SPIN_VARIABLE_DB_PASSWORD" if !self.own.is_empty() => (name.to_owned(), String::new()),
            "SPIN_VARIABLE_DB_PASSWORD" if value.is_empty() => (name.to_owned(), NO_PASSWORD.to_owned()),
            _ => (name.to_owned(), value),
        });
        shared.chain(self.of_components()).collect()
    }

    /// The variables of the components' own roles; empty values without such roles.
    pub(crate) fn of_components(&self) -> Vec<(String, String)> {
        let components = PARTS.into_iter().filter(|part| *part != "worker");
        let variables = components.flat_map(|component| {
            let password = self.own.get(component);
            let user = password.map(|_| member(component)).unwrap_or_default();
            let name = component.to_uppercase();
            [
                (format!("SPIN_VARIABLE_DB_USER_{name}"), user),
                (format!("SPIN_VARIABLE_DB_PASSWORD_{name}"), password.cloned().unwrap_or_default()),
            ]
        });
        variables.collect()
    }

    /// The user and the password of the worker, if it has a role of its own.
    pub(crate) fn of_worker(&self) -> Vec<(&'static str, String)> {
        let password = self.own.get("worker").map(|password| ("SPIN_VARIABLE_DB_PASSWORD", password.clone()));
        let user = password.as_ref().map(|_| ("SPIN_VARIABLE_DB_USER", member("worker")));
        user.into_iter().chain(password).collect()
    }

    /// The owner's variables, for `usersctl`. They hold the password, so they belong in a child's environment, never on a command line.
    pub(crate) fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("SPIN_VARIABLE_DB_HOST", self.host_in_a_url()),
            ("SPIN_VARIABLE_DB_PORT", self.port.to_string()),
            ("SPIN_VARIABLE_DB_NAME", self.name.clone()),
            ("SPIN_VARIABLE_DB_USER", self.user.clone()),
            ("SPIN_VARIABLE_DB_PASSWORD", self.password.clone()),
            ("SPIN_VARIABLE_DB_SSLMODE", self.sslmode.clone()),
        ]
    }

    /// The host in the form for a URL: an IPv6 address is in brackets. `spin.toml` composes URLs from the host.
    fn host_in_a_url(&self) -> String {
        if self.host.parse::<Ipv6Addr>().is_ok() { format!("[{}]", self.host) } else { self.host.clone() }
    }

    /// The variables for Postgres' own programs (libpq).
    pub(crate) fn libpq(&self) -> [(&'static str, String); 6] {
        [
            ("PGHOST", self.host.clone()),
            ("PGPORT", self.port.to_string()),
            ("PGDATABASE", self.name.clone()),
            ("PGUSER", self.user.clone()),
            ("PGPASSWORD", self.password.clone()),
            ("PGSSLMODE", self.sslmode.clone()),
        ]
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

const MALFORMED: &str = "DATABASE_URL must read postgres://user:password@host:port/database, with special characters of the user and the password percent-encoded";
const BARE_DELIMITER: &str = "the user or the password in DATABASE_URL has a character that ends them: percent-encode it, / as %2F, ? as %3F, # as %23 and @ as %40";

/// Returns true when an `@` follows the authority of the URL (RFC 3986 section 3.2): a character in the password has ended the
/// authority too early. The parser would take a part of the password for the host.
fn has_bare_delimiter(url: &str) -> bool {
    let (_, authority) = url.split_once("://").unwrap_or(("", url));
    authority.split_once(['/', '?', '#']).is_some_and(|(_, rest)| rest.contains('@'))
}

/// Leaves out the password.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}:{}/{}", self.user, self.host_in_a_url(), self.port, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn a_url_is_parsed() {
        let address =
            Address::parse("postgres://us%40er:p%2Fw%20d@db.example:6543/users?sslmode=require").unwrap();
        let values = address.variables().map(|(_, value)| value);
        assert_eq!(values, ["db.example", "6543", "users", "us@er", "p/w d", "require"]);
    }

    #[test]
    fn missing_parts_of_a_url_are_postgres_defaults() {
        let address = Address::parse("postgresql://me@db.example.com/users").unwrap();
        let values = address.variables().map(|(_, value)| value);
        assert_eq!(values, ["db.example.com", "5432", "users", "me", "", "prefer"]);
    }

    #[test]
    fn an_ipv6_address_is_in_brackets_for_the_service_and_without_for_libpq() {
        let address = Address::parse("postgres://me:p@[2001:db8::1]:6543/users").unwrap();
        assert_eq!(address.variables()[0], ("SPIN_VARIABLE_DB_HOST", "[2001:db8::1]".to_owned()));
        assert_eq!(address.libpq()[0], ("PGHOST", "2001:db8::1".to_owned()));
        assert_eq!(format!("{address:?}"), "me@[2001:db8::1]:6543/users");
    }

    #[test]
    fn encryption_follows_sslmode_and_is_off_by_default_on_this_machine() {
        let sslmode = |url: &str| Address::parse(url).map(|address| address.sslmode);
        for local in ["[::1]", "127.0.0.1", "localhost"] {
            assert_eq!(sslmode(&format!("postgres://me@{local}/users")).unwrap(), "disable");
        }
        let asked = |mode: &str| sslmode(&format!("postgres://me@127.0.0.1/users?sslmode={mode}"));
        for (mode, expected) in
            [("disable", "disable"), ("prefer", "prefer"), ("require", "require"), ("verify-full", "require")]
        {
            assert_eq!(asked(mode).unwrap(), expected);
        }
        assert!(asked("sometimes").is_err());
    }

    #[test]
    fn a_malformed_url_is_refused_without_being_shown() {
        for text in
            ["", "localhost", "mysql://u:hunter2@h/d", "postgres://u:hunter2@h", "postgres://u:hunter2@h:x/d"]
        {
            let error = Address::parse(text).unwrap_err().to_string();
            assert!(error.contains("DATABASE_URL") && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_delimiter_in_a_password_is_refused_without_being_shown() {
        for password in ["5432/hunter2", "hunter/2", "5?hunter", "5#hunter"] {
            let error = Address::parse(&format!("postgres://u:{password}@h/d")).unwrap_err().to_string();
            assert!(error.contains("percent-encode") && !error.contains("hunter"), "{error}");
        }
    }

    #[test]
    fn each_component_of_our_own_server_has_a_role_and_no_password_of_another() {
        let own = super::PARTS.map(|part| (part, format!("password-of-{part}")));
        let address = Address::own(5432, "of-the-owner".to_owned(), own.into());
        let variables = address.of_service();
        let value = |name: &str| variables.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
        assert_eq!(value("SPIN_VARIABLE_DB_USER_AUTH"), Some("users_auth_1"));
        assert_eq!(value("SPIN_VARIABLE_DB_PASSWORD_AUTH"), Some("password-of-auth"));
        assert_eq!(value("SPIN_VARIABLE_DB_PASSWORD"), Some(""));
        assert!(variables.iter().all(|(_, value)| value != "password-of-worker" && value != "of-the-owner"));
        assert_eq!(address.of_worker()[0], ("SPIN_VARIABLE_DB_USER", "users_worker_1".to_owned()));
    }

    #[test]
    fn a_database_of_the_url_has_one_role_for_all() {
        let address = Address::parse("postgres://me@127.0.0.1/users").unwrap();
        let variables = address.of_service();
        let value = |name: &str| variables.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
        assert_eq!(value("SPIN_VARIABLE_DB_USER_AUTH"), Some(""));
        assert_eq!(value("SPIN_VARIABLE_DB_PASSWORD"), Some("none"), "the service refuses an empty one");
        assert!(address.of_worker().is_empty());
    }

    #[test]
    fn a_password_is_not_shown() {
        let address = Address::parse("postgres://u:hunter2@h/d").unwrap();
        assert_eq!(format!("{address:?}"), "u@h:5432/d");
    }
}
