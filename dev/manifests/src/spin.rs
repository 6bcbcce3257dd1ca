//! The parts of `spin.toml` that the Kubernetes manifests have to agree with.

use std::collections::{BTreeMap, BTreeSet};

use users_spin_manifest::{Component, Manifest, Routes, Template};

use crate::{Error, Result};

/// The variables, components and routes of `spin.toml`.
#[derive(Debug)]
pub struct SpinManifest {
    variables: BTreeSet<String>,
    /// The variables without a default.
    required: BTreeSet<String>,
    /// The application's variables that each component refers to.
    components: BTreeMap<String, BTreeSet<String>>,
    /// The components that each component may call.
    calls: BTreeMap<String, BTreeSet<String>>,
    routes: Vec<(String, String)>,
    router: Routes<String>,
}

impl SpinManifest {
    /// Reads the text of a `spin.toml`.
    ///
    /// # Errors
    /// When it is not a valid manifest.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text).map_err(|error| Error::Spin(format!("{error:#}")))
    }

    fn read(text: &str) -> anyhow::Result<Self> {
        let manifest = Manifest::parse(text)?;
        let required = manifest.variables.iter().filter(|(_, variable)| variable.default.is_none());
        let mut components = BTreeMap::new();
        for (name, component) in &manifest.components {
            components.insert(name.clone(), references(component)?);
        }
        let calls = manifest.components.iter().map(|(name, component)| (name.clone(), called(component)));
        let calls = calls.collect();
        let routes = manifest.component_routes();
        Ok(Self {
            variables: manifest.variables.keys().cloned().collect(),
            required: required.map(|(name, _)| name.clone()).collect(),
            components,
            calls,
            routes: routes.map(|(route, component)| (route.to_owned(), component.to_owned())).collect(),
            router: manifest.router()?,
        })
    }

    /// The names of the application's variables.
    #[must_use]
    pub fn variables(&self) -> &BTreeSet<String> {
        &self.variables
    }

    /// The names of the variables without a default. Spin needs a value for each of them, whichever components run: it resolves all
    /// variables before a component opens a connection.
    #[must_use]
    pub fn required(&self) -> &BTreeSet<String> {
        &self.required
    }

    /// The application's variables that a pod with these components needs. An empty list stands for all components.
    #[must_use]
    pub fn variables_of(&self, components: &[&str]) -> BTreeSet<String> {
        if components.is_empty() {
            return self.variables.clone();
        }
        components.iter().filter_map(|name| self.components.get(*name)).flatten().cloned().collect()
    }

    /// The component that answers a path.
    #[must_use]
    pub fn component_of(&self, path: &str) -> Option<&str> {
        self.router.find(path).map(|found| found.target.as_str())
    }

    /// True when a route leads to a component of this name.
    #[must_use]
    pub fn serves(&self, component: &str) -> bool {
        self.routes.iter().any(|(_, served)| served == component)
    }

    /// The names of all components.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.components.keys().map(String::as_str)
    }

    /// True when there is such a component.
    #[must_use]
    pub fn has(&self, component: &str) -> bool {
        self.components.contains_key(component)
    }

    /// The other components that a component may call by its `allowed_outbound_hosts`, in the order of their names.
    pub fn called_by(&self, component: &str) -> impl Iterator<Item = &str> {
        let called = self.calls.get(component).into_iter().flatten();
        called.map(String::as_str).filter(|name| self.has(name))
    }

    /// Each route without its wildcard, such as `/users` for `/users/...`, and the component of the route.
    pub fn routes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.routes.iter().map(|(route, component)| {
            let path = route.strip_suffix("/...").unwrap_or(route);
            (if path.is_empty() { "/" } else { path }, component.as_str())
        })
    }
}

/// The application's variables that a component refers to. A component's dependencies have no variables.
fn references(component: &Component) -> anyhow::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for template in component.variables.values().chain(&component.allowed_outbound_hosts) {
        names.extend(Template::parse(template)?.names().map(str::to_owned));
    }
    Ok(names)
}

/// The first labels of the hosts that a component may reach over HTTP, such as `auth` in `http://auth.{{ chain_domain }}`. Some may be
/// names of components.
fn called(component: &Component) -> BTreeSet<String> {
    let hosts = component.allowed_outbound_hosts.iter().filter_map(|host| host.strip_prefix("http://"));
    hosts.filter_map(|host| Some(host.split_once('.')?.0.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::SpinManifest;

    const TEXT: &str = r#"
        spin_manifest_version = 2
        application = { name = "a" }
        [variables]
        host = { default = "x" }
        domain = { default = "spin.internal" }
        secret = { required = true }
        [[trigger.http]]
        route = "/..."
        component = "system"
        [[trigger.http]]
        route = "/users/..."
        component = "users"
        [component.system]
        source = "system.wasm"
        allowed_outbound_hosts = ["postgres://{{ host }}:5432"]
        [component.users]
        source = "users.wasm"
        dependencies = { "a:b/c" = { component = "policy" } }
        variables = { key = "{{secret}}" }
        [component.policy]
        source = "policy.wasm"
        [component.console]
        source = "console.wasm"
        allowed_outbound_hosts = ["http://users.{{ domain }}", "http://system.spin.internal", "{{ host }}", "http://x.org"]
    "#;

    #[test]
    fn a_pod_needs_the_variables_that_its_components_refer_to() {
        let spin = SpinManifest::parse(TEXT).unwrap();
        let names = |components: &[&str]| spin.variables_of(components).into_iter().collect::<Vec<_>>();
        assert_eq!(names(&["system"]), ["host"]);
        assert_eq!(names(&["users"]), ["secret"]);
        assert_eq!(names(&["console"]), ["domain", "host"]);
        assert_eq!(names(&[]), ["domain", "host", "secret"]);
        assert_eq!(spin.required().iter().collect::<Vec<_>>(), ["secret"]);
    }

    #[test]
    fn a_component_calls_those_whose_hosts_it_may_reach() {
        let spin = SpinManifest::parse(TEXT).unwrap();
        assert_eq!(spin.called_by("console").collect::<Vec<_>>(), ["system", "users"]);
        assert_eq!(spin.called_by("system").count(), 0);
    }

    #[test]
    fn routes_are_paths_and_components() {
        let spin = SpinManifest::parse(TEXT).unwrap();
        assert_eq!(spin.routes().collect::<Vec<_>>(), [("/", "system"), ("/users", "users")]);
        assert!(spin.serves("users") && !spin.serves("policy") && spin.has("policy"));
        assert_eq!((spin.component_of("/users/1"), spin.component_of("/x")), (Some("users"), Some("system")));
    }

    #[test]
    fn text_that_is_not_a_manifest_is_refused() {
        assert!(SpinManifest::parse("[").is_err());
    }
}
