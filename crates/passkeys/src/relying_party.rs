//! The relying party: the service, as browsers and authenticators see it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use thiserror::Error;
use users_core::{OriginError, Origins, PublicUrl};

use crate::options::{CreationOptions, RequestOptions, UserVerification};
use crate::{Ceremony, Challenge, CredentialId, Transport, UserHandle};

/// The relying party (WebAuthn section 4): an id, to which authenticators bind passkeys, and the origins whose pages may ask for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    name: String,
    id: String,
    id_hash: [u8; 32],
    origins: Vec<String>,
}

/// The variables do not describe a relying party.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RelyingPartyError {
    /// The id is no domain name.
    #[error(
        "webauthn_rp_id: {0:?} is no domain name: set it to the host of the pages or to a domain above it, such as example.com, in lower case and ASCII"
    )]
    Id(String),
    /// An origin cannot be read.
    #[error("webauthn_origins: {0}")]
    Origin(#[from] OriginError),
    /// The list has `*`.
    #[error("webauthn_origins: * would let every page ask for passkeys: name each origin")]
    AnyOrigin,
    /// The origin is not protected by TLS, so browsers have no passkeys there.
    #[error(
        "webauthn_origins: {0:?} is not served over TLS: use https; only localhost and loopback addresses may use http"
    )]
    Insecure(String),
    /// The origin is outside the id.
    #[error(
        "{origin:?} is not at webauthn_rp_id ({id}) or below it: change webauthn_rp_id or webauthn_origins, or public_url, from which they take their defaults"
    )]
    Outside {
        /// The origin.
        origin: String,
        /// The relying party id.
        id: String,
    },
    /// A signing key of an Android application is not as Android writes it.
    #[error(
        "webauthn_origins: {0:?} is no Android application: write android:apk-key-hash: and the SHA-256 of its signing certificate in base64url, 43 characters"
    )]
    Android(String),
}

/// The start of the origin of an Android application.
const ANDROID: &str = "android:apk-key-hash:";

impl RelyingParty {
    /// The variable that holds the id.
    pub const ID_VARIABLE: &str = "webauthn_rp_id";
    /// The variable that holds the origins.
    pub const ORIGINS_VARIABLE: &str = "webauthn_origins";

    /// Reads the variables. `name` is what authenticators show.
    ///
    /// An empty `id` stands for the host of `public_url`, and an empty list of `origins` for its origin. The defaults never fail by
    /// themselves, so that a service at an IP address or without TLS starts; its passkeys do not work in browsers
    /// ([`Self::works_in_browsers`]). What an operator sets is held to the rules:
    ///
    /// - The id is a domain name in lower case and ASCII. Browsers accept no IP address.
    /// - The origins, separated by commas, use `https`; on `localhost`, below it and on loopback addresses, `http` as well.
    /// - The host of each origin is the id, or ends with a dot and the id, which then has at least two labels. Browsers also refuse ids that
    ///   are public suffixes, such as `co.uk`; this crate has no list of them.
    /// - `android:apk-key-hash:…` is the origin of an Android application. Applications for iOS have the origin of their website.
    ///
    /// Related origins outside the id (WebAuthn section 5.11) are not supported.
    ///
    /// # Errors
    /// The variables do not describe a relying party.
    pub fn parse(
        name: &str,
        id: &str,
        origins: &str,
        public_url: &PublicUrl,
    ) -> Result<Self, RelyingPartyError> {
        let id = match id.trim() {
            "" => host(public_url.origin()).to_owned(),
            id if is_domain(id) => id.to_owned(),
            id => return Err(RelyingPartyError::Id(id.to_owned())),
        };
        let origins = match origins.trim() {
            "" => vec![public_url.origin().to_owned()],
            list => listed(list)?,
        };
        if let Some(origin) =
            origins.iter().find(|origin| !is_android(origin) && !is_within(host(origin), &id))
        {
            return Err(RelyingPartyError::Outside { origin: origin.clone(), id });
        }
        let id_hash = Sha256::digest(&id).into();
        Ok(Self { name: name.to_owned(), id, id_hash, origins })
    }

    /// The id, a domain.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name that authenticators show.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The origins, as browsers write them.
    #[must_use]
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// The origins of pages on which browsers have passkeys for the id. None if the id is an IP address, or if no origin of a page is protected
    /// by TLS or on this machine (WebAuthn section 5.1.2, Secure Contexts section 3.1).
    pub fn page_origins(&self) -> impl Iterator<Item = &str> {
        let is_page = |origin: &&str| is_domain(&self.id) && !is_android(origin) && is_secure(origin);
        self.origins.iter().map(String::as_str).filter(is_page)
    }

