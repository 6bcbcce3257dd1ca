//! The table of rights, `tests/security/rights.txt`: the end-to-end tests try every row of it.

use std::fs;
use std::path::Path;

use toml::Table;
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
    let table = read("tests/security/rights.txt");
    let map: Table = read("spin.toml").parse().expect("the map of the service is TOML");
    let rows = table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.filter_map(|row| {
        let route: Vec<&str> = row.split('|').next()?.split_whitespace().collect();
        let [_, path, _] = route[..] else { panic!("expected method, path and right: {row}") };
        (owner(&map, path) == Some(component)).then(|| route.join(" "))
    })
    .collect()
}

/// The component that a path leads to: that of the longest route which takes it.
fn owner<'a>(map: &'a Table, path: &str) -> Option<&'a str> {
    let takes = |route: &str| match route.strip_suffix("/...") {
        Some(prefix) => {
            path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        None => path == route,
    };
    let routes = map["trigger"]["http"].as_array().into_iter().flatten();
    let routes = routes.filter_map(|it| Some((it["route"].as_str()?, it["component"].as_str()?)));
    routes
        .filter(|(route, _)| takes(route))
        .max_by_key(|(route, _)| route.len())
        .map(|(_, component)| component)
}

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
