//! Autoscalers match their SpinApps, and Postgres allows the connections of all replicas.

use std::collections::BTreeMap;

use super::Context;
use crate::manifests::list;
use crate::{Object, SpinManifest};

/// Spin's limit for a connection pool. Each component has one pool in each replica.
const POOL: u64 = 64;
/// Connections for the Job, the worker, backups, and operators.
const SPARE: u64 = 20;
/// A variable that every component with a connection to Postgres has.
const DATABASE: &str = "db_host";

pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    let scaled = scaled(context);
    for app in context.manifests.of_kind("SpinApp") {
        let title = app.title();
        let is_scaled = app.get("/spec/enableAutoscaling").is_some_and(|it| it == true);
        match (is_scaled, app.get("/spec/replicas").is_some(), scaled.contains_key(app.name())) {
            (true, true, _) => faults.push(format!("{title} has replicas and an autoscaler: remove one")),
            (true, false, false) => faults.push(format!("{title} has no autoscaler: add one")),
            (false, _, true) => faults.push(format!("{title} ignores its autoscaler: set enableAutoscaling")),
            (false, false, false) => faults.push(format!("{title} has no number of replicas: set it")),
            _ => {}
        }
    }
    let apps: Vec<&str> = context.manifests.of_kind("SpinApp").map(Object::name).collect();
    let lost = scaled.keys().filter(|name| !apps.contains(&name.as_str()));
    faults.extend(
        lost.map(|name| format!("an autoscaler names {name}, which is not a SpinApp: correct its target")),
    );
    faults.extend(too_few_connections(context, &scaled));
    faults
}

/// The maximal number of replicas of each Deployment with an autoscaler.
fn scaled(context: &Context<'_>) -> BTreeMap<String, u64> {
    let kinds =
        [("HorizontalPodAutoscaler", "/spec/maxReplicas"), ("HTTPScaledObject", "/spec/replicas/max")];
    let mut found = BTreeMap::new();
    for (kind, most) in kinds {
        for scaler in context.manifests.of_kind(kind) {
            let most = scaler.get(most).and_then(serde_json::Value::as_u64).unwrap_or(u64::MAX);
            found.insert(scaler.text("/spec/scaleTargetRef/name").unwrap_or_default().to_owned(), most);
        }
    }
    found
}

fn too_few_connections(context: &Context<'_>, scaled: &BTreeMap<String, u64>) -> Option<String> {
    let server = context.manifests.one("StatefulSet", "postgres").ok()?;
    let has = max_connections(server).unwrap_or(100);
    let pools = context.manifests.of_kind("SpinApp").map(|app| {
        let fixed = app.get("/spec/replicas").and_then(serde_json::Value::as_u64);
        let replicas = fixed.or_else(|| scaled.get(app.name()).copied()).unwrap_or(1);
        // A roll-out adds up to a quarter (maxSurge).
        replicas.saturating_add(replicas.div_ceil(4)).saturating_mul(pools(app, context.spin))
    });
    let needed = pools.fold(0, u64::saturating_add).saturating_mul(POOL).saturating_add(SPARE);
    (has < needed).then(|| {
        format!("{}: max_connections is {has}, and its clients may open {needed}: raise it", server.title())
    })
}

/// The number of a replica's components with a connection to Postgres.
fn pools(app: &Object, spin: &SpinManifest) -> u64 {
    let components: Vec<&str> = app.list("/spec/components").filter_map(|it| it.as_str()).collect();
    let components = if components.is_empty() { spin.components().collect() } else { components };
    let reach = components.iter().filter(|it| spin.variables_of(&[it]).contains(DATABASE));
    reach.count().try_into().unwrap_or(u64::MAX)
}

fn max_connections(server: &Object) -> Option<u64> {
    let mut settings = server.list("/spec/template/spec/containers").flat_map(|it| list(it, "/args"));
    settings.find_map(|it| it.as_str()?.strip_prefix("max_connections=")?.parse().ok())
}
