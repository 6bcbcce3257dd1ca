//! Requests about passkeys, with an authenticator in software.

use serde_json::{Value, json};
use software_authenticator::{Authenticator, Behaviour};

use crate::{Account, Answer, Front, Service};

/// The origin of the service's pages, unless a test sets another `public_url`.
pub const ORIGIN: &str = "http://127.0.0.1:3000";

impl Front {
    /// The options for a new passkey of a session.
    ///
    /// # Panics
    /// When the service refuses the request.
    pub async fn creation_options(&self, access_token: &str) -> Value {
        self.post("/auth/passkeys/options").bearer(access_token).send().await.expect(200).json()
    }

    /// Sends the answer of an authenticator to [`Self::creation_options`]. Returns any answer.
    pub async fn try_passkey(&self, access_token: &str, credential: &Value) -> Answer {
        let request = self.post("/auth/passkeys").bearer(access_token);
        request.json(&json!({"credential": credential})).send().await
    }

    /// Registers a passkey of an authenticator with this behaviour.
    ///
    /// # Panics
    /// When the browser or the service refuses it.
    pub async fn passkey_as(
        &self,
        access_token: &str,
        authenticator: &mut Authenticator,
        behaviour: &Behaviour,
    ) -> Value {
        let options = self.creation_options(access_token).await;
        let credential = authenticator.create_as(&options, ORIGIN, behaviour).expect("a passkey");
        self.try_passkey(access_token, &credential).await.expect(201).json()
    }

    /// Registers an account with a passkey.
    ///
    /// # Panics
    /// When the service refuses a request.
    pub async fn account_with_passkey(&self, email: &str, authenticator: &mut Authenticator) -> Account {
        let account = self.account(email).await;
        self.passkey_as(&account.tokens.access, authenticator, &Behaviour::default()).await;
        account
    }

    /// The options for a login by a passkey alone.
    ///
    /// # Panics
    /// When the service refuses the request.
    pub async fn passkey_login_options(&self) -> Value {
        self.post("/auth/passkeys/login/options").send().await.expect(200).json()
    }

    /// Sends the answer of an authenticator to [`Self::passkey_login_options`]. Returns any answer.
    pub async fn try_passkey_login(&self, assertion: &Value) -> Answer {
        self.post("/auth/passkeys/login").json(&json!({"assertion": assertion})).send().await
    }

    /// Logs in by the newest passkey of an authenticator with this behaviour. Returns any answer.
    ///
    /// # Panics
    /// When the browser refuses.
    pub async fn passkey_login_as(&self, authenticator: &mut Authenticator, behaviour: &Behaviour) -> Answer {
        let options = self.passkey_login_options().await;
        let assertion = authenticator.get_as(&options, ORIGIN, behaviour).expect("an answer");
        self.try_passkey_login(&assertion).await
    }
}

impl Service {
    /// Starts a service that has one account, which has a passkey of the authenticator, and no mail.
    ///
    /// # Panics
    /// When the service refuses a request.
    pub async fn start_with_passkey(email: &str) -> (Self, Account, Authenticator) {
        let service = Self::start().await;
        let mut authenticator = Authenticator::new();
        let account = service.account_with_passkey(email, &mut authenticator).await;
        service.empty_outbox().await;
        (service, account, authenticator)
    }
}
