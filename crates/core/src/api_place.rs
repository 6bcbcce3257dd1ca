//! Where pages reach the API: in the same application, or elsewhere.

use thiserror::Error;

use crate::PublicUrl;

/// The domain under which the runtime passes a request to another component of the application: `http://<component>.<domain>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainDomain(String);

/// The text is no domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("chain_domain is no domain: set it to spin.internal, which Spin answers for")]
pub struct ChainDomainError;

impl ChainDomain {
    /// The variable that holds it.
    pub const VARIABLE: &str = "chain_domain";

    /// Reads the variable: names of letters, digits and hyphens, with dots between them (RFC 1123 section 2.1).
    ///
    /// # Errors
    /// [`ChainDomainError`] for any other text.
    pub fn parse(text: &str) -> Result<Self, ChainDomainError> {
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        };
        if text.split('.').all(is_name) { Ok(Self(text.to_owned())) } else { Err(ChainDomainError) }
    }

    /// The URL of a component, without a slash at the end.
    #[must_use]
    pub fn url_of(&self, component: &str) -> String {
        format!("http://{component}.{}", self.0)
    }
}

/// Where the API is, when its components are not in the same application: scheme, host and port. Where each component has a host of its own,
/// an asterisk stands for its name: `http://*.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUrl(Option<String>);

/// The start of a host whose first name is that of the component.
const EACH: &str = "://*.";

/// The text is no such URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "api_url is no address of the API: set it to scheme, host and port, such as http://users.example:8080, or leave it out"
)]
pub struct ApiUrlError;

impl ApiUrl {
    /// The variable that holds it.
    pub const VARIABLE: &str = "api_url";

    /// The value where the components are in the same application. Spin 4.0 refuses an empty entry in the list of allowed hosts, and no
    /// host has a name below `invalid` (RFC 6761 section 6.4).
    pub const NONE: &str = "http://none.invalid";

    /// Reads the variable. Spin allows hosts, and no paths, so the URL has no path.
    ///
    /// # Errors
    /// [`ApiUrlError`] for any other text.
    pub fn parse(text: &str) -> Result<Self, ApiUrlError> {
        if ["", Self::NONE].contains(&text.trim().trim_end_matches('/')) {
            return Ok(Self(None));
        }
        let without_asterisk = text.replacen(EACH, "://", 1);
        let url = PublicUrl::parse(&without_asterisk).map_err(|_| ApiUrlError)?;
        if url.as_str() != url.origin() {
            return Err(ApiUrlError);
        }
        let is_each = without_asterisk != text;
        let url = url.as_str();
        Ok(Self(Some(if is_each { url.replacen("://", EACH, 1) } else { url.to_owned() })))
    }

    /// The URL as the variable has it, without a slash at the end. `None` where the components are in the same application.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The URL of a component, without a slash at the end. `None` where the components are in the same application.
    #[must_use]
    pub fn url_of(&self, component: &str) -> Option<String> {
        Some(self.0.as_ref()?.replacen(EACH, &format!("://{component}."), 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_has_a_name_below_the_domain() {
        assert_eq!(ChainDomain::parse("spin.internal").unwrap().url_of("auth"), "http://auth.spin.internal");
        for text in ["", ".", "a..b", "evil.example/", "a b", "user@host", "[::1]"] {
            assert_eq!(ChainDomain::parse(text), Err(ChainDomainError), "{text}");
        }
    }

    #[test]
    fn the_api_is_in_the_same_application_or_at_a_host() {
        for text in ["", " ", ApiUrl::NONE, "http://none.invalid/"] {
            assert_eq!(ApiUrl::parse(text).unwrap().url_of("auth"), None, "{text}");
        }
        let elsewhere = ApiUrl::parse("http://users.example:8080/").unwrap();
        assert_eq!(elsewhere.url_of("auth").as_deref(), Some("http://users.example:8080"));
        let each = ApiUrl::parse("http://*.users.svc.cluster.local").unwrap();
        assert_eq!(each.as_str(), Some("http://*.users.svc.cluster.local"));
        assert_eq!(each.url_of("auth").as_deref(), Some("http://auth.users.svc.cluster.local"));
        for text in [
            "ingress",
            "http://*",
            "http://a.*.example",
            "http://users.example/api",
            "ftp://users.example",
            "http://users.example?a",
        ] {
            assert_eq!(ApiUrl::parse(text), Err(ApiUrlError), "{text}");
        }
    }
}
