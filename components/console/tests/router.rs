//! The router of the component, run natively with a fake API.
//!
//! `tests/account` and `tests/console` of the repository do the same with the real one.

mod pages;
mod support;

use console::{NAME, routes};
use users_testing::assert_every_route_has_its_row;

#[test]
fn every_route_has_its_row_in_the_table_of_rights() {
    assert_every_route_has_its_row(NAME, &routes());
}
