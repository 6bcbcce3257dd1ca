//! Every container that runs for ever has probes, and a probe over HTTP uses a port of its container. `routes` checks the probes of
//! SpinApps.

use serde_json::Value;

use super::Context;
use crate::manifests::{list, text};

/// The required probes. Without the first, a hanging container keeps running. Without the second, a roll-out does not wait for new
/// containers.
const NEEDED: [&str; 2] = ["livenessProbe", "readinessProbe"];
/// The kinds whose pods run for ever.
const LASTING: [&str; 3] = ["Deployment", "StatefulSet", "DaemonSet"];

pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for pod in context.manifests.pods().into_iter().filter(|it| LASTING.contains(&it.owner.kind())) {
        for container in pod.spec.into_iter().flat_map(|spec| list(spec, "/containers")) {
            let who = format!("{}: {}", pod.owner.title(), text(container, "/name").unwrap_or_default());
            let missing = NEEDED.iter().filter(|probe| container.get(**probe).is_none());
            faults.extend(missing.map(|probe| format!("{who} has no {probe}: add one")));
            let asked = ["startupProbe", NEEDED[0], NEEDED[1]].into_iter().filter_map(|probe| {
                let port = container.get(probe)?.pointer("/httpGet/port")?;
                (!has_port(container, port)).then(|| {
                    format!("{who}: its {probe} asks at {port}, which is not one of its ports: correct it")
                })
            });
            faults.extend(asked);
        }
    }
    faults
}

/// Returns true for the name or the number of a port of the container.
fn has_port(container: &Value, port: &Value) -> bool {
    list(container, "/ports").any(|it| it.get("name") == Some(port) || it.get("containerPort") == Some(port))
}
