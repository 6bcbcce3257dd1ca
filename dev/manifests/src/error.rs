//! What may be wrong with what is read.

/// Something that cannot be understood; what can be understood and is wrong is a fault instead.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No YAML.
    #[error("the rendered manifests are no YAML: {0}")]
    Yaml(String),
    /// No TOML, or no Spin manifest.
    #[error("spin.toml cannot be read: {0}")]
    Spin(String),
    /// An object without what every object has.
    #[error("an object has no {0}: give it one")]
    Nameless(&'static str),
    /// Something that was looked for by name.
    #[error("there is no {kind} {name} in the rendered manifests: name one that is there")]
    Missing {
        /// What it should have been.
        kind: String,
        /// How it should have been called.
        name: String,
    },
    /// A variable that would be left without a value.
    #[error("nothing gives {0} a value: add the key that it refers to")]
    NoValue(String),
}
