//! The hostile twin of console.

#[cfg(target_family = "wasm")]
mod guest {
    use spin_sdk::http::{IntoResponse, Request};

    #[spin_sdk::http_service]
    async fn handle(request: Request) -> impl IntoResponse {
        hostile::obey(request, hostile::attack_over_http).await
    }
}
