//! `[component.…]`.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use indexmap::IndexMap;
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use toml::Value;

use crate::{Dependency, Inherit};

/// A component and its permissions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// The `.wasm` file, relative to the manifest.
    #[serde(deserialize_with = "local_file")]
    pub source: PathBuf,
    /// Name and template of each variable that the component can read.
    #[serde(default)]
    pub variables: IndexMap<String, String>,
    /// The component's environment variables.
    #[serde(default)]
    pub environment: IndexMap<String, String>,
    /// Templates of the addresses that the component may reach.
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<String>,
    /// The dependencies that are composed into the component. Each key is the import that the dependency satisfies.
    #[serde(default)]
    pub dependencies: IndexMap<String, Dependency>,
    /// Lets all dependencies of the component inherit its permissions, or none.
    pub dependencies_inherit_configuration: Option<bool>,
    /// The command that builds the component.
    pub build: Option<Build>,
    #[serde(default)]
    ai_models: Vec<IgnoredAny>,
    #[serde(default)]
    files: Vec<IgnoredAny>,
    #[serde(default)]
    key_value_stores: Vec<IgnoredAny>,
    #[serde(default)]
    sqlite_databases: Vec<IgnoredAny>,
    #[serde(default, rename = "description")]
    _description: IgnoredAny,
    #[serde(default, rename = "exclude_files")]
    _exclude_files: IgnoredAny,
    #[serde(default, rename = "tool")]
    _tool: IgnoredAny,
    #[serde(default, rename = "targets")]
    _targets: IgnoredAny,
    #[serde(default, rename = "profile")]
    _profile: IgnoredAny,
}

/// `[component.….build]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// The command, or the list of commands, that `spin build` runs.
    pub command: Value,
    /// The folder in which the command runs. The default is the manifest's folder.
    pub workdir: Option<String>,
    /// Globs of the files that `spin watch` watches.
    #[serde(default)]
    pub watch: Vec<String>,
}

impl Component {
    /// The keys that the component uses among `ai_models`, `files`, `key_value_stores` and `sqlite_databases`.
    pub fn stores(&self) -> impl Iterator<Item = &'static str> {
        let stores = [
            ("ai_models", self.ai_models.len()),
            ("files", self.files.len()),
            ("key_value_stores", self.key_value_stores.len()),
            ("sqlite_databases", self.sqlite_databases.len()),
        ];
        stores.into_iter().filter(|(_, count)| *count > 0).map(|(key, _)| key)
    }

    /// The keys of the component that give it data or permissions.
    #[must_use]
    pub fn resources(&self) -> Vec<&'static str> {
        let tables = [
            ("allowed_outbound_hosts", self.allowed_outbound_hosts.len()),
            ("dependencies", self.dependencies.len()),
            ("environment", self.environment.len()),
            ("variables", self.variables.len()),
        ];
        let tables = tables.into_iter().filter(|(_, count)| *count > 0).map(|(key, _)| key);
        tables.chain(self.stores()).collect()
    }

    /// Copies `dependencies_inherit_configuration` to the dependencies.
    pub(crate) fn check(&mut self, name: &str) -> Result<()> {
        let Some(inherit) = self.dependencies_inherit_configuration else { return Ok(()) };
        for dependency in self.dependencies.values_mut() {
            ensure!(
                dependency.inherit.is_none(),
                "the component {name:?} has both 'dependencies_inherit_configuration' and a dependency with 'inherit_configuration', which exclude each other"
            );
            dependency.inherit = Some(Inherit::All(inherit));
        }
        Ok(())
    }
}

fn local_file<'de, D: Deserializer<'de>>(source: D) -> Result<PathBuf, D::Error> {
    match Value::deserialize(source)? {
        Value::String(path) => Ok(path.into()),
        _ => Err(D::Error::custom("the source is not a local file, and nothing else is supported")),
    }
}
