//! `cargo xtask demo`: takes the walk in docs/API.md and prints it, with the answers of this run.

use std::fs;
use std::fs::File;
use std::io::{Read, Seek};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use ureq::Agent;
use users_contract::story::{self, Action, Answer, PASSWORD, Request, Step, Walk};

use crate::cargo::root;
use crate::database::{Database, Secrets};
use crate::server::{ANY_PORT, Server, reachable};
use crate::{Host, build, process, say, up, usersctl, worker};

/// The file with the walk.
const WALK: &str = "docs/API.md";
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// This many lines of the server's log are shown when a step fails.
const LOG_LINES: usize = 20;

/// `cargo xtask demo …`
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Write the answers of this run to docs/API.md, where they differ.
    #[arg(long)]
    write: bool,
}

/// Builds the service, starts it on an empty database, and takes the walk. Nothing is left behind.
pub(crate) fn run(demo: &Demo) -> anyhow::Result<()> {
    build::components()?;
    up::build_programs(Host::Embedded)?;
    say("starting a Postgres of its own, which goes when this ends");
    let database = Database::temporary()?;
    let walked = serve(demo, &database);
    let stopped = database.stop();
    walked.and(stopped)
}

fn serve(demo: &Demo, database: &Database) -> anyhow::Result<()> {
    usersctl::prepare(database)?;
    // The log would stand between the answers.
    let mut log = tempfile::tempfile().context("there is no place for the server's log")?;
    let (address, secrets) = (database.address(), Secrets::temporary()?);
    let server = Server::start(Host::Embedded, ANY_PORT, address, &secrets, Stdio::from(log.try_clone()?))?;
    let walked = walk(demo, database, &format!("http://{}", reachable(server.address())));
    server.stop();
    if walked.is_err() && process::go_on().is_ok() {
        show_end_of(&mut log);
    }
    walked
}

fn walk(demo: &Demo, database: &Database, base: &str) -> anyhow::Result<()> {
    let text = fs::read_to_string(root().join(WALK)).with_context(|| format!("{WALK} cannot be read"))?;
    let (steps, mut walk) = (story::steps(&text), Walk::default());
    let mut answers = Vec::new();
    for step in &steps {
        process::go_on()?;
        println!("\n{}\n\n$ {}", step.prose, step.command);
        let (shown, compared) = take(&mut walk, step, database, base)?;
        println!("{shown}");
        match compared {
            Err(_) if demo.write => answers.push((step, shown)),
            compared => compared.map_err(anyhow::Error::msg)?,
        }
    }
    if !answers.is_empty() {
        let text = story::with_answers(&text, &answers);
        fs::write(root().join(WALK), text).with_context(|| format!("{WALK} cannot be written"))?;
    }
    println!("\nThat was the whole API: {} steps.", steps.len());
    Ok(())
}

/// The answer to a step, and how it compares with the one in the file.
fn take(
    walk: &mut Walk,
    step: &Step,
    database: &Database,
    base: &str,
) -> anyhow::Result<(String, Result<(), String>)> {
    match walk.action(step).map_err(anyhow::Error::msg)? {
        Action::CreateAdmin(email) => {
            let output = usersctl::create_admin(database, &email, PASSWORD)?;
            Ok((output.trim().to_owned(), walk.check_output(step, &output)))
        }
        Action::ReadMail => {
            let output = story::mail(&worker::send_all(database)?);
            Ok((story::without_tokens(&output), walk.check_output(step, &output)))
        }
        Action::Request(request) => {
            let answer = send(base, &request).with_context(|| step.command.clone())?;
            Ok((answer.to_string(), walk.check(step, &answer)))
        }
    }
}

fn send(base: &str, request: &Request) -> anyhow::Result<Answer> {
    let agent: Agent = Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(PATIENCE))
        .build()
        .into();
    let mut call =
        ureq::http::Request::builder().method(request.method.as_str()).uri(format!("{base}{}", request.path));
    for (name, value) in &request.headers {
        call = call.header(name, value);
    }
    let mut answer = match (&request.body, request.method.as_str()) {
        // ureq refuses a body, even an empty one, with these methods.
        (None, "GET" | "DELETE") => agent.run(call.body(())?)?,
        (body, _) => agent.run(call.body(body.clone().unwrap_or_default())?)?,
    };
    let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Ok(Answer {
        status: answer.status().to_string(),
        headers: answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: answer.body_mut().read_to_string()?,
    })
}

/// Checks that the steps in README.md are copied from the walk.
pub(crate) fn check() -> anyhow::Result<()> {
    let read =
        |name: &str| fs::read_to_string(root().join(name)).with_context(|| format!("{name} cannot be read"));
    let faults = story::faults(&read(WALK)?, &read("README.md")?);
    if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("; ")) }
}

/// The reason of a failure is often in the log. When the log cannot be read, the error itself is all there is.
fn show_end_of(log: &mut File) {
    let mut text = Vec::new();
    if log.rewind().and_then(|()| log.read_to_end(&mut text)).is_ok() {
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        for line in lines.iter().skip(lines.len().saturating_sub(LOG_LINES)) {
            eprintln!("{line}");
        }
    }
}
