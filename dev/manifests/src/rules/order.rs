//! An object comes after the objects that it needs, both in kubectl's order and in Argo CD's waves.

use serde_json::Value;

use super::Context;
use super::references::{config_maps, service_account};
use crate::Object;

/// The annotation with an object's wave. Argo CD applies lower waves first, and waits until their objects are healthy.
const WAVE: &str = "/metadata/annotations/argocd.argoproj.io~1sync-wave";

pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    let objects: Vec<&Object> = context.manifests.objects().collect();
    let place = |kind: &str, name: &str| objects.iter().position(|it| it.kind() == kind && it.name() == name);
    let mut faults = Vec::new();
    for (app_at, app) in objects.iter().enumerate().filter(|(_, it)| it.kind() == "SpinApp") {
        let executor = app.text("/spec/executor").and_then(|name| place("SpinAppExecutor", name));
        if executor.is_some_and(|at| at > app_at) {
            faults.push(format!(
                "{} comes before its SpinAppExecutor, so the operator would refuse it: set sortOptions.order to fifo",
                app.title()
            ));
        }
    }
    for pod in context.manifests.pods() {
        let account = ("ServiceAccount", service_account(&pod));
        let needed = config_maps(&pod).into_iter().map(|name| ("ConfigMap", name)).chain([account]);
        for (kind, name) in needed {
            let needed = context.manifests.one(kind, name).ok();
            faults.extend(needed.filter(|it| wave(it) > wave(pod.owner)).map(|it| {
                format!("{} needs {}, which has a later sync-wave: lower it", pod.owner.title(), it.title())
            }));
        }
    }
    faults
}

fn wave(object: &Object) -> i64 {
    object.get(WAVE).and_then(Value::as_str).and_then(|it| it.parse().ok()).unwrap_or_default()
}
