//! The components. Each has only its own variables, as in WebAssembly.

use std::collections::BTreeMap;

use users_web::{Component, Problem};

type Variables = BTreeMap<String, String>;

/// Every component that serves HTTP, by its name in the manifest. A component with invalid variables answers with the reason.
pub(crate) async fn all(variables_of: impl Fn(&str) -> Variables) -> BTreeMap<&'static str, Component> {
    let or_broken = |name, component: Result<Component, Problem>, broken: fn(Problem) -> Component| {
        (name, component.unwrap_or_else(broken))
    };
    BTreeMap::from([
        or_broken(auth::NAME, auth::component(&variables_of(auth::NAME)).await, auth::broken),
        or_broken(users::NAME, users::component(&variables_of(users::NAME)).await, users::broken),
        or_broken(profile::NAME, profile::component(&variables_of(profile::NAME)).await, profile::broken),
        or_broken(rbac::NAME, rbac::component(&variables_of(rbac::NAME)).await, rbac::broken),
        or_broken(system::NAME, system::component(&variables_of(system::NAME)).await, system::broken),
        or_broken(account::NAME, account::component(&variables_of(account::NAME)).await, account::broken),
        or_broken(docs::NAME, docs::component(&variables_of(docs::NAME)).await, docs::broken),
    ])
}
