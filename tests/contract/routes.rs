//! `openapi.json` and the table of rights list the same routes.

use std::collections::BTreeMap;

use users_contract::is_file_of_a_page;
use users_tests::document;

/// The table of rights, with one row for every route. The tests of a component fail if a route has no row.
const RIGHTS: &str = include_str!("../security/rights.txt");

/// Every route. The value is true if the route needs an access token.
type Routes = BTreeMap<String, bool>;

fn served() -> Routes {
    let rows =
        RIGHTS.lines().filter_map(|line| line.split_once('|')).filter(|(row, _)| !row.starts_with('#'));
    let rows = rows.map(|(row, _)| match row.split_whitespace().collect::<Vec<_>>()[..] {
        [method, path, right] => (method, path, right),
        _ => panic!("expected method, path and right: {row}"),
    });
    rows.filter(|(_, path, right)| *right != "page" && !is_file_of_a_page(path))
        .map(|(method, path, right)| (route(method, path), !["public", "optional"].contains(&right)))
        .collect()
}

/// Removes the slash at the end of a path, which makes no difference.
fn route(method: &str, path: &str) -> String {
    match path.strip_suffix('/') {
        None | Some("") => format!("{method} {path}"),
        Some(path) => format!("{method} {path}"),
    }
}

#[test]
fn every_route_is_documented_and_every_documented_route_is_served() {
    let documented: Routes =
        document().operations().iter().map(|it| (route(&it.method, &it.path), it.is_guarded)).collect();
    assert_eq!(documented, served(), "expected the same routes with the same need of a token");
}
