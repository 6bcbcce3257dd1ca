//! The routes and variables of `spin.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use users_spin_manifest::{Routes, Template};
use users_web::Component;

/// A manifest of which only routes and variables are used.
pub(crate) struct Manifest(users_spin_manifest::Manifest);

impl Manifest {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
        Ok(Self(users_spin_manifest::Manifest::parse(&text)?))
    }

    /// The application's variables that have a default.
    pub(crate) fn defaults(&self) -> BTreeMap<String, String> {
        let variables = self.0.variables.iter();
        variables.filter_map(|(name, variable)| Some((name.clone(), variable.default.clone()?))).collect()
    }

    /// The variables of a component: its templates with the application's values. A template with a variable that has no value is
    /// left out.
    pub(crate) fn variables_of(
        &self,
        component: &str,
        application: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let value = |name: &str| application.get(name).cloned().context("no value");
        let templates = self.0.components.get(component).into_iter().flat_map(|it| &it.variables);
        templates
            .filter_map(|(name, text)| Some((name.clone(), Template::parse(text).ok()?.expand(value).ok()?)))
            .collect()
    }

    /// The routes to these components.
    pub(crate) fn routes(&self, components: &BTreeMap<&str, Component>) -> Result<Routes<Component>> {
        let mut routes = Vec::new();
        for (route, name) in self.0.component_routes() {
            let component = components
                .get(name)
                .with_context(|| format!("this program does not contain the component {name}"))?;
            routes.push((route.to_owned(), component.clone()));
        }
        Routes::new(routes)
    }
}
