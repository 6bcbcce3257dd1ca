//! Calls of other components and other hosts.

use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, join_all, select};
use http_body_util::BodyExt;
use spin_sdk::http::{FullBody, Request};
use spin_sdk::wasip3::http::types::{ErrorCode, RequestOptions};
use spin_sdk::wasip3::http_compat::RequestOptionsExtension;

/// A call. Its text has the method and the URL in the first line, and one setting in each of the others, such as
/// `header accept: */*`, `body 1000` (bytes), `times 10` (at once), or a limit in milliseconds: `connect`, `first-byte`, `between-bytes`,
/// and `give-up` for the guest's own.
#[derive(Clone, Default)]
struct Call {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: usize,
    times: usize,
    connect: Option<u64>,
    first_byte: Option<u64>,
    between_bytes: Option<u64>,
    give_up: Option<u64>,
}

impl Call {
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (method, url) = lines.next()?.split_once(' ')?;
        let mut call = Self { method: method.to_owned(), url: url.to_owned(), times: 1, ..Self::default() };
        for line in lines {
            let (setting, value) = line.split_once(' ')?;
            match setting {
                "header" => {
                    let (name, value) = value.split_once(": ")?;
                    call.headers.push((name.to_owned(), value.to_owned()));
                }
                "body" => call.body = value.parse().ok()?,
                "times" => call.times = value.parse().ok()?,
                "connect" => call.connect = Some(value.parse().ok()?),
                "first-byte" => call.first_byte = Some(value.parse().ok()?),
                "between-bytes" => call.between_bytes = Some(value.parse().ok()?),
                "give-up" => call.give_up = Some(value.parse().ok()?),
                _ => return None,
            }
        }
        Some(call)
    }

    fn options(&self) -> RequestOptions {
        let options = RequestOptions::new();
        let nanoseconds = |milliseconds: Option<u64>| milliseconds.map(|it| it.saturating_mul(1_000_000));
        // The host refuses no limit.
        let _ = options.set_connect_timeout(nanoseconds(self.connect));
        let _ = options.set_first_byte_timeout(nanoseconds(self.first_byte));
        let _ = options.set_between_bytes_timeout(nanoseconds(self.between_bytes));
        options
    }

    /// Returns the status and the body, or the name of the error.
    async fn run(&self) -> String {
        match self.give_up {
            None => self.send().await,
            Some(limit) => {
                let sent = std::pin::pin!(self.send());
                let limit = std::pin::pin!(spin_sdk::time::sleep(Duration::from_millis(limit)));
                match select(sent, limit).await {
                    Either::Left((outcome, _)) => outcome,
                    Either::Right(_) => "gave up".to_owned(),
                }
            }
        }
    }

    async fn send(&self) -> String {
        let mut request = http::Request::builder().method(self.method.as_str()).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.extension(RequestOptionsExtension(self.options()));
        let Ok(request) = request.body(FullBody::new(Bytes::from(vec![b'x'; self.body]))) else {
            return "not a request".to_owned();
        };
        let response = match spin_sdk::http::send(request).await {
            Ok(response) => response,
            Err(error) => return format!("error {}", name(&error)),
        };
        let status = response.status().as_u16();
        match response.into_body().collect().await {
            Ok(body) => format!("{status} {}", String::from_utf8_lossy(&body.to_bytes())),
            Err(error) => format!("{status}, then error {}", name(&error)),
        }
    }
}

/// The name of an error, without what it carries.
fn name(error: &ErrorCode) -> String {
    let text = format!("{error:?}");
    text.split(|it: char| !it.is_alphanumeric() && it != ':')
        .next()
        .unwrap_or_default()
        .replace("ErrorCode::", "")
}

/// Makes the calls that the body of a request describes. Several at once give one line each.
pub(crate) async fn call(request: Request) -> String {
    let Ok(body) = request.into_body().collect().await else {
        return "no body".to_owned();
    };
    let Some(call) = Call::parse(&String::from_utf8_lossy(&body.to_bytes())) else {
        return "not a call".to_owned();
    };
    let outcomes = join_all((0..call.times).map(|_| call.run())).await;
    outcomes.join("\n")
}