    /// False if browsers refuse every passkey: there are no [`Self::page_origins`]. Only the defaults from a `public_url`, and a list that has
    /// nothing but Android applications, can be so.
    #[must_use]
    pub fn works_in_browsers(&self) -> bool {
        self.page_origins().next().is_some()
    }

    /// The options with which a browser makes a passkey. `exclude` has the passkeys that the account has, so that no authenticator makes a
    /// second one.
    #[must_use]
    pub fn creation_options(
        &self,
        challenge: &Challenge,
        user: &UserHandle,
        name: &str,
        display_name: &str,
        exclude: &[(CredentialId, Vec<Transport>)],
    ) -> CreationOptions {
        CreationOptions::new(self, challenge, user, name, display_name, exclude)
    }

    /// The options with which a browser uses a passkey. `allow` has the passkeys of the account for [`Ceremony::SecondFactor`]. It is empty
    /// for [`Ceremony::Login`], where the person chooses an account in the browser.
    #[must_use]
    pub fn request_options(
        &self,
        challenge: &Challenge,
        ceremony: Ceremony,
        allow: &[(CredentialId, Vec<Transport>)],
    ) -> RequestOptions {
        let user_verification = match ceremony {
            Ceremony::Login => UserVerification::Required,
            Ceremony::SecondFactor => UserVerification::Preferred,
        };
        RequestOptions::new(self, challenge, user_verification, allow)
    }

    pub(crate) fn has_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|it| it == origin)
    }

    pub(crate) fn has_id_hash(&self, hash: &[u8; 32]) -> bool {
        self.id_hash == *hash
    }
}

/// Reads a list that is not empty.
fn listed(list: &str) -> Result<Vec<String>, RelyingPartyError> {
    list.split(',').map(|entry| one_origin(entry.trim())).collect()
}

fn one_origin(entry: &str) -> Result<String, RelyingPartyError> {
    if let Some(hash) = entry.strip_prefix(ANDROID) {
        let is_sha_256 = URL_SAFE_NO_PAD.decode(hash).is_ok_and(|octets| octets.len() == 32);
        return if is_sha_256 {
            Ok(entry.to_owned())
        } else {
            Err(RelyingPartyError::Android(entry.to_owned()))
        };
    }
    let Origins::These(origins) = Origins::parse(entry)? else {
        return Err(RelyingPartyError::AnyOrigin);
    };
    // An empty entry between two commas.
    let Some(origin) = origins.into_iter().next() else {
        return Err(OriginError::Unreadable(entry.to_owned()).into());
    };
    if is_secure(&origin) { Ok(origin) } else { Err(RelyingPartyError::Insecure(origin)) }
}

/// True for what browsers treat as a secure context (W3C Secure Contexts, section 3.1), and for Android applications.
fn is_secure(origin: &str) -> bool {
    let is_local = || {
        let host = host(origin);
        let v4 = host.parse::<Ipv4Addr>().is_ok_and(|it| it.is_loopback());
        let v6 = address_v6(host).is_some_and(|it| it.is_loopback());
        host == "localhost" || host.ends_with(".localhost") || v4 || v6
    };
    origin.starts_with("https://") || (origin.starts_with("http://") && is_local()) || is_android(origin)
}

fn is_android(origin: &str) -> bool {
    origin.starts_with(ANDROID)
}

/// The host of a serialised origin, with the brackets of IPv6.
fn host(origin: &str) -> &str {
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|it| it.is_ascii_digit()) => host,
        _ => authority,
    }
}

fn address_v6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// True if the host is the id, or a domain below it. A single label has nothing below it: as a rule, it is a public suffix.
fn is_within(host: &str, id: &str) -> bool {
    let is_below = || host.strip_suffix(id).is_some_and(|rest| rest.ends_with('.'));
    host == id || (is_domain(id) && id.contains('.') && is_below())
}

