//! Every route of `spin.toml` is run by some SpinApp, an Ingress leads to one that does, and probes ask for a path that the
//! SpinApp answers.

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
            faults.extend(misled(context, ingress, path, component));
        }
    }
    faults.extend(apps.iter().flat_map(|app| deaf_probes(context, app)));
    faults
}

fn runs(app: &Object, component: &str) -> bool {
    let mut components = app.list("/spec/components").peekable();
    components.peek().is_none() || components.any(|it| it == component)
}

/// Whether the component of a path is not where an Ingress leads.
fn misled(context: &Context<'_>, ingress: &Object, path: &str, component: &str) -> Vec<String> {
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
                // Out of the namespace, to something that knows the way itself.
                Err(_) if context.manifests.has("Service", name) => continue,
                Err(_) => format!("to the Service {name}, which is not there"),
            },
        };
        faults.push(format!("{}: {path} leads {wrong}: correct its paths", ingress.title()));
    }
    faults
}

/// Whether an Ingress's path of the type Prefix takes a path: element by element.
fn takes(prefix: &str, path: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn deaf_probes(context: &Context<'_>, app: &Object) -> Vec<String> {
    let mut faults = Vec::new();
    for probe in ["liveness", "readiness"] {
        let Some(path) = app.text(&format!("/spec/checks/{probe}/httpGet/path")) else {
            faults.push(format!("{} has no {probe} check: add one", app.title()));
            continue;
        };
        if !context.spin.component_of(path).is_some_and(|component| runs(app, component)) {
            faults.push(format!(
                "{}: its {probe} check asks for {path}, which it does not answer",
                app.title()
            ));
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
