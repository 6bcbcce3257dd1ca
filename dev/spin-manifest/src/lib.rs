//! `spin.toml`: the parts of manifest version 2 that an HTTP application with local components needs. The parser checks the same
//! things as Spin 4.1. An unknown key is an error. A component or a dependency that is not a local file is also an error.

mod component;
mod dependency;
mod routes;
mod template;
mod trigger;
mod variable;

#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::IgnoredAny;

pub use component::{Build, Component};
pub use dependency::{Dependency, Inherit, Origin};
pub use routes::{Match, Routes};
pub use template::Template;
pub use trigger::{Route, StaticResponse, Target, Trigger};
pub use variable::Variable;

/// A manifest whose references are all valid.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The application's name.
    pub name: String,
    /// The application's variables.
    pub variables: IndexMap<String, Variable>,
    /// The HTTP triggers, in the order of the manifest.
    pub triggers: Vec<Trigger>,
    /// The components by name, including those that are written inside a trigger.
    pub components: IndexMap<String, Component>,
}

impl Manifest {
    /// Parses the text of a manifest.
    ///
    /// # Errors
    /// With a sentence for people, when the text is not TOML, has an unknown key, or refers to something that does not exist.
    pub fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        ensure!(file.spin_manifest_version == 2, "only spin_manifest_version = 2 is supported");
        for (name, variable) in &file.variables {
            variable.check(name)?;
        }
        let mut manifest = Self {
            name: file.application.name,
            variables: file.variables,
            triggers: Vec::new(),
            components: file.component,
        };
        for (index, trigger) in file.trigger.http.into_iter().enumerate() {
            let trigger = trigger.check(index, &mut manifest.components)?;
            manifest.triggers.push(trigger);
        }
        for (name, component) in &mut manifest.components {
            component.check(name)?;
        }
        manifest.check_dependencies()?;
        Ok(manifest)
    }

    /// The public routes that lead to a component, each with the component's name.
    pub fn component_routes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.triggers.iter().filter_map(|trigger| match (&trigger.route, &trigger.target) {
            (Route::Public(route), Target::Component(component)) => Some((&**route, &**component)),
            _ => None,
        })
    }

    /// A table that finds the component for a path.
    ///
    /// # Errors
    /// When a route is malformed.
    pub fn router(&self) -> Result<Routes<String>> {
        Routes::new(
            self.component_routes().map(|(route, component)| (route.to_owned(), component.to_owned())),
        )
    }

    /// The `.wasm` file of a dependency, relative to the manifest.
    ///
    /// # Errors
    /// When the dependency names a component that does not exist or has resources. The error names `dependent`.
    pub fn file_of<'a>(&'a self, dependency: &'a Dependency, dependent: &str) -> Result<&'a Path> {
        let name = match &dependency.origin {
            Origin::Path(path) => return Ok(path),
            Origin::Component(name) => name,
        };
        let component = self.components.get(name).with_context(|| {
            format!("the component {dependent:?} depends on the component {name:?}, which does not exist")
        })?;
        let resources = component.resources();
        if !resources.is_empty() {
            // The resources would be lost: a composed component has only the resources of the component that contains it.
            bail!(
                "the component {dependent:?} cannot depend on the component {name:?}, which has resources of its own: {}",
                resources.join(", ")
            );
        }
        Ok(&component.source)
    }

    fn check_dependencies(&self) -> Result<()> {
        for (name, component) in &self.components {
            for dependency in component.dependencies.values() {
                self.file_of(dependency, name)?;
            }
        }
        for trigger in &self.triggers {
            if let Target::Component(name) = &trigger.target {
                for middleware in &trigger.middleware {
                    self.file_of(middleware, name)?;
                }
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    spin_manifest_version: u32,
    application: Application,
    #[serde(default)]
    variables: IndexMap<String, Variable>,
    #[serde(default)]
    trigger: trigger::Triggers,
    #[serde(default)]
    component: IndexMap<String, Component>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    name: String,
    #[serde(default, rename = "version")]
    _version: IgnoredAny,
    #[serde(default, rename = "description")]
    _description: IgnoredAny,
    #[serde(default, rename = "authors")]
    _authors: IgnoredAny,
    #[serde(default, rename = "targets")]
    _targets: IgnoredAny,
    #[serde(default, rename = "trigger")]
    _trigger: IgnoredAny,
    #[serde(default, rename = "tool")]
    _tool: IgnoredAny,
}
