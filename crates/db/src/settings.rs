//! The address of the database.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// The address of the database and the credentials for it.
#[derive(Clone)]
pub struct DbSettings {
    /// A host name or an IP address. An IPv6 address has no brackets here.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// The database's name.
    pub name: String,
    /// The role.
    pub user: String,
    /// The role's password.
    pub password: String,
    /// The encryption of connections.
    pub sslmode: SslMode,
}

/// The encryption of connections, as libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// Never encrypt.
    Disable,
    /// Encrypt if the server supports it.
    Prefer,
    /// Always encrypt.
    Require,
}

impl FromStr for SslMode {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        match text {
            "disable" => Ok(Self::Disable),
            "prefer" => Ok(Self::Prefer),
            "require" => Ok(Self::Require),
            _ => Err(AddressError::SslMode),
        }
    }
}

/// The reason why a database address is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// A part is missing, or the parts are in another order.
    #[error("db_address must be host=… port=… dbname=… user=… sslmode=… password=…, in this order")]
    Form,
    /// The port is not a TCP port.
    #[error("db_port must be a TCP port")]
    Port,
    /// The `sslmode` is unknown.
    #[error("db_sslmode must be disable, prefer or require")]
    SslMode,
    /// A part of the role is missing, or the parts are in another order.
    #[error("db_role must be user=… password=…, in this order")]
    Role,
    /// There is no password, neither of a role of the component's own nor of the role for all.
    #[error(
        "there is no password for the database: set db_user_… and db_password_… of this component, or db_password of the role for all"
    )]
    Password,
    /// The component's own password has no user.
    #[error("db_password_… of this component is set, and db_user_… is not: set both, or neither")]
    User,
}

/// Parses `host=… port=… dbname=… user=… sslmode=… password=…`, which `spin.toml` composes from the variables `db_…`.
///
/// The template cannot quote values, so a value extends to the next key. The password comes last and may contain anything. An IPv6
/// address may be in brackets, as in a URL (RFC 3986 section 3.2.2): `spin.toml` puts the same value into `allowed_outbound_hosts`.
impl FromStr for DbSettings {
    type Err = AddressError;

    fn from_str(address: &str) -> Result<Self, AddressError> {
        let mut rest = address.strip_prefix("host=").ok_or(AddressError::Form)?;
        let mut value_before = |key: &str| {
            let (value, after) = rest.split_once(key).ok_or(AddressError::Form)?;
            rest = after;
            Ok(value)
        };
        let host = value_before(" port=")?;
        let port = value_before(" dbname=")?;
        let name = value_before(" user=")?;
        let user = value_before(" sslmode=")?;
        let sslmode = value_before(" password=")?;
        Ok(Self {
            host: without_brackets(host).to_owned(),
            port: port.parse().map_err(|_| AddressError::Port)?,
            name: name.to_owned(),
            user: user.to_owned(),
            password: rest.to_owned(),
            sslmode: sslmode.parse()?,
        })
    }
}

impl DbSettings {
    /// The same settings with the role of `user=… password=…`, which `spin.toml` composes from the component's own variables. An empty user
    /// means the role for all, which the settings have already. The password may contain anything.
    ///
    /// # Errors
    /// [`AddressError::Role`] for another form, [`AddressError::Password`] when the role that is left has no password, and [`AddressError::User`]
    /// for a password without a user: the component would otherwise go on as the role for all, which may own the database.
    pub fn with_role(self, role: &str) -> Result<Self, AddressError> {
        let parts = role.strip_prefix("user=").and_then(|rest| rest.split_once(" password="));
        let (user, password) = parts.ok_or(AddressError::Role)?;
        let settings = if user.is_empty() {
            if !password.is_empty() {
                return Err(AddressError::User);
            }
            self
        } else {
            Self { user: user.to_owned(), password: password.to_owned(), ..self }
        };
        if settings.password.is_empty() { Err(AddressError::Password) } else { Ok(settings) }
    }

    /// The timeout for connecting, in seconds. The timeout is short, so that clients soon learn that the database is unavailable.
    const CONNECT_TIMEOUT_SECONDS: u32 = 3;

    /// The settings as a connection string of `key=value` pairs (libpq). Unlike a URL, it needs no percent-encoding.
    #[must_use]
    pub fn connection_string(&self) -> String {
        let sslmode = match self.sslmode {
            SslMode::Disable => "disable",
            SslMode::Prefer => "prefer",
            SslMode::Require => "require",
        };
        format!(
            "{} port={} dbname={} user={} password={} sslmode={sslmode} connect_timeout={} application_name=users",
            self.host_parameters(),
            self.port,
            quoted(&self.name),
            quoted(&self.user),
            quoted(&self.password),
            Self::CONNECT_TIMEOUT_SECONDS,
        )
    }

