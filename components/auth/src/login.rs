//! `POST /auth/login`: opens a session.

use serde::Deserialize;
use serde_json::json;
use users_core::Password;
use users_crypto::{HashError, LoginChallenge, RefreshToken, Verification};
use users_db::Db;
use users_guard::TOO_BUSY;
use users_guard::codes::INACTIVE_ACCOUNT;
use users_web::{
    About, Checks, Client, Code, Context, Database, Extension, Field, FormInput, Input, Json, OAuthError,
    Problem, State, StatusCode,
};
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::App;
use crate::codes::EMAIL_UNVERIFIED;
use crate::factors::{SECOND_FACTOR_REQUIRED, second_factor_required};
use crate::guesses::note_last_failure;
use crate::limits::PasswordCounter;
use crate::store::accounts::{Beginning, Credentials};
use crate::store::limits::Attempt;
use crate::store::sessions::{Opened, Opening};
use crate::store::{accounts, events, limits, sessions};
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
             5.2. Send the access token in the `Authorization` header. If the deployment requires verified addresses, a login with the \
             right password for an unverified address is refused, and the link is sent again.\n\n\
             An account with a second factor gets no tokens yet: the answer is 401 `second_factor_required` with a `challenge`, and \
             `POST /auth/login/factor` completes the login.\n\n\
             Wrong passwords for an address are limited, whether or not it has an account. All client addresses together share one count. \
             Only a client address from which the owner has logged in before has a count of its own. Logins from one client address are \
             limited, too. A refused attempt is 429, and its password is not compared.",
        )
        .example(json!({
            "grant_type": "password", "username": "ada@example.com", "password": "correct horse battery staple",
        }))
        .problems([
            INVALID_CREDENTIALS,
            SECOND_FACTOR_REQUIRED,
            INACTIVE_ACCOUNT,
            EMAIL_UNVERIFIED,
            Code::TOO_MANY_REQUESTS,
            TOO_BUSY,
        ])
}

/// 200 with a pair of tokens. An unknown address costs the same work and gets the same answers as a wrong password. 429 when a limit is
/// reached; that is decided before the password is hashed. 401 with a challenge when the account has a second factor. 503 when too many passwords are to be hashed; then nothing is counted.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    Extension(context): Extension<Context>,
    client: Client,
    FormInput(Accepted { username, password }): FormInput<Login>,
) -> Result<Json<TokenPair>, Problem> {
    let username = username.trim();
    let logins = app.limits().logins(&client);
    let passwords = app.limits().passwords(username, &client);
    let asking = app.hash_slot();
    let beginning = accounts::begin_login(&db, username, &logins, &passwords, &asking).await?;
    let (attempt, account) = match beginning {
        Beginning::Counted { mut attempt, login, account, turn } => match asking.settle(&db, turn).await {
            Ok(slot) => {
                attempt.slot = Some(slot);
                (attempt, account)
            }
            Err(problem) => {
                limits::uncount(&db, &login, &attempt).await?;
                return Err(problem);
            }
        },
        Beginning::Refused { of_passwords, retry_after, user } => {
            // The log shows which account somebody guesses at.
            user.inspect(|user| context.set_user(user.get()));
            let counter = if of_passwords { &passwords.shared } else { &logins };
            return Err(counter.exceeded(retry_after));
        }
    };
    let mut login = Attempted { app: &app, db: &db, context: &context, client: &client, attempt, passwords };
    if let Some(pair) = login.open_session(account.as_ref(), &password).await? {
        return Ok(Json(pair));
    }
    // Another login may have replaced an outdated hash while this one verified the password; the second try reads the new hash.
    match app.hash_slot().lease(&db).await {
        Ok(slot) => login.attempt.slot = Some(slot),
        Err(problem) => {
            limits::forget(&db, &login.attempt).await?;
            return Err(problem);
        }
    }
    let account = accounts::credentials(&db, username).await?;
    match login.open_session(account.as_ref(), &password).await? {
        Some(pair) => Ok(Json(pair)),
        None => Err(INVALID_CREDENTIALS.into()),
    }
}

/// A login that is counted.
struct Attempted<'a> {
    app: &'a App,
    db: &'a Db,
    context: &'a Context,
    client: &'a Client,
    attempt: Attempt,
    passwords: PasswordCounter,
}

impl Attempted<'_> {
    /// `None` when the account changed while its password was verified.
    async fn open_session(
        &self,
        account: Option<&Credentials>,
        password: &Password,
    ) -> Result<Option<TokenPair>, Problem> {
        let Self { app, db, attempt, .. } = self;
        // An account without a password has an empty hash.
        let stored = account.map(|account| account.password_hash.as_str()).filter(|hash| !hash.is_empty());
        let verdict = match app.hasher().verify(password, stored).await {
            Ok(verdict) => verdict,
            Err(error) => {
                self.give_slot_back().await;
                return Err(unverifiable(error));
            }
        };
        if let Some(account) = account {
            // Also when the password is wrong: the log shows which account somebody guesses at.
            self.context.set_user(account.id.get());
        }
        let (Some(account), Verification::Match { outdated }) = (account, verdict) else {
            return Err(self.wrong_password(account).await?);
        };
        if !account.is_active {
            limits::take_back(db, attempt).await?;
            return Err(INACTIVE_ACCOUNT.into());
        }
        if app.requires_verified_email() && !account.email_verified {
            let is_recorded = events::email_verification_at_login(db, account, attempt).await?;
            return if is_recorded { Err(EMAIL_UNVERIFIED.into()) } else { Ok(None) };
        }
        let new_hash = if outdated {
            Some(app.hasher().hash(password, app.random()).await.map_err(Problem::internal)?)
        } else {
            None
        };
        let (refresh, challenge) =
            (RefreshToken::generate(app.random()), LoginChallenge::generate(app.random()));
        let opening = Opening {
            account,
            attempt,
            passwords: &self.passwords,
            new_hash: new_hash.as_deref(),
            refresh: &refresh,
            challenge: &challenge,
            client: self.client,
            lifetimes: app.lifetimes(),
        };
        match sessions::open(db, opening).await? {
            Opened::Session(grant) => TokenPair::issue(app, db, &grant, &refresh).await.map(Some),
            Opened::NeedsFactor { methods, passkeys } => {
                Err(second_factor_required(app, &challenge, methods, &passkeys))
            }
            Opened::Changed => Ok(None),
        }
    }

    async fn give_slot_back(&self) {
        if let Some(slot) = self.attempt.slot {
            slot.give_back(self.db).await;
        }
    }

    /// The answer to a wrong password. The one that reaches the limit tells the owner.
    async fn wrong_password(&self, account: Option<&Credentials>) -> Result<Problem, Problem> {
        let user = account.map(|account| account.id);
        note_last_failure(self.db, self.context, user, &self.attempt, self.passwords.shared.limit).await?;
        let why = if user.is_some() { "the password is wrong" } else { "no account has the address" };
        Ok(Problem::new(INVALID_CREDENTIALS).because(why))
    }
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
