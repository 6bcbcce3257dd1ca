//! Starts processes from a thread that lives as long as this process.
//!
//! The kernel sends a child its parent-death signal when the *thread* that started it ends (prctl(2), `PR_SET_PDEATHSIG`). The
//! thread of a test ends before the test program ends.

use std::io;
use std::process::{Child, Command};
use std::sync::{Mutex, OnceLock, mpsc};
use std::thread;

type Job = (Command, mpsc::Sender<io::Result<Child>>);

static KEEPER: OnceLock<Mutex<mpsc::Sender<Job>>> = OnceLock::new();

/// Starts `command` from that thread.
pub(crate) fn spawn(command: Command) -> io::Result<Child> {
    let keeper = KEEPER.get_or_init(|| {
        let (sender, jobs) = mpsc::channel::<Job>();
        thread::spawn(move || {
            for (mut command, answer) in jobs {
                // The receiver is gone only if the caller has panicked.
                let _ = answer.send(command.spawn());
            }
        });
        Mutex::new(sender)
    });
    let (answer, started) = mpsc::channel();
    let lost = || io::Error::other("the thread that starts processes is gone");
    keeper
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .send((command, answer))
        .map_err(|_| lost())?;
    started.recv().map_err(|_| lost())?
}
