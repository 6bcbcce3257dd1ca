//! Tests of the program with an application that has no components: its output, its responses and its end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const MANIFEST: &str = r#"
spin_manifest_version = 2
[application]
name = "static"
[variables]
secret = { required = true, secret = true }
[[trigger.http]]
route = "/hello/..."
static_response = { headers = { x = "y" }, body = "hello" }
[[trigger.http]]
route = "/hello/gone"
static_response = { status_code = 410 }
"#;

struct Host {
    child: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

/// A host that stops when the test ends, because the test holds its stdin.
fn command(folder: &tempfile::TempDir) -> Command {
    let manifest = folder.path().join("spin.toml");
    std::fs::write(&manifest, MANIFEST).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_users-host"));
    command
        .args(["--listen", "127.0.0.1:0", "--stop-on-stdin-close", "--from"])
        .arg(manifest)
        .env("SPIN_VARIABLE_SECRET", "s")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn start() -> Host {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(&folder).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on http://").expect(&line).parse().unwrap();
    Host { child, address, _folder: folder }
}

impl Host {
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Sends raw bytes and reads until the host closes the connection.
    fn send(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
    }

    fn wait(mut self) -> Output {
        // The stdin stays open until the host has stopped.
        let stdin = self.child.stdin.take();
        let output = self.child.wait_with_output().unwrap();
        drop(stdin);
        output
    }
}

#[test]
fn static_answers_and_routes() {
    let host = start();
    let answer = host.get("/hello/world");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\r\nx: y\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nhello"), "{answer}");
    assert!(host.get("/hello").starts_with("HTTP/1.1 200 "));
    assert!(host.get("/hello/gone").starts_with("HTTP/1.1 410 "));
    let answer = host.get("/hellox");
    assert!(answer.starts_with("HTTP/1.1 404 ") && answer.ends_with("\r\n\r\n"), "{answer}");
    assert!(host.get("/.well-known/spin/health").ends_with("\r\n\r\nOK"));
}

/// Asserts that the answer is the host's own problem document, with the headers that every answer of the service has.
fn assert_bad_host(answer: &str, id: &str) {
    let head = answer.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 400 bad request\r\n"), "{answer}");
    for part in [
        format!("\r\nx-request-id: {id}\r\n").as_str(),
        "\r\nx-content-type-options: nosniff\r\n",
        "\r\ncontent-type: application/problem+json\r\n",
        "\"code\":\"bad_host\"",
        format!("\"request_id\":\"{id}\"").as_str(),
    ] {
        assert!(head.contains(part), "expected {part:?}: {answer}");
    }
}

#[test]
fn a_request_without_a_host_gets_400() {
    let host = start();
    for rest in ["", "Host:\r\n", "Host: a b\r\n"] {
        let rest = format!("{rest}X-Request-Id: abc\r\nConnection: close\r\n\r\n");
        assert_bad_host(&host.send(&format!("GET /hello HTTP/1.1\r\n{rest}")), "abc");
        assert_bad_host(&host.send(&format!("GET http://a/hello HTTP/1.1\r\n{rest}")), "abc");
    }
}

#[test]
fn two_host_lines_get_400_even_where_they_agree() {
    let host = start();
    for (first, second) in [("a", "a"), ("a", "b"), ("x.spin.internal", "a"), ("a", "x.spin.internal")] {
        for start in ["GET /hello HTTP/1.1", "GET http://a/hello HTTP/1.1", "GET /hello HTTP/1.0"] {
            let hosts = format!("Host: {first}\r\nHost: {second}\r\n");
            let request = format!("{start}\r\n{hosts}X-Request-Id: abc\r\nConnection: close\r\n\r\n");
            let answer = host.send(&request).replace("HTTP/1.0 400", "HTTP/1.1 400");
            assert_bad_host(&answer, "abc");
        }
    }
}

#[test]
fn http_1_0_is_served_without_a_host() {
    let host = start();
    let answer = host.send("GET /hello HTTP/1.0\r\n\r\n");
    assert!(answer.contains(" 200 OK\r\n") && answer.ends_with("\r\n\r\nhello"), "{answer}");
}

#[test]
fn the_host_is_ignored_beside_an_absolute_target() {
    let host = start();
    let answer = host.send("GET http://a/hello HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[test]
fn a_malformed_request_closes_only_its_connection() {
    let host = start();
    let answer = host.send("\u{0}\u{1}nonsense\r\n\r\n");
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(host.get("/hello").starts_with("HTTP/1.1 200 "));
}

#[test]
fn sigterm_stops_it_cleanly() {
    let host = start();
    // An idle connection must not delay the shutdown.
    let _idle = host.connect();
    let id = host.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let told = Instant::now();
    let output = host.wait();
    assert!(output.status.success(), "{output:?}");
    assert!(told.elapsed() < Duration::from_secs(5));
}

#[test]
fn it_stops_when_stdin_closes_if_asked() {
    let mut host = start();
    drop(host.child.stdin.take());
    assert!(host.child.wait().unwrap().success());
}

#[test]
fn mistakes_are_explained_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("spin.toml");
    std::fs::write(&manifest, MANIFEST).unwrap();
    for (manifest, advice) in
        [(manifest.as_path(), "SPIN_VARIABLE_SECRET"), ("/nowhere/spin.toml".as_ref(), "--from")]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_users-host"));
        let output = command.env_remove("SPIN_VARIABLE_SECRET").arg("--from").arg(manifest).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        assert!(text.contains(advice) && text.lines().count() == 1, "{text}");
    }
}
