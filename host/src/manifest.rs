//! `spin.toml`: the part of the manifest, version 2, that an HTTP application of local components needs.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// An application, checked: every trigger leads somewhere that exists.
#[derive(Debug)]
pub(crate) struct Application {
    /// Its name, for messages.
    pub(crate) name: String,
    /// Its variables, with their defaults; none is a required one.
    pub(crate) variables: Vec<(String, Option<String>)>,
    /// Its HTTP routes that may be reached from outside, in the order of the manifest.
    pub(crate) routes: Vec<(String, Target)>,
    /// Its components by name.
    pub(crate) components: IndexMap<String, Component>,
}

/// What a route leads to.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// The component of this name.
    Component(String),
    /// A fixed answer.
    Static(StaticResponse),
}

/// An answer written down in the manifest.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct StaticResponse {
    /// 200 if not given.
    #[serde(default = "ok")]
    pub(crate) status_code: u16,
    /// Sent as they are.
    #[serde(default)]
    pub(crate) headers: IndexMap<String, String>,
    /// Empty if not given.
    #[serde(default)]
    pub(crate) body: String,
}

fn ok() -> u16 {
    200
}

/// A component and all it may do.
#[derive(Debug)]
pub(crate) struct Component {
    /// The `.wasm` file, absolute or relative to the working directory.
    pub(crate) source: PathBuf,
    /// Name and template of each variable it sees.
    pub(crate) variables: IndexMap<String, String>,
    /// Its environment variables.
    pub(crate) environment: IndexMap<String, String>,
    /// The addresses it may reach.
    pub(crate) allowed_outbound_hosts: Vec<String>,
    /// The components composed into it, by the import they satisfy.
    pub(crate) dependencies: IndexMap<String, Dependency>,
}

/// A component that satisfies an import of another.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    /// The `.wasm` file, absolute or relative to the working directory.
    pub(crate) path: PathBuf,
    /// The export to use, when its name is not that of the import.
    pub(crate) export: Option<String>,
    /// Which of the component's capabilities it shares.
    pub(crate) inherit: Inherit,
}

/// `inherit_configuration`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Inherit {
    /// All or none.
    All(bool),
    /// The ones named, such as `variables` or `allowed_outbound_hosts`.
    Some(Vec<String>),
}

impl Application {
    /// Reads and checks the manifest at `path`.
    ///
    /// # Errors
    /// With a sentence for people, when the file cannot be read or says something that the host does not support.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}: name the manifest with --from", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).with_context(|| format!("{} cannot be used", path.display()))
    }

    fn parse(text: &str, folder: &Path) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        ensure!(file.spin_manifest_version == 2, "only spin_manifest_version = 2 is supported");
        let mut components: IndexMap<String, Component> = IndexMap::new();
        for (name, component) in file.component {
            let component = component.check(&name, folder)?;
            components.insert(name, component);
        }
        let mut routes = Vec::new();
        for (index, trigger) in file.trigger.http.into_iter().enumerate() {
            trigger.check(index, folder, &mut components, &mut routes)?;
        }
        let variables =
            file.variables.into_iter().map(|(name, variable)| variable.check(name)).collect::<Result<_>>()?;
        Ok(Self { name: file.application.name, variables, routes, components })
    }
}

#[derive(Deserialize)]
struct File {
    spin_manifest_version: u32,
    application: Details,
    #[serde(default)]
    variables: IndexMap<String, Variable>,
    #[serde(default)]
    trigger: Triggers,
    #[serde(default)]
    component: IndexMap<String, ComponentTable>,
}

