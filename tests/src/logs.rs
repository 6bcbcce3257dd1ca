//! The standard error of the host.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

/// The maximum time to wait for a line.
const LIMIT: Duration = Duration::from_secs(10);

/// The lines so far. More lines follow while the service runs.
#[derive(Debug, Clone)]
pub struct Logs(Arc<watch::Sender<Vec<String>>>, Arc<Mutex<Option<JoinHandle<()>>>>);

/// The log lines of one request.
#[derive(Debug)]
pub struct Log(Vec<Value>);

impl Logs {
    /// Collects the lines of a stream in a thread, until the stream ends.
    pub(crate) fn collect(stream: impl Read + Send + 'static) -> Self {
        let collected = Arc::new(watch::Sender::new(Vec::new()));
        let lines = Arc::clone(&collected);
        let thread = std::thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                lines.send_modify(|lines: &mut Vec<String>| {
                    lines.push(String::from_utf8_lossy(&line).into_owned());
                });
            }
        });
        Self(collected, Arc::new(Mutex::new(Some(thread))))
    }

    /// Waits for the end of the stream. After a host has ended, its last lines may still be in the stream.
    pub(crate) fn wait_for_end(&self) {
        let thread = self.1.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The thread only reads, so it cannot fail.
        let _ = thread.map(JoinHandle::join);
    }

    /// All lines so far, as text.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.borrow().join("\n")
    }

    /// The last lines, as text.
    #[must_use]
    pub fn tail(&self, count: usize) -> String {
        let lines = self.0.borrow();
        lines[lines.len().saturating_sub(count)..].join("\n")
    }

    /// All lines so far that are JSON objects.
    #[must_use]
    pub fn objects(&self) -> Vec<Value> {
        self.0.borrow().iter().filter_map(|line| object(line)).collect()
    }

    /// Waits until the lines satisfy a condition.
    ///
    /// # Panics
    /// When the lines do not satisfy the condition within ten seconds.
    pub async fn wait_for(&self, condition: &str, holds: impl Fn(&[String]) -> bool) {
        let mut lines = self.0.subscribe();
        let waited = tokio::time::timeout(LIMIT, lines.wait_for(|lines| holds(lines))).await.is_ok();
        assert!(waited, "expected in the log: {condition}; it holds:\n{}", self.text());
    }

    /// Waits for the access line of a request, and returns all lines of the request. The access line is the last one.
    ///
    /// # Panics
    /// When the line does not arrive within ten seconds.
    pub async fn of_request(&self, id: &str) -> Log {
        let own = |lines: &[String]| -> Vec<Value> {
            lines.iter().filter_map(|line| object(line)).filter(|line| line["request_id"] == id).collect()
        };
        let finished = |lines: &[String]| own(lines).iter().any(is_access_line);
        self.wait_for(&format!("the access line of request {id}"), finished).await;
        Log(own(&self.0.borrow()))
    }
}

impl Log {
    /// The access line. Every request has one.
    ///
    /// # Panics
    /// When there is not exactly one access line.
    #[must_use]
    pub fn access(&self) -> &Value {
        let lines: Vec<&Value> = self.0.iter().filter(|line| is_access_line(line)).collect();
        assert_eq!(lines.len(), 1, "expected one access line: {:#?}", self.0);
        lines[0]
    }

    /// The SQL statements that ran for the request.
    #[must_use]
    pub fn statements(&self) -> Vec<&str> {
        self.0.iter().filter_map(|line| line["statement"].as_str()).collect()
    }

    /// The causes of the request's errors.
    #[must_use]
    pub fn causes(&self) -> Vec<&str> {
        self.0.iter().filter_map(|line| line["cause"].as_str()).collect()
    }
}

fn is_access_line(line: &Value) -> bool {
    line["method"].is_string() && line["status"].is_number()
}

/// Parses a line. A host may add a prefix, which is skipped.
fn object(line: &str) -> Option<Value> {
    serde_json::from_str(line.get(line.find('{')?..)?).ok()
}
