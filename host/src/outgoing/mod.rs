//! Outgoing HTTP requests of components: `wasi:http/client@0.3.0`.

mod body;
mod client;

use std::sync::{Arc, Weak};
use std::time::Duration;

use http::{Request, Response, Uri};
use http_body_util::BodyExt as _;
use serde_json::json;
use wasmtime::component::{Accessor, HasData, Linker, Resource};
use wasmtime_wasi::TrappableError;
use wasmtime_wasi_http::p3::bindings::http::client as wit;
use wasmtime_wasi_http::p3::bindings::http::types::{self, ErrorCode};
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttp, WasiHttpCtxView, WasiHttpHooks, WasiHttpView as _,
};

use crate::chaining::{self, Components};
use crate::engine::InstanceState;
use crate::log;
use crate::networking::AllowedHosts;
use crate::stdio::Stderr;

/// The limit for each of connecting, the head of the response and each pause in its body, if the request names none.
const PATIENCE: Duration = Duration::from_secs(600);

/// A name for the application itself, beside addresses without a host.
const OWN_NAME: &str = "self.alt";

/// Links the interface that sends requests, and the types of all requests and responses.
///
/// # Errors
/// When two interfaces conflict. No input can cause that.
pub(crate) fn add_to_linker(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    types::add_to_linker::<_, WasiHttp>(linker, InstanceState::http)?;
    wit::add_to_linker::<_, Calls>(linker, InstanceState::http)
}

/// Sends requests, and traps where Spin does.
struct Calls;

impl HasData for Calls {
    type Data<'a> = WasiHttpCtxView<'a>;
}

impl wit::HostWithStore<InstanceState> for Calls {
    async fn send(
        accessor: &Accessor<InstanceState, Self>,
        request: Resource<types::Request>,
    ) -> Result<Resource<types::Response>, TrappableError<ErrorCode>> {
        let accessor = accessor.with_getter::<WasiHttp>(InstanceState::http);
        let sent = <WasiHttp as wit::HostWithStore<InstanceState>>::send(&accessor, request).await;
        match sent {
            Err(error) if matches!(error.downcast_ref(), Some(ErrorCode::ConfigurationError)) => {
                Err(TrappableError::trap(wasmtime::format_err!(
                    "it calls a component that the application does not have"
                )))
            }
            sent => sent,
        }
    }
}

/// The requests that one component may send.
#[derive(Clone)]
pub(crate) struct Outgoing {
    /// The component's name in the manifest.
    pub(crate) component: Arc<str>,
    pub(crate) allowed: Arc<AllowedHosts>,
    /// The components own this, so it does not keep them.
    pub(crate) components: Weak<Components>,
    pub(crate) stderr: Stderr,
}

/// A response, and the future that drives its connection.
type Sent = (Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl WasiHttpHooks for Outgoing {
    /// The client writes the header, from the address.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        // A guest that cannot use the response drops it, which ends the connection.
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        let outgoing = self.clone();
        Box::new(async move {
            let response = outgoing.send(request, options.unwrap_or_default()).await?;
            let driver: Box<dyn Future<Output = Result<(), Error>> + Send> =
                Box::new(std::future::ready(Ok(())));
            Ok((response, driver))
        })
    }
}

impl Outgoing {
    /// Sends a request to where it is allowed to go. Redirects are not followed.
    async fn send(
        self,
        mut request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, Error> {
        let is_own = is_own(request.uri());
        if !self.allows(request.uri(), is_own) {
            return Err(Error::HttpRequestDenied);
        }
        // Without the application, nobody waits for the response.
        let components = self.components.upgrade().ok_or(Error::ConnectionTerminated)?;
        if is_own {
            *request.uri_mut() = components.own_address(request.uri()).ok_or(Error::HttpRequestUriInvalid)?;
        }
        let response = match chaining::target(request.uri()).map(str::to_owned) {
            // As in Spin, only the limit between bytes counts here.
            Some(name) => match components.call(&name, request).await {
                Some(response) => response,
                None => return Err(self.without_target(&name)),
            },
            None => client::send(request, &options).await?,
        };
        let patience = options.between_bytes_timeout.unwrap_or(PATIENCE);
        Ok(response.map(|body| body::Patient::new(body, patience).boxed_unsync()))
    }

    fn allows(&self, uri: &Uri, is_own: bool) -> bool {
        // As in Spin, nothing is allowed while the entries cannot be read.
        let allowed =
            if is_own { self.allowed.allow_own() } else { self.allowed.allow(&uri.to_string(), "https") };
        allowed.unwrap_or(false)
    }

    /// Logs a call of a component that does not exist. The instance traps, so the manifest is wrong and not the guest.
    fn without_target(&self, name: &str) -> Error {
        log::error(
            &self.stderr,
            "a component calls one that no trigger names",
            [("component", json!(&*self.component)), ("called", json!(name))],
        );
        Error::ConfigurationError
    }
}

/// True for a request to the application itself: `/path` or `http://self.alt/path`.
fn is_own(uri: &Uri) -> bool {
    uri.host().is_none_or(|host| host.is_empty() || host == OWN_NAME)
}

#[cfg(test)]
mod tests {
    use http_body_util::Empty;

    use super::*;
    use crate::variables::Variables;

    fn outgoing(entries: &[&str]) -> (Outgoing, Arc<Components>) {
        let components = Arc::new(Components::default());
        let variables = Arc::new(Variables::new([], Box::new(|_| Ok(None))).unwrap());
        let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
        let allowed = AllowedHosts::parse(&entries, &variables, &["a".to_owned()]).unwrap();
        let outgoing = Outgoing {
            component: "caller".into(),
            allowed: Arc::new(allowed),
            components: Arc::downgrade(&components),
            stderr: Stderr::start().unwrap(),
        };
        (outgoing, components)
    }

    fn sent(entries: &[&str], uri: &str) -> Error {
        let (mut outgoing, _components) = outgoing(entries);
        let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
        let request = Request::get(uri).body(body).unwrap();
        let sent = outgoing.send_request(request, None, Box::new(std::future::ready(Ok(()))));
        futures::executor::block_on(Box::into_pin(sent)).map(|_| ()).unwrap_err()
    }

    #[test]
    fn a_request_to_a_host_that_is_not_allowed_is_denied() {
        for (entries, uri) in [
            (&[][..], "http://localhost/"),
            (&["http://localhost:81"], "http://localhost/"),
            (&["https://localhost"], "http://localhost/"),
            (&["http://a.spin.internal"], "http://b.spin.internal/"),
            (&["http://a.spin.internal"], "http://self.alt/"),
            (&["http://a.spin.internal"], "http://a.spin.internal@localhost/"),
            (&["http://*.spin.internal"], "http://missing.spin.internal/"),
        ] {
            assert!(matches!(sent(entries, uri), Error::HttpRequestDenied), "{entries:?} {uri}");
        }
    }

    #[test]
    fn a_component_that_does_not_exist_is_an_error_of_the_configuration() {
        let error = sent(&["http://b.spin.internal"], "http://b.spin.internal/");
        assert!(matches!(error, Error::ConfigurationError), "{error}");
    }

    #[test]
    fn an_address_without_a_host_is_the_application_itself() {
        for (uri, expected) in [
            ("/x", true),
            ("http://self.alt/x", true),
            ("http://self/x", false),
            ("http://self.alt.example.com/x", false),
        ] {
            assert_eq!(is_own(&uri.parse().unwrap()), expected, "{uri}");
        }
    }
}
