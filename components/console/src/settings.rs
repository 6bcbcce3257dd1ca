//! The settings of an operator.

use users_core::{ApiUrl, ChainDomain, ProxyHeader, PublicUrl};
use users_passkeys::RelyingParty;
use users_web::{Problem, Variables};

/// Where people reach the pages, and where the pages reach the API.
#[derive(Debug, Clone)]
pub struct Settings {
    public_url: PublicUrl,
    chain_domain: ChainDomain,
    api_url: ApiUrl,
    proxy_header: ProxyHeader,
    admits_registrations: bool,
    passkey_origins: String,
}

impl Settings {
    /// Reads the variables `public_url`, `chain_domain`, `api_url`, `proxy_header`, `registration`, `webauthn_rp_id` and `webauthn_origins`.
    ///
    /// # Errors
    /// A defect of the deployment. The cause of the problem names the variable.
    pub async fn read(variables: &impl Variables) -> Result<Self, Problem> {
        let public_url =
            PublicUrl::parse(&variables.get(PublicUrl::VARIABLE).await?).map_err(Problem::internal)?;
        let chain_domain = ChainDomain::parse(&variables.get(ChainDomain::VARIABLE).await?);
        let api_url = ApiUrl::parse(&variables.get(ApiUrl::VARIABLE).await?);
        let proxy_header = variables.get(ProxyHeader::VARIABLE).await?.parse();
        Ok(Self {
            passkey_origins: passkey_origins(variables, &public_url).await?,
            public_url,
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

    /// The origins at which browsers have passkeys for the service, with spaces between them. `None` if there are none, so that pages offer no
    /// passkeys.
    pub(crate) fn passkey_origins(&self) -> Option<&str> {
        Some(self.passkey_origins.as_str()).filter(|origins| !origins.is_empty())
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

/// The pages offer passkeys where `auth` accepts them, so both read the relying party alike. Here, nobody sees its name.
async fn passkey_origins(variables: &impl Variables, public_url: &PublicUrl) -> Result<String, Problem> {
    let id = variables.get(RelyingParty::ID_VARIABLE).await?;
    let origins = variables.get(RelyingParty::ORIGINS_VARIABLE).await?;
    let relying_party = RelyingParty::parse("", &id, &origins, public_url).map_err(Problem::internal)?;
    Ok(relying_party.page_origins().collect::<Vec<_>>().join(" "))
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
            ("webauthn_rp_id", ""),
            ("webauthn_origins", ""),
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
            ("https://users.example.com", Some("https://users.example.com")),
            ("https://example.com:8443/users", Some("https://example.com:8443")),
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("http://users.localhost", Some("http://users.localhost")),
            ("http://users.example.com", None),
            ("http://127.0.0.1:3000", None),
            ("https://192.0.2.7", None),
            ("https://[2001:db8::1]:8443", None),
        ] {
            assert_eq!(read(&[("public_url", url)]).unwrap().passkey_origins(), expected, "{url}");
        }
    }

    #[test]
    fn the_relying_party_says_where_passkeys_are_whatever_the_public_url() {
        let android = format!("android:apk-key-hash:{}", "A".repeat(43));
        let apps = format!("https://users.example.com,{android},https://app.example.com");
        for (url, id, origins, expected) in [
            ("http://127.0.0.1:3000", "localhost", "http://localhost:3000", Some("http://localhost:3000")),
            ("https://users.example.com", "example.com", "", Some("https://users.example.com")),
            (
                "https://users.example.com",
                "example.com",
                apps.as_str(),
                Some("https://users.example.com https://app.example.com"),
            ),
            ("https://users.example.com", "example.com", android.as_str(), None),
        ] {
            let settings =
                read(&[("public_url", url), ("webauthn_rp_id", id), ("webauthn_origins", origins)]);
            assert_eq!(settings.unwrap().passkey_origins(), expected, "{url} {id} {origins}");
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
            ("webauthn_rp_id", "https://example.com"),
            ("webauthn_rp_id", "example.org"),
            ("webauthn_origins", "*"),
        ] {
            let problem = read(&[(name, value)]).unwrap_err();
            let cause = problem.cause().unwrap();
            assert!(cause.contains(name), "{cause}");
        }
    }
}
