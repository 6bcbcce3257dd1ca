//! `POST /auth/totp`: begins to set up an authenticator.

use serde::Serialize;
use users_crypto::TotpSecret;
use users_guard::Caller;
use users_guard::codes::INVALID_TOKEN;
use users_web::{About, Database, Json, Problem, State};
use utoipa::ToSchema;

use crate::App;
use crate::factors::made;
use crate::store::factors;

/// The secret of an authenticator, in three forms.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "uri": "otpauth://totp/users.example.com:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=users.example.com&algorithm=SHA1&digits=6&period=30",
    "qr_svg": "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 61 61\"></svg>",
})))]
pub(crate) struct BegunTotp {
    /// In base 32 (RFC 4648 section 6), for people who type it: 160 random bits.
    #[schema(min_length = 32, max_length = 32, pattern = "^[A-Z2-7]+$")]
    secret: String,
    /// The address that authenticators open.
    #[schema(max_length = 2331, pattern = "^otpauth://totp/")]
    uri: String,
    /// The address as a QR code: an SVG image.
    #[schema(max_length = 200_000, pattern = "^<svg")]
    qr_svg: String,
}

pub(crate) fn about() -> About {
    About::new("beginTotp", "Start to set up an authenticator", "The secret, which is shown this once.").text(
        "An authenticator shows codes of six digits, a new one every 30 seconds (RFC 6238, HMAC-SHA-1). It counts once `POST /auth/totp/confirm` \
         got a code of it, in this session and within an hour. Until then, the authenticator that the account has keeps counting. Another call \
         replaces the secret that was not confirmed.",
    )
}

/// 200 with the secret.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    caller: Caller,
) -> Result<Json<BegunTotp>, Problem> {
    let (user, session) = (caller.user.id, caller.own_session()?);
    let secret = TotpSecret::generate(app.random());
    let uri =
        secret.uri(issuer(&app.identity().public_url), caller.user.email.as_deref().unwrap_or_default());
    let qr_svg = users_qr::svg(&uri).map_err(Problem::internal)?;
    let sealed = secret.seal(user, app.factor_keys(), app.random());
    made(factors::begin_totp(&db, user, session, &sealed).await?, INVALID_TOKEN)?;
    Ok(Json(BegunTotp { secret: secret.to_base32().to_string(), uri: uri.to_string(), qr_svg }))
}

/// The name of the service in an authenticator: the host of its URL, which people know.
fn issuer(public_url: &str) -> &str {
    let host = public_url.split_once("://").map_or(public_url, |(_, host)| host);
    host.split_once('/').map_or(host, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_is_the_host() {
        for (url, host) in [
            ("https://users.example.com", "users.example.com"),
            ("https://example.com/users/", "example.com"),
            ("http://127.0.0.1:3000", "127.0.0.1:3000"),
        ] {
            assert_eq!(issuer(url), host);
        }
    }
}
