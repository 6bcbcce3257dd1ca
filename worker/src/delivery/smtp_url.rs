//! The address of a mail server.

use std::fmt;
use std::net::IpAddr;

use anyhow::{Context, bail};
use lettre::transport::smtp::authentication::Credentials;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// How a connection is encrypted. Certificates are verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    /// Not at all: for a relay on this machine or in the same cluster.
    None,
    /// With STARTTLS (RFC 3207).
    StartTls,
    /// From the first octet on (RFC 8314 section 3.3).
    Implicit,
}

/// A mail server: `smtps://user:password@host:465` for implicit TLS, `smtp://user:password@host:587?tls=required` for STARTTLS, and
/// `smtp://host:25` without encryption. User and password are percent-encoded.
#[derive(Clone)]
pub struct SmtpUrl {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    pub(super) credentials: Option<Credentials>,
}

/// Shows no password.
impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpUrl")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("encryption", &self.encryption)
            .finish_non_exhaustive()
    }
}

const SYNTAX: &str = "SMTP_URL must be smtps://user:password@host, smtp://user:password@host?tls=required or smtp://host, with special \
                      characters of the user and the password percent-encoded";

impl SmtpUrl {
    /// Parses the address.
    ///
    /// # Errors
    /// One sentence for the operator, which does not show the text.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let url = Url::parse(text.trim()).ok().context(SYNTAX)?;
        let host = match url.host().context(SYNTAX)? {
            // The parser takes an address for a name, because the scheme is not one of the web.
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        if host.is_empty() || !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            bail!(SYNTAX);
        }
        let options: Vec<_> = url.query_pairs().collect();
        let options: Vec<_> = options.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
        let (encryption, port) = match (url.scheme(), options.as_slice()) {
            ("smtps", []) => (Encryption::Implicit, 465),
            ("smtp", [("tls", "required")]) => (Encryption::StartTls, 587),
            ("smtp", []) => (Encryption::None, 25),
            ("smtp", [("tls", "opportunistic")]) => {
                bail!(
                    "SMTP_URL cannot have tls=opportunistic, which anybody on the way can switch off: write tls=required"
                )
            }
            _ => bail!(SYNTAX),
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => {
                Some(Credentials::new(decoded(user)?, decoded(password.unwrap_or_default())?))
            }
        };
        if credentials.is_some() && encryption == Encryption::None && !is_loopback(&host) {
            bail!("SMTP_URL would send the password unencrypted: use smtps:// or add ?tls=required");
        }
        Ok(Self { host, port: url.port().unwrap_or(port), encryption, credentials })
    }
}

fn decoded(text: &str) -> anyhow::Result<String> {
    Ok(percent_decode_str(text).decode_utf8().ok().context(SYNTAX)?.into_owned())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, u16, Encryption, Option<Credentials>) {
        let url = SmtpUrl::parse(text).unwrap();
        (url.host, url.port, url.encryption, url.credentials)
    }

    fn password(user: &str, password: &str) -> Option<Credentials> {
        Some(Credentials::new(user.to_owned(), password.to_owned()))
    }

    #[test]
    fn the_scheme_and_the_option_choose_the_encryption_and_the_port() {
        let host = || "mail.example".to_owned();
        assert_eq!(parts("smtps://mail.example"), (host(), 465, Encryption::Implicit, None));
        assert_eq!(parts("smtp://mail.example?tls=required"), (host(), 587, Encryption::StartTls, None));
        assert_eq!(parts("smtp://mail.example/"), (host(), 25, Encryption::None, None));
        assert_eq!(parts(" smtp://mail.example:2525 "), (host(), 2525, Encryption::None, None));
        assert_eq!(parts("smtp://[::1]:25").0, "::1");
    }

    #[test]
    fn user_and_password_are_percent_encoded() {
        let (.., credentials) = parts("smtps://no-reply%40example.com:a%2Fb%3A%C3%A9@mail.example");
        assert_eq!(credentials, password("no-reply@example.com", "a/b:é"));
    }

    #[test]
    fn a_password_is_never_sent_in_the_clear() {
        for unsafe_url in ["smtp://u:hunter2@mail.example", "smtp://u:hunter2@mail.example?tls=opportunistic"]
        {
            let error = SmtpUrl::parse(unsafe_url).unwrap_err().to_string();
            assert!(error.contains("tls=required") && !error.contains("hunter2"), "{error}");
        }
        assert!(parts("smtp://u:p@127.0.0.1:2525").3.is_some());
        assert!(parts("smtp://u:p@localhost:2525").3.is_some());
    }

    #[test]
    fn a_broken_address_is_refused_without_being_shown() {
        for broken in [
            "",
            "mail.example",
            "http://u:hunter2@mail.example",
            "smtp://",
            "smtps://u:hunter2@mail.example/path",
            "smtps://u:hunter2@mail.example?tls=none",
            "smtps://u:hunter2%FF@mail.example",
            "smtps://u:hunter2#5@mail.example",
        ] {
            let error = SmtpUrl::parse(broken).unwrap_err().to_string();
            assert!(error.starts_with("SMTP_URL must be") && !error.contains("hunter"), "{broken}: {error}");
        }
        let shown = format!("{:?}", SmtpUrl::parse("smtps://u:hunter2@mail.example").unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
