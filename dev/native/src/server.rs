//! An HTTP/1.1 server. As in Spin, a request has an absolute address.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use axum::body::Body;
use axum::http::header::{CONNECTION, HOST};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use users_spin_manifest::Routes;
use users_web::Component;

pub(crate) async fn serve(listener: TcpListener, routes: Routes<Component>) -> Result<()> {
    let routes = Arc::new(routes);
    loop {
        let (stream, client) = listener.accept().await?;
        // Answers are written in one piece, so Nagle's algorithm would only delay them.
        _ = stream.set_nodelay(true);
        let routes = Arc::clone(&routes);
        tokio::spawn(async move {
            let answer = service_fn(|request| {
                let routes = Arc::clone(&routes);
                async move { Ok::<_, Infallible>(answer(&routes, client, request).await) }
            });
            // A broken connection affects only its client.
            _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

async fn answer(
    routes: &Routes<Component>,
    client: SocketAddr,
    mut request: Request<Incoming>,
) -> Response<Body> {
    let absolute = absolute(request.uri(), request.headers());
    let route = routes.find(request.uri().path());
    let (Some(address), Some(route)) = (absolute, route) else {
        let mut nothing = Response::new(Body::empty());
        *nothing.status_mut() = StatusCode::NOT_FOUND;
        return nothing;
    };
    *request.uri_mut() = address;
    describe(request.headers_mut(), client);
    let component = route.target;
    let mut answer = component.answer(request.map(Body::new)).await.map(Body::new);
    if answer.status() == StatusCode::REQUEST_TIMEOUT {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

/// Names the peer, as Spin does, in place of a header that the client sent.
fn describe(headers: &mut HeaderMap, client: SocketAddr) {
    if let Ok(client) = HeaderValue::try_from(client.to_string()) {
        headers.insert("spin-client-addr", client);
    }
}

fn absolute(uri: &Uri, headers: &HeaderMap) -> Option<Uri> {
    let host = headers.get(HOST)?.to_str().ok()?;
    format!("http://{host}{}", uri.path_and_query()?).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_the_peer_replaces_what_a_client_sent() {
        let mut headers = HeaderMap::new();
        for forged in ["192.0.2.1:1", "192.0.2.2:2"] {
            headers.append("spin-client-addr", HeaderValue::from_static(forged));
        }
        describe(&mut headers, "127.0.0.1:9".parse().unwrap());
        let values: Vec<_> = headers.get_all("spin-client-addr").iter().collect();
        assert_eq!(values, ["127.0.0.1:9"]);
    }
}
