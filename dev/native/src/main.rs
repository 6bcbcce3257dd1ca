//! Serves the components' routers as a native program, behind the routes of `spin.toml`.
//!
//! Coverage cannot be measured in WebAssembly, so this program replaces the host during the measurement. The same suites send
//! requests to the same routers, over HTTP, against the same Postgres. The program accepts the arguments of `users-host` that every
//! test passes. It has none of the host's limits.

mod components;
mod manifest;
mod server;

use std::collections::BTreeMap;
use std::env;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Parser;
use manifest::Manifest;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Serves the components without WebAssembly, to measure what tests reach.
#[derive(Parser)]
struct Options {
    /// The manifest of the application.
    #[arg(long)]
    from: PathBuf,
    /// The address to serve on; port 0 takes any free one.
    #[arg(long)]
    listen: SocketAddr,
    /// Ignored: the embedded host has this option, and nothing is compiled here.
    #[arg(long)]
    cache_dir: Option<PathBuf>,
    /// End when stdin is closed, so that this program does not outlive the test that started it.
    #[arg(long)]
    stop_on_stdin_close: bool,
    /// Ignored: the embedded host has this option, and there are no instances here.
    #[arg(long)]
    max_instance_concurrent_reuse_count: Option<usize>,
}

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(serve(Options::parse()));
    // A thread may still read stdin.
    runtime.shutdown_background();
    result
}

async fn serve(options: Options) -> Result<()> {
    let manifest = Manifest::read(&options.from)?;
    let listener = TcpListener::bind(options.listen).await?;
    let variables = variables(&manifest, listener.local_addr()?);
    let components = components::all(|name| manifest.variables_of(name, &variables)).await;
    let routes = manifest.routes(&components)?;
    println!("listening on http://{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be caught")?;
    // Coverage is written only if the program ends by itself.
    tokio::select! {
        served = server::serve(listener, routes) => served,
        _ = terminate.recv() => Ok(()),
        () = stdin_closed(), if options.stop_on_stdin_close => Ok(()),
    }
}

/// The application's variables: a value from the environment, or the manifest's default. There is no service chaining here, so the console
/// reaches the API at this program's own address.
fn variables(manifest: &Manifest, address: SocketAddr) -> BTreeMap<String, String> {
    let mut variables = manifest.defaults();
    variables.insert("api_url".to_owned(), format!("http://{address}"));
    for (name, value) in env::vars() {
        if let Some(name) = name.strip_prefix("SPIN_VARIABLE_") {
            variables.insert(name.to_lowercase(), value);
        }
    }
    variables
}

async fn stdin_closed() {
    let mut stdin = tokio::io::stdin();
    let mut buffer = [0; 64];
    while stdin.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
}
