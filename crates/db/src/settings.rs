//! How to reach the database.

use std::fmt;
use std::str::FromStr;

/// Where the database is and who connects to it.
#[derive(Clone)]
pub struct DbSettings {
    /// A name or an address.
    pub host: String,
    /// A TCP port.
    pub port: u16,
    /// The database's name.
    pub name: String,
    /// The role.
    pub user: String,
    /// The role's password.
    pub password: String,
    /// Whether the connection is encrypted.
    pub sslmode: SslMode,
}

/// Whether a connection is encrypted, as libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// Never.
    Disable,
    /// When the server offers it.
    Prefer,
    /// Always.
    Require,
}

impl FromStr for SslMode {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "disable" => Ok(Self::Disable),
            "prefer" => Ok(Self::Prefer),
            "require" => Ok(Self::Require),
            _ => Err("db_sslmode must be disable, prefer or require"),
        }
    }
}

impl DbSettings {
    /// How long connecting may take, in seconds: a client is better told soon that the database is away.
    const CONNECT_TIMEOUT_SECONDS: u32 = 3;

    /// The settings as `key=value` pairs (libpq's connection strings), in which a password needs no URL escaping.
    #[must_use]
    pub fn connection_string(&self) -> String {
        let sslmode = match self.sslmode {
            SslMode::Disable => "disable",
            SslMode::Prefer => "prefer",
            SslMode::Require => "require",
        };
        format!(
            "host={} port={} dbname={} user={} password={} sslmode={sslmode} connect_timeout={} application_name=users",
            quoted(&self.host),
            self.port,
            quoted(&self.name),
            quoted(&self.user),
            quoted(&self.password),
            Self::CONNECT_TIMEOUT_SECONDS,
        )
    }
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

impl fmt::Debug for DbSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DbSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[test]
    fn any_password_survives_the_connection_string() {
        for password in ["plain", "with space", "quo'te", "back\\slash", "'; DROP", "é@:/?#", ""] {
            let settings = DbSettings {
                host: "localhost".into(),
                port: 5432,
                name: "users db".into(),
                user: "o'neil".into(),
                password: password.into(),
                sslmode: SslMode::Disable,
            };
            let parsed: tokio_postgres::Config = settings.connection_string().parse().unwrap();
            assert_eq!(parsed.get_password(), Some(password.as_bytes()));
            assert_eq!(parsed.get_user(), Some("o'neil"));
            assert_eq!(parsed.get_dbname(), Some("users db"));
        }
    }
}
