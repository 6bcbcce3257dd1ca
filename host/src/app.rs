//! Loads an application: reads its manifest, and composes, compiles and links its components.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use users_spin_manifest::{Component, Dependency, Inherit, Manifest, Route, Routes, StaticResponse, Target};
use wasmtime::Engine;
use wasmtime::component::Linker;
use wasmtime_wasi_http::handler::ProxyHandler;
use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::cache::Cache;
use crate::chaining::Components;
use crate::compose::{self, Part};
use crate::engine::{self, InstanceState, Shared, plain};
use crate::handler::Handler;
use crate::networking::AllowedHosts;
use crate::outgoing::Outgoing;
use crate::postgres::PostgresState;
use crate::selection;
use crate::stdio::Stderr;
use crate::variables::{self, Variables};
use crate::{Limits, variables::Source};

/// The first bytes of a component. A core module has other version bytes.
const PREAMBLE: &[u8] = b"\0asm\x0d\0\x01\0";

/// An application, loaded, compiled and linked.
pub struct App {
    pub(crate) name: String,
    pub(crate) routes: Routes<Answer>,
    /// The components as they reach each other.
    pub(crate) components: Arc<Components>,
    pub(crate) limits: Limits,
    pub(crate) stderr: Stderr,
}

/// The component or the fixed response that answers a route.
#[derive(Clone)]
pub(crate) enum Answer {
    Component(ProxyHandler<Handler>),
    Static(StaticResponse),
}

