//! The state that all requests share.

use std::fmt;
use std::sync::Arc;

use users_core::Random;
use users_crypto::OsRandom;
use users_web::{Problem, Variables};

use crate::api::{self, Api, Transport};
use crate::settings::Settings;
use crate::texts::Catalogue;

/// Everything that pages need besides the request: the API, the settings and the texts. Cheap to clone.
#[derive(Clone)]
pub struct Console(Arc<Inner>);

struct Inner {
    api: Api,
    settings: Settings,
    catalogue: Arc<Catalogue>,
    random: Box<dyn Random>,
}

impl Console {
    /// Creates the state from the variables of [`Settings::read`].
    ///
    /// # Errors
    /// A defect of the deployment. The cause of the problem names the variable.
    pub async fn read(variables: &impl Variables) -> Result<Self, Problem> {
        let settings = Settings::read(variables).await?;
        let transport = api::transport().map_err(Problem::internal)?;
        Self::new(settings, transport).map_err(Problem::internal)
    }

    /// Creates the state from settings. The requests to the API go through the transport.
    ///
    /// # Errors
    /// A defect of the texts that are part of the program.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>) -> Result<Self, String> {
        let api = Api::new(&settings, transport);
        let catalogue = Arc::new(Catalogue::read()?);
        Ok(Self(Arc::new(Inner { api, settings, catalogue, random: Box::new(OsRandom) })))
    }

    /// The way to call the API.
    pub(crate) fn api(&self) -> &Api {
        &self.0.api
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn catalogue(&self) -> &Arc<Catalogue> {
        &self.0.catalogue
    }

    pub(crate) fn random(&self) -> &dyn Random {
        self.0.random.as_ref()
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Console")
    }
}
