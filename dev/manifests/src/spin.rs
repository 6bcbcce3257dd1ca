//! `spin.toml`, as far as the manifests have to agree with it.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::{Error, Result};

/// What `spin.toml` says of variables, components and routes.
#[derive(Debug, Clone)]
pub struct SpinManifest {
    variables: BTreeSet<String>,
    /// Those without a default.
    required: BTreeSet<String>,
    components: BTreeMap<String, Component>,
    routes: Vec<(String, String)>,
}

#[derive(Debug, Clone, Default)]
struct Component {
    /// The application's variables that it is given.
    variables: BTreeSet<String>,
    /// The components of the same manifest that it is composed of.
    parts: BTreeSet<String>,
}

impl SpinManifest {
    /// Reads the text of a `spin.toml`.
    ///
    /// # Errors
    /// When it is no TOML.
    pub fn parse(text: &str) -> Result<Self> {
        let manifest: Table =
            text.parse().map_err(|error: toml::de::Error| Error::Spin(error.to_string()))?;
        let table = |name: &str| manifest.get(name).and_then(Value::as_table).cloned().unwrap_or_default();
        let components = table("component");
        let triggers = table("trigger");
        let triggers = triggers.get("http").and_then(Value::as_array).into_iter().flatten();
        let text = |trigger: &Value, key| trigger.get(key).and_then(Value::as_str).map(str::to_owned);
        let variables = table("variables");
        let required = variables.iter().filter(|(_, variable)| variable.get("default").is_none());
        Ok(Self {
            required: required.map(|(name, _)| name.clone()).collect(),
            variables: variables.keys().cloned().collect(),
            components: components.iter().map(|(name, it)| (name.clone(), Component::read(it))).collect(),
            routes: triggers.filter_map(|it| Some((text(it, "route")?, text(it, "component")?))).collect(),
        })
    }

    /// The names of the application's variables.
    #[must_use]
    pub fn variables(&self) -> &BTreeSet<String> {
        &self.variables
    }

    /// The names of those without a default. Spin wants a value for each of them, whichever components it runs: it resolves
    /// all variables before a component reaches anything.
    #[must_use]
    pub fn required(&self) -> &BTreeSet<String> {
        &self.required
    }

    /// The application's variables that a pod with these components is to be given; all components when there are none.
    #[must_use]
    pub fn variables_of(&self, components: &[&str]) -> BTreeSet<String> {
        if components.is_empty() {
            return self.variables.clone();
        }
        let mut needed = BTreeSet::new();
        let mut left: Vec<&str> = components.to_vec();
        while let Some(name) = left.pop() {
            let Some(component) = self.components.get(name) else { continue };
            needed.extend(component.variables.iter().cloned());
            left.extend(component.parts.iter().map(String::as_str));
        }
        needed
    }

    /// Whether requests may reach a component of this name.
    #[must_use]
    pub fn serves(&self, component: &str) -> bool {
        self.routes.iter().any(|(_, served)| served == component)
    }

    /// The names of all components.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.components.keys().map(String::as_str)
    }

    /// Whether there is such a component.
    #[must_use]
    pub fn has(&self, component: &str) -> bool {
        self.components.contains_key(component)
    }

    /// The path that each route is or begins with, and its component: `/users` for `/users/...`.
    pub fn routes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.routes.iter().map(|(route, component)| {
            let path = route.strip_suffix("/...").unwrap_or(route);
            (if path.is_empty() { "/" } else { path }, component.as_str())
        })
    }
}

impl Component {
    fn read(value: &Value) -> Self {
        let values = |name: &str| value.get(name).and_then(Value::as_table).cloned().unwrap_or_default();
        let hosts =
            value.get("allowed_outbound_hosts").and_then(Value::as_array).cloned().unwrap_or_default();
        let variables = values("variables");
        let templates = variables.values().chain(&hosts).filter_map(Value::as_str);
        let dependencies = values("dependencies");
        let part =
            |dependency: &Value| dependency.get("component").and_then(Value::as_str).map(str::to_owned);
        Self {
            variables: templates.flat_map(references).collect(),
            parts: dependencies.values().filter_map(part).collect(),
        }
    }
}

/// The variables that a template refers to: `db_host` of `postgres://{{ db_host }}`.
fn references(template: &str) -> Vec<String> {
    let ends = template.split("{{").skip(1);
    ends.filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::SpinManifest;

    const TEXT: &str = r#"
        [variables]
        host = { default = "x" }
        secret = { required = true }
        [[trigger.http]]
        route = "/..."
        component = "system"
        [[trigger.http]]
        route = "/users/..."
        component = "users"
        [component.system]
        allowed_outbound_hosts = ["postgres://{{ host }}:5432"]
        [component.users]
        dependencies = { "a:b/c" = { component = "policy" } }
        [component.policy.variables]
        key = "{{secret}}"
    "#;

    #[test]
    fn a_pod_is_given_what_its_components_and_their_parts_refer_to() {
        let spin = SpinManifest::parse(TEXT).unwrap();
        let names = |components: &[&str]| spin.variables_of(components).into_iter().collect::<Vec<_>>();
        assert_eq!(names(&["system"]), ["host"]);
        assert_eq!(names(&["users"]), ["secret"]);
        assert_eq!(names(&[]), ["host", "secret"]);
        assert_eq!(spin.required().iter().collect::<Vec<_>>(), ["secret"]);
    }

    #[test]
    fn routes_are_paths_and_components() {
        let spin = SpinManifest::parse(TEXT).unwrap();
        assert_eq!(spin.routes().collect::<Vec<_>>(), [("/", "system"), ("/users", "users")]);
        assert!(spin.serves("users") && !spin.serves("policy") && spin.has("policy"));
    }

    #[test]
    fn what_is_no_toml_is_refused() {
        assert!(SpinManifest::parse("[").is_err());
    }
}
