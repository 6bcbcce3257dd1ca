//! Every container that runs for ever has probes, and a probe over HTTP asks at a port of its container. The checks of SpinApps are
//! those of `routes`.

use serde_json::Value;

use super::Context;
use crate::manifests::{list, text};

/// Without the first, a container that hangs stays; without the second, a roll-out does not wait for the new one.
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

/// True for the name or the number of a port of the container.
fn has_port(container: &Value, port: &Value) -> bool {
    list(container, "/ports").any(|it| it.get("name") == Some(port) || it.get("containerPort") == Some(port))
}
