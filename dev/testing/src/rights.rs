//! The table of rights, `tests/security/rights.txt`. The end-to-end tests check every row.

use std::fs;
use std::path::Path;

use users_spin_manifest::Manifest;
use users_web::Route;

/// Compares a component's table of routes with the table of rights. Each route needs a row with its required right, and each row
/// needs a route.
///
/// # Panics
/// When a route has no row, a row has no route, or a row has another right than its route.
pub fn assert_every_route_has_its_row<S>(component: &str, routes: &[Route<S>]) {
    let mut required: Vec<String> =
        routes.iter().map(|route| format!("{} {} {}", route.method, route.path, route.required)).collect();
    let mut written = rows_of(component);
    required.sort();
    written.sort();
    let difference = |left: &[String], right: &[String]| -> String {
        let only_left = left.iter().filter(|it| !right.contains(it));
        only_left.map(|it| format!("\n  {it}")).collect()
    };
    assert!(
        required == written,
        "tests/security/rights.txt and the routes of {component} differ;\n\
         routes without a row:{}\nrows without a route:{}",
        difference(&required, &written),
        difference(&written, &required),
    );
}

/// The rows for a component: method, path and right.
fn rows_of(component: &str) -> Vec<String> {
    let table = read("tests/security/rights.txt");
    let manifest = Manifest::parse(&read("spin.toml")).expect("spin.toml is a manifest");
    let router = manifest.router().expect("spin.toml has valid routes");
    let rows = table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.filter_map(|row| {
        let route: Vec<&str> = row.split('|').next()?.split_whitespace().collect();
        let [_, path, _] = route[..] else { panic!("expected method, path and right: {row}") };
        (router.find(path)?.target == component).then(|| route.join(" "))
    })
    .collect()
}

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
