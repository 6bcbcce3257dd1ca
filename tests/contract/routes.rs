//! The document and the table of rights know the same routes.

use std::collections::BTreeMap;

use users_contract::is_file_of_a_page;

use crate::tools::document;

/// A row for every route of the service: a component's tests fail when one of its routes has none.
const RIGHTS: &str = include_str!("../security/rights.txt");

/// Every route, and whether it needs an access token.
type Routes = BTreeMap<String, bool>;

fn served() -> Routes {
    let rows =
        RIGHTS.lines().filter_map(|line| line.split_once('|')).filter(|(row, _)| !row.starts_with('#'));
    let rows = rows.map(|(row, _)| match row.split_whitespace().collect::<Vec<_>>()[..] {
        [method, path, right] => (method, path, right != "public"),
        _ => panic!("expected method, path and right: {row}"),
    });
    rows.filter(|(_, path, _)| !is_file_of_a_page(path))
        .map(|(method, path, guarded)| (route(method, path), guarded))
        .collect()
}

/// A slash at the end of a path makes no difference.
fn route(method: &str, path: &str) -> String {
    match path.strip_suffix('/') {
        None | Some("") => format!("{method} {path}"),
        Some(path) => format!("{method} {path}"),
    }
}

#[test]
fn every_route_is_documented_and_every_documented_route_is_served() {
    let document = document();
    let documented: Routes =
        document.operations().iter().map(|it| (route(&it.method, &it.path), it.is_guarded)).collect();
    assert_eq!(documented, served(), "expected the same routes, and tokens needed by the same ones");
}
