//! `POST /auth/introspect`: tells another service what a token is good for (RFC 7662).

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::json;
use users_core::{Authentication, Permission, Proof};
use users_crypto::{ApiKeySecret, CLIENT_ID, PresentedToken};
use users_db::Db;
use users_guard::codes::{INACTIVE_ACCOUNT, INVALID_TOKEN};
use users_guard::{Caller, Rights};
use users_web::openapi::constant;
use users_web::{About, Database, FormInput, Json, Problem, State};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use crate::App;
use crate::presented::Presented;
use crate::store::api_keys;

/// The state of a token (RFC 7662 section 2.2). Of a token that is not active, nothing but that is told.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(examples(json!({
    "active": true, "scope": "accounts:read token:introspect", "client_id": "users", "token_type": "bearer", "exp": 1_780_000_900,
    "iat": 1_780_000_000, "sub": "7", "aud": "users-api", "iss": "https://users.example.com",
    "auth_time": 1_780_000_000, "acr": "1", "amr": ["pwd"],
})))]
pub(crate) struct Introspection {
    /// True if the service itself would accept the token now.
    active: bool,
    /// The permissions, as `resource:action`, separated by spaces. `admin:all` is every right.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 65536)]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = client_id)]
    client_id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = token_type)]
    token_type: Option<&'static str>,
    /// When the token expires, in seconds since 1970. Missing for an API key that does not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 253_402_300_799_i64)]
    exp: Option<i64>,
    /// When the token was issued, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 253_402_300_799_i64)]
    iat: Option<i64>,
    /// The id of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 10, pattern = "^[1-9][0-9]*$")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2048)]
    aud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2048)]
    iss: Option<String>,
    /// When the owner of the session last proved who they are, in seconds since 1970 (RFC 9470 section 6.2). It may be later than the same claim
    /// of the token. Missing for an API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 253_402_300_799_i64)]
    auth_time: Option<i64>,
    /// The level of that proof: `1` for one factor, `2` for two. Missing for an API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = acr)]
    acr: Option<&'static str>,
    /// The methods of that proof (RFC 8176). Missing for an API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 10)]
    amr: Option<Vec<String>>,
}

fn client_id() -> Object {
    constant(CLIENT_ID)
}

fn acr() -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Authentication::LEVELS)).build()
}

fn token_type() -> Object {
    constant("bearer")
}

/// The rights, each a resource and an action, as a scope (RFC 6749 section 3.3): each once and sorted. `is_admin` is the same as the right
/// `admin:all`.
fn scope<'a>(is_admin: bool, rights: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let words = rights.chain(is_admin.then_some(("admin", "all")));
    let words: BTreeSet<String> = words.map(|(resource, action)| format!("{resource}:{action}")).collect();
    words.into_iter().collect::<Vec<_>>().join(" ")
}

pub(crate) fn about() -> About {
    About::new("introspect", "Look up a token", "The state of the token.")
        .text(
            "For services that take the tokens of this one (RFC 7662). `active` is true for an access token or an API key that this service \
             would accept now; then the other members say whose it is and what it may do. For anything else the answer is \
             `{\"active\": false}` and nothing more: expired, revoked, of a session that has ended, of a deactivated account, a refresh \
             token, any other text. An API key that is bound to addresses is not active here, because the service does not see from \
             where it was sent to you.\n\n\
             Requires the permission `token:introspect`. `token_type_hint` is not needed.",
        )
        .example(json!({"token": "eyJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiI3In0.c2lnbmF0dXJl"}))
}

/// 200 with the state of the token.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    FormInput(token): FormInput<Presented>,
) -> Result<Json<Introspection>, Problem> {
    let told = if ApiKeySecret::is_meant_by(&token) {
        of_api_key(&app, &db, &token).await
    } else {
        of_access_token(&app, &db, &token).await
    };
    match told {
        Err(problem) if [INVALID_TOKEN, INACTIVE_ACCOUNT].contains(&problem.code()) => {
            Ok(Json(Introspection::default()))
        }
        told => told.map(Json),
    }
}

/// The state of an access token. The guard asks the same as for a request that comes with the token, in one statement.
async fn of_access_token(app: &App, db: &Db, token: &str) -> Result<Introspection, Problem> {
    let caller = app.guard().caller(db, token, &[Rights::EXTRA, Caller::PROOF]).await?;
    let token = PresentedToken::read(token).map_err(|_| INVALID_TOKEN)?;
    let permissions: Vec<Permission> = caller.extra(Rights::EXTRA)?;
    let Proof { authentication, .. } = caller.proof()?;
    Ok(Introspection {
        active: true,
        scope: Some(scope(caller.user.is_admin, permissions.iter().map(|it| (&*it.resource, &*it.action)))),
        client_id: Some(CLIENT_ID),
        token_type: Some("bearer"),
        exp: Some(token.expires()),
        iat: Some(token.issued()),
        sub: Some(caller.user.id.to_string()),
        aud: Some(token.audience().to_owned()),
        iss: Some(token.issuer().to_owned()),
        auth_time: Some(authentication.time),
        acr: Some(authentication.level()),
        amr: Some(authentication.methods),
    })
}

/// The state of an API key, read in one statement. Nobody uses the key at this moment, so there is no client address to compare.
async fn of_api_key(app: &App, db: &Db, key: &str) -> Result<Introspection, Problem> {
    let hash = ApiKeySecret::hash_of(key).ok_or(INVALID_TOKEN)?;
    let key = api_keys::presented(db, &hash).await?.ok_or(INVALID_TOKEN)?;
    Ok(Introspection {
        active: true,
        scope: Some(scope(
            key.is_admin,
            key.rights.iter().map(|(resource, action)| (&**resource, &**action)),
        )),
        client_id: Some(CLIENT_ID),
        token_type: Some("bearer"),
        exp: key.expires,
        iat: Some(key.issued),
        sub: Some(key.user.to_string()),
        aud: Some(app.identity().audience.clone()),
        iss: Some(app.identity().issuer.clone()),
        ..Introspection::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_has_each_right_once() {
        let rights = || [("b", "read"), ("a", "write"), ("b", "read")].into_iter();
        assert_eq!(scope(false, rights()), "a:write b:read");
        assert_eq!(scope(true, rights()), "a:write admin:all b:read");
        assert_eq!(scope(true, [("admin", "all")].into_iter()), "admin:all");
        assert_eq!(scope(false, [].into_iter()), "");
    }

    #[test]
    fn nothing_is_told_of_a_token_that_is_not_active() {
        assert_eq!(serde_json::to_value(Introspection::default()).unwrap(), json!({"active": false}));
    }
}
