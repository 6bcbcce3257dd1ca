//! Behind an Ingress, the service knows who the client is.

use super::Context;

/// Without a trusted proxy, every client behind an Ingress has its address: they share one limit, and no list of addresses works.
pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    let manifests = context.manifests;
    let mut entrances = manifests.of_kind("Ingress").chain(manifests.of_kind("HTTPRoute"));
    let Some(entrance) = entrances.next() else {
        return Vec::new();
    };
    let trusted = manifests.of_kind("ConfigMap").filter_map(|config| config.text("/data/trusted_proxies"));
    let trusted: Vec<&str> = trusted.flat_map(|proxies| proxies.split(',')).map(str::trim).collect();
    let fault = if trusted.iter().any(|proxy| proxy.ends_with("/0")) {
        "trusted_proxies has every address, so clients could choose theirs: set it to the network of its controller"
    } else if trusted.iter().all(|proxy| proxy.is_empty()) {
        "trusted_proxies is empty: set it to the network of its controller"
    } else {
        return Vec::new();
    };
    vec![format!("{}: {fault}", entrance.title())]
}
