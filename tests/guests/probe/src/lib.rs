//! A component for tests: it fails on request, calls others, and reports the answers of the host.

#[cfg(target_family = "wasm")]
mod answers;
#[cfg(target_family = "wasm")]
mod call;

#[cfg(target_family = "wasm")]
mod guest {
    use bytes::Bytes;
    use http_body_util::BodyExt;
    use spin_sdk::http::{BoxBody, FullBody, IntoResponse, Request, Response, StatusCode, box_body};
    use spin_sdk::pg::{Connection, Error, ParameterValue, PgError, QueryError};
    use spin_sdk::variables;

    use crate::{answers, call};

    #[spin_sdk::http_service]
    async fn handle(request: Request) -> impl IntoResponse {
        let path = request.uri().path().to_owned();
        let last = path.rsplit('/').next().unwrap_or_default();
        text(match path.split('/').nth(1).unwrap_or_default() {
            "trap" => panic!("asked to"),
            "loop" => endless(),
            "hoard" => hoard(),
            "variable" => variable(last).await,
            "query" => query(request).await,
            "address" => address(&request),
            "call" => call::call(request).await,
            "seen" => answers::seen(&request),
            "length" => answers::length(request).await,
            "bytes" => "x".repeat(last.parse().unwrap_or(0)),
            "slow" => answers::slow(last).await,
            "waiting" => answers::waiting(),
            "halting" => return answers::halting(last),
            "elsewhere" => return elsewhere(),
            _ => "fine".to_owned(),
        })
    }

    fn text(text: String) -> Response<BoxBody> {
        Response::new(box_body(FullBody::new(Bytes::from(text))))
    }

    /// Leads to another path.
    fn elsewhere() -> Response<BoxBody> {
        let mut response = text("elsewhere".to_owned());
        *response.status_mut() = StatusCode::FOUND;
        if let Ok(location) = "/fine".parse() {
            response.headers_mut().insert("location", location);
        }
        response
    }

    /// The address of the request, and the host that its header names.
    fn address(request: &Request) -> String {
        let host = request.headers().get("host").and_then(|host| host.to_str().ok());
        format!("{} {}", request.uri(), host.unwrap_or("-"))
    }

    fn endless() -> ! {
        let mut counter = 0_u64;
        loop {
            counter = std::hint::black_box(counter.wrapping_add(1));
        }
    }

    fn hoard() -> ! {
        let mut kept = Vec::new();
        loop {
            kept.push(std::hint::black_box(vec![1_u8; 1 << 20]));
        }
    }

    async fn variable(name: &str) -> String {
        match variables::get(name).await {
            Ok(value) => format!("value {value}"),
            Err(variables::Error::Undefined(_)) => "undefined".to_owned(),
            Err(variables::Error::InvalidName(_)) => "invalid-name".to_owned(),
            Err(error) => format!("other {error}"),
        }
    }

    /// Runs a statement. The first line of the body is the address of the database, the rest is the statement. `/query/int4`
    /// adds the parameter 1.
    async fn query(request: Request) -> String {
        let parameters = match request.uri().path() {
            "/query/int4" => vec![ParameterValue::Int32(1)],
            _ => Vec::new(),
        };
        let Ok(body) = request.into_body().collect().await else {
            return "no body".to_owned();
        };
        let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        let (address, statement) = body.split_once('\n').unwrap_or((&body, "SELECT 1"));
        match run(address, statement, parameters).await {
            Ok(rows) => format!("rows {rows}"),
            Err(error) => kind(&error),
        }
    }

    async fn run(address: &str, statement: &str, parameters: Vec<ParameterValue>) -> Result<usize, Error> {
        let connection = Connection::open(address).await?;
        Ok(connection.query(statement, parameters).await?.collect().await?.len())
    }

    fn kind(error: &Error) -> String {
        match error {
            Error::PgError(PgError::ConnectionFailed(_)) => "connection-failed".to_owned(),
            Error::PgError(PgError::BadParameter(_)) => "bad-parameter".to_owned(),
            Error::PgError(PgError::QueryFailed(QueryError::DbError(report))) => {
                format!("db-error {}", report.code)
            }
            Error::PgError(PgError::QueryFailed(QueryError::Text(_))) => "query-failed".to_owned(),
            Error::PgError(PgError::ValueConversionFailed(_)) => "value-conversion-failed".to_owned(),
            Error::PgError(PgError::Other(_)) => "other".to_owned(),
            Error::Decode(_) => "decode".to_owned(),
        }
    }
}
