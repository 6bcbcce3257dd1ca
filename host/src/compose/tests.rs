//! Tests of composition. The components are in the text format.

use super::*;

/// Imports `a:b/c@0.1.0`, and exports `run`, which calls it.
const ROOT: &str = r#"(component
    (import "a:b/c@0.1.0" (instance $c (export "number" (func (result u32)))))
    (core func $number (canon lower (func $c "number")))
    (core module $code
        (import "c" "number" (func $number (result i32)))
        (func (export "run") (result i32) call $number))
    (core instance $m (instantiate $code (with "c" (instance (export "number" (func $number))))))
    (func $run (result u32) (canon lift (core func $m "run")))
    (export "run" (func $run)))"#;

/// Exports `a:b/c@0.1.0` under the given name, and contains the given imports.
fn provider(imports: &str, export: &str) -> String {
    format!(
        r#"(component {imports}
        (core module $code (func (export "number") (result i32) i32.const 42))
        (core instance $m (instantiate $code))
        (func $number (result u32) (canon lift (core func $m "number")))
        (instance $c (export "number" (func $number)))
        (export "{export}" (instance $c)))"#
    )
}

struct Files(tempfile::TempDir);

impl Files {
    fn add(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, wat::parse_str(text).unwrap()).unwrap();
        path
    }
}

/// Composes [`ROOT`] with one provider and returns the imports that are left.
fn composed(text: &str, name: &str, export: Option<&str>, inherit: Inherit) -> Result<Vec<String>> {
    let files = Files(tempfile::tempdir()?);
    let path = files.add("c.wasm", text);
    let part = Part { path, export: export.map(str::to_owned), inherit };
    let bytes = with_dependencies(wat::parse_str(ROOT)?, &[(name, part)])?;
    let mut graph = CompositionGraph::new();
    let node = add(&mut graph, "composed", bytes)?;
    assert!(graph.types()[node.world].exports.contains_key("run"));
    Ok(graph.types()[node.world].imports.keys().cloned().collect())
}

const NONE: Inherit = Inherit::All(false);
const ENVIRONMENT: &str = r#"(import "wasi:cli/environment@0.2.6" (instance
    (export "get-environment" (func (result (list (tuple string string)))))))"#;

#[test]
fn a_dependency_satisfies_the_import() {
    assert!(composed(&provider("", "a:b/c@0.1.0"), "a:b/c@0.1.0", None, NONE).unwrap().is_empty());
    assert!(composed(&provider("", "a:b/c@0.1.0"), "a:b", None, NONE).unwrap().is_empty());
    assert!(composed(&provider("", "x:y/z"), "a:b/c", Some("x:y/z"), NONE).unwrap().is_empty());
}

#[test]
fn a_dependency_that_does_not_fit_is_refused() {
    for (export, name, word) in
        [("a:b/c@0.1.0", "a:b/other", "none of the component's imports"), ("a:b/other", "a:b/c", "no export")]
    {
        let error = composed(&provider("", export), name, None, NONE).unwrap_err();
        assert!(format!("{error:#}").contains(word), "{error:#}");
    }
}

#[test]
fn the_environment_stays_with_the_component_unless_inherited() {
    let text = provider(ENVIRONMENT, "a:b/c@0.1.0");
    assert!(composed(&text, "a:b/c", None, NONE).unwrap().is_empty());
    for inherit in [Inherit::All(true), Inherit::Some(vec!["environment".to_owned()])] {
        assert_eq!(composed(&text, "a:b/c", None, inherit).unwrap(), ["wasi:cli/environment@0.2.6"]);
    }
}

#[test]
fn preopened_folders_are_replaced_by_none() {
    let imports = r#"
        (import "wasi:filesystem/types@0.2.6" (instance $types (export "descriptor" (type (sub resource)))))
        (alias export $types "descriptor" (type $descriptor))
        (import "wasi:filesystem/preopens@0.2.6" (instance
            (alias outer 1 $descriptor (type $outer))
            (export "descriptor" (type $own (eq $outer)))
            (export "get-directories" (func (result (list (tuple (own $own) string)))))))"#;
    let left = composed(&provider(imports, "a:b/c@0.1.0"), "a:b/c", None, NONE).unwrap();
    assert_eq!(left, ["wasi:filesystem/types@0.2.6"]);
}

#[test]
fn any_other_capability_has_to_be_inherited() {
    let imports = r#"(import "spin:variables/variables@3.0.0" (instance))"#;
    let error = composed(&provider(imports, "a:b/c@0.1.0"), "a:b/c", None, NONE).unwrap_err();
    assert!(format!("{error:#}").contains("inherit_configuration = [\"variables\"]"), "{error:#}");
}

/// Exports a handler that returns `number`.
const SERVICE: &str = r#"(component
    (core module $code (func (export "number") (result i32) i32.const 42))
    (core instance $m (instantiate $code))
    (func $number (result u32) (canon lift (core func $m "number")))
    (instance $handler (export "number" (func $number)))
    (export "wasi:http/handler@0.3.0" (instance $handler)))"#;

/// Imports a handler, exports a handler that calls it, and contains the given imports.
fn middleware(imports: &str) -> String {
    format!(
        r#"(component {imports}
        (import "wasi:http/handler@0.3.0" (instance $next (export "number" (func (result u32)))))
        (core func $number (canon lower (func $next "number")))
        (core module $code
            (import "next" "number" (func $number (result i32)))
            (func (export "number") (result i32) call $number))
        (core instance $m (instantiate $code (with "next" (instance (export "number" (func $number))))))
        (func $out (result u32) (canon lift (core func $m "number")))
        (instance $handler (export "number" (func $out)))
        (export "wasi:http/handler@0.3.0" (instance $handler)))"#
    )
}

/// Composes [`SERVICE`] with middleware and returns the imports that are left.
fn layered(texts: &[&str], inherit: &Inherit) -> Result<Vec<String>> {
    let files = Files(tempfile::tempdir()?);
    let part = |(number, text): (usize, &&str)| {
        let path = files.add(&format!("{number}.wasm"), text);
        Part { path, export: None, inherit: inherit.clone() }
    };
    let parts: Vec<Part> = texts.iter().enumerate().map(part).collect();
    let bytes = with_middleware(wat::parse_str(SERVICE)?, &parts)?;
    let mut graph = CompositionGraph::new();
    let node = add(&mut graph, "composed", bytes)?;
    assert!(graph.types()[node.world].exports.contains_key("wasi:http/handler@0.3.0"));
    Ok(graph.types()[node.world].imports.keys().cloned().collect())
}

#[test]
fn middleware_takes_the_place_of_the_component_it_calls() {
    let (plain, curious) = (middleware(""), middleware(ENVIRONMENT));
    assert!(layered(&[&plain, &plain], &NONE).unwrap().is_empty());
    assert!(layered(&[&curious, &plain], &NONE).unwrap().is_empty());
    let left = layered(&[&plain, &curious], &Inherit::All(true)).unwrap();
    assert_eq!(left, ["wasi:cli/environment@0.2.6"]);
}

#[test]
fn middleware_that_does_not_call_the_next_handler_is_refused() {
    let error = layered(&[SERVICE], &NONE).unwrap_err();
    assert!(error.to_string().contains("0.wasm cannot be used"), "{error:#}");
    assert!(error.to_string().contains("import and export wasi:http/handler@0.3.0"), "{error:#}");
}
