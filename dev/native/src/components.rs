//! The components. Each has only its own variables, as in WebAssembly.

use std::collections::BTreeMap;

use users_web::{Component, Problem};

type Variables = BTreeMap<String, String>;

/// Every component that serves HTTP, by its name in the manifest. A component with invalid variables answers with the reason.
pub(crate) async fn all(variables_of: impl Fn(&str) -> Variables) -> BTreeMap<&'static str, Component> {
    let or_broken =
        async |name, component: Result<Component, Problem>, broken: fn(Problem) -> Component| match component
        {
            Ok(component) => (name, component),
            Err(problem) => (name, broken(problem).with_origins_of(&variables_of(name)).await),
        };
    BTreeMap::from([
        or_broken(auth::NAME, auth::component(&variables_of(auth::NAME)).await, auth::broken).await,
        or_broken(users::NAME, users::component(&variables_of(users::NAME)).await, users::broken).await,
        or_broken(profile::NAME, profile::component(&variables_of(profile::NAME)).await, profile::broken)
            .await,
        or_broken(rbac::NAME, rbac::component(&variables_of(rbac::NAME)).await, rbac::broken).await,
        or_broken(system::NAME, system::component(&variables_of(system::NAME)).await, system::broken).await,
        or_broken(console::NAME, console::component(&variables_of(console::NAME)).await, console::broken)
            .await,
        or_broken(docs::NAME, docs::component(&variables_of(docs::NAME)).await, docs::broken).await,
    ])
}
