//! From a manifest to something that answers requests.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use wasmtime::Engine;
use wasmtime::component::Linker;
use wasmtime_wasi_http::handler::ProxyHandler;
use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::cache::Cache;
use crate::compose::compose;
use crate::engine::{self, InstanceState, Shared, plain};
use crate::handler::Handler;
use crate::manifest::{Application, Component, StaticResponse, Target};
use crate::networking::AllowedHosts;
use crate::postgres::PostgresState;
use crate::routes::Routes;
use crate::stdio::Stderr;
use crate::turns::Turns;
use crate::variables::{self, Variables};
use crate::{Limits, variables::Source};

/// What the binary form of a component begins with; a core module has another version.
const PREAMBLE: &[u8] = b"\0asm\x0d\0\x01\0";

/// An application, loaded, compiled and linked.
pub struct App {
    pub(crate) name: String,
    pub(crate) routes: Routes<Answer>,
    pub(crate) limits: Limits,
    pub(crate) stderr: Stderr,
}

/// What answers a route.
pub(crate) enum Answer {
    Component(Arc<str>, ProxyHandler<Handler>),
    Static(StaticResponse),
}

impl App {
    /// Loads the application of a manifest with the components that its triggers name, which are compiled unless
    /// `cache_dir` has them already. `source` gives variables their values.
    ///
    /// # Errors
    /// When anything is wrong that can be known before the first request: the manifest, a variable without a value, a
    /// component that is not there, imports something unknown or does not serve HTTP.
    pub fn load(
        manifest: &Path,
        cache_dir: &Path,
        limits: Limits,
        source: Source,
        stderr: Stderr,
    ) -> Result<Self> {
        let application = Application::load(manifest)?;
        let variables = Arc::new(variables_of(&application, source)?);
        let engine = engine::engine()?;
        let loader = Loader {
            linker: engine::linker(&engine).map_err(plain)?,
            cache: Cache::open(cache_dir)?,
            engine,
            variables,
            limits: limits.clone(),
            stderr: stderr.clone(),
        };
        let mut answers = indexmap::IndexMap::new();
        for (name, component) in application.components.iter().filter(|(_, component)| component.triggered) {
            let handler = loader.load(name, component).with_context(|| format!("component {name:?}"))?;
            answers.insert(name.as_str(), (Arc::<str>::from(name.as_str()), ProxyHandler::new(handler)));
        }
        let mut routes = Vec::new();
        for (route, target) in application.routes {
            let answer = match target {
                Target::Static(response) => Answer::Static(response),
                Target::Component(name) => {
                    let (name, handler) =
                        answers.get(name.as_str()).context("a route without its component")?;
                    Answer::Component(name.clone(), handler.clone())
                }
            };
            routes.push((route, answer));
        }
        Ok(Self { name: application.name, routes: Routes::new(routes)?, limits, stderr })
    }

    /// The name of the application.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The routes, as the manifest has them.
    pub fn routes(&self) -> impl Iterator<Item = &str> {
        self.routes.patterns()
    }
}

fn variables_of(application: &Application, source: Source) -> Result<Variables> {
    let mut variables = Variables::new(application.variables.clone(), source)?;
    for (name, component) in &application.components {
        let declared = component.variables.clone();
        variables.add_component(name, declared).with_context(|| format!("component {name:?}"))?;
    }
    if let [first, ..] = variables.missing()[..] {
        bail!(
            "the variable {first:?} has no value: set SPIN_VARIABLE_{} and start again",
            first.to_ascii_uppercase()
        );
    }
    Ok(variables)
}

struct Loader {
    engine: Engine,
    linker: Linker<InstanceState>,
    cache: Cache,
    variables: Arc<Variables>,
    limits: Limits,
    stderr: Stderr,
}

impl Loader {
    fn load(&self, name: &str, component: &Component) -> Result<Handler> {
        let allowed = AllowedHosts::parse(&component.allowed_outbound_hosts, &self.variables)?;
        let wasm = std::fs::read(&component.source).with_context(|| {
            format!(
                "cannot read {}: build the components first (cargo xtask build)",
                component.source.display()
            )
        })?;
        let is_component = wasm.starts_with(PREAMBLE);
        ensure!(is_component, "{} is not a WebAssembly component", component.source.display());
        let wasm = compose(wasm, &component.dependencies)?;
        let compiling = || self.stderr.line(&format!("compiling component {name} …"));
        let compiled = self.cache.component(&self.engine, &wasm, compiling)?;
        let pre = self.linker.instantiate_pre(&compiled).map_err(plain)?;
        let pre = ServicePre::new(pre)
            .map_err(|error| anyhow!("it does not export wasi:http/handler@0.3.0 ({error:#})"))?;
        let shared = Shared {
            name: name.into(),
            environment: component.environment.clone().into_iter().collect(),
            variables: self.variables.clone(),
            postgres: PostgresState { pools: Arc::default(), allowed: Arc::new(allowed) },
            stderr: self.stderr.clone(),
        };
        Ok(Handler { pre, shared: Arc::new(shared), limits: self.limits.clone(), turns: Turns::new() })
    }
}

/// Values from the environment.
pub fn environment() -> Source {
    variables::environment()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "spin_manifest_version = 2\n[application]\nname = \"a\"\n";
    const TRIGGER: &str = "[[trigger.http]]\nroute = \"/\"\ncomponent = \"auth\"\n";
    const COMPONENT: &str = "[component.auth]\nsource = \"a.wasm\"\n";

    /// Starts an application with a manifest and the file `a.wasm`.
    fn load(manifest: &[&str], wasm: &[u8]) -> Result<App> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spin.toml");
        std::fs::write(&path, [&[HEAD], manifest].concat().concat()).unwrap();
        std::fs::write(folder.path().join("a.wasm"), wasm).unwrap();
        let limits = Limits {
            request_timeout: std::time::Duration::from_secs(1),
            max_instance_reuse_count: 1,
            max_instance_concurrent_reuse_count: 1,
            idle_instance_timeout: std::time::Duration::from_secs(1),
            max_instance_memory: 1 << 20,
            max_connections: 1,
            clock_offset: 0,
        };
        let source = Box::new(|_: &str| Ok(None));
        App::load(&path, &folder.path().join("cache"), limits, source, Stderr::start().unwrap())
    }

    /// The error of starting an application with one component.
    fn error(wasm: &[u8]) -> String {
        format!("{:#}", load(&[TRIGGER, COMPONENT], wasm).err().unwrap())
    }

    #[test]
    fn a_component_that_cannot_run_is_named_with_the_reason() {
        let import = r#"(component (import "x:y/z@1.0.0" (instance (export "f" (func)))))"#;
        let import = error(&wat::parse_str(import).unwrap());
        assert!(import.contains("\"auth\"") && import.contains("x:y/z@1.0.0"), "{import}");
        let export = error(&wat::parse_str("(component)").unwrap());
        assert!(export.contains("\"auth\"") && export.contains("wasi:http/handler"), "{export}");
        let module = error(&wat::parse_str("(module)").unwrap());
        assert!(module.contains("\"auth\"") && module.contains("not a WebAssembly component"), "{module}");
    }

    #[test]
    fn a_component_that_no_trigger_names_is_not_loaded() {
        assert!(load(&[COMPONENT], b"this could not be compiled").is_ok());
    }
}
