//! Requests over the network: HTTP/1.1, with TLS for `https`. Each request has a connection of its own.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use http::header::HOST;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri, Version};
use http_body_util::BodyExt as _;
use hyper::client::conn::http1;
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::PATIENCE;
use crate::roots;

/// Sends a request, and returns when the head of the response has arrived.
pub(super) async fn send(
    request: Request<WasiBody>,
    options: &RequestOptions,
) -> Result<Response<WasiBody>, Error> {
    let connecting = options.connect_timeout.unwrap_or(PATIENCE);
    let sent = exchange(request, connecting);
    // As in Spin, this limit includes the time to connect.
    let limit = options.first_byte_timeout.unwrap_or(PATIENCE);
    timeout(limit, sent).await.map_err(|_| Error::ConnectionReadTimeout)?
}

async fn exchange(request: Request<WasiBody>, connecting: Duration) -> Result<Response<WasiBody>, Error> {
    let uri = request.uri().clone();
    let is_tls = uri.scheme() == Some(&Scheme::HTTPS);
    let stream = connect(&uri, if is_tls { 443 } else { 80 }, connecting).await?;
    let request = relative(request)?;
    if is_tls {
        let stream =
            timeout(connecting, encrypt(&uri, stream)).await.map_err(|_| Error::ConnectionTimeout)??;
        over(TokioIo::new(stream), request).await
    } else {
        over(TokioIo::new(stream), request).await
    }
}

async fn connect(uri: &Uri, default_port: u16, limit: Duration) -> Result<TcpStream, Error> {
    let authority = uri.authority().ok_or(Error::HttpRequestUriInvalid)?;
    let port = authority.port_u16().unwrap_or(default_port);
    let address = match authority.port() {
        Some(_) => authority.as_str().to_owned(),
        None => format!("{authority}:{port}"),
    };
    let connected = async {
        let addresses: Vec<_> = tokio::net::lookup_host(address).await.map_err(|_| unknown_host())?.collect();
        let stream = TcpStream::connect(&*addresses).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrNotAvailable => unknown_host(),
            _ => Error::ConnectionRefused,
        })?;
        // Requests are written in few pieces, so Nagle's algorithm would only delay them.
        _ = stream.set_nodelay(true);
        Ok(stream)
    };
    timeout(limit, connected).await.map_err(|_| Error::ConnectionTimeout)?
}

fn unknown_host() -> Error {
    Error::DnsError { rcode: Some("address not available".to_owned()), info_code: Some(0) }
}

/// Checks the server's certificate and name against the certificates of this machine.
async fn encrypt(uri: &Uri, stream: TcpStream) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Error> {
    let host = uri.host().unwrap_or_default();
    // An IPv6 address has no brackets in a certificate.
    let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(name).map_err(|_| unknown_host())?;
    let config = config().map_err(|_| Error::TlsProtocolError)?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|_| Error::TlsProtocolError)
}

fn config() -> anyhow::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.context("no version of TLS is known")?;
    Ok(builder.with_root_certificates(roots::of_the_system().clone()).with_no_client_auth())
}

/// Gives the request the form that a server expects (RFC 9112, section 3.2.1): the path in the request line and the host in `Host`.
fn relative(mut request: Request<WasiBody>) -> Result<Request<WasiBody>, Error> {
    let uri = request.uri();
    let default_port = if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
    let host = uri.host().ok_or(Error::HttpRequestUriInvalid)?;
    let host = match uri.port_u16() {
        Some(port) if port != default_port => HeaderValue::try_from(format!("{host}:{port}")),
        _ => HeaderValue::try_from(host),
    };
    let path = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    request.headers_mut().insert(HOST, host.map_err(|_| Error::HttpRequestUriInvalid)?);
    *request.uri_mut() = Uri::from(path);
    *request.version_mut() = Version::HTTP_11;
    Ok(request)
}

async fn over<S>(stream: S, request: Request<WasiBody>) -> Result<Response<WasiBody>, Error>
where
    S: Read + Write + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(stream).await?;
    // The connection ends when the guest drops the request or the body of its response.
    tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::Empty;

    use super::*;

    fn request(uri: &str) -> Request<WasiBody> {
        let body = Empty::<Bytes>::new().map_err(|never| match never {}).boxed_unsync();
        Request::get(uri).body(body).unwrap()
    }

    #[test]
    fn a_server_gets_the_path_and_the_host() {
        for (uri, path, host) in [
            ("http://example.com/x?y=z", "/x?y=z", "example.com"),
            ("http://example.com", "/", "example.com"),
            ("http://example.com:80/", "/", "example.com"),
            ("http://example.com:443/", "/", "example.com:443"),
            ("https://example.com:443/", "/", "example.com"),
            ("http://[::1]:3000/", "/", "[::1]:3000"),
        ] {
            let request = relative(request(uri)).unwrap();
            assert_eq!(
                (request.uri().to_string().as_str(), &request.headers()[HOST]),
                (path, &HeaderValue::from_static(host))
            );
        }
    }

    #[tokio::test]
    async fn a_host_that_cannot_be_reached_is_told_apart_from_one_without_a_name() {
        let send =
            async |uri: &str| send(request(uri), &RequestOptions::default()).await.map(|_| ()).unwrap_err();
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = send(&format!("http://{closed}/")).await;
        assert!(matches!(error, Error::ConnectionRefused), "{error}");
        let error = send("http://user@localhost/").await;
        assert!(matches!(error, Error::DnsError { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_given_up() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/", silent.local_addr().unwrap());
        let options =
            RequestOptions { first_byte_timeout: Some(Duration::from_millis(50)), ..Default::default() };
        let error = send(request(&uri), &options).await.map(|_| ()).unwrap_err();
        assert!(matches!(error, Error::ConnectionReadTimeout), "{error}");
    }
}
