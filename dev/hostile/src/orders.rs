//! The orders that a twin takes.

use http_body_util::BodyExt;
use spin_sdk::http::Request;
use spin_sdk::variables;

use crate::machine;

/// Runs the attack in the body of a request: a word, a blank and the rest. `own` runs the attacks through imports that not every twin
/// has.
pub async fn obey(request: Request, own: impl AsyncFnOnce(&str, &str) -> Option<String>) -> String {
    let Ok(body) = request.into_body().collect().await else {
        return "no-body".to_owned();
    };
    let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    let (order, rest) = body.trim().split_once(' ').unwrap_or((body.trim(), ""));
    match order {
        "variable" => variable(rest).await,
        "environment" => machine::environment(),
        "arguments" => machine::arguments(),
        "stdin" => machine::stdin(),
        "read" => machine::read(rest),
        "write" => machine::write(rest),
        "list" => machine::list(rest),
        "start" => machine::start(rest),
        _ => own(order, rest).await.unwrap_or_else(|| "no-such-import".to_owned()),
    }
}

async fn variable(name: &str) -> String {
    match variables::get(name).await {
        Ok(value) => format!("value\n{value}"),
        Err(variables::Error::Undefined(_)) => "undefined".to_owned(),
        Err(variables::Error::InvalidName(_)) => "invalid-name".to_owned(),
        Err(_) => "refused".to_owned(),
    }
}