    /// The parameters that name the host. Spin compares `host` and the port with the allowed hosts. The allowed hosts are URLs, so
    /// an IPv6 address needs brackets in `host`. The client connects to `hostaddr`, which has no brackets.
    fn host_parameters(&self) -> String {
        if self.host.parse::<Ipv6Addr>().is_ok() {
            format!("host='[{0}]' hostaddr='{0}'", self.host)
        } else {
            format!("host={}", quoted(&self.host))
        }
    }
}

/// An IPv6 address without its brackets. Any other host stays as it is.
fn without_brackets(host: &str) -> &str {
    let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.filter(|inner| inner.parse::<Ipv6Addr>().is_ok()).unwrap_or(host)
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
    fn an_address_may_contain_any_values() {
        let settings: DbSettings =
            "host=::1 port=5433 dbname=users db user=o'neil sslmode=require password= user=x password=y\\"
                .parse()
                .unwrap();
        assert_eq!(
            (settings.host.as_str(), settings.port, settings.sslmode),
            ("::1", 5433, SslMode::Require)
        );
        assert_eq!((settings.name.as_str(), settings.user.as_str()), ("users db", "o'neil"));
        assert_eq!(settings.password, " user=x password=y\\");
    }

    #[test]
    fn an_ipv6_address_may_be_in_brackets() {
        for host in ["::1", "[::1]"] {
            let address = format!("host={host} port=5432 dbname=d user=u sslmode=disable password=p");
            let settings: DbSettings = address.parse().unwrap();
            assert_eq!(settings.host, "::1");
            let config: tokio_postgres::Config = settings.connection_string().parse().unwrap();
            // Spin compares the first with `postgres://[::1]:5432`; the client connects to the second.
            assert_eq!(config.get_hosts(), [tokio_postgres::config::Host::Tcp("[::1]".into())]);
            assert_eq!(config.get_hostaddrs(), ["::1".parse::<std::net::IpAddr>().unwrap()]);
        }
        for host in ["db.example", "127.0.0.1", "[db]", "["] {
            let address = format!("host={host} port=5432 dbname=d user=u sslmode=disable password=p");
            let settings: DbSettings = address.parse().unwrap();
            let config: tokio_postgres::Config = settings.connection_string().parse().unwrap();
            assert_eq!(config.get_hosts(), [tokio_postgres::config::Host::Tcp(host.into())]);
            assert!(config.get_hostaddrs().is_empty());
        }
    }

    #[test]
    fn an_invalid_address_is_refused_with_the_reason() {
        let error = |address: &str| address.parse::<DbSettings>().unwrap_err();
        assert_eq!(error(""), AddressError::Form);
        assert_eq!(error("host=h port=1 user=u dbname=d sslmode=prefer password="), AddressError::Form);
        assert_eq!(error("host=h port=x dbname=d user=u sslmode=prefer password="), AddressError::Port);
        assert_eq!(error("host=h port=1 dbname=d user=u sslmode=on password="), AddressError::SslMode);
    }

    #[test]
    fn a_role_of_its_own_replaces_the_role_for_all() {
        let shared = |password: &str| -> DbSettings {
            format!("host=h port=1 dbname=d user=all sslmode=disable password={password}").parse().unwrap()
        };
        let own = shared("p").with_role("user=users_auth_1 password= x password=y").unwrap();
        assert_eq!((own.user.as_str(), own.password.as_str()), ("users_auth_1", " x password=y"));
        let own = shared("").with_role("user=users_auth_1 password=q").unwrap();
        assert_eq!((own.user.as_str(), own.password.as_str()), ("users_auth_1", "q"));
        let all = shared("p").with_role("user= password=").unwrap();
        assert_eq!((all.user.as_str(), all.password.as_str()), ("all", "p"));
    }

    #[test]
    fn a_component_without_any_password_is_told_so() {
        let refused = |shared: &str, role: &str| {
            let address = format!("host=h port=1 dbname=d user=all sslmode=disable password={shared}");
            address.parse::<DbSettings>().unwrap().with_role(role).unwrap_err()
        };
        assert_eq!(refused("", "user= password="), AddressError::Password);
        // The password for all is not that of the component's own role.
        assert_eq!(refused("p", "user=users_auth_1 password="), AddressError::Password);
        assert_eq!(refused("p", "password=q user=users_auth_1"), AddressError::Role);
        assert_eq!(refused("p", "user= password=q"), AddressError::User);
    }

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
