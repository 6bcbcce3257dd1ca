//! The positive control: a server with the weakness, in every place where we look for it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context, bail};

use super::attack::Attack;
use super::run::{Sqlmap, injectable};
use crate::bench::World;
use crate::cargo::root;
use crate::process;

/// The server that does what no server may.
const SERVER: &str = "tests/sqlmap/injectable.py";
/// Method, path, header, body and what sqlmap calls the parameter, for each place.
const PLACES: [(&str, &str, &str, &str, &str); 6] = [
    ("GET", "/path/1*", "", "", "URI parameter '#1*'"),
    ("GET", "/query?id=1*", "", "", "URI parameter '#1*'"),
    ("PUT", "/json", "content-type: application/json\r\n", "{\"ids\":[\"1*\"]}", "PUT parameter 'JSON #1*'"),
    (
        "POST",
        "/form",
        "content-type: application/x-www-form-urlencoded\r\n",
        "id=1*",
        "(custom) POST parameter '#1*'",
    ),
    ("GET", "/header", "x-id: 1*\r\n", "", "(custom) HEADER parameter 'x-id #1*'"),
    ("PUT", "/header", "x-id: 1*\r\n", "", "PUT parameter 'x-id #1*'"),
];
/// By which techniques each is injectable.
const TECHNIQUES: [&str; 5] =
    ["UNION query", "boolean-based blind", "error-based", "stacked queries", "time-based blind"];

/// Lets sqlmap find what is there to be found.
///
/// # Errors
/// It misses something: then its silence about the service would tell nothing.
pub(super) fn check(sqlmap: &Sqlmap, world: &World) -> anyhow::Result<()> {
    let mut server = start(sqlmap, world)?;
    let found = listen(&mut server).and_then(|port| find_all(sqlmap, port));
    process::terminate(&server);
    server.wait()?;
    found
}

fn start(sqlmap: &Sqlmap, world: &World) -> anyhow::Result<Child> {
    let mut command = Command::new(sqlmap.python());
    command.arg(root().join(SERVER)).envs(world.database.address().libpq());
    // Should we be killed, our end of the pipe closes and the server ends.
    process::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()))
}

fn listen(server: &mut Child) -> anyhow::Result<u16> {
    let mut line = String::new();
    BufReader::new(server.stdout.take().context("the server cannot be read")?).read_line(&mut line)?;
    line.trim()
        .parse()
        .with_context(|| format!("{SERVER} does not say where it listens: see its messages above"))
}

/// All places at once: nearly all the time goes by while Postgres sleeps, as it was told.
fn find_all(sqlmap: &Sqlmap, port: u16) -> anyhow::Result<()> {
    let found = thread::scope(|scope| {
        let searches = PLACES.map(|place| scope.spawn(move || find(sqlmap, port, place)));
        searches.map(|search| search.join().unwrap_or_else(|_| bail!("a search failed")))
    });
    found.into_iter().collect()
}

fn find(
    sqlmap: &Sqlmap,
    port: u16,
    (method, path, header, body, name): (&str, &str, &str, &str, &str),
) -> anyhow::Result<()> {
    let text = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{header}\r\n{body}");
    let attack = Attack { text, parameters: vec![(path.to_owned(), name.to_owned())], is_refused: false };
    let said = sqlmap.run(&format!("control {method} {path}"), &attack)?;
    let missed: Vec<&str> =
        TECHNIQUES.into_iter().filter(|technique| !said.techniques.contains(*technique)).collect();
    if injectable(&attack, &said).is_empty() || !missed.is_empty() {
        bail!(
            "sqlmap does not find what is injectable in {method} {path} of {SERVER} ({} missing), so it would find nothing in the service: see target/sqlmap",
            missed.join(", ")
        );
    }
    Ok(())
}
