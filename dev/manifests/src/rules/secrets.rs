//! The manifests hold placeholders instead of secrets, and secret variables refer to a Secret.

use serde_json::Value;

use super::Context;
use crate::manifests::{list, text};
use crate::{Object, PLACEHOLDER, UNUSED};

/// Words in the names of secrets.
const SECRET_WORDS: [&str; 6] = ["password", "secret", "token", "private_key", "credential", "smtp_url"];

pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    let secrets = context.manifests.of_kind("Secret").flat_map(real_values);
    let configured = context.manifests.of_kind("ConfigMap").flat_map(secret_configuration);
    secrets.chain(configured).chain(literal_values(context)).chain(owners_password(context)).collect()
}

/// The key of the password of the role that owns the database.
const OWNERS_PASSWORD: &str = "db_password";

/// Pods that serve clients or send messages, and could change everything in the database.
fn owners_password(context: &Context<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for pod in context.manifests.pods() {
        if !["SpinApp", "Deployment"].contains(&pod.owner.kind()) {
            continue;
        }
        let variables = pod.owner.list("/spec/variables");
        let env = pod.containers().flat_map(|container| list(container, "/env"));
        let owning = variables.chain(env).filter(|variable| {
            variable.pointer("/valueFrom/secretKeyRef/key").and_then(Value::as_str) == Some(OWNERS_PASSWORD)
        });
        faults.extend(owning.map(|variable| {
            format!(
                "{}: {} is the password of the role that owns the database: give it one of a role of its own",
                pod.owner.title(),
                text(variable, "/name").unwrap_or_default()
            )
        }));
    }
    faults
}

fn real_values(secret: &Object) -> Vec<String> {
    let values = ["/data", "/stringData"].into_iter().filter_map(|place| secret.get(place)?.as_object());
    let real = values.flatten().filter(|(_, value)| *value != PLACEHOLDER);
    real.map(|(key, _)| {
        format!(
            "{}: {key} is not \"{PLACEHOLDER}\": create the Secret in the cluster, as k8s/base/secret.yaml says",
            secret.title()
        )
    })
    .collect()
}

fn secret_configuration(config: &Object) -> Vec<String> {
    let keys = config.get("/data").and_then(Value::as_object).into_iter().flat_map(|data| data.keys());
    keys.filter(|key| is_secret(key))
        .map(|key| format!("{}: {key} belongs in a Secret: move it there", config.title()))
        .collect()
}

/// Variables with a secret name and a literal value.
fn literal_values(context: &Context<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for pod in context.manifests.pods() {
        let variables = pod.owner.list("/spec/variables");
        let env = pod.containers().flat_map(|container| list(container, "/env"));
        for variable in variables.chain(env) {
            let name = text(variable, "/name").unwrap_or_default();
            let is_harmless = text(variable, "/value") == Some(UNUSED);
            if is_secret(name) && !is_harmless && variable.pointer("/valueFrom/secretKeyRef").is_none() {
                let title = pod.owner.title();
                faults.push(format!("{title}: {name} does not come from a Secret: give it a secretKeyRef"));
            }
        }
    }
    faults
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // `access_token_lifetime` and `limit_password_failures` contain such words, but are not secrets.
    let is_about_secrets = ["_lifetime", "_failures"].iter().any(|end| name.ends_with(end));
    !is_about_secrets && SECRET_WORDS.iter().any(|word| name.contains(word))
}
