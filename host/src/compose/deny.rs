//! A dependency or middleware gets no capabilities of the component it is composed into, unless the manifest allows it.
//!
//! Rust's standard library always imports the environment and the preopened folders. The host replaces these two with empty ones.
//! Any other capability that the part does not inherit is an error at start. Spin starts such a part, and its calls fail.

use anyhow::{Context as _, Result, bail};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};

/// The interfaces that each word of `inherit_configuration` grants, in any version.
const CAPABILITIES: [(&str, &[&str]); 7] = [
    ("ai_models", &["fermyon:spin/llm"]),
    (
        "allowed_outbound_hosts",
        &[
            "fermyon:spin/http",
            "fermyon:spin/mqtt",
            "fermyon:spin/mysql",
            "fermyon:spin/postgres",
            "fermyon:spin/redis",
            "spin:mqtt/mqtt",
            "spin:mysql/mysql",
            "spin:postgres/postgres",
            "spin:redis/redis",
            "wasi:http/client",
            "wasi:http/outgoing-handler",
            "wasi:sockets/ip-name-lookup",
            "wasi:sockets/tcp",
            "wasi:sockets/tcp-create-socket",
            "wasi:sockets/udp",
            "wasi:sockets/udp-create-socket",
        ],
    ),
    ("environment", &["wasi:cli/environment"]),
    ("files", &["wasi:filesystem/preopens"]),
    ("key_value_stores", &["fermyon:spin/key-value", "spin:key-value/key-value", "wasi:keyvalue/store"]),
    ("sqlite_databases", &["fermyon:spin/sqlite", "spin:sqlite/sqlite"]),
    (
        "variables",
        &["fermyon:spin/config", "fermyon:spin/variables", "spin:variables/variables", "wasi:config/store"],
    ),
];

/// Returns the part with empty stand-ins for the capabilities that it does not inherit.
///
/// # Errors
/// When the part imports a capability that has no stand-in.
pub(super) fn deny(bytes: Vec<u8>, inherited: &[String]) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let inner = super::add(&mut graph, "dependency", bytes.clone())?;
    let imports = graph.types()[inner.world].imports.keys().cloned();
    let denied: Vec<(String, &str)> = imports
        .filter_map(|import| Some((capability(&import, inherited)?, import)))
        .map(|(c, i)| (i, c))
        .collect();
    if denied.is_empty() {
        return Ok(bytes);
    }
    for (number, (import, capability)) in denied.iter().enumerate() {
        let Some(text) = stand_in(import) else {
            bail!(
                "it imports {import}, which takes inherit_configuration = [{capability:?}] in the manifest"
            );
        };
        let wasm = wat::parse_str(&text).with_context(|| format!("the stand-in for {import} is broken"))?;
        let package = Package::from_bytes(&format!("stand-in{number}"), None, wasm, graph.types_mut())?;
        let package = graph.register_package(package)?;
        let instance = graph.instantiate(package);
        let export = graph.alias_instance_export(instance, import)?;
        graph.set_instantiation_argument(inner.instance, import, export)?;
    }
    super::export_all(&mut graph, &inner)?;
    Ok(graph.encode(EncodeOptions::default())?)
}

/// The capability of an import, if the part does not inherit it.
fn capability(import: &str, inherited: &[String]) -> Option<&'static str> {
    let interface = import.split('@').next()?;
    let (capability, _) = CAPABILITIES.iter().find(|(_, interfaces)| interfaces.contains(&interface))?;
    (!inherited.iter().any(|word| word == capability)).then_some(capability)
}

/// A component that exports an empty `import`. Its functions return zeroes: an empty list, or nothing.
fn stand_in(import: &str) -> Option<String> {
    let (interface, version) = import.split_once('@')?;
    let initial = if version.starts_with("0.2.") { "initial-cwd" } else { "get-initial-cwd" };
    let body = match interface {
        "wasi:cli/environment" => format!(
            r#"
            (type $variables (list (tuple string string)))
            (func $variables (result $variables) (canon lift (core func $zero) (memory $memory)))
            (func $arguments (result (list string)) (canon lift (core func $zero) (memory $memory)))
            (func $folder (result (option string)) (canon lift (core func $zero) (memory $memory)))
            (instance $out
                (export "get-environment" (func $variables))
                (export "get-arguments" (func $arguments))
                (export "{initial}" (func $folder)))"#
        ),
        "wasi:filesystem/preopens" => format!(
            r#"
            (import "wasi:filesystem/types@{version}" (instance $types (export "descriptor" (type (sub resource)))))
            (alias export $types "descriptor" (type $descriptor))
            (type $folders (list (tuple (own $descriptor) string)))
            (func $folders (result $folders) (canon lift (core func $zero) (memory $memory)))
            (instance $out
                (export "descriptor" (type $descriptor))
                (export "get-directories" (func $folders)))"#
        ),
        _ => return None,
    };
    Some(format!(
        r#"(component
            (core module $code
                (memory (export "memory") 1)
                (func (export "zero") (result i32) i32.const 0))
            (core instance $m (instantiate $code))
            (alias core export $m "zero" (core func $zero))
            (alias core export $m "memory" (core memory $memory))
            {body}
            (export "{import}" (instance $out)))"#
    ))
}