#[derive(Deserialize)]
struct Details {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Variable {
    #[serde(default)]
    required: bool,
    default: Option<String>,
    #[serde(default, rename = "secret")]
    _secret: bool,
    #[serde(default, rename = "description")]
    _description: IgnoredAny,
}

impl Variable {
    fn check(self, name: String) -> Result<(String, Option<String>)> {
        ensure!(
            self.required != self.default.is_some(),
            "the variable {name:?} must have either a default or 'required = true'"
        );
        Ok((name, self.default))
    }
}

#[derive(Default, Deserialize)]
struct Triggers {
    #[serde(default)]
    http: Vec<Trigger>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trigger {
    route: Route,
    component: Option<Reference>,
    static_response: Option<StaticResponse>,
    executor: Option<Executor>,
    #[serde(default, rename = "id")]
    _id: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Route {
    Public(String),
    Private { private: bool },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Reference {
    Name(String),
    Inline(Box<ComponentTable>),
}

#[derive(Deserialize)]
struct Executor {
    r#type: String,
}

impl Trigger {
    fn check(
        self,
        index: usize,
        folder: &Path,
        components: &mut IndexMap<String, Component>,
        routes: &mut Vec<(String, Target)>,
    ) -> Result<()> {
        let wagi = self.executor.is_some_and(|executor| !matches!(executor.r#type.as_str(), "http" | "spin"));
        ensure!(
            !wagi,
            "trigger {index} asks for an executor other than 'http', which is the only one supported"
        );
        let target = match (self.component, self.static_response) {
            (Some(Reference::Name(name)), None) => {
                ensure!(
                    components.contains_key(&name),
                    "a trigger names the component {name:?}, which is not there"
                );
                Target::Component(name)
            }
            (Some(Reference::Inline(component)), None) => {
                let name = format!("http-trigger{index}-component");
                components.insert(name.clone(), component.check(&name, folder)?);
                Target::Component(name)
            }
            (None, Some(response)) => {
                http::StatusCode::from_u16(response.status_code)
                    .with_context(|| format!("{} is not a status code", response.status_code))?;
                Target::Static(response)
            }
            _ => bail!("trigger {index} must have either 'component' or 'static_response'"),
        };
        match self.route {
            Route::Public(route) => routes.push((route, target)),
            Route::Private { private } => ensure!(private, "a route is a path or {{ private = true }}"),
        }
        Ok(())
    }
}

/// A component as written. The tables that only the spin CLI reads are named, so that a misspelt key is an error here as
/// it is there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentTable {
    source: Source,
    #[serde(default)]
    variables: IndexMap<String, String>,
    #[serde(default)]
    environment: IndexMap<String, String>,
    #[serde(default)]
    allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    dependencies: IndexMap<String, DependencyTable>,
    dependencies_inherit_configuration: Option<bool>,
    #[serde(default)]
    files: Vec<IgnoredAny>,
    #[serde(default)]
    key_value_stores: Vec<IgnoredAny>,
    #[serde(default)]
    sqlite_databases: Vec<IgnoredAny>,
    #[serde(default)]
    ai_models: Vec<IgnoredAny>,
    #[serde(default, rename = "description")]
    _description: IgnoredAny,
    #[serde(default, rename = "exclude_files")]
    _exclude_files: IgnoredAny,
    #[serde(default, rename = "build")]
    _build: IgnoredAny,
    #[serde(default, rename = "tool")]
    _tool: IgnoredAny,
    #[serde(default, rename = "targets")]
    _targets: IgnoredAny,
    #[serde(default, rename = "profile")]
    _profile: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Local(PathBuf),
    Other(IgnoredAny),
}

impl ComponentTable {
    fn check(self, name: &str, folder: &Path) -> Result<Component> {
        let Source::Local(source) = self.source else {
            bail!(
                "the component {name:?} has a source that is not a local file, which the embedded host cannot load"
            );
        };
        for (key, used) in [
            ("files", !self.files.is_empty()),
            ("key_value_stores", !self.key_value_stores.is_empty()),
            ("sqlite_databases", !self.sqlite_databases.is_empty()),
            ("ai_models", !self.ai_models.is_empty()),
        ] {
            ensure!(!used, "the component {name:?} uses {key:?}, which the embedded host does not support");
        }
        let mut dependencies = IndexMap::new();
        for (import, dependency) in self.dependencies {
            let mut dependency = dependency.check(&import, folder)?;
            if let Some(inherit) = self.dependencies_inherit_configuration {
                dependency.inherit = Inherit::All(inherit);
            }
            dependencies.insert(import, dependency);
        }
        Ok(Component {
            source: folder.join(source),
            variables: self.variables,
            environment: self.environment,
            allowed_outbound_hosts: self.allowed_outbound_hosts,
            dependencies,
        })
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum DependencyTable {
    Local { path: PathBuf, export: Option<String>, inherit_configuration: Option<Inherit> },
    Other(IgnoredAny),
}

impl DependencyTable {
    fn check(self, import: &str, folder: &Path) -> Result<Dependency> {
        let Self::Local { path, export, inherit_configuration } = self else {
            bail!(
                "the dependency {import:?} has no 'path': the embedded host takes dependencies from local files only"
            );
        };
        let inherit = inherit_configuration.unwrap_or(Inherit::All(false));
        Ok(Dependency { path: folder.join(path), export, inherit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "spin_manifest_version = 2\n[application]\nname = \"users\"\nversion = \"1.0.0\"\n";

    fn parse(body: &str) -> Result<Application> {
        Application::parse(&format!("{HEAD}{body}"), Path::new("/app"))
    }

    #[test]
    fn components_routes_and_variables_are_read() {
        let application = parse(
            r#"
            [variables]
            db_host = { default = "localhost" }
            jwt_secret = { required = true, secret = true }
            [[trigger.http]]
            route = "/auth/..."
            component = "auth"
            [[trigger.http]]
            id = "gone"
            route = "/old"
            static_response = { status_code = 410, headers = { a = "b" }, body = "gone" }
            [[trigger.http]]
            route = { private = true }
            component = { source = "inner.wasm" }
            [component.auth]
            source = "target/auth.wasm"
            allowed_outbound_hosts = ["postgres://{{ db_host }}:5432"]
            variables = { jwt_secret = "{{ jwt_secret }}" }
            [component.auth.build]
            command = "cargo xtask build"
            watch = ["src/**"]
            [component.auth.dependencies]
            "users:passwords/common@0.1.0" = { path = "common.wasm" }
            "#,
        )
        .unwrap();
        assert_eq!(
            application.variables,
            [("db_host".to_owned(), Some("localhost".to_owned())), ("jwt_secret".to_owned(), None)]
        );
        assert_eq!(application.routes.len(), 2);
        assert!(
            matches!(&application.routes[0], (route, Target::Component(name)) if route == "/auth/..." && name == "auth")
        );
        assert!(matches!(&application.routes[1].1, Target::Static(response) if response.status_code == 410));
        let auth = &application.components["auth"];
        assert_eq!(auth.source, Path::new("/app/target/auth.wasm"));
        let dependency = &auth.dependencies["users:passwords/common@0.1.0"];
        assert_eq!(dependency.path, Path::new("/app/common.wasm"));
        assert_eq!(dependency.inherit, Inherit::All(false));
        assert_eq!(application.components.len(), 2);
    }

    #[test]
    fn what_the_host_cannot_do_is_refused() {
        let component = "[component.a]\nsource = \"a.wasm\"\n";
        for (body, word) in [
            ("[[trigger.http]]\nroute = \"/\"\ncomponent = \"nobody\"\n", "nobody"),
            ("[[trigger.http]]\nroute = \"/\"\n", "static_response"),
            ("[variables]\nx = {}\n", "required"),
            ("[component.a]\nsource = { url = \"https://x\", digest = \"y\" }\n", "local file"),
            (&format!("{component}files = [\"x\"]\n"), "files"),
            (&format!("{component}allowed_outbound_host = []\n"), "allowed_outbound_host"),
            (&format!("{component}[component.a.dependencies]\n\"a:b/c\" = \"1.0\"\n"), "local files"),
        ] {
            let error = format!("{:#}", parse(body).unwrap_err());
            assert!(error.contains(word), "{body}: {error}");
        }
        let error =
            Application::parse("spin_manifest_version = 1\n[application]\nname = \"a\"", Path::new(""))
                .unwrap_err();
        assert!(error.to_string().contains("spin_manifest_version"));
    }
}
