//! The database that development runs on: DATABASE_URL, a cluster of our own under .data/, or a container.

use std::env;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use local_postgres::{Binaries, Cluster, Home, Settings, random_hex, read_or_create};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::cargo::root;
use crate::docker::Container;
use crate::{apt, say};

/// The role and the database of the service in a server of our own.
const NAME: &str = "users";

/// A database that is there for as long as this value is, and longer if somebody else runs it.
#[derive(Debug)]
pub(crate) struct Database {
    address: Address,
    server: Server,
}

/// Where a database is, as the service is told.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    host: String,
    port: u16,
    name: String,
    user: String,
    password: String,
    sslmode: String,
}

#[derive(Debug)]
enum Server {
    Cluster(Box<Cluster>),
    /// Its data directory stays locked while it runs.
    Container(Container, Home),
    SomebodyElses,
}

/// What is kept between runs.
pub(crate) fn data_dir() -> PathBuf {
    root().join(".data")
}

fn cluster_dir() -> PathBuf {
    data_dir().join("postgres")
}

/// The right to use our own cluster, taken before long steps so that a second run learns at once that it cannot.
/// `None` when DATABASE_URL names another database.
pub(crate) fn claim() -> anyhow::Result<Option<Home>> {
    if given().is_some() {
        return Ok(None);
    }
    // Before the home is chosen: Debian's package brings the user that the server runs as.
    binaries()?;
    Ok(Some(Home::lock(&cluster_dir())?))
}

