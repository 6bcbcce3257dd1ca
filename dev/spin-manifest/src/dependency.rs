//! Components that are composed into another component: its dependencies, and the middleware of its triggers.

use std::path::PathBuf;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// A component that is composed into another.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Table")]
pub struct Dependency {
    /// The source of the component.
    pub origin: Origin,
    /// The export to use, if it has another name than the import.
    pub export: Option<String>,
    /// The permissions that the dependency shares with the component it is composed into. The default is none.
    pub inherit: Option<Inherit>,
}

/// The source of a dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A `.wasm` file, relative to the manifest.
    Path(PathBuf),
    /// The component of this name in the same manifest.
    Component(String),
}

/// `inherit_configuration`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Inherit {
    /// All or none.
    All(bool),
    /// The named permissions, such as `variables` or `allowed_outbound_hosts`.
    Some(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Table {
    Path { path: PathBuf, export: Option<String>, inherit_configuration: Option<Inherit> },
    Component { component: String, export: Option<String>, inherit_configuration: Option<Inherit> },
    Other(IgnoredAny),
}

impl TryFrom<Table> for Dependency {
    type Error = &'static str;

    fn try_from(table: Table) -> Result<Self, Self::Error> {
        match table {
            Table::Path { path, export, inherit_configuration: inherit } => {
                Ok(Self { origin: Origin::Path(path), export, inherit })
            }
            Table::Component { component, export, inherit_configuration: inherit } => {
                Ok(Self { origin: Origin::Component(component), export, inherit })
            }
            Table::Other(_) => Err(
                "a dependency has either 'path' or 'component', and may have 'export' and 'inherit_configuration': only local files are supported",
            ),
        }
    }
}
