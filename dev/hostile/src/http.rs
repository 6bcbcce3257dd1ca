//! Attacks over HTTP, on other components and other hosts.

use bytes::Bytes;
use http_body_util::BodyExt;
use spin_sdk::http::FullBody;
use spin_sdk::wasip3::http::types::ErrorCode;

/// Runs an attack over HTTP. `None` if the order is another one.
///
/// `call` sends a request, such as `call POST http://auth.spin.internal/auth/login ;; content-type: application/json ;; {"email": "…"}`: the
/// method, the address, headers, and a body that begins with a brace. It tells the status, or why there is none.
pub async fn attack(order: &str, rest: &str) -> Option<String> {
    match order {
        "call" => Some(call(rest).await),
        _ => None,
    }
}

async fn call(text: &str) -> String {
    let mut parts = text.split(";;").map(str::trim);
    let Some((method, url)) = parts.next().and_then(|first| first.split_once(' ')) else {
        return "no-call".to_owned();
    };
    let mut request = http::Request::builder().method(method).uri(url);
    let mut body = String::new();
    for part in parts {
        match part.split_once(": ") {
            Some((name, value)) if !part.starts_with('{') => request = request.header(name, value),
            _ => part.clone_into(&mut body),
        }
    }
    let Ok(request) = request.body(FullBody::new(Bytes::from(body))) else {
        return "no-request".to_owned();
    };
    match spin_sdk::http::send(request).await {
        Ok(response) => {
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            format!("{status}\n{}", String::from_utf8_lossy(&body))
        }
        Err(ErrorCode::HttpRequestDenied) => "denied".to_owned(),
        Err(_) => "failed".to_owned(),
    }
}
