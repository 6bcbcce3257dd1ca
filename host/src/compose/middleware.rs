//! Middleware: components in front of the component that a trigger names. Each middleware exports a handler that receives requests.
//! It imports another handler, to which it passes the requests on.

use anyhow::{Context as _, Result, ensure};
use wac_graph::{CompositionGraph, EncodeOptions};

use super::{Part, add, add_part};

/// The interface between a middleware and the component behind it.
const HANDLER: &str = "wasi:http/handler@0.3.0";

/// Puts middleware in front of a component. The first middleware in the list receives a request first.
///
/// # Errors
/// When a middleware cannot be read, does not import and export [`HANDLER`], or needs a capability that it does not
/// inherit, or when the component does not export [`HANDLER`].
pub(crate) fn with_middleware(component: Vec<u8>, middleware: &[Part]) -> Result<Vec<u8>> {
    if middleware.is_empty() {
        return Ok(component);
    }
    let mut graph = CompositionGraph::new();
    let component = add(&mut graph, "component", component)?;
    let exports = graph.types()[component.world].exports.contains_key(HANDLER);
    ensure!(exports, "it does not export {HANDLER}");
    let mut handler = graph.alias_instance_export(component.instance, HANDLER)?;
    for (number, part) in middleware.iter().enumerate().rev() {
        let cannot_be_used = || format!("the middleware {} cannot be used", part.path.display());
        let outer =
            add_part(&mut graph, &format!("middleware{number}"), part).with_context(cannot_be_used)?;
        let world = &graph.types()[outer.world];
        let fits = world.imports.contains_key(HANDLER) && world.exports.contains_key(HANDLER);
        ensure!(fits, "{}: it does not import and export {HANDLER}", cannot_be_used());
        graph.set_instantiation_argument(outer.instance, HANDLER, handler).with_context(cannot_be_used)?;
        handler = graph.alias_instance_export(outer.instance, HANDLER)?;
    }
    graph.export(handler, HANDLER)?;
    Ok(graph.encode(EncodeOptions::default())?)
}
