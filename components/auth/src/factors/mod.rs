//! Second factors: authenticators, recovery codes, and what a login with them needs.

pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod proof;
pub(crate) mod recovery_codes;
pub(crate) mod totp;

use serde_json::{Map, Value, json};
use users_core::{RecoveryCode, UserId};
use users_crypto::LoginChallenge;
use users_guard::codes::INVALID_TOKEN;
use users_passkeys::{Ceremony, Challenge, RequestOptions};
use users_web::{Code, Member, Problem, StatusCode};
use utoipa::PartialSchema;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};

use crate::App;
use crate::store::factors::Change;
use crate::store::login_challenges::LIFETIME;
use crate::store::passkeys::Descriptors;

/// 401: the proof of a second factor is wrong. The answer is the same for every reason.
pub(crate) const WRONG_FACTOR: Code = Code::new(
    StatusCode::UNAUTHORIZED,
    "invalid_credentials",
    "The second factor is wrong, was used before, or came too late; try the next code, or log in again.",
)
.with_header(&("www-authenticate", r#"Bearer realm="users""#));

/// 401: the password is right, but the account has a second factor.
pub(crate) const SECOND_FACTOR_REQUIRED: Code = Code::new(
    StatusCode::UNAUTHORIZED,
    "second_factor_required",
    "The password is right; send the challenge with a second factor to POST /auth/login/factor.",
)
.with_header(&("www-authenticate", r#"Bearer realm="users""#))
.with_members(members);

/// 409: recovery codes replace a second factor, and there is none.
pub(crate) const NO_SECOND_FACTOR: Code = Code::new(
    StatusCode::CONFLICT,
    "no_second_factor",
    "The account has no second factor; set up an authenticator or a passkey first.",
);

/// The answer to a right password of an account that has these methods, and these passkeys.
pub(crate) fn second_factor_required(
    app: &App,
    challenge: &LoginChallenge,
    methods: Vec<String>,
    passkeys: &Descriptors,
) -> Problem {
    let mut members = Map::new();
    // The authenticator signs the same challenge.
    if !passkeys.is_empty()
        && let Some(challenge) = Challenge::from_base64url(challenge.as_str())
    {
        let options = app.relying_party().request_options(&challenge, Ceremony::SecondFactor, passkeys);
        members.insert("passkey_options".to_owned(), serde_json::to_value(options).unwrap_or_default());
    }
    members.insert("challenge".to_owned(), challenge.as_str().into());
    members.insert("methods".to_owned(), methods.into());
    members.insert("expires_in".to_owned(), LIFETIME.into());
    Problem::new(SECOND_FACTOR_REQUIRED).with_members(members)
}

fn members() -> Vec<Member> {
    let challenge = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(43))
        .max_length(Some(43))
        .pattern(Some("^[A-Za-z0-9_-]+$"))
        .description(Some("Names the login that waits. 256 random bits."));
    let method = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([
        "totp",
        "passkey",
        "recovery_code",
    ]));
    let methods = ArrayBuilder::new()
        .items(method)
        .min_items(Some(1))
        .max_items(Some(3))
        .description(Some("The factors that are set up."));
    let expires_in = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(LIFETIME))
        .maximum(Some(LIFETIME))
        .description(Some("The lifetime of the challenge, in seconds."));
    let member = |name, schema, example| Member { name, schema, example };
    vec![
        member("challenge", challenge.into(), json!("sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA")),
        member("methods", methods.into(), json!(["totp", "recovery_code"])),
        member("expires_in", expires_in.into(), json!(LIFETIME)),
        member("passkey_options", RequestOptions::schema(), passkey_options()),
    ]
}

fn passkey_options() -> Value {
    json!({
        "challenge": "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA", "timeout": 300_000, "rpId": "users.example.com",
        "allowCredentials": [{"type": "public-key", "id": "Fkzuc9MVHGvsnYe8q5Ig8w", "transports": ["hybrid", "internal"]}],
        "userVerification": "preferred",
    })
}

/// Recovery codes that an account may get: the texts for its owner, and the hashes to store, in hexadecimal.
pub(crate) struct NewRecoveryCodes {
    pub(crate) shown: Vec<String>,
    pub(crate) hashes: Vec<String>,
}

impl NewRecoveryCodes {
    pub(crate) fn generate(app: &App, user: UserId) -> Self {
        let codes = RecoveryCode::generate_all(app.random());
        Self {
            shown: codes.iter().map(|code| code.shown().to_string()).collect(),
            hashes: codes
                .iter()
                .map(|code| hexadecimal(&app.factor_keys().recovery_hash(user, code)))
                .collect(),
        }
    }
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Nothing when the change is made.
///
/// # Errors
/// This problem when the account does not have what the change needs, and 401 when the session has ended while the request ran.
pub(crate) fn made(change: Change, missing: Code) -> Result<(), Problem> {
    match change {
        Change::Made => Ok(()),
        Change::Missing => Err(missing.into()),
        Change::Refused => Err(INVALID_TOKEN.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_written_in_hexadecimal() {
        assert_eq!(hexadecimal(&[0, 9, 0xab, 255]), "0009abff");
    }
}
