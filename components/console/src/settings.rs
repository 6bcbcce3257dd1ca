//! The settings of an operator.

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
