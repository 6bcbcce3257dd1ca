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
    /// Its components by name, those that answer no request among them.
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
    /// Whether a trigger names it. As in Spin, one that none names is not loaded: it is there for others to depend on.
    pub(crate) triggered: bool,
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
        let surroundings = Surroundings { folder, tables: &file.component };
        let mut components: IndexMap<String, Component> = IndexMap::new();
        for (name, table) in &file.component {
            components.insert(name.clone(), table.check(name, surroundings)?);
        }
        let mut routes = Vec::new();
        for (index, trigger) in file.trigger.http.into_iter().enumerate() {
            trigger.check(index, surroundings, &mut components, &mut routes)?;
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

/// What a component may refer to.
#[derive(Clone, Copy)]
struct Surroundings<'a> {
    /// Where the manifest is.
    folder: &'a Path,
    /// The components that have a name.
    tables: &'a IndexMap<String, ComponentTable>,
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
        surroundings: Surroundings<'_>,
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
                let component = components
                    .get_mut(&name)
                    .with_context(|| format!("a trigger names the component {name:?}, which is not there"))?;
                component.triggered = true;
                Target::Component(name)
            }
            (Some(Reference::Inline(table)), None) => {
                let name = format!("http-trigger{index}-component");
                let component = Component { triggered: true, ..table.check(&name, surroundings)? };
                components.insert(name.clone(), component);
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
    fn check(&self, name: &str, surroundings: Surroundings<'_>) -> Result<Component> {
        let source = self.local_source(name, surroundings.folder)?;
        for (key, used) in self.unsupported() {
            ensure!(!used, "the component {name:?} uses {key:?}, which the embedded host does not support");
        }
        let mut dependencies = IndexMap::new();
        for (import, table) in &self.dependencies {
            let mut dependency = table.check(import, name, surroundings)?;
            if let Some(inherit) = self.dependencies_inherit_configuration {
                ensure!(
                    !table.says_what_it_inherits(),
                    "the component {name:?} has both 'dependencies_inherit_configuration' and a dependency with 'inherit_configuration', which exclude each other"
                );
                dependency.inherit = Inherit::All(inherit);
            }
            dependencies.insert(import.clone(), dependency);
        }
        Ok(Component {
            triggered: false,
            source,
            variables: self.variables.clone(),
            environment: self.environment.clone(),
            allowed_outbound_hosts: self.allowed_outbound_hosts.clone(),
            dependencies,
        })
    }

    fn local_source(&self, name: &str, folder: &Path) -> Result<PathBuf> {
        let Source::Local(source) = &self.source else {
            bail!(
                "the component {name:?} has a source that is not a local file, which the embedded host cannot load"
            );
        };
        Ok(folder.join(source))
    }

    /// What the embedded host gives to nobody, and whether it is asked for.
    fn unsupported(&self) -> [(&'static str, bool); 4] {
        [
            ("ai_models", !self.ai_models.is_empty()),
            ("files", !self.files.is_empty()),
            ("key_value_stores", !self.key_value_stores.is_empty()),
            ("sqlite_databases", !self.sqlite_databases.is_empty()),
        ]
    }

    /// What is given to it and would be lost when it is composed into another, which has its own.
    fn belongings(&self) -> Vec<&'static str> {
        let supported = [
            ("allowed_outbound_hosts", !self.allowed_outbound_hosts.is_empty()),
            ("dependencies", !self.dependencies.is_empty()),
            ("environment", !self.environment.is_empty()),
            ("variables", !self.variables.is_empty()),
        ];
        supported
            .into_iter()
            .chain(self.unsupported())
            .filter(|(_, used)| *used)
            .map(|(key, _)| key)
            .collect()
    }
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum DependencyTable {
    Local { path: PathBuf, export: Option<String>, inherit_configuration: Option<Inherit> },
    Component { component: String, export: Option<String>, inherit_configuration: Option<Inherit> },
    Other(IgnoredAny),
}

impl DependencyTable {
    fn check(&self, import: &str, depender: &str, surroundings: Surroundings<'_>) -> Result<Dependency> {
        let (path, export, inherit) = match self {
            Self::Local { path, export, inherit_configuration } => {
                (surroundings.folder.join(path), export, inherit_configuration)
            }
            Self::Component { component, export, inherit_configuration } => {
                (source_of(component, depender, surroundings)?, export, inherit_configuration)
            }
            Self::Other(_) => bail!(
                "the dependency {import:?} needs either 'path' or 'component', and besides 'export' and 'inherit_configuration' at most: the embedded host takes dependencies from local files only"
            ),
        };
        let inherit = inherit.clone().unwrap_or(Inherit::All(false));
        Ok(Dependency { path, export: export.clone(), inherit })
    }

    fn says_what_it_inherits(&self) -> bool {
        match self {
            Self::Local { inherit_configuration, .. } | Self::Component { inherit_configuration, .. } => {
                inherit_configuration.is_some()
            }
            Self::Other(_) => false,
        }
    }
}

/// The file of a component that another one depends on.
fn source_of(name: &str, depender: &str, surroundings: Surroundings<'_>) -> Result<PathBuf> {
    let table = surroundings.tables.get(name).with_context(|| {
        format!("the component {depender:?} depends on the component {name:?}, which is not there")
    })?;
    let belongings = table.belongings();
    ensure!(
        belongings.is_empty(),
        "the component {depender:?} cannot depend on the component {name:?}, which has resources of its own: {}",
        belongings.join(", ")
    );
    table.local_source(name, surroundings.folder)
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
            (
                &format!(
                    "{component}[component.a.dependencies]\n\"a:b/c\" = {{ path = \"b\", exports = \"c\" }}\n"
                ),
                "'export'",
            ),
            (
                &format!(
                    "{component}dependencies_inherit_configuration = true\n[component.a.dependencies]\n\"a:b/c\" = {{ path = \"b\", inherit_configuration = false }}\n"
                ),
                "exclude each other",
            ),
        ] {
            let error = format!("{:#}", parse(body).unwrap_err());
            assert!(error.contains(word), "{body}: {error}");
        }
        let error =
            Application::parse("spin_manifest_version = 1\n[application]\nname = \"a\"", Path::new(""))
                .unwrap_err();
        assert!(error.to_string().contains("spin_manifest_version"));
    }

    /// An application with `a`, which a trigger names and which depends on `b` as `dependency` says.
    fn depending(dependency: &str, b: &str) -> Result<Application> {
        parse(&format!(
            r#"
            [[trigger.http]]
            route = "/..."
            component = "a"
            [component.a]
            source = "a.wasm"
            variables = {{ x = "y" }}
            [component.a.dependencies]
            "b:b/b@0.1.0" = {dependency}
            {b}
            "#
        ))
    }

    const B: &str = "[component.b]\nsource = \"sub/b.wasm\"\n";

    #[test]
    fn a_dependency_on_a_component_is_one_on_its_source() {
        let application = depending(r#"{ component = "b" }"#, B).unwrap();
        let dependency = &application.components["a"].dependencies["b:b/b@0.1.0"];
        assert_eq!(dependency.path, Path::new("/app/sub/b.wasm"));
        assert_eq!(dependency.export, None);
        assert_eq!(dependency.inherit, Inherit::All(false));

        let more = r#"{ component = "b", export = "c:d/e", inherit_configuration = ["variables"] }"#;
        let application = depending(more, B).unwrap();
        let dependency = &application.components["a"].dependencies["b:b/b@0.1.0"];
        assert_eq!(dependency.export.as_deref(), Some("c:d/e"));
        assert_eq!(dependency.inherit, Inherit::Some(vec!["variables".to_owned()]));
    }

    #[test]
    fn only_a_component_that_a_trigger_names_answers_requests() {
        let application = depending(r#"{ component = "b" }"#, B).unwrap();
        assert!(application.components["a"].triggered);
        assert!(!application.components["b"].triggered);

        let private = r#"
            [[trigger.http]]
            route = { private = true }
            component = "b"
        "#;
        let application = depending(r#"{ component = "b" }"#, &format!("{B}{private}")).unwrap();
        assert!(application.components["b"].triggered);
    }

    #[test]
    fn a_component_that_is_not_there_cannot_be_depended_on() {
        let error = depending(r#"{ component = "nobody" }"#, B).unwrap_err().to_string();
        assert_eq!(error, "the component \"a\" depends on the component \"nobody\", which is not there");
    }

    #[test]
    fn a_component_with_resources_of_its_own_cannot_be_depended_on() {
        for (line, key) in [
            ("variables = { x = \"y\" }", "variables"),
            ("environment = { x = \"y\" }", "environment"),
            ("allowed_outbound_hosts = [\"https://x\"]", "allowed_outbound_hosts"),
            ("files = [\"x\"]", "files"),
            ("key_value_stores = [\"default\"]", "key_value_stores"),
            ("sqlite_databases = [\"default\"]", "sqlite_databases"),
            ("ai_models = [\"x\"]", "ai_models"),
            ("dependencies = { \"c:c/c\" = { path = \"c.wasm\" } }", "dependencies"),
        ] {
            let error = depending(r#"{ component = "b" }"#, &format!("{B}{line}")).unwrap_err().to_string();
            let expected = format!(
                "the component \"a\" cannot depend on the component \"b\", which has resources of its own: {key}"
            );
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn a_component_cannot_depend_on_itself() {
        let error = depending(r#"{ component = "a" }"#, B).unwrap_err().to_string();
        assert!(error.contains("dependencies, variables"), "{error}");
    }
}
