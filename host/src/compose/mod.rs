//! Composes components before they are compiled: dependencies into the component that imports them, and middleware in front of the
//! component that a trigger names.

mod deny;
mod middleware;
mod name;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use users_spin_manifest::Inherit;
use wac_graph::types::{Package, SubtypeChecker, WorldId};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

pub(crate) use middleware::with_middleware;

use name::Name;

/// A component that is composed into another.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// The `.wasm` file, absolute or relative to the working directory.
    pub(crate) path: PathBuf,
    /// The export to use, if it has another name than the import.
    pub(crate) export: Option<String>,
    /// The permissions that it shares with the component it is composed into.
    pub(crate) inherit: Inherit,
}

/// Composes dependencies into a component. Each belongs to the import that it satisfies.
///
/// # Errors
/// When a dependency cannot be read, satisfies no import, satisfies the same import as another dependency, does not export the
/// interface that the import needs, or needs a capability that it does not inherit.
pub(crate) fn with_dependencies(component: Vec<u8>, dependencies: &[(&str, Part)]) -> Result<Vec<u8>> {
    if dependencies.is_empty() {
        return Ok(component);
    }
    let mut graph = CompositionGraph::new();
    let root = add(&mut graph, "root", component)?;
    let imports: Vec<String> = graph.types()[root.world].imports.keys().cloned().collect();

    let mut satisfied: BTreeMap<&String, &str> = BTreeMap::new();
    for (number, (name, dependency)) in dependencies.iter().enumerate() {
        let pattern: Name = name.parse()?;
        let matching: Vec<&String> = imports.iter().filter(|import| pattern.matches(import)).collect();
        ensure!(!matching.is_empty(), "the dependency {name:?} is none of the component's imports");
        let node = add_part(&mut graph, &format!("dependency{number}"), dependency)
            .with_context(|| format!("the dependency {name:?} cannot be used"))?;
        for import in matching {
            if let Some(other) = satisfied.insert(import, name) {
                bail!("the dependencies {other:?} and {name:?} both satisfy the import {import:?}");
            }
            let export = dependency.export.as_ref().unwrap_or(import);
            let argument = export_for(&mut graph, &root, &node, import, export)
                .with_context(|| format!("the dependency {name:?} does not fit the import {import:?}"))?;
            graph.set_instantiation_argument(root.instance, import, argument)?;
        }
    }
    export_all(&mut graph, &root)?;
    Ok(graph.encode(EncodeOptions::default())?)
}

/// A component in the graph.
struct Node {
    world: WorldId,
    instance: NodeId,
}

fn add(graph: &mut CompositionGraph, name: &str, bytes: Vec<u8>) -> Result<Node> {
    let package = Package::from_bytes(name, None, bytes, graph.types_mut())?;
    let world = package.ty();
    let package = graph.register_package(package)?;
    Ok(Node { world, instance: graph.instantiate(package) })
}

fn add_part(graph: &mut CompositionGraph, name: &str, part: &Part) -> Result<Node> {
    let bytes = std::fs::read(&part.path).with_context(|| format!("cannot read {}", part.path.display()))?;
    let bytes = match &part.inherit {
        Inherit::All(true) => bytes,
        Inherit::All(false) => deny::deny(bytes, &[])?,
        Inherit::Some(inherited) => deny::deny(bytes, inherited)?,
    };
    add(graph, name, bytes)
}

/// Selects the export for an import and checks its type.
fn export_for(
    graph: &mut CompositionGraph,
    root: &Node,
    node: &Node,
    import: &str,
    export: &str,
) -> Result<NodeId> {
    let types = graph.types();
    let exported =
        *types[node.world].exports.get(export).with_context(|| format!("it has no export {export:?}"))?;
    let imported = types[root.world].imports[import];
    SubtypeChecker::new(&mut Default::default()).is_subtype(exported, types, imported, types)?;
    Ok(graph.alias_instance_export(node.instance, export)?)
}

fn export_all(graph: &mut CompositionGraph, node: &Node) -> Result<()> {
    let names: Vec<String> = graph.types()[node.world].exports.keys().cloned().collect();
    for name in names {
        let export = graph.alias_instance_export(node.instance, &name)?;
        graph.export(export, &name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
