//! The signing of access tokens, and the keys for it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use users_core::Random;
use users_crypto::{Holder, KeySecret, SigningKey, TokenIssuer, TokenKey, TokenSecret};
use users_db::Db;
use users_guard::Settings;
use users_web::{Problem, Variables};

use crate::App;
use crate::store::Grant;
use crate::store::refresh_tokens::Ready;
use crate::store::signing_keys::{self, StoredKey};

/// Signs access tokens, with the key that the database says, or with the secret of the release before while that is set.
pub(crate) struct Signing {
    by_key: TokenIssuer,
    by_secret: Option<(TokenIssuer, TokenSecret)>,
    key_secret: KeySecret,
    /// The key that signed last, so that it is not opened for every token. It is zeroized when another one takes its place.
    opened: Mutex<Option<Arc<SigningKey>>>,
}

impl Signing {
    /// Reads `key_secret`.
    ///
    /// # Errors
    /// A defect of the deployment, as a problem whose cause names the variable.
    pub(crate) async fn read(settings: &Settings, variables: &impl Variables) -> Result<Self, Problem> {
        let key_secret = variables.get("key_secret").await?;
        let audience = &settings.jwt_audience;
        Ok(Self {
            by_key: TokenIssuer::new(settings.issuer(), audience),
            by_secret: settings
                .secret()?
                .map(|(secret, issuer)| (TokenIssuer::new(issuer, audience), secret)),
            key_secret: KeySecret::new(key_secret.as_bytes()).map_err(Problem::internal)?,
            opened: Mutex::default(),
        })
    }

    /// An access token for a session. It costs a statement only when no key signs, or when the one that does is due for a successor and
    /// nobody has made one.
    pub(crate) async fn access_token(&self, app: &App, db: &Db, grant: &Grant) -> Result<String, Problem> {
        let lifetime = app.lifetimes().access_token;
        let issue = |issuer: &TokenIssuer, key: TokenKey<'_>| {
            let Grant { user, session, authentication, .. } = grant;
            let holder = Holder { user: *user, session: *session, authentication };
            let token = issuer.issue(key, holder, grant.now, lifetime, app.random());
            token.map_err(Problem::internal)
        };
        if let Some((issuer, secret)) = &self.by_secret {
            return issue(issuer, TokenKey::Secret(secret));
        }
        let key = self.prepare(db, app.random(), grant.key.as_ref()).await?;
        issue(&self.by_key, TokenKey::Private(&key))
    }

    /// Makes sure that tokens can be signed.
    ///
    /// # Errors
    /// `key_secret` does not open the key; and as for any statement when a key has to be made.
    pub(crate) async fn ensure_key(
        &self,
        db: &Db,
        random: &dyn Random,
        stored: Option<&StoredKey>,
    ) -> Result<(), Problem> {
        if self.by_secret.is_none() {
            self.prepare(db, random, stored).await?;
        }
        Ok(())
    }

    /// The signing keys for which no statement is needed.
    pub(crate) fn ready(&self) -> Ready {
        if self.by_secret.is_some() {
            return Ready::ForAny;
        }
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        Ready::For(opened.as_ref().map(|key| key.kid().to_owned()).unwrap_or_default())
    }

    /// Opens the key that signs. Makes one if there is none, and the next one if it is due.
    ///
    /// The present key is opened first. An instance with another `key_secret` than the others would make a key that they cannot open.
    pub(crate) async fn prepare(
        &self,
        db: &Db,
        random: &dyn Random,
        stored: Option<&StoredKey>,
    ) -> Result<Arc<SigningKey>, Problem> {
        match stored {
            Some(stored) => {
                let key = self.open(stored)?;
                if stored.is_due { self.make(db, random).await } else { Ok(key) }
            }
            None => self.make(db, random).await,
        }
    }

    /// Makes a key, and returns the one that signs now. That is another one if a replica was faster, or if the new one is for later.
    async fn make(&self, db: &Db, random: &dyn Random) -> Result<Arc<SigningKey>, Problem> {
        let made = SigningKey::generate(random);
        let signs = signing_keys::add(db, &made, &made.seal(&self.key_secret, random)).await?;
        if signs.kid == made.kid() { Ok(self.keep(made)) } else { self.open(&signs) }
    }

    fn open(&self, stored: &StoredKey) -> Result<Arc<SigningKey>, Problem> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(key) = opened.filter(|key| key.kid() == stored.kid) {
            return Ok(key);
        }
        let key =
            SigningKey::open(&stored.kid, &stored.sealed, &self.key_secret).map_err(Problem::internal)?;
        Ok(self.keep(key))
    }

    fn keep(&self, key: SigningKey) -> Arc<SigningKey> {
        let key = Arc::new(key);
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&key));
        key
    }
}

/// Shows no secret and no key.
impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signing").field("by_key", &self.by_key).finish_non_exhaustive()
    }
}
