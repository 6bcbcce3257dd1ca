//! The guests' output. All lines go to the host's stderr unchanged. One thread writes to stderr, so no request waits for a slow
//! terminal or pipe. The thread receives whole lines, so lines of two instances never mix.

use std::io::{self, Write as _};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use tokio::sync::Notify;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// The maximum number of bytes that wait for stderr. Beyond it, guests have to wait.
const MAX_WAITING: usize = 1 << 20;
/// How long lines are collected before they are written together.
const GATHER: Duration = Duration::from_millis(1);
/// The maximum length of a line in bytes. A longer line is split.
const MAX_LINE: usize = 256 << 10;
/// The maximum number of bytes that a guest may write at once.
const MAX_WRITE: usize = 64 << 10;

/// A handle to stderr. Clones share it.
#[derive(Clone)]
pub struct Stderr(Arc<Shared>);

struct Shared {
    lines: mpsc::Sender<Vec<u8>>,
    waiting: AtomicUsize,
    room: Notify,
}

impl Stderr {
    /// Starts the thread that writes to stderr.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start() -> io::Result<Self> {
        let (lines, receiver) = mpsc::channel();
        let shared = Arc::new(Shared { lines, waiting: AtomicUsize::new(0), room: Notify::new() });
        let weak = Arc::downgrade(&shared);
        std::thread::Builder::new().name("stderr".to_owned()).spawn(move || {
            while let Ok(mut batch) = receiver.recv() {
                // Waking this thread for each line would cost as much as a small request.
                std::thread::sleep(GATHER);
                while batch.len() < MAX_WRITE
                    && let Ok(more) = receiver.try_recv()
                {
                    batch.extend_from_slice(&more);
                }
                // If stderr is closed, there is no other place to report it.
                _ = io::stderr().write_all(&batch);
                let Some(shared) = weak.upgrade() else { return };
                shared.waiting.fetch_sub(batch.len(), SeqCst);
                shared.room.notify_waiters();
            }
        })?;
        Ok(Self(shared))
    }

    /// Writes one line and adds the newline.
    pub fn line(&self, line: &str) {
        self.send(format!("{line}\n").into_bytes());
    }

    /// Waits until everything is written, but at most one second.
    pub fn drain(&self) {
        let end = Instant::now() + Duration::from_secs(1);
        while self.0.waiting.load(SeqCst) > 0 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn send(&self, lines: Vec<u8>) {
        self.0.waiting.fetch_add(lines.len(), SeqCst);
        // The thread runs until the last sender is dropped.
        _ = self.0.lines.send(lines);
    }

    fn has_room(&self) -> bool {
        self.0.waiting.load(SeqCst) < MAX_WAITING
    }

    async fn room(&self) {
        loop {
            let notified = self.0.room.notified();
            if self.has_room() {
                return;
            }
            notified.await;
        }
    }
}

/// The stdout or stderr of one instance. Clones write to the same stream.
#[derive(Clone)]
pub(crate) struct GuestOutput(Arc<Output>);

struct Output {
    stderr: Stderr,
    /// The start of an unfinished line.
    line: Mutex<Vec<u8>>,
}

impl GuestOutput {
    /// Creates a separate stream.
    pub(crate) fn new(stderr: &Stderr) -> Self {
        Self(Arc::new(Output { stderr: stderr.clone(), line: Mutex::default() }))
    }

    fn push(&self, bytes: &[u8]) {
        let mut line = self.0.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.extend_from_slice(bytes);
        let end = match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(position) => line.len() - bytes.len() + position + 1,
            None if line.len() > MAX_LINE => line.len(),
            None => return,
        };
        let rest = line.split_off(end);
        self.0.stderr.send(std::mem::replace(&mut line, rest));
    }
}

/// Writes an unfinished line. A trapped instance may leave one.
impl Drop for Output {
    fn drop(&mut self) {
        let mut line = std::mem::take(self.line.get_mut().unwrap_or_else(PoisonError::into_inner));
        if !line.is_empty() {
            line.push(b'\n');
            self.stderr.send(line);
        }
    }
}

impl IsTerminal for GuestOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for GuestOutput {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(Writer { output: self.clone(), room: None })
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for GuestOutput {
    async fn ready(&mut self) {
        self.0.stderr.room().await;
    }
}

impl OutputStream for GuestOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.push(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> Result<usize, StreamError> {
        Ok(if self.0.stderr.has_room() { MAX_WRITE } else { 0 })
    }
}

/// The output of WASI 0.3, which writes through [`AsyncWrite`].
struct Writer {
    output: GuestOutput,
    room: Option<Pin<Box<dyn Future<Output = ()> + Send + Sync>>>,
}

impl AsyncWrite for Writer {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let stderr = self.output.0.stderr.clone();
        if !stderr.has_room() || self.room.is_some() {
            let room = self.room.get_or_insert_with(|| Box::pin(async move { stderr.room().await }));
            std::task::ready!(room.as_mut().poll(cx));
            self.room = None;
        }
        let length = bytes.len().min(MAX_WRITE);
        self.output.push(&bytes[..length]);
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stderr whose lines the test can read.
    fn capture() -> (Stderr, mpsc::Receiver<Vec<u8>>) {
        let (lines, receiver) = mpsc::channel();
        (Stderr(Arc::new(Shared { lines, waiting: AtomicUsize::new(0), room: Notify::new() })), receiver)
    }

    #[test]
    fn a_line_is_sent_when_it_is_whole() {
        let (stderr, lines) = capture();
        let (one, two) = (GuestOutput::new(&stderr), GuestOutput::new(&stderr));
        one.push(b"{\"a\":");
        two.push(b"{\"b\":2}\n{\"c\"");
        one.push(b"1}\n");
        drop((one, two));
        let sent: Vec<_> = lines.try_iter().map(|line| String::from_utf8(line).unwrap()).collect();
        assert_eq!(sent, ["{\"b\":2}\n", "{\"a\":1}\n", "{\"c\"\n"]);
    }

    #[test]
    fn a_guest_has_to_wait_while_the_queue_is_full() {
        let (stderr, _lines) = capture();
        let mut output = GuestOutput::new(&stderr);
        assert_eq!(output.check_write().unwrap(), MAX_WRITE);
        stderr.send(vec![b'\n'; MAX_WAITING]);
        assert_eq!(output.check_write().unwrap(), 0);
    }
}
