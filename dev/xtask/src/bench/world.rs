//! A service with accounts, for measurements.

use std::fs::File;
use std::io::{Read, Seek};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};
use ureq::Agent;

use super::routes::{PASSWORD, Request, Route, Tokens};
use crate::database::{Database, Secrets};
use crate::server::{ANY_PORT, Server};
use crate::{Host, process, usersctl};

/// The administrator who sends the requests, and who has a profile.
const EMAIL: &str = "bench@example.com";

/// A database with accounts, and a host that serves it.
pub(super) struct World {
    pub(super) server: Server,
    pub(super) database: Database,
    /// The log of the host.
    log: File,
    host: Host,
    secrets: Secrets,
    /// Access tokens of the administrator, each of a session of its own.
    tokens: Vec<String>,
}

/// A new file for the host's log.
fn log() -> anyhow::Result<File> {
    tempfile::tempfile().context("there is no place for the server's log")
}

impl World {
    /// Starts a service with this many made-up accounts, and takes this many access tokens.
    pub(super) fn make(host: Host, users: u32, tokens: u16) -> anyhow::Result<Self> {
        let database = Database::temporary()?;
        for arguments in
            [&["migrate", "upgrade"][..], &["setup-rbac"], &["seed", "--users", &users.to_string()]]
        {
            // The command's output is not a part of the report.
            let mut command = usersctl::command(&database, arguments)?;
            process::run(command.stdout(Stdio::null()), "usersctl failed: see its message above")?;
        }
        usersctl::create_admin(&database, EMAIL, PASSWORD)?;
        let secrets = Secrets::temporary()?;
        let log = log()?;
        let server = serve(host, &database, &secrets, log.try_clone()?, &[])?;
        let mut world = Self { server, database, log, host, secrets, tokens: Vec::new() };
        world.tokens = world.access_tokens(usize::from(tokens))?;
        world.create_profile()?;
        Ok(world)
    }

    /// Restarts the host. Returns the time until it was ready.
    pub(super) fn restart(&mut self) -> anyhow::Result<Duration> {
        let started = Instant::now();
        let server = serve(self.host, &self.database, &self.secrets, self.log.try_clone()?, &[])?;
        let took = started.elapsed();
        std::mem::replace(&mut self.server, server).stop();
        Ok(took)
    }

    /// The request of a route, for this many clients.
    pub(super) fn request(&self, route: Route, clients: u32) -> anyhow::Result<Request> {
        if route != Route::Refresh {
            return Ok(route.request(Tokens::Access(self.tokens.clone()), EMAIL));
        }
        let mut tokens = Vec::new();
        // One token more: wrk builds one request that it does not send.
        for _ in 0..=clients {
            tokens.push(text(&self.log_in(EMAIL, PASSWORD)?, "refresh_token")?);
        }
        Ok(route.request(Tokens::Refresh(tokens), EMAIL))
    }

    /// The SQL statements of a request, from the log.
    pub(super) fn statements(&self, route: Route) -> anyhow::Result<Vec<String>> {
        let mut file = log()?;
        let variables = [("SPIN_VARIABLE_LOG_QUERIES", "true")];
        let server = serve(self.host, &self.database, &self.secrets, file.try_clone()?, &variables)?;
        let request = self.request(route, 1)?;
        let mut call = ureq::http::Request::builder()
            .method(request.method)
            .uri(format!("http://{}{}", server.address(), request.path))
            .header("authorization", format!("Bearer {}", self.token()))
            .header("x-request-id", "statements");
        if let Some(media_type) = request.media_type {
            call = call.header("content-type", media_type);
        }
        agent().run(call.body(request.body.unwrap_or_default())?)?;
        server.stop();
        let mut said = String::new();
        file.rewind()?;
        file.read_to_string(&mut said)?;
        let lines = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let ours = lines.filter(|line| line["request_id"] == "statements");
        Ok(ours.filter_map(|line| line["statement"].as_str().map(str::to_owned)).collect())
    }

    /// Replaces the access tokens by new ones, which are valid for 15 minutes.
    pub(super) fn renew(&mut self) -> anyhow::Result<()> {
        self.tokens = self.access_tokens(self.tokens.len())?;
        Ok(())
    }

    fn access_tokens(&self, count: usize) -> anyhow::Result<Vec<String>> {
        (0..count).map(|_| text(&self.log_in(EMAIL, PASSWORD)?, "access_token")).collect()
    }

    fn token(&self) -> &str {
        self.tokens.first().map(String::as_str).unwrap_or_default()
    }

    /// Opens a session. Returns its tokens.
    fn log_in(&self, email: &str, password: &str) -> anyhow::Result<Value> {
        let form = [("username", email), ("password", password)];
        let mut answer = agent().post(self.url("/auth/login")).send_form(form)?;
        Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
    }

    fn create_profile(&self) -> anyhow::Result<()> {
        let call =
            agent().put(self.url("/profile/")).header("authorization", format!("Bearer {}", self.token()));
        let body = json!({"bio": "Measured", "location": "Here"}).to_string();
        call.content_type("application/json").send(body)?;
        Ok(())
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// Stops the host and the database.
    pub(super) fn stop(self) -> anyhow::Result<()> {
        self.server.stop();
        self.database.stop()
    }
}

/// All clients have one address. These limits count, so that a login costs what it costs in production, and are never reached.
const LIMITS: [(&str, &str); 5] = [
    ("SPIN_VARIABLE_LIMIT_PASSWORD_FAILURES", "1000/1s"),
    ("SPIN_VARIABLE_LIMIT_LOGINS", "1000/1s"),
    ("SPIN_VARIABLE_LIMIT_REGISTRATIONS", "1000/1s"),
    ("SPIN_VARIABLE_LIMIT_FORGOTTEN", "0"),
    ("SPIN_VARIABLE_LIMIT_CODES", "0"),
];

fn serve(
    host: Host,
    database: &Database,
    secrets: &Secrets,
    log: File,
    variables: &[(&str, &str)],
) -> anyhow::Result<Server> {
    let variables: Vec<_> = LIMITS.iter().chain(variables).copied().collect();
    Server::start_with(host, ANY_PORT, database.address(), secrets, Stdio::from(log), &variables)
}

fn agent() -> Agent {
    Agent::config_builder().proxy(None).timeout_global(Some(Duration::from_secs(60))).build().into()
}

fn text(value: &Value, member: &str) -> anyhow::Result<String> {
    value[member].as_str().map(str::to_owned).with_context(|| format!("the answer has no {member}"))
}
