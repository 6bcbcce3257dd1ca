//! Attacks on the machine, with everything that Rust's standard library imports.

use std::io::Read;
use std::{env, fs, process};

/// The outcome of reading something: a word, and the lines.
fn told(lines: Vec<String>) -> String {
    if lines.is_empty() { "nothing".to_owned() } else { format!("read\n{}", lines.join("\n")) }
}

pub(crate) fn environment() -> String {
    told(env::vars().map(|(name, value)| format!("{name}={value}")).collect())
}

pub(crate) fn arguments() -> String {
    // The first argument is the name of the program.
    told(env::args().skip(1).collect())
}

pub(crate) fn stdin() -> String {
    let mut text = String::new();
    match std::io::stdin().take(1024).read_to_string(&mut text) {
        Ok(0) | Err(_) => "nothing".to_owned(),
        Ok(_) => told(vec![text]),
    }
}

pub(crate) fn read(path: &str) -> String {
    fs::read(path).map_or_else(
        |_| "refused".to_owned(),
        |bytes| told(vec![String::from_utf8_lossy(&bytes).into_owned()]),
    )
}

pub(crate) fn write(path: &str) -> String {
    match fs::write(path, "written by a hostile component") {
        Ok(()) => "written".to_owned(),
        Err(_) => "refused".to_owned(),
    }
}

pub(crate) fn list(path: &str) -> String {
    match fs::read_dir(path) {
        Ok(entries) => told(entries.flatten().map(|entry| entry.path().display().to_string()).collect()),
        Err(_) => "refused".to_owned(),
    }
}

/// Starts a program.
pub(crate) fn start(program: &str) -> String {
    match process::Command::new(program).spawn() {
        Ok(_) => "started".to_owned(),
        Err(_) => "refused".to_owned(),
    }
}
