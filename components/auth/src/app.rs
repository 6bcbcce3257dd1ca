//! The state that the handlers share.

use std::sync::Arc;
use std::time::Duration;

use users_core::{HashSlots, Lifetime, Lifetimes, Random};
use users_crypto::{FactorKeys, OsRandom, PasswordHasher};
use users_db::Db;
use users_guard::{Guard, HashSlotRequest, Passwords, Settings, password_hasher, read_hash_slots};
use users_passkeys::RelyingParty;
use users_web::{Problem, Variables, read_db};

use crate::limits::Limits;
use crate::passkeys;
use crate::signing::Signing;

/// The state of the component. Nothing in it belongs to a request.
#[derive(Clone)]
pub struct App {
    guard: Guard,
    identity: Arc<Identity>,
    signing: Arc<Signing>,
    factor_keys: Arc<FactorKeys>,
    hasher: Arc<PasswordHasher>,
    passwords: Passwords,
    hash_slots: HashSlots,
    random: Arc<dyn Random>,
    admits_registrations: bool,
    requires_verified_email: bool,
    lifetimes: Lifetimes,
    limits: Arc<Limits>,
    relying_party: Arc<RelyingParty>,
}

impl App {
    /// The state that the component's variables describe.
    ///
    /// # Errors
    /// A defect of the deployment, as a problem whose cause names the variable.
    pub async fn read(variables: &impl Variables) -> Result<Self, Problem> {
        let settings = Settings::read(variables).await?;
        Ok(Self {
            guard: Guard::new(&settings, read_db(variables).await?)?,
            identity: Arc::new(Identity::of(&settings)),
            signing: Arc::new(Signing::read(&settings, variables).await?),
            factor_keys: Arc::new(factor_keys(variables).await?),
            hasher: Arc::new(password_hasher()),
            passwords: Passwords::read(variables).await?,
            hash_slots: read_hash_slots(variables).await?,
            random: Arc::new(OsRandom),
            admits_registrations: admits_registrations(variables).await?,
            requires_verified_email: variables.switch("require_verified_email").await?,
            lifetimes: lifetimes(variables).await?,
            limits: Arc::new(Limits::read(variables).await?),
            relying_party: Arc::new(passkeys::relying_party(variables, &settings.public_url).await?),
        })
    }

    pub(crate) fn guard(&self) -> &Guard {
        &self.guard
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(crate) fn signing(&self) -> &Signing {
        &self.signing
    }

    /// The keys for what is stored of second factors.
    pub(crate) fn factor_keys(&self) -> &FactorKeys {
        &self.factor_keys
    }

    pub(crate) fn hasher(&self) -> &PasswordHasher {
        &self.hasher
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    /// A request for a slot, without which no password is hashed.
    pub(crate) fn hash_slot(&self) -> HashSlotRequest {
        HashSlotRequest::new(self.hash_slots, self.random())
    }

    pub(crate) fn random(&self) -> &dyn Random {
        self.random.as_ref()
    }

    pub(crate) fn admits_registrations(&self) -> bool {
        self.admits_registrations
    }

    pub(crate) fn requires_verified_email(&self) -> bool {
        self.requires_verified_email
    }

    pub(crate) fn lifetimes(&self) -> &Lifetimes {
        &self.lifetimes
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The service, as authenticators see it.
    pub(crate) fn relying_party(&self) -> &RelyingParty {
        &self.relying_party
    }
}

/// The names under which others know the service.
#[derive(Debug)]
pub(crate) struct Identity {
    /// `iss` of access tokens.
    pub(crate) issuer: String,
    /// `aud` of access tokens.
    pub(crate) audience: String,
    /// The URL at which people reach the service.
    pub(crate) public_url: String,
}

impl Identity {
    fn of(settings: &Settings) -> Self {
        Self {
            issuer: settings.issuer().to_owned(),
            audience: settings.jwt_audience.clone(),
            public_url: settings.public_url.clone(),
        }
    }
}

/// The variable `registration`.
async fn admits_registrations(variables: &impl Variables) -> Result<bool, Problem> {
    match variables.get("registration").await?.as_str() {
        "open" => Ok(true),
        "closed" => Ok(false),
        _ => Err(Problem::internal("the variable registration must be open or closed")),
    }
}

/// The keys that are derived from `key_secret`, and those of the secret that it replaced.
async fn factor_keys(variables: &impl Variables) -> Result<FactorKeys, Problem> {
    let keys = FactorKeys::new(variables.get("key_secret").await?.as_bytes()).map_err(Problem::internal)?;
    let previous = variables.get("key_secret_previous").await?;
    keys.with_previous(previous.as_bytes()).map_err(Problem::internal)
}

async fn lifetimes(variables: &impl Variables) -> Result<Lifetimes, Problem> {
    Ok(Lifetimes {
        access_token: lifetime(variables, Lifetime::AccessToken).await?,
        session_idle: lifetime(variables, Lifetime::SessionIdle).await?,
        session: lifetime(variables, Lifetime::Session).await?,
    })
}

async fn lifetime(variables: &impl Variables, lifetime: Lifetime) -> Result<Duration, Problem> {
    lifetime.parse(&variables.get(lifetime.variable()).await?).map_err(Problem::internal)
}

impl AsRef<Db> for App {
    fn as_ref(&self) -> &Db {
        &self.guard.db
    }
}

impl AsRef<Guard> for App {
    fn as_ref(&self) -> &Guard {
        &self.guard
    }
}

impl AsRef<Passwords> for App {
    fn as_ref(&self) -> &Passwords {
        &self.passwords
    }
}
