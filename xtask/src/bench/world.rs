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
pub(super) struct World {
    pub(super) server: Server,
    pub(super) database: Database,
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
    pub(super) fn make(host: Host, users: u32) -> anyhow::Result<Self> {
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
        let server = serve(host, &database, &secret, log()?, &[])?;
        let mut world = Self { server, database, host, secret, token: String::new() };
        let pair = world.log_in()?;
        world.token = text(&pair, "access_token")?;
        world.ask("PUT", "/profile/", Some(&json!({"bio": "Measured", "location": "Here"})))?;
        Ok(world)
    }

    /// Starts the host once more; how long that took until it was ready.
    pub(super) fn restart(&mut self) -> anyhow::Result<Duration> {
        let started = Instant::now();
        let server = serve(self.host, &self.database, &self.secret, log()?, &[])?;
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
                refresh_tokens.push(text(&self.log_in()?, "refresh_token")?);
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

    fn log_in(&self) -> anyhow::Result<Value> {
        let form = [("username", EMAIL), ("password", PASSWORD)];
        let mut answer = agent().post(self.url("/auth/login")).send_form(form)?;
        Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<()> {
        let call = ureq::http::Request::builder()
            .method(method)
            .uri(self.url(path))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json");
        agent().run(call.body(body.map(Value::to_string).unwrap_or_default())?)?;
        Ok(())
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// Ends all of it.
    pub(super) fn stop(self) -> anyhow::Result<()> {
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

fn text(value: &Value, member: &str) -> anyhow::Result<String> {
    value[member].as_str().map(str::to_owned).with_context(|| format!("the answer has no {member}"))
}
