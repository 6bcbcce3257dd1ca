//! `POST /auth/login`: opens a session.

use serde::Deserialize;
use serde_json::json;
use users_core::Password;
use users_crypto::{HashError, RefreshToken, Verification};
use users_db::Db;
use users_guard::codes::INACTIVE_ACCOUNT;
use users_guard::{HashSlot, TOO_BUSY};
use users_web::{
    About, Checks, Client, Code, Context, Database, Extension, Field, FormInput, Input, Json, OAuthError,
    Problem, State, StatusCode,
};
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::App;
use crate::codes::EMAIL_UNVERIFIED;
use crate::store::{accounts, events, sessions};
use crate::tokens::TokenPair;

/// 401: the address or the password is wrong. The answer is the same for both.
const INVALID_CREDENTIALS: Code =
    Code::new(StatusCode::UNAUTHORIZED, "invalid_credentials", "The email address or the password is wrong.")
        .with_header(&("www-authenticate", r#"Bearer realm="users""#));

/// The form of OAuth 2.0's password grant (RFC 6749 section 4.3.2).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Login {
    grant_type: Field<GrantType>,
    username: Field<String>,
    password: Field<Password>,
}

/// RFC 6749 section 3.2: a parameter without a value counts as omitted.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct GrantType;

impl TryFrom<String> for GrantType {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if ["", "password"].contains(&text.as_str()) {
            Ok(Self)
        } else {
            Err("must be password, or left out")
        }
    }
}

impl PartialSchema for GrantType {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["password", ""])).into()
    }
}

pub(crate) struct Accepted {
    username: String,
    password: Password,
}

impl Input for Login {
    type Accepted = Accepted;

    fn check(self, checks: &mut Checks) -> Option<Accepted> {
        if matches!(self.grant_type, Field::Invalid(_)) {
            checks.oauth_error(OAuthError::UnsupportedGrantType);
        }
        let grant_type = checks.optional("/grant_type", self.grant_type);
        let username = checks.required("/username", self.username);
        let password = checks.required("/password", self.password);
        grant_type?;
        Some(Accepted { username: username?, password: password? })
    }
}

pub(crate) fn about() -> About {
    About::new("login", "Log in", "A pair of tokens.")
        .text(
            "The form of the password grant (RFC 6749 section 4.3). `grant_type` may be left out. Other parameters, such as `client_id` and \
             `scope`, are ignored. A parameter without a value counts as omitted. Problems have the member `error` of RFC 6749 section \
             5.2. Send the access token in the `Authorization` header. Where the deployment wants verified addresses, a login \
             without one is refused after the password was found right, and the link is sent again.",
        )
        .example(json!({
            "grant_type": "password", "username": "ada@example.com", "password": "correct horse battery staple",
        }))
        .problems([INVALID_CREDENTIALS, INACTIVE_ACCOUNT, EMAIL_UNVERIFIED, TOO_BUSY])
}

/// 200 with a pair of tokens. An unknown address costs the same work and gets the same answer as a wrong password.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    client: Client,
    FormInput(login): FormInput<Login>,
) -> Result<Json<TokenPair>, Problem> {
    // Another login may replace an outdated hash while this one verifies the password; the second try reads the new hash.
    for _ in 0..2 {
        if let Some(pair) = open_session(&app, &db, &context, &client, &login).await? {
            return Ok(Json(pair));
        }
    }
    Err(INVALID_CREDENTIALS.into())
}

/// `None` when the account changed while its password was verified.
async fn open_session(
    app: &App,
    db: &Db,
    context: &Context,
    client: &Client,
    Accepted { username, password }: &Accepted,
) -> Result<Option<TokenPair>, Problem> {
    let (slot, account) = credentials(app, db, username.trim()).await?;
    if let Some(account) = &account {
        // Also when the password is wrong: the log shows which account somebody guesses at.
        context.set_user(account.id.get());
    }
    let verified = verify(app, account.as_ref(), password).await;
    let (account, new_hash) = match verified {
        Ok(verified) => verified,
        Err(problem) => {
            slot.give_back(db).await;
            return Err(problem);
        }
    };
    if app.requires_verified_email() && !account.email_verified {
        let is_recorded = events::email_verification_at_login(db, account, slot).await?;
        return if is_recorded { Err(EMAIL_UNVERIFIED.into()) } else { Ok(None) };
    }
    let refresh = RefreshToken::generate(app.random());
    let grant =
        sessions::open(db, account, slot, new_hash.as_deref(), &refresh, client, app.lifetimes()).await?;
    grant.map(|grant| TokenPair::issue(app, &grant, &refresh)).transpose()
}

/// The credentials of the account, with a slot to verify them.
async fn credentials(
    app: &App,
    db: &Db,
    email: &str,
) -> Result<(HashSlot, Option<accounts::Credentials>), Problem> {
    let mut asking = app.hash_slot();
    loop {
        let (turn, account) = accounts::credentials(db, email, &asking).await?;
        if let Some(slot) = asking.obey(turn).await? {
            return Ok((slot, account));
        }
    }
}

/// The active account whose password this is, with a new hash if the stored one is outdated.
async fn verify<'a>(
    app: &App,
    account: Option<&'a accounts::Credentials>,
    password: &Password,
) -> Result<(&'a accounts::Credentials, Option<String>), Problem> {
    // An account without a password has an empty hash.
    let stored = account.map(|account| account.password_hash.as_str()).filter(|hash| !hash.is_empty());
    let verdict = app.hasher().verify(password, stored).await.map_err(unverifiable)?;
    let (Some(account), Verification::Match { outdated }) = (account, verdict) else {
        let why = if account.is_some() { "the password is wrong" } else { "no account has the address" };
        return Err(Problem::new(INVALID_CREDENTIALS).because(why));
    };
    if !account.is_active {
        return Err(INACTIVE_ACCOUNT.into());
    }
    let needs_link = app.requires_verified_email() && !account.email_verified;
    let new_hash = if outdated && !needs_link {
        Some(app.hasher().hash(password, app.random()).await.map_err(Problem::internal)?)
    } else {
        None
    };
    Ok((account, new_hash))
}

/// With a damaged hash no password is right; the log tells the operator.
fn unverifiable(error: HashError) -> Problem {
    match error {
        HashError::Unreadable => Problem::new(INVALID_CREDENTIALS).because(error),
        HashError::Failed(_) => Problem::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use users_web::validate_input;

    use super::*;

    fn broken(body: &str) -> Vec<String> {
        let login: Login = serde_json::from_str(body).unwrap();
        validate_input(login, Checks::new())
            .err()
            .iter()
            .flat_map(Problem::errors)
            .map(|it| it.pointer.clone())
            .collect()
    }

    #[test]
    fn both_credentials_are_required_and_only_the_password_grant_is_allowed() {
        assert_eq!(broken("{}"), ["/username", "/password"]);
        assert_eq!(
            broken(r#"{"grant_type": "client_credentials", "username": "a", "password": "b"}"#),
            ["/grant_type"]
        );
        assert!(broken(r#"{"grant_type": "", "username": "a", "password": "b"}"#).is_empty());
        assert!(
            broken(r#"{"grant_type": "password", "username": "a", "password": "b", "scope": ""}"#).is_empty()
        );
    }
}
