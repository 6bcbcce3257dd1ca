//! The operator's settings for access tokens.

use users_core::PublicUrl;
use users_crypto::{TokenSecret, TokenVerifier};
use users_web::{Problem, Variables};

/// `iss` of the release before, unless an operator set another one.
const FORMER_ISSUER: &str = "users";

/// The operator's settings for access tokens. No component but `auth` knows a secret that seals keys.
#[derive(Clone)]
pub struct Settings {
    /// The URL at which people reach the service.
    pub public_url: String,
    /// A secret that signs access tokens with HS256, as the release before does. At least 32 bytes, or empty: then keys sign them.
    pub jwt_secret: String,
    /// A second secret. Access tokens that were signed with it are accepted. At least 32 bytes, or empty for none.
    pub jwt_secret_previous: String,
    /// `iss` of access tokens. Empty for `public_url`.
    pub jwt_issuer: String,
    /// `aud` of access tokens.
    pub jwt_audience: String,
}

impl Settings {
    /// Reads the variables `public_url` and `jwt_…`.
    ///
    /// # Errors
    /// A defect of the deployment: a variable is missing, or `public_url` is no URL of the web.
    pub async fn read(variables: &impl Variables) -> Result<Self, Problem> {
        let public_url = variables.get(PublicUrl::VARIABLE).await?;
        let public_url = PublicUrl::parse(&public_url).map_err(Problem::internal)?;
        Ok(Self {
            public_url: public_url.as_str().to_owned(),
            jwt_secret: variables.get("jwt_secret").await?,
            jwt_secret_previous: variables.get("jwt_secret_previous").await?,
            jwt_issuer: variables.get("jwt_issuer").await?,
            jwt_audience: variables.get("jwt_audience").await?,
        })
    }

    /// The issuer (RFC 8414 section 2): `jwt_issuer`, or `public_url` without a slash at its end.
    #[must_use]
    pub fn issuer(&self) -> &str {
        match self.jwt_issuer.as_str() {
            "" => self.public_url.trim().trim_end_matches('/'),
            issuer => issuer,
        }
    }

    /// The secret that signs access tokens in place of a key, and `iss` of these tokens. Replicas of the release before accept them:
    /// without `jwt_issuer`, that release has another issuer than this one.
    ///
    /// # Errors
    /// A defect of the deployment: the secret is too short.
    pub fn secret(&self) -> Result<Option<(TokenSecret, &str)>, Problem> {
        let issuer = if self.jwt_issuer.is_empty() { FORMER_ISSUER } else { &self.jwt_issuer };
        let secret = TokenSecret::current(self.jwt_secret.as_bytes()).map_err(Problem::internal)?;
        Ok(secret.map(|secret| (secret, issuer)))
    }

    /// Verifies access tokens with these settings.
    pub(crate) fn verifier(&self) -> Result<TokenVerifier, Problem> {
        let current = TokenSecret::current(self.jwt_secret.as_bytes()).map_err(Problem::internal)?;
        let previous =
            TokenSecret::previous(self.jwt_secret_previous.as_bytes()).map_err(Problem::internal)?;
        let mut issuers = vec![self.issuer()];
        if self.jwt_issuer.is_empty() {
            issuers.push(FORMER_ISSUER);
        }
        Ok(TokenVerifier::new(&issuers, &self.jwt_audience)
            .accepting(current.as_ref())
            .accepting(previous.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn settings(public_url: &str, jwt_issuer: &str, jwt_secret: &str) -> Settings {
        Settings {
            public_url: public_url.to_owned(),
            jwt_secret: jwt_secret.to_owned(),
            jwt_secret_previous: String::new(),
            jwt_issuer: jwt_issuer.to_owned(),
            jwt_audience: "users-api".to_owned(),
        }
    }

    #[test]
    fn the_issuer_is_the_public_url_unless_another_one_is_set() {
        for (public_url, jwt_issuer, issuer) in [
            ("https://users.example.com/", "", "https://users.example.com"),
            ("https://users.example.com", "acme", "acme"),
        ] {
            assert_eq!(settings(public_url, jwt_issuer, "").issuer(), issuer);
        }
    }

    #[test]
    fn a_secret_signs_for_the_issuer_of_the_release_before() {
        let secret = "x".repeat(32);
        for (jwt_issuer, issuer) in [("", "users"), ("acme", "acme")] {
            let settings = settings("https://users.example.com", jwt_issuer, &secret);
            assert_eq!(settings.secret().unwrap().unwrap().1, issuer);
        }
        assert!(settings("https://users.example.com", "", "").secret().unwrap().is_none());
        let refused = settings("https://users.example.com", "", "short").secret().err().unwrap();
        assert!(refused.cause().unwrap().starts_with("jwt_secret has fewer than 32 bytes"));
    }
}
