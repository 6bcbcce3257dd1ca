//! Every pod has its own network policies, and every selector matches a pod.

use serde_json::Value;

use super::Context;
use crate::Object;
use crate::pods::{Pod, labels};
use crate::selector::selects;

/// The label of cert-manager's pods for HTTP-01 challenges.
const ACME_SOLVER: &str = "acme.cert-manager.io/http01-solver";

pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    let pods = context.manifests.pods();
    let policies: Vec<&Object> = context.manifests.of_kind("NetworkPolicy").collect();
    let mut faults: Vec<String> = pods.iter().flat_map(|pod| uncovered(pod, &policies)).collect();
    let selectors = [("NetworkPolicy", "/spec/podSelector"), ("PodDisruptionBudget", "/spec/selector")];
    for (kind, pointer) in selectors {
        for object in context.manifests.of_kind(kind) {
            let found = object
                .get(pointer)
                .is_some_and(|it| is_for_acme(it) || pods.iter().any(|pod| selects(it, &pod.labels)));
            faults.extend(matches_nothing(object, found || pods.is_empty()));
        }
    }
    for service in context.manifests.of_kind("Service").filter(|it| it.get("/spec/selector").is_some()) {
        let wanted = labels(service.get("/spec/selector"));
        let has_all = |pod: &Pod<'_>| wanted.iter().all(|(key, value)| pod.labels.get(key) == Some(value));
        faults.extend(matches_nothing(service, pods.iter().any(has_all)));
    }
    faults
}

/// Returns true for a selector of the pods that cert-manager creates for a challenge. No manifest contains these pods.
fn is_for_acme(selector: &Value) -> bool {
    selector.pointer("/matchLabels").is_some_and(|labels| labels.get(ACME_SOLVER).is_some())
}

fn matches_nothing(object: &Object, found: bool) -> Option<String> {
    (!found).then(|| format!("{} selects no pod: correct its selector", object.title()))
}

/// The faults of a pod: a direction without a policy, no policy of its own, or a policy that allows everything.
fn uncovered(pod: &Pod<'_>, policies: &[&Object]) -> Vec<String> {
    let selector = |policy: &Object| policy.get("/spec/podSelector").cloned().unwrap_or_default();
    let of_pod: Vec<&&Object> = policies.iter().filter(|it| selects(&selector(it), &pod.labels)).collect();
    let title = pod.owner.title();
    let mut faults = Vec::new();
    for direction in ["Ingress", "Egress"] {
        if !of_pod.iter().any(|policy| policy.list("/spec/policyTypes").any(|it| it == direction)) {
            faults.push(format!("no NetworkPolicy covers the {direction} of {title}: add it to one"));
        }
    }
    let is_for_all = |policy: &Object| selector(policy).as_object().is_none_or(serde_json::Map::is_empty);
    if of_pod.iter().all(|policy| is_for_all(policy)) {
        faults.push(format!("{title} has no NetworkPolicy of its own: write one for its pods"));
    }
    faults.extend(of_pod.iter().filter_map(|policy| unlimited(policy)));
    faults
}

/// A rule without peers or ports allows all traffic.
fn unlimited(policy: &Object) -> Option<String> {
    let is_open = |rule: &Value, peers: &str| rule.get(peers).is_none() || rule.get("ports").is_none();
    let open = policy.list("/spec/ingress").any(|rule| is_open(rule, "from"))
        || policy.list("/spec/egress").any(|rule| is_open(rule, "to"));
    open.then(|| format!("{} has a rule without peers or ports, which allows all: name them", policy.title()))
}
