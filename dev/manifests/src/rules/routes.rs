//! For every route in `spin.toml`, a SpinApp runs the component, and the Ingress sends requests to that SpinApp. Probes request a
//! path that their SpinApp serves.

use super::Context;
use crate::Object;
use crate::manifests::{list, text};

pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    let apps: Vec<&Object> = context.manifests.of_kind("SpinApp").collect();
    if apps.is_empty() {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for (path, component) in context.spin.routes() {
        if !apps.iter().any(|app| runs(app, component)) {
            faults.push(format!("no SpinApp runs the component {component} of {path}: add it to one"));
        }
        for ingress in context.manifests.of_kind("Ingress") {
            faults.extend(wrong_backends(context, ingress, path, component));
        }
    }
    faults.extend(apps.iter().flat_map(|app| unserved_probes(context, app)));
    faults
}

pub(super) fn runs(app: &Object, component: &str) -> bool {
    let mut components = app.list("/spec/components").peekable();
    components.peek().is_none() || components.any(|it| it == component)
}

/// The faults of an Ingress that sends a path to another component.
fn wrong_backends(context: &Context<'_>, ingress: &Object, path: &str, component: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for rule in ingress.list("/spec/rules") {
        let leads =
            list(rule, "/http/paths").filter(|it| text(it, "/path").is_some_and(|it| takes(it, path)));
        let best = leads.max_by_key(|it| text(it, "/path").map_or(0, str::len));
        let service = best.and_then(|it| text(it, "/backend/service/name"));
        let wrong = match service {
            None => "nowhere".to_owned(),
            Some(name) => match context.manifests.one("SpinApp", name) {
                Ok(app) if runs(app, component) => continue,
                Ok(app) => format!("to {}, which does not run the component {component}", app.title()),
                // The backend is KEDA's interceptor, in another namespace.
                Err(_) if context.manifests.has("Service", name) => continue,
                Err(_) => format!("to the Service {name}, which does not exist"),
            },
        };
        faults.push(format!("{}: {path} leads {wrong}: correct its paths", ingress.title()));
    }
    faults
}

/// True when an Ingress path of the type Prefix matches a path, element by element.
fn takes(prefix: &str, path: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn unserved_probes(context: &Context<'_>, app: &Object) -> Vec<String> {
    let mut faults = Vec::new();
    for probe in ["liveness", "readiness"] {
        let Some(path) = app.text(&format!("/spec/checks/{probe}/httpGet/path")) else {
            faults.push(format!("{} has no {probe} check: add one", app.title()));
            continue;
        };
        if !context.spin.component_of(path).is_some_and(|component| runs(app, component)) {
            faults
                .push(format!("{}: its {probe} check asks for {path}, which it does not serve", app.title()));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::takes;

    #[test]
    fn a_prefix_ends_between_elements() {
        assert!(
            takes("/", "/")
                && takes("/", "/users")
                && takes("/users", "/users")
                && takes("/users/", "/users/1")
        );
        assert!(!takes("/users", "/usersx") && !takes("/users", "/"));
    }
}
