//! Where the console runs apart from the components that it calls, it finds each of them and has no way to Postgres. No other pod reaches
//! them, because they believe any pod that names a client.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Context;
use super::routes::runs;
use crate::Object;
use crate::manifests::list;
use crate::pods::{Pod, labels};
use crate::selector::selects;

const CONSOLE: &str = "console";
/// The end of a name that no host has (RFC 6761 section 6.4). It stands for no URL.
const NONE: &str = ".invalid";

pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    let pods = context.manifests.pods();
    let consoles = pods.iter().filter(|pod| is_app_with(pod, CONSOLE));
    consoles.flat_map(|console| faults_of(console, &pods, context)).collect()
}

fn faults_of(console: &Pod<'_>, pods: &[Pod<'_>], context: &Context<'_>) -> Vec<String> {
    let elsewhere: Vec<&str> =
        context.spin.called_by(CONSOLE).filter(|component| !runs(console.owner, component)).collect();
    if elsewhere.is_empty() {
        return Vec::new();
    }
    let mut faults = not_found(console, pods, &elsewhere, context).unwrap_or_default();
    let policies: Vec<&Object> = context.manifests.of_kind("NetworkPolicy").collect();
    let postgres: Vec<&Pod<'_>> = pods.iter().filter(|pod| pod.owner.kind() == "StatefulSet").collect();
    faults.extend(policies.iter().filter(|it| is_for(it, console)).filter_map(|it| too_far(it, &postgres)));
    // Parts may share a policy.
    let mut doors = BTreeSet::new();
    for part in pods.iter().filter(|pod| elsewhere.iter().any(|component| is_app_with(pod, component))) {
        let own: Vec<&Object> = policies.iter().filter(|it| is_for(it, part)).copied().collect();
        doors.extend(own.iter().filter_map(|policy| too_open(policy)));
        if !own.iter().any(|policy| admits(policy, console)) {
            doors.insert(format!("no NetworkPolicy lets the console reach {}: add one", part.owner.title()));
        }
    }
    faults.extend(doors);
    faults
}

fn is_app_with(pod: &Pod<'_>, component: &str) -> bool {
    pod.owner.kind() == "SpinApp" && runs(pod.owner, component)
}

/// The components that the console does not find at `api_url`. Without an asterisk, the URL is an entrance that is not in the manifests.
fn not_found(
    console: &Pod<'_>,
    pods: &[Pod<'_>],
    elsewhere: &[&str],
    context: &Context<'_>,
) -> Option<Vec<String>> {
    let mut configured =
        context.manifests.of_kind("ConfigMap").filter_map(|config| config.text("/data/api_url"));
    let is_set = |url: &&str| !url.trim().is_empty() && !url.trim().ends_with(NONE);
    let Some(url) = configured.find(is_set) else {
        let fault = "the components that it calls run elsewhere, and api_url does not say where: set it";
        return Some(vec![format!("{}: {fault}", console.owner.title())]);
    };
    let (_, host) = url.split_once("://")?;
    let service_of = |component: &str| {
        let name = host.split('.').next().unwrap_or_default();
        name.contains('*').then(|| name.replace('*', component))
    };
    let lost = elsewhere.iter().filter_map(|component| {
        let service = service_of(component)?;
        let leads = context.manifests.one("Service", &service).is_ok_and(|it| leads(it, pods, component));
        (!leads).then(|| {
            format!(
                "{}: the Service {service} does not lead to {component}: correct it",
                console.owner.title()
            )
        })
    });
    Some(lost.collect())
}

/// True when a Service selects pods of the component, and no others.
fn leads(service: &Object, pods: &[Pod<'_>], component: &str) -> bool {
    let wanted = labels(service.get("/spec/selector"));
    let has_all = |pod: &&Pod<'_>| wanted.iter().all(|(key, value)| pod.labels.get(key) == Some(value));
    let mut selected = pods.iter().filter(has_all).peekable();
    !wanted.is_empty() && selected.peek().is_some() && selected.all(|pod| is_app_with(pod, component))
}

fn is_for(policy: &Object, pod: &Pod<'_>) -> bool {
    policy.get("/spec/podSelector").is_some_and(|selector| selects(selector, &pod.labels))
}

/// The peers of all rules of one direction: `ingress` and `from`, or `egress` and `to`.
fn peers<'a>(policy: &'a Object, direction: &str, peers: &str) -> Vec<&'a Value> {
    let pointer = format!("/{peers}");
    policy.list(&format!("/spec/{direction}")).flat_map(|rule| list(rule, &pointer)).collect()
}

/// True when a peer is a pod of the same namespace with these labels.
fn is_peer(peer: &Value, pod: &Pod<'_>) -> bool {
    peer.get("namespaceSelector").is_none()
        && peer.get("podSelector").is_some_and(|selector| selects(selector, &pod.labels))
}

/// True when a peer is any pod, even one without labels, or an address.
fn is_anybody(peer: &Value) -> bool {
    let is_open = |key: &str| peer.get(key).is_none_or(|selector| selects(selector, &BTreeMap::new()));
    peer.get("ipBlock").is_some() || (is_open("namespaceSelector") && is_open("podSelector"))
}

/// A policy that lets the console reach more than the other parts.
fn too_far(policy: &Object, postgres: &[&Pod<'_>]) -> Option<String> {
    let is_wrong = |peer: &&Value| is_anybody(peer) || postgres.iter().any(|pod| is_peer(peer, pod));
    peers(policy, "egress", "to").iter().any(is_wrong).then(|| {
        format!(
            "{} lets the console reach more than the parts that it calls: name only these",
            policy.title()
        )
    })
}

/// A policy that lets anybody reach a part.
fn too_open(policy: &Object) -> Option<String> {
    peers(policy, "ingress", "from").into_iter().any(is_anybody).then(|| {
        format!(
            "{} admits every pod, and each may claim to be any client: admit the console and the ingress controller only",
            policy.title()
        )
    })
}

fn admits(policy: &Object, console: &Pod<'_>) -> bool {
    peers(policy, "ingress", "from").into_iter().any(|peer| is_peer(peer, console))
}
