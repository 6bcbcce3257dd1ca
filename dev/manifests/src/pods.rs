//! Pods, and the objects that create them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::manifests::list;
use crate::{Manifests, Object};

/// The pods that an object creates.
#[derive(Debug, Clone)]
pub struct Pod<'a> {
    /// The object that creates the pods.
    pub owner: &'a Object,
    /// The labels of the pods.
    pub labels: BTreeMap<String, String>,
    /// The `spec` of the pods. A SpinApp has none.
    pub spec: Option<&'a Value>,
}

/// The JSON pointer to the pod template of each kind.
const TEMPLATES: [(&str, &str); 6] = [
    ("StatefulSet", "/spec/template"),
    ("Deployment", "/spec/template"),
    ("DaemonSet", "/spec/template"),
    ("Job", "/spec/template"),
    ("CronJob", "/spec/jobTemplate/spec/template"),
    ("Pod", ""),
];

impl Manifests {
    /// The pods of all objects.
    #[must_use]
    pub fn pods(&self) -> Vec<Pod<'_>> {
        self.objects().filter_map(Pod::of).collect()
    }
}

impl<'a> Pod<'a> {
    fn of(owner: &'a Object) -> Option<Self> {
        if owner.kind() == "SpinApp" {
            let mut labels = labels(owner.get("/spec/podLabels"));
            // The operator adds this label.
            labels.insert("core.spinkube.dev/app-name".to_owned(), owner.name().to_owned());
            return Some(Self { owner, labels, spec: None });
        }
        let (_, template) = TEMPLATES.iter().find(|(kind, _)| *kind == owner.kind())?;
        let template = owner.get(template)?;
        Some(Self {
            owner,
            labels: labels(template.pointer("/metadata/labels")),
            spec: template.pointer("/spec"),
        })
    }

    /// The containers, init containers included.
    pub fn containers(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        let spec = self.spec;
        ["/initContainers", "/containers"]
            .into_iter()
            .filter_map(move |pointer| spec.map(|spec| list(spec, pointer)))
            .flatten()
    }
}

/// A map of labels.
pub(crate) fn labels(value: Option<&Value>) -> BTreeMap<String, String> {
    let map = value.and_then(Value::as_object).into_iter().flatten();
    map.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}
