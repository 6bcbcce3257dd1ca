//! `[variables]`.

use anyhow::{Result, ensure};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// A variable of the application.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// A required variable has no default.
    #[serde(default)]
    required: bool,
    /// The value, unless the operator sets another one.
    pub default: Option<String>,
    /// Marks a value that must not be shown.
    #[serde(default)]
    pub secret: bool,
    #[serde(default, rename = "description")]
    _description: IgnoredAny,
}

impl Variable {
    pub(crate) fn check(&self, name: &str) -> Result<()> {
        ensure!(
            self.required != self.default.is_some(),
            "the variable {name:?} must have either a default or 'required = true'"
        );
        Ok(())
    }
}
