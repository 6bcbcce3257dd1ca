//! Every container has requests and limits for memory and processor time.

use serde_json::Value;

use super::Context;
use crate::manifests::text;

const NEEDED: [&str; 4] = ["/requests/cpu", "/requests/memory", "/limits/cpu", "/limits/memory"];

pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for pod in context.manifests.pods() {
        let title = pod.owner.title();
        for container in pod.containers() {
            let name = text(container, "/name").unwrap_or_default();
            faults.extend(missing(&format!("{title}: {name}"), container.get("resources")));
        }
        if pod.owner.kind() == "SpinApp" {
            faults.extend(missing(&title, pod.owner.get("/spec/resources")));
        }
    }
    faults
}

fn missing<'a>(title: &'a str, resources: Option<&'a Value>) -> impl Iterator<Item = String> + 'a {
    let is_there = move |pointer: &&str| resources.is_some_and(|it| it.pointer(pointer).is_some());
    NEEDED
        .into_iter()
        .filter(move |pointer| !is_there(pointer))
        .map(move |pointer| format!("{title} has no resources{}: add it", pointer.replace('/', ".")))
}