/// True for a domain name in lower case and ASCII (RFC 1123 section 2.1). What ends with a number is an IPv4 address to browsers.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_inside = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(is_inside)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let ends_with_number =
        text.rsplit('.').next().is_some_and(|last| last.bytes().all(|it| it.is_ascii_digit()));
    text.len() <= 253 && text.split('.').all(is_label) && !ends_with_number && text.parse::<IpAddr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(id: &str, origins: &str, public_url: &str) -> Result<RelyingParty, RelyingPartyError> {
        RelyingParty::parse("Example", id, origins, &PublicUrl::parse(public_url).unwrap())
    }

    fn parsed(id: &str, origins: &str) -> Result<RelyingParty, RelyingPartyError> {
        parse(id, origins, "https://users.example.com")
    }

    #[test]
    fn the_public_url_gives_the_defaults() {
        for (public_url, id, origin, works) in [
            ("https://users.example.com", "users.example.com", "https://users.example.com", true),
            ("https://example.com:8443/users", "example.com", "https://example.com:8443", true),
            ("http://localhost:3000", "localhost", "http://localhost:3000", true),
            ("http://users.example.com", "users.example.com", "http://users.example.com", false),
            ("http://127.0.0.1:3000", "127.0.0.1", "http://127.0.0.1:3000", false),
            ("http://[::1]:3000", "[::1]", "http://[::1]:3000", false),
            ("https://[2001:db8::1]", "[2001:db8::1]", "https://[2001:db8::1]", false),
        ] {
            let relying_party = parse("", " ", public_url).unwrap();
            assert_eq!(relying_party.id(), id);
            assert_eq!(relying_party.origins(), [origin]);
            assert_eq!(relying_party.works_in_browsers(), works, "{public_url}");
            assert_eq!(relying_party.name(), "Example");
        }
    }

    #[test]
    fn origins_at_the_id_and_below_it_are_accepted() {
        let android = format!("{ANDROID}{}", URL_SAFE_NO_PAD.encode([9; 32]));
        let list = format!("https://Example.com:443, https://app.example.com:8443,{android}");
        let relying_party = parsed("example.com", &list).unwrap();
        assert_eq!(relying_party.id(), "example.com");
        assert_eq!(
            relying_party.origins(),
            ["https://example.com", "https://app.example.com:8443", &android]
        );
        assert!(relying_party.has_origin(&android) && !relying_party.has_origin("https://other.example.com"));
        assert!(relying_party.page_origins().eq(["https://example.com", "https://app.example.com:8443"]));
        assert!(relying_party.works_in_browsers());
        assert!(!parsed("example.com", &android).unwrap().works_in_browsers());
        assert_eq!(parsed("example.com", "").unwrap().origins(), ["https://users.example.com"]);
        assert!(parsed("localhost", "http://localhost:5173").is_ok());
        assert!(parsed("app.localhost", "http://app.localhost:5173").is_ok());
        assert!(parsed("intranet", "https://intranet").is_ok());
    }

    #[test]
    fn origins_outside_the_id_are_refused() {
        for (id, origins) in [
            ("example.com", "https://example.org"),
            ("example.com", "https://badexample.com"),
            ("example.com", "https://example.com.evil.example"),
            ("login.example.com", "https://example.com"),
            ("login.example.com", "https://login.example.com,https://app.example.com"),
            ("login.example.com", ""),
            // A single label is a public suffix.
            ("com", "https://example.com"),
            ("localhost", "http://app.localhost:3000"),
            ("", "https://other.example"),
        ] {
            let refused = parsed(id, origins);
            assert!(matches!(refused, Err(RelyingPartyError::Outside { .. })), "{id} {origins} {refused:?}");
        }
        // No address is below another one.
        let refused = parse("", "http://1.127.0.0.1", "http://127.0.0.1:3000");
        assert!(refused.is_err());
    }

    #[test]
    fn what_is_no_domain_is_no_id() {
        let long = format!("{}.example", "a".repeat(64));
        let longer = format!("{}example", "a.".repeat(125));
        for id in [
            "Example.com",
            "https://example.com",
            "example.com:443",
            "example.com.",
            ".example.com",
            "-a.example",
            "a-.example",
            "bücher.example",
            "a_b.example",
            "*.example.com",
            "127.0.0.1",
            "127.1",
            "[::1]",
            "::1",
            &long,
            &longer,
        ] {
            assert_eq!(parsed(id, ""), Err(RelyingPartyError::Id(id.to_owned())), "{id}");
        }
    }

    #[test]
    fn origins_without_tls_and_patterns_are_refused() {
        for origin in [
            "http://example.com",
            "http://192.0.2.1",
            "capacitor://localhost",
            "http://localhost.example.com",
        ] {
            assert_eq!(parsed("example.com", origin), Err(RelyingPartyError::Insecure(origin.to_owned())));
        }
        for origin in ["http://127.0.0.1:3000", "http://127.9.9.9", "http://[::1]:80", "http://a.localhost"] {
            assert!(
                matches!(parsed("example.com", origin), Err(RelyingPartyError::Outside { .. })),
                "{origin}"
            );
        }
        assert_eq!(parsed("example.com", "*"), Err(RelyingPartyError::AnyOrigin));
        for list in
            ["https://*.example.com", "https://example.com/", "https://example.com,", "null", "example.com"]
        {
            assert!(matches!(parsed("example.com", list), Err(RelyingPartyError::Origin(_))), "{list}");
        }
        for entry in ["android:apk-key-hash:", "android:apk-key-hash:AAAA", "android:apk-key-hash:AA=="] {
            assert_eq!(parsed("example.com", entry), Err(RelyingPartyError::Android(entry.to_owned())));
        }
    }
}
