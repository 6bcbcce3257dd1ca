//! A SpinApp has exactly the variables of its components in `spin.toml`, and `unused` for the others that Spin requires.

use std::collections::BTreeSet;

use super::Context;
use crate::manifests::text;
use crate::{Object, UNUSED};

pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    context.manifests.of_kind("SpinApp").flat_map(|app| faults_of(app, context)).collect()
}

fn faults_of(app: &Object, context: &Context<'_>) -> Vec<String> {
    let components: Vec<&str> = app.list("/spec/components").filter_map(|it| it.as_str()).collect();
    let needed = context.spin.variables_of(&components);
    let mut faults = Vec::new();
    let mut given = BTreeSet::new();
    for variable in app.list("/spec/variables") {
        let name = text(variable, "/name").unwrap_or_default();
        let is_unused = text(variable, "/value") == Some(UNUSED);
        if !given.insert(name.to_owned()) {
            faults.push(format!("{}: the variable {name} appears twice: remove one", app.title()));
        } else if !context.spin.variables().contains(name) {
            faults.push(format!("{}: spin.toml has no variable {name}: correct the name", app.title()));
        } else if needed.contains(name) {
            if is_unused {
                faults.push(format!(
                    "{}: its components use the variable {name}: give it a value",
                    app.title()
                ));
            }
        } else if !context.spin.required().contains(name) {
            faults
                .push(format!("{}: none of its components uses the variable {name}: remove it", app.title()));
        } else if !is_unused {
            let title = app.title();
            faults.push(format!(
                "{title}: none of its components uses the variable {name}: set it to {UNUSED}"
            ));
        }
    }
    let missing = needed.union(context.spin.required()).filter(|name| !given.contains(*name));
    faults.extend(missing.map(|name| format!("{}: the variable {name} is missing: add it", app.title())));
    for component in components {
        if !context.spin.has(component) {
            faults.push(format!("{}: spin.toml has no component {component}: correct the name", app.title()));
        } else if !context.spin.serves(component) {
            faults
                .push(format!("{}: no route leads to the component {component}: leave it out", app.title()));
        }
    }
    faults
}
