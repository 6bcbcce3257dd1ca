//! Where a component meets Spin.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::Full;
use spin_sdk::http::{Request, Response};
use spin_sdk::variables;
use spin_sdk::wasip3::clocks::monotonic_clock;
use users_crypto::Pause;
use users_db::DbSettings;

use crate::{Component, Guard, Problem, Route, Settings};

/// Answers a request with the component, which is built when the first request comes and kept for the instance's life.
/// While it cannot be built, requests are answered with the reason.
pub async fn answer<F>(
    name: &'static str,
    kept: &OnceLock<Component>,
    build: impl FnOnce() -> F,
    request: Request,
) -> Response<Full<Bytes>>
where
    F: Future<Output = Result<Component, Problem>>,
{
    let request = request.map(Body::new);
    if let Some(component) = kept.get() {
        return component.answer(request).await;
    }
    match build().await {
        // Another request may have built it in the meantime; then that one stays.
        Ok(component) => kept.get_or_init(|| component).answer(request).await,
        Err(problem) => Component::broken(name, problem).answer(request).await,
    }
}

/// A component that only looks after the database, from its variables.
///
/// # Errors
/// A defect of the deployment, as a problem whose cause names the variable.
pub async fn guarded(name: &'static str, routes: Vec<Route<Guard>>) -> Result<Component, Problem> {
    let guard = Guard::new(&settings().await?)?;
    Ok(Component::new(name, routes, guard).logging_queries(switch("log_queries").await?))
}

/// The runtime's clock, for who computes for long: nobody else interrupts a component.
#[derive(Debug, Clone, Copy)]
pub struct Clock;

impl Pause for Clock {
    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Box::pin(monotonic_clock::wait_for(nanoseconds))
    }
}

/// The value of a variable of this component.
///
/// # Errors
/// A defect of the deployment, as a problem whose cause names the variable.
pub async fn variable(name: &str) -> Result<String, Problem> {
    variables::get(name)
        .await
        .map_err(|error| Problem::internal(format!("the variable {name} cannot be read: {error}")))
}

/// Whether a variable that switches something says `true`.
///
/// # Errors
/// A defect of the deployment: the variable is missing, or is neither `true` nor `false`.
pub async fn switch(name: &str) -> Result<bool, Problem> {
    match variable(name).await?.as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Problem::internal(format!("the variable {name} must be true or false"))),
    }
}

/// What a component that recognises callers needs, from the variables `db_…` and `jwt_…`.
///
/// # Errors
/// A defect of the deployment: a variable is missing or malformed.
pub async fn settings() -> Result<Settings, Problem> {
    Ok(Settings {
        db: db_settings().await?,
        jwt_secret: variable("jwt_secret").await?,
        jwt_secret_previous: variable("jwt_secret_previous").await?,
        jwt_issuer: variable("jwt_issuer").await?,
        jwt_audience: variable("jwt_audience").await?,
    })
}

/// Where the database is, from the variables `db_…`.
///
/// # Errors
/// A defect of the deployment: a variable is missing or malformed.
pub async fn db_settings() -> Result<DbSettings, Problem> {
    Ok(DbSettings {
        host: variable("db_host").await?,
        port: variable("db_port")
            .await?
            .parse()
            .map_err(|_| Problem::internal("the variable db_port must be a TCP port"))?,
        name: variable("db_name").await?,
        user: variable("db_user").await?,
        password: variable("db_password").await?,
        sslmode: variable("db_sslmode").await?.parse().map_err(Problem::internal)?,
    })
}
