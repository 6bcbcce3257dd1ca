//! Errors of reading.

/// Input that cannot be read. A mistake in readable manifests is a fault instead.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The manifests are not YAML.
    #[error("the rendered manifests are not YAML: {0}")]
    Yaml(String),
    /// The text is not TOML, or not a Spin manifest.
    #[error("spin.toml cannot be read: {0}")]
    Spin(String),
    /// An object lacks a field that every object has.
    #[error("an object has no {0}: add it")]
    Nameless(&'static str),
    /// No object has this kind and name.
    #[error("the rendered manifests have no {kind} {name}: correct the name")]
    Missing {
        /// The kind that was asked for.
        kind: String,
        /// The name that was asked for.
        name: String,
    },
    /// A variable has no value.
    #[error("the variable {0} has no value: add the key that it refers to")]
    NoValue(String),
}