/// The Postgres programs, which are installed where that can be done; `None` when only a container can help.
fn binaries() -> anyhow::Result<Option<Binaries>> {
    match Binaries::find() {
        Ok(binaries) => Ok(Some(binaries)),
        Err(_) if apt::can_install() => {
            apt::without_default_cluster()?;
            apt::update()?;
            apt::install(&["postgresql"])?;
            Ok(Some(Binaries::find()?))
        }
        Err(_) if Container::is_possible() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// An empty server for tests, gone when it is dropped.
pub(crate) fn temporary_cluster() -> anyhow::Result<Cluster> {
    let Some(binaries) = binaries()? else {
        bail!(
            "this needs Postgres on this machine, not in a container: install it (package postgresql) and try again"
        );
    };
    Ok(Cluster::temporary(&binaries, &Settings::for_tests())?)
}

impl Database {
    /// The database of DATABASE_URL, or our own, started.
    pub(crate) fn open(home: Option<Home>) -> anyhow::Result<Self> {
        let Some(home) = home else {
            let address = Address::parse(&given().unwrap_or_default())?;
            return Ok(Self { address, server: Server::SomebodyElses });
        };
        let password = app_password()?;
        let Some(binaries) = binaries()? else {
            say("starting Postgres in a container");
            let container = Container::start(&data_dir())?;
            container.ensure_database(NAME, &password)?;
            let address = Address::own(container.port(), password);
            return Ok(Self { address, server: Server::Container(container, home) });
        };
        if home.is_elsewhere() {
            say(format_args!(
                "the database is in {}: the server's user cannot reach .data/",
                home.place().display()
            ));
        }
        let cluster = Cluster::persistent(&binaries, home, &Settings::for_development())?;
        cluster.ensure_database(NAME, NAME, &password)?;
        let address = Address::own(cluster.port(), password);
        Ok(Self { address, server: Server::Cluster(Box::new(cluster)) })
    }

    /// As [`Database::open`], or the one that `cargo xtask up` runs right now.
    pub(crate) fn open_or_join() -> anyhow::Result<Self> {
        match claim() {
            Ok(home) => Self::open(home),
            Err(error) => {
                let Some(running) = Home::running(&cluster_dir()) else {
                    return Err(error);
                };
                let address = Address::own(running.port, app_password()?);
                Ok(Self { address, server: Server::SomebodyElses })
            }
        }
    }

    /// An empty one in a server of its own, gone when it is stopped.
    pub(crate) fn temporary() -> anyhow::Result<Self> {
        let cluster = temporary_cluster()?;
        let password = random_hex(32)?;
        cluster.ensure_database(NAME, NAME, &password)?;
        let address = Address::own(cluster.port(), password);
        Ok(Self { address, server: Server::Cluster(Box::new(cluster)) })
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Whether a server of ours has ended by itself.
    pub(crate) fn has_died(&mut self) -> bool {
        match &mut self.server {
            Server::Cluster(cluster) => !cluster.is_running(),
            Server::Container(..) | Server::SomebodyElses => false,
        }
    }

    /// Stops it, if it is ours.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        match self.server {
            Server::Cluster(mut cluster) => Ok(cluster.stop()?),
            Server::Container(container, _home) => container.stop(),
            Server::SomebodyElses => Ok(()),
        }
    }
}

fn given() -> Option<String> {
    env::var("DATABASE_URL").ok().filter(|url| !url.is_empty())
}

fn app_password() -> anyhow::Result<String> {
    let dir = cluster_dir();
    std::fs::create_dir_all(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    Ok(read_or_create(&dir.join("users_password"))?)
}

/// The secret that signs tokens, made once.
pub(crate) fn jwt_secret() -> anyhow::Result<String> {
    let dir = data_dir();
    std::fs::create_dir_all(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    Ok(read_or_create(Path::new(&dir.join("jwt_secret")))?)
}

impl Address {
    fn own(port: u16, password: String) -> Self {
        let (host, sslmode) = ("127.0.0.1".to_owned(), "disable".to_owned());
        Self { host, port, name: NAME.to_owned(), user: NAME.to_owned(), password, sslmode }
    }

    /// Reads postgres://user:password@host:port/name?sslmode=….
    fn parse(text: &str) -> anyhow::Result<Self> {
        // The parser's own message may hold a piece of the URL.
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
            // The service verifies certificates whenever it encrypts.
            Some("require" | "verify-ca" | "verify-full") => "require",
            Some(_) => bail!("sslmode in DATABASE_URL must be disable, prefer or require"),
            // A server on this machine often offers a certificate that nobody has signed.
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
        })
    }

    /// The service's variables. For the environment of a child, never for a command line.
    pub(crate) fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("SPIN_VARIABLE_DB_HOST", self.host.clone()),
            ("SPIN_VARIABLE_DB_PORT", self.port.to_string()),
            ("SPIN_VARIABLE_DB_NAME", self.name.clone()),
            ("SPIN_VARIABLE_DB_USER", self.user.clone()),
            ("SPIN_VARIABLE_DB_PASSWORD", self.password.clone()),
            ("SPIN_VARIABLE_DB_SSLMODE", self.sslmode.clone()),
        ]
    }
}

impl Address {
    /// The same for programs of Postgres's own. For the environment of a child, never for a command line.
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

const MALFORMED: &str = "DATABASE_URL must read postgres://user:password@host:port/database";

/// Without the password.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}:{}/{}", self.user, self.host, self.port, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn a_url_is_taken_apart() {
        let address =
            Address::parse("postgres://us%40er:p%2Fw%20d@db.example:6543/users?sslmode=require").unwrap();
        let values = address.variables().map(|(_, value)| value);
        assert_eq!(values, ["db.example", "6543", "users", "us@er", "p/w d", "require"]);
    }

    #[test]
    fn what_a_url_leaves_out_is_postgres_default() {
        let address = Address::parse("postgresql://me@db.example.com/users").unwrap();
        let values = address.variables().map(|(_, value)| value);
        assert_eq!(values, ["db.example.com", "5432", "users", "me", "", "prefer"]);
    }

    #[test]
    fn encryption_is_what_was_asked_for_and_none_on_this_machine() {
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
    fn a_password_is_not_shown() {
        let address = Address::parse("postgres://u:hunter2@h/d").unwrap();
        assert_eq!(format!("{address:?}"), "u@h:5432/d");
    }
}
