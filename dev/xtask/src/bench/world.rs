//! A service with accounts, to be measured.

use std::fs::File;
use std::io::{Read, Seek};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use local_postgres::random_hex;
use serde_json::{Value, json};
use ureq::Agent;

use super::routes::{PASSWORD, Request, Route};
use crate::database::Database;
use crate::server::Server;
use crate::{Host, demo, process, usersctl};

/// Who asks: an administrator, who has a profile.
const EMAIL: &str = "bench@example.com";

/// A database with accounts, and a host that serves them.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) database: Database,
    /// What the host has said since it was first started.
    pub(crate) log: File,
    host: Host,
    secret: String,
    token: String,
}

/// A file of its own for the host's log.
fn log() -> anyhow::Result<File> {
    tempfile::tempfile().context("there is no place for the server's log")
}

impl World {
    /// With so many made-up accounts.
    pub(crate) fn make(host: Host, users: u32) -> anyhow::Result<Self> {
        let database = Database::temporary()?;
        for arguments in
            [&["migrate", "upgrade"][..], &["setup-rbac"], &["seed", "--users", &users.to_string()]]
        {
            // What it says is no part of the report.
            let mut command = usersctl::command(&database, arguments)?;
            process::run(command.stdout(Stdio::null()), "usersctl failed: see its message above")?;
        }
        usersctl::create_admin(&database, EMAIL, PASSWORD, Stdio::null())?;
        let secret = random_hex(32)?;
        let log = log()?;
        let server = serve(host, &database, &secret, log.try_clone()?, &[])?;
        let mut world = Self { server, database, log, host, secret, token: String::new() };
        world.token = world.administrator()?;
        world.ask(&world.token, "PUT", "/profile/", &json!({"bio": "Measured", "location": "Here"}))?;
        Ok(world)
    }

    /// Starts the host once more; how long that took until it was ready.
    pub(super) fn restart(&mut self) -> anyhow::Result<Duration> {
        let started = Instant::now();
        let server = serve(self.host, &self.database, &self.secret, self.log.try_clone()?, &[])?;
        let took = started.elapsed();
        std::mem::replace(&mut self.server, server).stop();
        Ok(took)
    }

    /// The request of a route, for so many clients.
    pub(super) fn request(&self, route: Route, clients: u32) -> anyhow::Result<Request> {
        let mut refresh_tokens = Vec::new();
        if route == Route::Refresh {
            // One more: wrk draws one to see whether it can, and sends it to nobody.
            for _ in 0..=clients {
                refresh_tokens.push(text(&self.log_in(EMAIL, PASSWORD)?, "refresh_token")?);
            }
        }
        Ok(route.request(&self.token, EMAIL, &refresh_tokens))
    }

    /// The statements that a request of a route runs, as the log has them.
    pub(super) fn statements(&self, route: Route) -> anyhow::Result<Vec<String>> {
        let mut file = log()?;
        let variables = [("SPIN_VARIABLE_LOG_QUERIES", "true")];
        let server = serve(self.host, &self.database, &self.secret, file.try_clone()?, &variables)?;
        let request = self.request(route, 1)?;
        let mut call = ureq::http::Request::builder()
            .method(request.method)
            .uri(format!("http://{}{}", server.address(), request.path))
            .header("authorization", format!("Bearer {}", self.token))
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

    /// An access token of the administrator, for the next 15 minutes.
    pub(crate) fn administrator(&self) -> anyhow::Result<String> {
        text(&self.log_in(EMAIL, PASSWORD)?, "access_token")
    }

    /// Takes a new token for what is asked from now on.
    pub(super) fn renew(&mut self) -> anyhow::Result<()> {
        self.token = self.administrator()?;
        Ok(())
    }

    /// Opens a session; its tokens.
    pub(crate) fn log_in(&self, email: &str, password: &str) -> anyhow::Result<Value> {
        let form = [("username", email), ("password", password)];
        let mut answer = agent().post(self.url("/auth/login")).send_form(form)?;
        Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
    }

    /// Asks as whoever has the token; the content of the answer.
    ///
    /// # Errors
    /// When there is no answer, or one with 400 or more.
    pub(crate) fn ask(&self, token: &str, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let call = ureq::http::Request::builder()
            .method(method)
            .uri(self.url(path))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        let mut answer = agent().run(call.body(body.to_string())?)?;
        Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// Ends all of it.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        self.server.stop();
        self.database.stop()
    }
}

fn serve(
    host: Host,
    database: &Database,
    secret: &str,
    log: File,
    variables: &[(&str, &str)],
) -> anyhow::Result<Server> {
    Server::start_with(host, demo::ANY_PORT, database.address(), secret, Stdio::from(log), variables)
}

fn agent() -> Agent {
    Agent::config_builder().proxy(None).timeout_global(Some(Duration::from_secs(60))).build().into()
}

pub(crate) fn text(value: &Value, member: &str) -> anyhow::Result<String> {
    value[member].as_str().map(str::to_owned).with_context(|| format!("the answer has no {member}"))
}
