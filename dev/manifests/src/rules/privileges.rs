//! No container runs as root, writes to its image, or can gain privileges. A SpinApp has no fields for these settings. Its components
//! have no system calls, and the cluster's administrator configures the shim.

use serde_json::{Value, json};

use super::Context;
use crate::manifests::text;

pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for pod in context.manifests.pods() {
        let Some(spec) = pod.spec else { continue };
        let title = pod.owner.title();
        let mut expect = |who: &str, within: &Value, pointer: &str, expected: Value| {
            if within.pointer(pointer) != Some(&expected) {
                let field = pointer.trim_start_matches('/').replace('/', ".");
                faults.push(format!("{who} has no {field}: {expected}, so it could gain privileges: add it"));
            }
        };
        expect(&title, spec, "/securityContext/runAsNonRoot", json!(true));
        expect(&title, spec, "/securityContext/seccompProfile/type", json!("RuntimeDefault"));
        expect(&title, spec, "/automountServiceAccountToken", json!(false));
        for container in pod.containers() {
            let who = format!("{title}: {}", text(container, "/name").unwrap_or_default());
            expect(&who, container, "/securityContext/allowPrivilegeEscalation", json!(false));
            expect(&who, container, "/securityContext/readOnlyRootFilesystem", json!(true));
            expect(&who, container, "/securityContext/capabilities/drop", json!(["ALL"]));
        }
        for (who, user) in users(&title, spec, pod.containers()) {
            if user.as_u64().is_none_or(|user| user == 0) {
                faults.push(format!("{who} runs as user {user}: set the number of a user that is not root"));
            }
        }
    }
    faults
}

/// The users of the pod and of the containers that set one. The pod must set one.
fn users<'a>(
    title: &str,
    spec: &'a Value,
    containers: impl Iterator<Item = &'a Value>,
) -> Vec<(String, &'a Value)> {
    let user = |within: &'a Value| within.pointer("/securityContext/runAsUser");
    let mut users = vec![(title.to_owned(), user(spec).unwrap_or(&Value::Null))];
    for container in containers {
        let name = text(container, "/name").unwrap_or_default();
        users.extend(user(container).map(|user| (format!("{title}: {name}"), user)));
    }
    users
}
