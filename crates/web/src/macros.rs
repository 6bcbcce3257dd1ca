//! The line that makes a crate a component.

/// Makes a crate a component: its name, its part of the OpenAPI document, and its entry in WebAssembly.
///
/// `routes` is the function that gives the table of routes, `state` the asynchronous function that reads the state of the
/// handlers from the component's [`Variables`](crate::Variables).
#[macro_export]
macro_rules! component {
    (name: $name:literal, description: $description:literal, routes: $routes:path, state: $state:path $(,)?) => {
        /// The name of the component, in `spin.toml`, in the log and in the OpenAPI document.
        pub const NAME: &str = $name;

        /// The component, with the state that its variables describe.
        ///
        /// # Errors
        /// A defect of the deployment: a variable is missing or cannot be used.
        pub async fn component(
            variables: &impl $crate::Variables,
        ) -> Result<$crate::Component, $crate::Problem> {
            Ok($crate::Component::new(NAME, $routes(), $state(variables).await?))
        }

        /// The component when it cannot work: it answers every request with the reason.
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
