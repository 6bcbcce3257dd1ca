//! A part of an application: the components that `--component-id` names, as for `spin up`.

use anyhow::{Result, bail, ensure};
use http::Uri;
use users_spin_manifest::{Manifest, Target};

use crate::chaining;

/// Leaves only the triggers of the selected components. All stay if none is selected.
///
/// # Errors
/// When a selected component does not exist, or may call one that is not selected. As in Spin, an entry of `allowed_outbound_hosts`
/// with a variable is not checked, as its value may change.
pub(crate) fn apply(manifest: &mut Manifest, selected: &[String]) -> Result<()> {
    if selected.is_empty() {
        return Ok(());
    }
    for name in selected {
        ensure!(
            manifest.components.contains_key(name),
            "the selected component {name:?} does not exist: name one of the manifest with --component-id"
        );
    }
    manifest.triggers.retain(|trigger| match &trigger.target {
        Target::Component(name) => selected.contains(name),
        Target::Static(_) => false,
    });
    for trigger in &manifest.triggers {
        if let Target::Component(name) = &trigger.target {
            check_calls(manifest, name, selected)?;
        }
    }
    Ok(())
}

fn check_calls(manifest: &Manifest, name: &str, selected: &[String]) -> Result<()> {
    let entries = manifest.components.get(name).into_iter().flat_map(|it| &it.allowed_outbound_hosts);
    for entry in entries {
        // An entry with a variable is no address.
        let Ok(uri) = entry.parse::<Uri>() else { continue };
        let called = chaining::target(&uri).filter(|it| !selected.iter().any(|name| name == it));
        if let Some(called) = called {
            bail!(
                "the selected component {name:?} may call {called:?}, which is not selected: select it too, or remove {entry:?} from its allowed_outbound_hosts"
            );
        }
    }
    Ok(())
}

/// The names of the components that the application has.
pub(crate) fn names(manifest: &Manifest, selected: &[String]) -> Vec<String> {
    let names = manifest.components.keys().filter(|name| selected.is_empty() || selected.contains(name));
    names.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
        spin_manifest_version = 2
        application = { name = "a" }
        [variables]
        domain = { default = "spin.internal" }
        [[trigger.http]]
        route = "/alone"
        component = { source = "alone.wasm" }
        [[trigger.http]]
        route = "/caller"
        component = "caller"
        [component.caller]
        source = "caller.wasm"
        allowed_outbound_hosts = ["http://called.spin.internal", "https://example.com"]
        [[trigger.http]]
        route = { private = true }
        component = "called"
        [component.called]
        source = "called.wasm"
        allowed_outbound_hosts = ["http://caller.{{ domain }}"]
        [[trigger.http]]
        route = "/any"
        component = "any"
        [component.any]
        source = "any.wasm"
        allowed_outbound_hosts = ["http://*.spin.internal"]
        [[trigger.http]]
        route = "/static"
        static_response = {}
    "#;

    fn triggers(selected: &[&str]) -> Result<usize> {
        let mut manifest = Manifest::parse(MANIFEST).unwrap();
        let selected: Vec<String> = selected.iter().map(ToString::to_string).collect();
        apply(&mut manifest, &selected).map(|()| manifest.triggers.len())
    }

    #[test]
    fn all_triggers_stay_unless_components_are_selected() {
        assert_eq!(triggers(&[]).unwrap(), 5);
        assert_eq!(triggers(&["caller", "called"]).unwrap(), 2);
    }

    #[test]
    fn a_selected_component_that_calls_an_unselected_one_is_refused() {
        let error = triggers(&["caller"]).unwrap_err().to_string();
        assert!(error.contains("\"caller\" may call \"called\""), "{error}");
        let error = triggers(&["any", "caller", "called"]).unwrap_err().to_string();
        assert!(error.contains("\"any\" may call \"*\""), "{error}");
        let error = triggers(&["missing"]).unwrap_err().to_string();
        assert!(error.contains("\"missing\" does not exist"), "{error}");
    }

    #[test]
    fn an_entry_with_a_variable_is_left_alone() {
        assert_eq!(triggers(&["called"]).unwrap(), 1);
    }
}
