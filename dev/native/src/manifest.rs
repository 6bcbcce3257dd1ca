//! What `spin.toml` says of routes and variables.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use toml::Value;
use users_web::Component;

/// A manifest that is only asked about routes and variables.
pub(crate) struct Manifest(Value);

/// Which path reaches which component.
pub(crate) struct Routes(Vec<(String, Component)>);

impl Manifest {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
        Ok(Self(toml::from_str(&text)?))
    }

    /// The values that variables have unless they are given.
    pub(crate) fn defaults(&self) -> BTreeMap<String, String> {
        let variables = self.0.get("variables").and_then(Value::as_table).into_iter().flatten();
        variables
            .filter_map(|(name, variable)| {
                Some((name.clone(), variable.get("default")?.as_str()?.to_owned()))
            })
            .collect()
    }

    /// The routes to these components.
    pub(crate) fn routes(&self, components: &BTreeMap<&str, Component>) -> Result<Routes> {
        let triggers = self.0.get("trigger").and_then(|trigger| trigger.get("http")?.as_array());
        let mut routes = Vec::new();
        for trigger in triggers.into_iter().flatten() {
            let text = |field: &str| trigger.get(field).and_then(Value::as_str).unwrap_or_default();
            let component = components.get(text("component")).with_context(|| {
                format!("{} is no component that this program is made of", text("component"))
            })?;
            routes.push((text("route").to_owned(), component.clone()));
        }
        Ok(Routes(routes))
    }
}

impl Routes {
    /// The component of the longest route that a path is under.
    pub(crate) fn find(&self, path: &str) -> Option<&Component> {
        let matching = self.0.iter().filter(|(route, _)| is_under(route, path));
        matching.max_by_key(|(route, _)| route.len()).map(|(_, component)| component)
    }
}

/// Whether a route, as Spin writes it, takes a path.
fn is_under(route: &str, path: &str) -> bool {
    match route.strip_suffix("/...") {
        Some(prefix) => {
            path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        None => path == route || path.strip_suffix('/') == Some(route),
    }
}

#[cfg(test)]
mod tests {
    use super::is_under;

    #[test]
    fn a_route_takes_what_spin_lets_it_take() {
        for path in ["/users", "/users/", "/users/7"] {
            assert!(is_under("/users/...", path), "{path}");
        }
        assert!(!is_under("/users/...", "/usersx"));
        assert!(is_under("/openapi.json", "/openapi.json/") && !is_under("/openapi.json", "/openapi.jsonx"));
        assert!(is_under("/...", "/anything"));
    }
}
