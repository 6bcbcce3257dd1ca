//! The environment of a container, and the variables of a SpinApp.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::manifests::text;
use crate::{Error, Manifests, Result};

/// The values of Secrets, by the name of the Secret and by key. The manifests themselves hold only placeholders.
pub type Secrets = BTreeMap<String, BTreeMap<String, String>>;

impl Manifests {
    /// Resolves a list of `env` or of a SpinApp's `variables` to names and values, from the ConfigMaps of these manifests and
    /// from `secrets`. Leaves out an optional variable that has no value.
    ///
    /// # Errors
    /// [`Error::NoValue`] when a required key is missing.
    pub fn environment(&self, list: Option<&Value>, secrets: &Secrets) -> Result<BTreeMap<String, String>> {
        let mut found = BTreeMap::new();
        for item in list.and_then(Value::as_array).into_iter().flatten() {
            let name = text(item, "/name").ok_or(Error::Nameless("name"))?;
            if let Some(value) = self.value_of(item, secrets) {
                found.insert(name.to_owned(), value);
            } else if !is_optional(item) {
                return Err(Error::NoValue(name.to_owned()));
            }
        }
        Ok(found)
    }

    fn value_of(&self, item: &Value, secrets: &Secrets) -> Option<String> {
        if let Some(source) = item.pointer("/valueFrom/configMapKeyRef") {
            let (name, key) = (text(source, "/name")?, text(source, "/key")?);
            return self.one("ConfigMap", name).ok()?.get("/data")?.get(key)?.as_str().map(str::to_owned);
        }
        if let Some(source) = item.pointer("/valueFrom/secretKeyRef") {
            return secrets.get(text(source, "/name")?)?.get(text(source, "/key")?).cloned();
        }
        text(item, "/value").map(str::to_owned)
    }
}

/// True when Kubernetes starts a pod without this variable.
pub(crate) fn is_optional(item: &Value) -> bool {
    ["/valueFrom/configMapKeyRef/optional", "/valueFrom/secretKeyRef/optional"]
        .iter()
        .any(|pointer| item.pointer(pointer) == Some(&Value::Bool(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "
kind: ConfigMap
metadata: {name: config}
data: {host: postgres}
---
kind: SpinApp
metadata: {name: app}
spec:
  variables:
    - {name: plain, value: x}
    - {name: host, valueFrom: {configMapKeyRef: {name: config, key: host}}}
    - {name: secret, valueFrom: {secretKeyRef: {name: secrets, key: one}}}
    - {name: other, valueFrom: {secretKeyRef: {name: secrets, key: two, optional: true}}}
";

    #[test]
    fn values_come_from_literals_config_maps_and_secrets() {
        let manifests = Manifests::parse(YAML).unwrap();
        let app = manifests.one("SpinApp", "app").unwrap();
        let one = BTreeMap::from([("one".to_owned(), "s".to_owned())]);
        let secrets = Secrets::from([("secrets".to_owned(), one)]);
        let found = manifests.environment(app.get("/spec/variables"), &secrets).unwrap();
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, [("host", "postgres"), ("plain", "x"), ("secret", "s")]);
        let error = manifests.environment(app.get("/spec/variables"), &Secrets::new()).unwrap_err();
        assert!(error.to_string().contains("secret"), "{error}");
    }
}
