//! The tests that docs/SECURITY.md names exist.

use std::collections::BTreeMap;
use std::fs;

use users_tests::environment;

#[test]
fn every_test_in_the_checklist_exists() {
    let root = environment().root();
    let text = fs::read_to_string(root.join("docs/SECURITY.md")).expect("the checklist can be read");
    let mut sources = BTreeMap::new();
    let mut named = 0;
    // `tests/auth/login.rs: a_test`
    for pair in text.split('`').skip(1).step_by(2).filter_map(|code| code.split_once(".rs: ")) {
        let (file, test) = pair;
        let source = sources
            .entry(file)
            .or_insert_with(|| fs::read_to_string(root.join(format!("{file}.rs"))).unwrap_or_default());
        assert!(source.contains(&format!("fn {test}(")), "expected {file}.rs to have a test {test}");
        named += 1;
    }
    assert!(named > 30, "expected the checklist to name its tests: {named}");
}
