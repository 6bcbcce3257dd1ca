//! The macro that makes a crate a component.

/// Makes a crate a component. It defines the component's name, its part of the OpenAPI document and its entry point in WebAssembly.
///
/// `routes` is the function that returns the table of routes. `state` is the asynchronous function that creates the handlers' state
/// from the component's [`Variables`](crate::Variables).
#[macro_export]
macro_rules! component {
    (name: $name:literal, description: $description:literal, routes: $routes:path, state: $state:path $(,)?) => {
        /// The name of the component, in `spin.toml`, in the log and in the OpenAPI document.
        pub const NAME: &str = $name;

        /// Creates the component, with the state that its variables describe.
        ///
        /// # Errors
        /// A defect of the deployment: a variable is missing or invalid.
        pub async fn component(
            variables: &impl $crate::Variables,
        ) -> Result<$crate::Component, $crate::Problem> {
            let routes = $routes();
            let edge = $crate::Edge::read(variables, &routes).await?;
            Ok($crate::Component::new(NAME, routes, $state(variables).await?).with_edge(edge))
        }

        /// Creates the component when it cannot work. It answers every request with the reason.
        #[must_use]
        pub fn broken(problem: $crate::Problem) -> $crate::Component {
            $crate::Component::broken(NAME, &$routes(), problem)
        }

        /// The component's part of the OpenAPI document.
        #[cfg(not(target_family = "wasm"))]
        #[must_use]
        pub fn part() -> $crate::openapi::Part {
            $crate::openapi::Part::new(NAME, $description, $routes())
        }

        #[cfg(target_family = "wasm")]
        mod entry {
            use std::sync::OnceLock;

            use spin_sdk::http::{IntoResponse, Request};
            use $crate::spin::{SpinVariables, answer};

            static COMPONENT: OnceLock<$crate::Component> = OnceLock::new();

            #[spin_sdk::http_service]
            async fn handle(request: Request) -> impl IntoResponse {
                answer(&COMPONENT, || super::component(&SpinVariables), super::broken, request).await
            }
        }
    };
}
