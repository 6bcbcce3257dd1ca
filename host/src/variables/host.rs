//! `spin:variables@3.0.0`.

use std::sync::Arc;

use wasmtime::component::{Accessor, HasData};

use super::{Error, Variables};
use crate::bindings::spin::variables::variables::{self, HostWithStore};

/// The state behind `get`.
pub(crate) struct VariablesState {
    pub(crate) variables: Arc<Variables>,
    pub(crate) component: Arc<str>,
}

/// Selects the part of the store that [`HostWithStore`] works on.
pub(crate) struct HasVariables;

impl HasData for HasVariables {
    type Data<'a> = &'a mut VariablesState;
}

impl<T: Send> HostWithStore<T> for HasVariables {
    async fn get(
        accessor: &Accessor<T, Self>,
        name: String,
    ) -> wasmtime::Result<Result<String, variables::Error>> {
        Ok(accessor.with(|mut access| {
            let state = access.get();
            state.variables.get(&state.component, &name).map_err(Into::into)
        }))
    }
}

impl variables::Host for VariablesState {}

impl From<Error> for variables::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidName(text) => Self::InvalidName(text),
            Error::Undefined(text) => Self::Undefined(text),
            Error::Provider(text) => Self::Provider(text),
            Error::InvalidTemplate(text) => Self::Other(text),
        }
    }
}
