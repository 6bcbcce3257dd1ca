//! `POST /auth/passkeys/login/options`: begins a login by a passkey, or another proof by one.

use serde::Deserialize;
use serde_json::json;
use users_db::Db;
use users_guard::codes::INVALID_TOKEN;
use users_guard::{Caller, MaybeCaller};
use users_passkeys::{Ceremony, Challenge, RequestOptions};
use users_web::{About, Checks, Client, Code, Database, Field, Input, Json, JsonInputOrNone, Problem, State};

use super::{NO_CHALLENGE, PASSKEY_REFUSED, refused};
use crate::App;
use crate::store::passkeys;

/// The body. Its challenge is that of a login that waits for the second factor.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Waiting {
    challenge: Field<String>,
}

impl Input for Waiting {
    type Accepted = Option<String>;

    fn check(self, checks: &mut Checks) -> Option<Option<String>> {
        checks.optional("/challenge", self.challenge)
    }
}

pub(crate) fn about() -> About {
    About::new("offerPasskeyLogin", "Start a login by a passkey", "What the browser needs to use a passkey.")
        .text(
            "`PublicKeyCredentialRequestOptionsJSON` of Web Authentication level 3: a page passes it through \
             `PublicKeyCredential.parseRequestOptionsFromJSON()` to `navigator.credentials.get()`. The answer is due within 5 minutes, and is \
             accepted once.\n\n\
             Without a token and a challenge, the options are for a login by the passkey alone, `POST /auth/passkeys/login`, with conditional \
             mediation as well. They are limited like logins, with a count of their own.\n\n\
             With the `challenge` of a login that waits for the second factor, they are for `POST /auth/login/factor`, and the same as its \
             `passkey_options`. Otherwise, with an access token, they are for `POST /auth/reauthenticate` in the same session.",
        )
        .example(json!({"challenge": "sc3cMXDOp5yXzAHql9vevAikR5S1dglrnjQ9pl3wEoA"}))
        .problems([PASSKEY_REFUSED, Code::TOO_MANY_REQUESTS])
}

/// 200 with the options; 401 when the challenge is none of a login that waits, 429 when a limit is reached.
pub(crate) async fn handle(
    State(app): State<App>,
    Database(db): Database,
    MaybeCaller(caller): MaybeCaller,
    client: Client,
    JsonInputOrNone(waiting): JsonInputOrNone<Waiting>,
) -> Result<Json<RequestOptions>, Problem> {
    match (waiting.flatten(), caller) {
        (Some(challenge), _) => for_waiting_login(&app, &db, &client, &challenge).await,
        (None, Ok(caller)) => for_session(&app, &db, &caller).await,
        (None, Err(_)) => for_login(&app, &db, &client).await,
    }
    .map(Json)
}

async fn for_login(app: &App, db: &Db, client: &Client) -> Result<RequestOptions, Problem> {
    let challenge = Challenge::generate(app.random());
    let counter = app.limits().passkey_options(client);
    match passkeys::offer_login(db, &counter, &challenge).await? {
        Some(retry_after) => Err(counter.exceeded(retry_after)),
        None => Ok(app.relying_party().request_options(&challenge, Ceremony::Login, &[])),
    }
}

async fn for_session(app: &App, db: &Db, caller: &Caller) -> Result<RequestOptions, Problem> {
    let challenge = Challenge::generate(app.random());
    let present = passkeys::offer_proof(db, caller.user.id, caller.own_session()?, &challenge)
        .await?
        .ok_or(INVALID_TOKEN)?;
    Ok(app.relying_party().request_options(&challenge, Ceremony::SecondFactor, &present))
}

/// The challenge that the client has is the one that the authenticator signs.
async fn for_waiting_login(
    app: &App,
    db: &Db,
    client: &Client,
    challenge: &str,
) -> Result<RequestOptions, Problem> {
    let counter = app.limits().passkey_options(client);
    let network = app.limits().network(client);
    let present = match passkeys::of_waiting_login(db, &counter, network.as_ref(), challenge).await? {
        Ok(present) => present.ok_or_else(|| refused(NO_CHALLENGE))?,
        Err(retry_after) => return Err(counter.exceeded(retry_after)),
    };
    let challenge = Challenge::from_base64url(challenge).ok_or_else(|| refused(NO_CHALLENGE))?;
    Ok(app.relying_party().request_options(&challenge, Ceremony::SecondFactor, &present))
}
