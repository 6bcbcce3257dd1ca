//! The settings of an operator.

use std::net::Ipv4Addr;

use users_core::{ApiUrl, ChainDomain, ProxyHeader, PublicUrl};
use users_web::{Problem, Variables};

/// Where people reach the pages, and where the pages reach the API.
#[derive(Debug, Clone)]
pub struct Settings {
    public_url: PublicUrl,
    chain_domain: ChainDomain,
    api_url: ApiUrl,
    proxy_header: ProxyHeader,
    admits_registrations: bool,
}

impl Settings {
    /// Reads the variables `public_url`, `chain_domain`, `api_url`, `proxy_header` and `registration`.
    ///
    /// # Errors
    /// A defect of the deployment. The cause of the problem names the variable.
    pub async fn read(variables: &impl Variables) -> Result<Self, Problem> {
        let public_url = PublicUrl::parse(&variables.get(PublicUrl::VARIABLE).await?);
        let chain_domain = ChainDomain::parse(&variables.get(ChainDomain::VARIABLE).await?);
        let api_url = ApiUrl::parse(&variables.get(ApiUrl::VARIABLE).await?);
        let proxy_header = variables.get(ProxyHeader::VARIABLE).await?.parse();
        Ok(Self {
            public_url: public_url.map_err(Problem::internal)?,
            chain_domain: chain_domain.map_err(Problem::internal)?,
            api_url: api_url.map_err(Problem::internal)?,
            proxy_header: proxy_header.map_err(Problem::internal)?,
            admits_registrations: admits_registrations(&variables.get("registration").await?)?,
        })
    }

    /// Where people reach the pages.
    pub(crate) fn public_url(&self) -> &PublicUrl {
        &self.public_url
    }

    /// The URL at which a component answers, without a slash at its end.
    pub(crate) fn url_of(&self, component: &str) -> String {
        self.api_url.url_of(component).unwrap_or_else(|| self.chain_domain.url_of(component))
    }

    /// Returns true if people may register by themselves. The API enforces it; here, it decides which links people see.
    pub(crate) fn admits_registrations(&self) -> bool {
        self.admits_registrations
    }

    /// Returns true if browsers make passkeys for the place where people reach the pages: a domain and no address, and over TLS but for this
    /// machine (WebAuthn section 5.1.2, Secure Contexts section 3.1). Otherwise, pages offer none.
    pub(crate) fn admits_passkeys(&self) -> bool {
        let authority = self.public_url.origin().split_once("://").map_or("", |(_, authority)| authority);
        let is_address = authority.starts_with('[');
        let host = authority.split(':').next().unwrap_or_default();
        let is_here = host == "localhost" || host.ends_with(".localhost");
        let is_domain = !is_address && host.parse::<Ipv4Addr>().is_err();
        is_domain && (self.public_url.is_secure() || is_here)
    }

    /// The header in which the components read the address of the browser.
    pub(crate) fn proxy_header(&self) -> ProxyHeader {
        self.proxy_header
    }
}

fn admits_registrations(text: &str) -> Result<bool, Problem> {
    match text {
        "open" => Ok(true),
        "closed" => Ok(false),
        _ => Err(Problem::internal("the variable registration must be open or closed")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use futures::executor::block_on;

    use super::*;

    fn read(changed: &[(&str, &str)]) -> Result<Settings, Problem> {
        let usual = [
            ("public_url", "https://users.example.com"),
            ("chain_domain", "spin.internal"),
            ("api_url", ApiUrl::NONE),
            ("proxy_header", "x-forwarded-for"),
            ("registration", "open"),
        ];
        let variables: BTreeMap<String, String> = usual
            .iter()
            .chain(changed)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        block_on(Settings::read(&variables))
    }

    #[test]
    fn components_are_reached_in_the_application_or_at_the_url_of_the_api() {
        assert_eq!(read(&[]).unwrap().url_of("auth"), "http://auth.spin.internal");
        let apart = read(&[("api_url", "http://ingress.users/")]).unwrap();
        assert_eq!(apart.url_of("rbac"), "http://ingress.users");
        let each_on_its_own = read(&[("api_url", "http://*.users.svc.cluster.local")]).unwrap();
        assert_eq!(each_on_its_own.url_of("rbac"), "http://rbac.users.svc.cluster.local");
    }

    #[test]
    fn passkeys_need_a_domain_and_tls_or_this_machine() {
        for (url, expected) in [
            ("https://users.example.com", true),
            ("https://example.com:8443/users", true),
            ("http://localhost:3000", true),
            ("http://users.localhost", true),
            ("http://users.example.com", false),
            ("http://127.0.0.1:3000", false),
            ("https://192.0.2.7", false),
            ("https://[2001:db8::1]:8443", false),
        ] {
            assert_eq!(read(&[("public_url", url)]).unwrap().admits_passkeys(), expected, "{url}");
        }
    }

    #[test]
    fn a_variable_that_cannot_be_used_is_named() {
        for (name, value) in [
            ("public_url", "users"),
            ("chain_domain", "a..b"),
            ("api_url", "ingress"),
            ("proxy_header", "x-real-ip"),
            ("registration", ""),
            ("registration", "Open"),
        ] {
            let problem = read(&[(name, value)]).unwrap_err();
            let cause = problem.cause().unwrap();
            assert!(cause.contains(name), "{cause}");
        }
    }
}
