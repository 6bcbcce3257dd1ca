//! `/auth/passkeys`: the caller's passkeys (Web Authentication level 3), and the login by one.

pub(crate) mod answer;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod login_options;
pub(crate) mod options;
pub(crate) mod register;
pub(crate) mod remove;
pub(crate) mod rename;

use serde::Deserialize;
use users_core::{Passkey, PasskeyId, PublicUrl};
use users_passkeys::RelyingParty;
use users_web::{Checks, Code, Field, Input, Parsed, Problem, StatusCode, Variables};

/// 401: the passkey was refused. The answer is the same for all reasons; the log has the reason.
pub(crate) const PASSKEY_REFUSED: Code = Code::new(
    StatusCode::UNAUTHORIZED,
    "invalid_credentials",
    "The passkey was refused; ask for new options and try again, or log in in another way.",
)
.with_header(&("www-authenticate", r#"Bearer realm="users""#));

/// The reason for the log when the challenge of an answer does not wait: it was never given, was used, or has expired.
const NO_CHALLENGE: &str = "no such challenge waits for an answer";

/// The refusal of a passkey, with the reason for the log.
fn refused(reason: impl std::fmt::Display) -> Problem {
    Problem::new(PASSKEY_REFUSED).because(reason)
}

/// 409: the account has as many passkeys as it may have.
const TOO_MANY_PASSKEYS: Code = Code::new(
    StatusCode::CONFLICT,
    "too_many_passkeys",
    "The account has 20 passkeys already; remove one that is not used any longer.",
);

/// 409: the passkey is registered already.
const PASSKEY_EXISTS: Code = Code::new(
    StatusCode::CONFLICT,
    "passkey_exists",
    "This passkey is registered already; use another authenticator.",
);

const _: () = assert!(Passkey::MAX_PER_ACCOUNT == 20, "the sentence names the number");

/// Reads the relying party from the variables `webauthn_rp_id` and `webauthn_origins`.
///
/// # Errors
/// A defect of the deployment, as a problem whose cause names the variable.
pub(crate) async fn relying_party(
    variables: &impl Variables,
    public_url: &str,
) -> Result<RelyingParty, Problem> {
    let public_url = PublicUrl::parse(public_url).map_err(Problem::internal)?;
    let id = variables.get(RelyingParty::ID_VARIABLE).await?;
    let origins = variables.get(RelyingParty::ORIGINS_VARIABLE).await?;
    // Authenticators show the name. The host of the service is what people know it by.
    let origin = public_url.origin();
    let name = origin.split_once("://").map_or(origin, |(_, host)| host);
    RelyingParty::parse(name, &id, &origins, &public_url).map_err(Problem::internal)
}

/// The parameter of the path: the passkey.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PasskeyPath {
    passkey_id: Field<Parsed<PasskeyId>>,
}

impl Input for PasskeyPath {
    type Accepted = PasskeyId;

    fn check(self, checks: &mut Checks) -> Option<PasskeyId> {
        checks.required("/passkey_id", self.passkey_id).map(|Parsed(id)| id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    async fn read(id: &str, origins: &str) -> Result<RelyingParty, Problem> {
        let variables = BTreeMap::from([
            ("webauthn_rp_id".to_owned(), id.to_owned()),
            ("webauthn_origins".to_owned(), origins.to_owned()),
        ]);
        relying_party(&variables, "https://users.example.com/service").await
    }

    #[tokio::test]
    async fn the_public_url_gives_the_defaults() {
        let relying_party = read("", "").await.unwrap();
        assert_eq!((relying_party.id(), relying_party.name()), ("users.example.com", "users.example.com"));
        assert_eq!(relying_party.origins(), ["https://users.example.com"]);
        let relying_party = read("example.com", "https://app.example.com").await.unwrap();
        assert_eq!((relying_party.id(), relying_party.name()), ("example.com", "users.example.com"));
        assert_eq!(relying_party.origins(), ["https://app.example.com"]);
    }

    #[tokio::test]
    async fn a_wrong_variable_is_named() {
        for (id, origins, name) in [
            ("https://example.com", "", "webauthn_rp_id"),
            ("", "http://users.example.com", "webauthn_origins"),
            ("example.org", "", "webauthn_rp_id"),
        ] {
            let problem = read(id, origins).await.expect_err("a wrong value");
            assert!(problem.cause().is_some_and(|cause| cause.contains(name)), "{problem:?}");
        }
    }
}
