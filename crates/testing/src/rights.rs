//! The table of rights, `tests/security/rights.txt`: the end-to-end tests try every row of it.

use std::fs;
use std::path::{Path, PathBuf};

use users_web::Route;

/// Compares a component's table of routes with the rows of the table of rights: each route must have its row, with the
/// right that the component requires, and each row its route.
///
/// # Panics
/// When a route has no row, a row no route, or the two differ in the right.
pub fn assert_every_route_has_its_row<S>(component: &str, routes: &[Route<S>]) {
    let mut required: Vec<String> =
        routes.iter().map(|route| format!("{} {} {}", route.method, route.path, route.required)).collect();
    let mut written = rows_of(component);
    required.sort();
    written.sort();
    let lacking = |these: &[String], others: &[String]| -> String {
        let lacking = these.iter().filter(|it| !others.contains(it));
        lacking.map(|it| format!("\n  {it}")).collect()
    };
    assert!(
        required == written,
        "tests/security/rights.txt and the routes of {component} differ;\n\
         routes without a row:{}\nrows without a route:{}",
        lacking(&required, &written),
        lacking(&written, &required),
    );
}

/// The rows of a component: method, path and right.
fn rows_of(component: &str) -> Vec<String> {
    let table =
        fs::read_to_string(root().join("tests/security/rights.txt")).expect("there is a table of rights");
    let rows = table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.filter_map(|row| {
        let route: Vec<&str> = row.split('|').next()?.split_whitespace().collect();
        let [_, path, _] = route[..] else { panic!("expected method, path and right: {row}") };
        (owner(path) == component).then(|| route.join(" "))
    })
    .collect()
}

/// The component that a path leads to: the one that is called as the path's first part, or else `system`, which answers
/// whatever no other one does.
fn owner(path: &str) -> &str {
    match path.trim_start_matches('/').split('/').next() {
        Some(name) if !name.is_empty() && root().join("components").join(name).is_dir() => name,
        _ => "system",
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