impl App {
    /// Loads the application of a manifest with the components that its triggers name, or only those of them that are selected, if
    /// any are. A component is compiled unless `cache_dir` already contains it. `source` supplies the values of variables.
    ///
    /// # Errors
    /// When the manifest is wrong, a variable has no value, a component is missing, imports something unknown or does
    /// not serve HTTP, or a selected component does not exist or calls one that is not selected.
    pub fn load(
        manifest: &Path,
        selected: &[String],
        cache_dir: &Path,
        limits: Limits,
        source: Source,
        stderr: Stderr,
    ) -> Result<Self> {
        let folder = manifest.parent().unwrap_or(Path::new(""));
        let mut manifest = read(manifest)?;
        selection::apply(&mut manifest, selected)?;
        let manifest = &manifest;
        let engine = engine::engine()?;
        let loader = Loader {
            manifest,
            folder,
            linker: engine::linker(&engine).map_err(plain)?,
            cache: Cache::open(cache_dir)?,
            engine,
            variables: Arc::new(variables_of(manifest, source)?),
            names: selection::names(manifest, selected),
            components: Arc::default(),
            limits: limits.clone(),
            stderr: stderr.clone(),
        };
        let mut routes = Vec::new();
        // Triggers of the same component share it, unless they put middleware in front of it.
        let mut shared: HashMap<&str, ProxyHandler<Handler>> = HashMap::new();
        let mut handlers: HashMap<Arc<str>, ProxyHandler<Handler>> = HashMap::new();
        for trigger in &manifest.triggers {
            let answer = match &trigger.target {
                Target::Static(response) => Answer::Static(response.clone()),
                Target::Component(name) => {
                    let handler = match shared.get(&**name) {
                        Some(handler) if trigger.middleware.is_empty() => handler.clone(),
                        _ => loader.load(name, &trigger.middleware)?,
                    };
                    if trigger.middleware.is_empty() {
                        shared.insert(name, handler.clone());
                    }
                    handlers.insert((**name).into(), handler.clone());
                    Answer::Component(handler)
                }
            };
            if let Route::Public(route) = &trigger.route {
                routes.push((route.clone(), answer));
            }
        }
        loader.components.set_handlers(handlers);
        let components = loader.components;
        Ok(Self { name: manifest.name.clone(), routes: Routes::new(routes)?, components, limits, stderr })
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

fn read(path: &Path) -> Result<Manifest> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read {}: name the manifest with --from", path.display()))?;
    let manifest = Manifest::parse(&text).and_then(|manifest| {
        for (name, component) in &manifest.components {
            if let Some(key) = component.stores().next() {
                bail!("the component {name:?} uses {key:?}, which the embedded host does not support");
            }
        }
        Ok(manifest)
    });
    manifest.with_context(|| format!("{} cannot be used", path.display()))
}

fn variables_of(manifest: &Manifest, source: Source) -> Result<Variables> {
    let declared = manifest.variables.iter().map(|(name, variable)| (name.clone(), variable.default.clone()));
    let mut variables = Variables::new(declared, source)?;
    for (name, component) in &manifest.components {
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

struct Loader<'a> {
    manifest: &'a Manifest,
    /// The manifest's folder, which its paths are relative to.
    folder: &'a Path,
    engine: Engine,
    linker: Linker<InstanceState>,
    cache: Cache,
    variables: Arc<Variables>,
    /// The names of the application's components.
    names: Vec<String>,
    components: Arc<Components>,
    limits: Limits,
    stderr: Stderr,
}

impl Loader<'_> {
    fn load(&self, name: &str, middleware: &[Dependency]) -> Result<ProxyHandler<Handler>> {
        let component = self.manifest.components.get(name).context("a trigger without its component")?;
        let handler =
            self.handler(name, component, middleware).with_context(|| format!("component {name:?}"))?;
        Ok(ProxyHandler::new(handler))
    }

    fn handler(&self, name: &str, component: &Component, middleware: &[Dependency]) -> Result<Handler> {
        let allowed =
            Arc::new(AllowedHosts::parse(&component.allowed_outbound_hosts, &self.variables, &self.names)?);
        let wasm = self.composed(name, component, middleware)?;
        let compiling = || self.stderr.line(&format!("compiling component {name} …"));
        let compiled = self.cache.component(&self.engine, &wasm, compiling)?;
        let pre = self.linker.instantiate_pre(&compiled).map_err(plain)?;
        let pre = ServicePre::new(pre)
            .map_err(|error| anyhow!("it does not export wasi:http/handler@0.3.0 ({error:#})"))?;
        let name: Arc<str> = name.into();
        let shared = Shared {
            name: name.clone(),
            environment: component.environment.clone().into_iter().collect(),
            variables: self.variables.clone(),
            postgres: PostgresState { pools: Arc::default(), allowed: allowed.clone() },
            outgoing: Outgoing {
                component: name,
                allowed,
                components: Arc::downgrade(&self.components),
                stderr: self.stderr.clone(),
            },
            stderr: self.stderr.clone(),
        };
        Ok(Handler { pre, shared: Arc::new(shared), limits: self.limits.clone() })
    }

    /// The component with its dependencies composed into it and its middleware in front of it.
    fn composed(&self, name: &str, component: &Component, middleware: &[Dependency]) -> Result<Vec<u8>> {
        let source = self.folder.join(&component.source);
        let wasm = std::fs::read(&source).with_context(|| {
            format!("cannot read {}: build the components first (cargo xtask build)", source.display())
        })?;
        ensure!(wasm.starts_with(PREAMBLE), "{} is not a WebAssembly component", source.display());
        let mut dependencies = Vec::new();
        for (import, dependency) in &component.dependencies {
            dependencies.push((import.as_str(), self.part(name, dependency)?));
        }
        let wasm = compose::with_dependencies(wasm, &dependencies)?;
        let middleware: Vec<Part> =
            middleware.iter().map(|dependency| self.part(name, dependency)).collect::<Result<_>>()?;
        compose::with_middleware(wasm, &middleware)
    }

    fn part(&self, dependent: &str, dependency: &Dependency) -> Result<Part> {
        Ok(Part {
            path: self.folder.join(self.manifest.file_of(dependency, dependent)?),
            export: dependency.export.clone(),
            inherit: dependency.inherit.clone().unwrap_or(Inherit::All(false)),
        })
    }
}

/// Reads the values of variables from the environment.
pub fn environment() -> Source {
    variables::environment()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "spin_manifest_version = 2\n[application]\nname = \"a\"\n";
    const TRIGGER: &str = "[[trigger.http]]\nroute = \"/\"\ncomponent = \"auth\"\n";
    const COMPONENT: &str = "[component.auth]\nsource = \"a.wasm\"\n";

    /// Loads an application with a manifest and the file `a.wasm`.
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
        App::load(&path, &[], &folder.path().join("cache"), limits, source, Stderr::start().unwrap())
    }

    /// The error when an application with this one component is loaded.
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
    fn a_component_that_needs_a_store_is_refused() {
        for key in ["ai_models", "files", "key_value_stores", "sqlite_databases"] {
            let manifest = [COMPONENT, key, " = [\"x\"]\n"];
            let error = format!("{:#}", load(&manifest, b"").err().unwrap());
            let expected =
                format!("the component \"auth\" uses \"{key}\", which the embedded host does not support");
            assert!(error.contains(&expected), "{error}");
        }
    }

    #[test]
    fn a_component_that_no_trigger_names_is_not_loaded() {
        assert!(load(&[COMPONENT], b"this could not be compiled").is_ok());
    }
}
