//! The settings of an operator.

use users_core::{ProxyHeader, PublicUrl};
use users_web::{Problem, Variables};

/// Where people reach the pages, and where the pages reach the API.
#[derive(Debug, Clone)]
pub struct Settings {
    public_url: PublicUrl,
    /// The domain under which the runtime passes a request to another component of the application.
    chain_domain: String,
    /// Where the API is, when its components run elsewhere.
    api_url: Option<PublicUrl>,
    proxy_header: ProxyHeader,
}

impl Settings {
    /// The variable with the domain of the components: `http://<component>.<domain>` is a component of the same application.
    pub const CHAIN_DOMAIN: &str = "chain_domain";

    /// The variable with the URL of the API, where its components are not in the same application. Empty otherwise. Where each component has
    /// a host of its own, an asterisk stands for its name: `http://*.example.com`.
    pub const API_URL: &str = "api_url";

    /// Reads the variables `public_url`, `chain_domain`, `api_url` and `proxy_header`.
    ///
    /// # Errors
    /// A defect of the deployment. The cause of the problem names the variable.
    pub async fn read(variables: &impl Variables) -> Result<Self, Problem> {
        let public_url = PublicUrl::parse(&variables.get(PublicUrl::VARIABLE).await?);
        let chain_domain = variables.get(Self::CHAIN_DOMAIN).await?;
        if !is_domain(&chain_domain) {
            return Err(Problem::internal(format!(
                "the variable {} must be a domain such as spin.internal",
                Self::CHAIN_DOMAIN
            )));
        }
        Ok(Self {
            public_url: public_url.map_err(Problem::internal)?,
            chain_domain,
            api_url: api_url(&variables.get(Self::API_URL).await?)?,
            proxy_header: variables.get(ProxyHeader::VARIABLE).await?.parse().map_err(Problem::internal)?,
        })
    }

    /// Where people reach the pages.
    pub(crate) fn public_url(&self) -> &PublicUrl {
        &self.public_url
    }

    /// True if browsers reach the pages over TLS. Only then do they take cookies that are `Secure`.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.as_str().starts_with("https://")
    }

    /// The URL at which a component answers, without a slash at its end.
    pub(crate) fn url_of(&self, component: &str) -> String {
        match &self.api_url {
            Some(url) => url.as_str().replacen("://*.", &format!("://{component}."), 1),
            None => format!("http://{component}.{}", self.chain_domain),
        }
    }

    /// The header in which the components read the address of the browser.
    pub(crate) fn proxy_header(&self) -> ProxyHeader {
        self.proxy_header
    }
}

fn api_url(text: &str) -> Result<Option<PublicUrl>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    PublicUrl::parse(text).map(Some).map_err(|_| {
        Problem::internal(format!(
            "the variable {} must be a URL such as http://users.internal, or empty",
            Settings::API_URL
        ))
    })
}

/// Names of letters, digits and hyphens, with dots between them (RFC 1123 section 2.1).
fn is_domain(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
    };
    text.split('.').all(is_name)
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
            ("api_url", ""),
            ("proxy_header", "x-forwarded-for"),
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
        let elsewhere = read(&[("chain_domain", "users.example")]).unwrap();
        assert_eq!(elsewhere.url_of("rbac"), "http://rbac.users.example");
        let apart = read(&[("api_url", "http://ingress.users/")]).unwrap();
        assert_eq!(apart.url_of("rbac"), "http://ingress.users");
        let each_on_its_own = read(&[("api_url", "http://*.users.svc.cluster.local")]).unwrap();
        assert_eq!(each_on_its_own.url_of("rbac"), "http://rbac.users.svc.cluster.local");
    }

    #[test]
    fn a_variable_that_cannot_be_used_is_named() {
        for (name, value) in [
            ("public_url", "users"),
            ("chain_domain", ""),
            ("chain_domain", "evil.example/"),
            ("chain_domain", "a..b"),
            ("api_url", "ingress"),
            ("proxy_header", "x-real-ip"),
        ] {
            let problem = read(&[(name, value)]).unwrap_err();
            let cause = problem.cause().unwrap();
            assert!(cause.contains(name), "{cause}");
        }
    }
}
