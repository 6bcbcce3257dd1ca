//! Every reference has a target.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Context;
use crate::environment::is_optional;
use crate::manifests::{list, text};
use crate::pods::Pod;

pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for pod in context.manifests.pods() {
        let mut missing = |kind: &str, name: &str| {
            faults.push(format!(
                "{} refers to the {kind} {name}, which does not exist: correct it",
                pod.owner.title()
            ));
        };
        for variable in variables(&pod) {
            if let Some((kind, name)) = unknown_source(context, variable) {
                missing(kind, &name);
            }
        }
        let account = service_account(&pod);
        if !context.manifests.has("ServiceAccount", account) {
            missing("ServiceAccount", account);
        }
        for (kind, name) in volumes(&pod) {
            let place = if kind == "Secret" { context.base } else { context.manifests };
            if !place.has(kind, name) {
                missing(kind, name);
            }
        }
        let executor = pod.owner.text("/spec/executor");
        if let Some(executor) = executor.filter(|it| !context.manifests.has("SpinAppExecutor", it)) {
            missing("SpinAppExecutor", executor);
        }
    }
    faults
}

/// The service account of a pod.
pub(super) fn service_account<'a>(pod: &Pod<'a>) -> &'a str {
    let account = pod.owner.text("/spec/serviceAccountName");
    account.or_else(|| text(pod.spec?, "/serviceAccountName")).unwrap_or("default")
}

/// The ConfigMaps that a pod needs to start.
pub(super) fn config_maps<'a>(pod: &Pod<'a>) -> BTreeSet<&'a str> {
    let named = variables(pod).filter_map(|it| text(it, "/valueFrom/configMapKeyRef/name"));
    let mounted = volumes(pod).filter(|(kind, _)| *kind == "ConfigMap").map(|(_, name)| name);
    named.chain(mounted).collect()
}

fn variables<'a>(pod: &Pod<'a>) -> impl Iterator<Item = &'a Value> + use<'a> {
    pod.owner.list("/spec/variables").chain(pod.containers().flat_map(|container| list(container, "/env")))
}

/// The missing key that a variable refers to.
fn unknown_source(context: &Context<'_>, variable: &Value) -> Option<(&'static str, String)> {
    let sources = [
        ("configMapKeyRef", "ConfigMap", context.manifests, vec!["/data"]),
        ("secretKeyRef", "Secret", context.base, vec!["/data", "/stringData"]),
    ];
    let (reference, kind, place, maps) = sources
        .into_iter()
        .find(|(reference, ..)| variable.pointer(&format!("/valueFrom/{reference}")).is_some())?;
    let source = variable.pointer(&format!("/valueFrom/{reference}"))?;
    let (name, key) = (text(source, "/name")?, text(source, "/key")?);
    let object = place.one(kind, name).ok();
    let has_key = object
        .is_some_and(|object| maps.iter().any(|map| object.get(map).and_then(|it| it.get(key)).is_some()));
    // An optional key may be missing in a cluster, but its name must be correct.
    let suffix = if is_optional(variable) { ", optional" } else { "" };
    (!has_key).then(|| (kind, format!("{name} (key {key}{suffix})")))
}

fn volumes<'a>(pod: &Pod<'a>) -> impl Iterator<Item = (&'static str, &'a str)> + use<'a> {
    let volumes = pod.spec.map(|spec| list(spec, "/volumes")).into_iter().flatten();
    volumes.flat_map(|volume| {
        [
            ("ConfigMap", "/configMap/name"),
            ("Secret", "/secret/secretName"),
            ("PersistentVolumeClaim", "/persistentVolumeClaim/claimName"),
        ]
        .into_iter()
        .filter_map(|(kind, pointer)| Some((kind, text(volume, pointer)?)))
    })
}
