//! The slots for hashing passwords fit the cores and the memory of the replicas (docs/OPERATIONS.md, "Sizing").

use serde_json::Value;

use super::Context;
use super::routes::runs;
use crate::{Manifests, Object};

/// The slots for each core.
const PER_CORE: u64 = 2;
/// The memory of a replica without slots, in MiB.
const IDLE: u64 = 256;
/// The memory that each slot may add in a flood of logins, in MiB.
const PER_SLOT: u64 = 128;

pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    let manifests = context.manifests;
    let slots = |it: &Object| it.text("/data/hash_slots")?.parse::<u64>().ok();
    let configured = manifests.of_kind("ConfigMap").find_map(|it| Some((it, slots(it)?)));
    let Some((config, slots)) = configured else {
        return Vec::new();
    };
    let auth = manifests.of_kind("SpinApp").filter(|app| runs(app, "auth"));
    let cores = auth.map(|app| cores(app).saturating_mul(least_replicas(app, manifests)));
    let cores = cores.fold(0, u64::saturating_add);
    let needed = cores.saturating_mul(PER_CORE);
    let mut faults = Vec::new();
    if slots < needed {
        faults.push(format!(
            "{}: hash_slots is {slots}, but the replicas that run auth have {cores} cores: set it to {needed} or more",
            config.title()
        ));
    }
    faults.extend(too_little_memory(context, slots));
    faults
}

/// Requests are not spread evenly: one replica may hold all slots.
fn too_little_memory(context: &Context<'_>, slots: u64) -> Vec<String> {
    let needed = slots.saturating_mul(PER_SLOT).saturating_add(IDLE);
    let hashing = context.manifests.of_kind("SpinApp").filter(|app| {
        let components: Vec<&str> = app.list("/spec/components").filter_map(Value::as_str).collect();
        context.spin.variables_of(&components).contains("hash_slots")
    });
    // The rule about limits finds a SpinApp without one.
    let limits = hashing.filter_map(|app| Some((app, app.text("/spec/resources/limits/memory")?)));
    limits
        .filter(|(_, limit)| mebibytes(limit).is_none_or(|it| it < needed))
        .map(|(app, limit)| {
            format!(
                "{}: its memory limit is {limit}, and {slots} hash slots may need {needed}Mi: raise it",
                app.title()
            )
        })
        .collect()
}

/// The number of replicas that always run, at least one.
fn least_replicas(app: &Object, manifests: &Manifests) -> u64 {
    let kinds =
        [("HorizontalPodAutoscaler", "/spec/minReplicas"), ("HTTPScaledObject", "/spec/replicas/min")];
    let scaled = kinds.into_iter().find_map(|(kind, least)| {
        let mut scalers = manifests.of_kind(kind);
        scalers.find(|it| it.text("/spec/scaleTargetRef/name") == Some(app.name()))?.get(least)?.as_u64()
    });
    app.get("/spec/replicas").and_then(Value::as_u64).or(scaled).unwrap_or(1).max(1)
}

/// The cores of a replica, rounded up, at least one.
fn cores(app: &Object) -> u64 {
    let limit = app.get("/spec/resources/limits/cpu");
    let limit = limit.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
    limit.and_then(|it| whole_cores(&it)).unwrap_or(1).max(1)
}

/// A quantity of processor time, such as `2`, `1.5` or `500m`, rounded up to whole cores.
fn whole_cores(quantity: &str) -> Option<u64> {
    if let Some(thousandths) = quantity.strip_suffix('m') {
        return thousandths.parse::<u64>().ok().map(|it| it.div_ceil(1000));
    }
    let (whole, fraction) = quantity.split_once('.').unwrap_or((quantity, ""));
    let is_more = fraction.bytes().any(|digit| digit != b'0');
    Some(whole.parse::<u64>().ok()?.saturating_add(is_more.into()))
}

/// A quantity of memory in MiB. It has to be written in `Mi` or `Gi`.
fn mebibytes(quantity: &str) -> Option<u64> {
    let parse = |unit: &str, size: u64| quantity.strip_suffix(unit)?.parse::<u64>().ok()?.checked_mul(size);
    parse("Mi", 1).or_else(|| parse("Gi", 1024))
}

#[cfg(test)]
mod tests {
    use super::{mebibytes, whole_cores};

    #[test]
    fn cores_are_rounded_up() {
        let expected = [("2", 2), ("2.0", 2), ("1.5", 2), ("0.5", 1), ("500m", 1), ("1001m", 2)];
        for (quantity, cores) in expected {
            assert_eq!(whole_cores(quantity), Some(cores), "{quantity}");
        }
        assert_eq!(whole_cores("two"), None);
    }

    #[test]
    fn memory_is_in_mebibytes() {
        assert_eq!((mebibytes("1536Mi"), mebibytes("2Gi")), (Some(1536), Some(2048)));
        assert_eq!((mebibytes("2G"), mebibytes("Gi")), (None, None));
    }
}
