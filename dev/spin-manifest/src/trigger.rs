//! `[[trigger.http]]`.

use anyhow::{Result, bail, ensure};
use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::{Component, Dependency};

/// An HTTP trigger.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// The paths that the trigger answers.
    pub route: Route,
    /// The component or the fixed response that answers.
    pub target: Target,
    /// The components in front of the target. The first one receives a request first.
    pub middleware: Vec<Dependency>,
}

/// The paths of a trigger.
#[derive(Debug, Clone)]
pub enum Route {
    /// A pattern of paths.
    Public(String),
    /// No path: only other components of the application can send requests to it.
    Private,
}

/// The component or the fixed response that answers a trigger.
#[derive(Debug, Clone)]
pub enum Target {
    /// The component of this name.
    Component(String),
    /// A fixed response.
    Static(StaticResponse),
}

/// A response whose text is in the manifest.
#[derive(Debug, Clone, Deserialize)]
pub struct StaticResponse {
    /// The status code; 200 by default.
    #[serde(default = "ok")]
    pub status_code: u16,
    /// The headers, sent without changes.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// The body; empty by default.
    #[serde(default)]
    pub body: String,
}

fn ok() -> u16 {
    200
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Triggers {
    #[serde(default)]
    pub(crate) http: Vec<Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    route: RouteTable,
    component: Option<Reference>,
    static_response: Option<StaticResponse>,
    #[serde(default)]
    dependencies: Dependencies,
    executor: Option<Executor>,
    #[serde(default, rename = "id")]
    _id: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RouteTable {
    Public(String),
    Private { private: bool },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Reference {
    Name(String),
    Inline(Box<Component>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dependencies {
    #[serde(default)]
    middleware: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Executor {
    r#type: String,
}

impl Table {
    /// Moves a component that is defined inside the trigger to the other components.
    pub(crate) fn check(self, index: usize, components: &mut IndexMap<String, Component>) -> Result<Trigger> {
        let is_wagi =
            self.executor.is_some_and(|executor| !matches!(executor.r#type.as_str(), "http" | "spin"));
        ensure!(
            !is_wagi,
            "trigger {index} asks for an executor other than 'http', which is the only one supported"
        );
        let middleware = self.dependencies.middleware;
        ensure!(
            middleware.iter().all(|middleware| middleware.export.is_none()),
            "trigger {index} has middleware with 'export': middleware always exports wasi:http/handler"
        );
        let target = match (self.component, self.static_response) {
            (Some(Reference::Name(name)), None) => {
                let exists = components.contains_key(&name);
                ensure!(exists, "a trigger names the component {name:?}, which does not exist");
                Target::Component(name)
            }
            (Some(Reference::Inline(component)), None) => {
                let name = format!("http-trigger{index}-component");
                components.insert(name.clone(), *component);
                Target::Component(name)
            }
            (None, Some(response)) => {
                let status = response.status_code;
                ensure!((100..1000).contains(&status), "{status} is not a status code");
                ensure!(middleware.is_empty(), "trigger {index} has middleware, but no component");
                Target::Static(response)
            }
            _ => bail!("trigger {index} must have either 'component' or 'static_response'"),
        };
        let route = match self.route {
            RouteTable::Public(route) => Route::Public(route),
            RouteTable::Private { private: true } => Route::Private,
            RouteTable::Private { private: false } => bail!("a route is a path or {{ private = true }}"),
        };
        Ok(Trigger { route, target, middleware })
    }
}
