//! The objects of an overlay.

use serde_json::Value;

use crate::{Error, Result};

/// A Kubernetes object.
#[derive(Debug, Clone)]
pub struct Object {
    kind: String,
    name: String,
    value: Value,
}

/// The objects that `kubectl apply` would send.
#[derive(Debug, Clone)]
pub struct Manifests {
    objects: Vec<Object>,
}

impl Object {
    fn new(value: Value) -> Result<Self> {
        let text = |pointer, what| {
            value.pointer(pointer).and_then(Value::as_str).map(str::to_owned).ok_or(Error::Nameless(what))
        };
        Ok(Self { kind: text("/kind", "kind")?, name: text("/metadata/name", "name")?, value })
    }

    /// The kind, such as `StatefulSet`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// `metadata.name`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value at a JSON pointer (RFC 6901), such as `/spec/replicas`.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.value.pointer(pointer)
    }

    /// The string at a JSON pointer.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.get(pointer).and_then(Value::as_str)
    }

    /// The list at a JSON pointer, or an empty one.
    pub fn list<'a>(&'a self, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        list(&self.value, pointer)
    }

    /// `kind/name`, as kubectl writes it.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// The whole object.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }
}

impl Manifests {
    /// Parses the output of `kubectl kustomize`.
    ///
    /// # Errors
    /// When the output is not YAML, or when an object has no kind or no name.
    pub fn parse(yaml: &str) -> Result<Self> {
        let values: Vec<Value> =
            serde_saphyr::from_multiple(yaml).map_err(|error| Error::Yaml(error.to_string()))?;
        let objects = values.into_iter().filter(|it| !it.is_null()).map(Object::new);
        Ok(Self { objects: objects.collect::<Result<_>>()? })
    }

    /// All objects.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter()
    }

    /// The objects of a kind.
    pub fn of_kind<'a>(&'a self, kind: &str) -> impl Iterator<Item = &'a Object> + use<'a> {
        let kind = kind.to_owned();
        self.objects.iter().filter(move |object| object.kind == kind)
    }

    /// The object with this kind and name.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is no such object.
    pub fn one(&self, kind: &str, name: &str) -> Result<&Object> {
        let missing = || Error::Missing { kind: kind.to_owned(), name: name.to_owned() };
        self.of_kind(kind).find(|object| object.name == name).ok_or_else(missing)
    }

    /// True when an object has this kind and name.
    #[must_use]
    pub fn has(&self, kind: &str, name: &str) -> bool {
        self.one(kind, name).is_ok()
    }
}

/// The list at a JSON pointer, or an empty one.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// The string at a JSON pointer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::Manifests;

    #[test]
    fn objects_are_found_by_kind_and_name() {
        let yaml = "kind: Secret\nmetadata: {name: a}\n---\nkind: SpinApp\nmetadata: {name: a}\nspec: {replicas: 2}\n";
        let manifests = Manifests::parse(yaml).unwrap();
        assert_eq!(manifests.one("SpinApp", "a").unwrap().get("/spec/replicas").unwrap(), 2);
        assert!(manifests.one("SpinApp", "b").is_err());
        assert_eq!(manifests.objects().count(), 2);
    }

    #[test]
    fn an_object_has_a_kind_and_a_name() {
        assert!(Manifests::parse("kind: Secret\nmetadata: {}\n").is_err());
        assert!(Manifests::parse("metadata: {name: a}\n").is_err());
        assert!(Manifests::parse("kind: [\n").is_err());
    }
}
