//! The command line of the embedded host.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use tokio::io::AsyncReadExt as _;
use tokio::signal::unix::{SignalKind, signal};
use users_host::{App, Limits, Server, Stderr, environment};

/// Serves a Spin application on this machine, without the spin CLI.
///
/// Variables of the application get their values from the environment: SPIN_VARIABLE_DB_HOST is db_host.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// The manifest of the application.
    #[arg(long, short, default_value = "spin.toml")]
    from: PathBuf,
    /// Serve only this component; may be given several times [default: all components]
    #[arg(long = "component-id", short, value_name = "COMPONENT")]
    components: Vec<String>,
    /// The address to serve on; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// The time that a component has to answer, such as 500ms, 30s or 2m.
    #[arg(long, default_value = "30s", value_parser = duration)]
    request_timeout: Duration,
    /// Requests that an instance of a component serves before it is replaced.
    #[arg(long, default_value_t = 128)]
    max_instance_reuse_count: usize,
    /// Requests that an instance serves at once.
    #[arg(long, default_value_t = 16)]
    max_instance_concurrent_reuse_count: usize,
    /// The time that an idle instance is kept for the next request.
    #[arg(long, default_value = "1s", value_parser = duration)]
    idle_instance_timeout: Duration,
    /// Memory of one instance, in bytes or such as 64KiB, 128MiB, 1GiB.
    #[arg(long, default_value = "128MiB", value_parser = bytes)]
    max_instance_memory: usize,
    /// Concurrent connections; more wait to be accepted.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: u32,
    /// The folder for compiled components [default: target/host-cache beside the manifest]
    #[arg(long)]
    cache_dir: Option<PathBuf>,
    /// Set the components' clock ahead of this machine's by this many seconds, to test replicas whose clocks differ.
    #[arg(long, hide = true, default_value_t = 0, allow_negative_numbers = true)]
    clock_offset: i64,
    /// Stop when stdin closes, so that a test that dies stops its host.
    #[arg(long, hide = true)]
    stop_on_stdin_close: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("users-host: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<()> {
    let stderr = Stderr::start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(serve(options, stderr.clone()));
    // The requests that still run have used up their time.
    runtime.shutdown_timeout(Duration::from_millis(100));
    stderr.drain();
    result
}

async fn serve(options: Options, stderr: Stderr) -> Result<()> {
    // The handlers are installed before the slow part of the start, so that no signal is lost.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop_on_stdin_close = options.stop_on_stdin_close;
    let stop = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = stdin_closed(), if stop_on_stdin_close => {}
        }
    };
    let mut stop = std::pin::pin!(stop);

    let load = tokio::task::spawn_blocking(move || load(options, stderr));
    let (app, address) = tokio::select! {
        loaded = load => loaded.context("loading the application stopped in the middle")??,
        () = &mut stop => return Ok(()),
    };
    let server = Server::bind(app, address).await?;
    println!("listening on http://{}", server.address()?);
    std::io::stdout().flush()?;
    server.serve(stop).await;
    Ok(())
}

fn load(options: Options, stderr: Stderr) -> Result<(App, SocketAddr)> {
    let limits = Limits {
        request_timeout: options.request_timeout,
        max_instance_reuse_count: options.max_instance_reuse_count,
        max_instance_concurrent_reuse_count: options.max_instance_concurrent_reuse_count,
        idle_instance_timeout: options.idle_instance_timeout,
        max_instance_memory: options.max_instance_memory,
        max_connections: options.max_connections as usize,
        clock_offset: options.clock_offset,
    };
    let cache = options.cache_dir.unwrap_or_else(|| options.from.with_file_name("target/host-cache"));
    let app = App::load(&options.from, &options.components, &cache, limits, environment(), stderr)?;
    Ok((app, options.listen))
}

async fn stdin_closed() {
    let mut stdin = tokio::io::stdin();
    let mut buffer = [0; 64];
    while stdin.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
}

/// Parses a number with a unit. Each unit is a suffix and a factor.
fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, factor) =
        units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    number.trim().parse::<u64>().ok()?.checked_mul(*factor)
}

fn duration(text: &str) -> Result<Duration, String> {
    with_unit(text, &[("ms", 1), ("s", 1000), ("m", 60_000)])
        .filter(|milliseconds| *milliseconds > 0)
        .map(Duration::from_millis)
        .ok_or_else(|| "write a time such as 500ms, 30s or 2m".to_owned())
}

fn bytes(text: &str) -> Result<usize, String> {
    with_unit(text, &[("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)])
        .filter(|bytes| *bytes > 0)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| "write a size such as 64KiB, 128MiB or a number of bytes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_have_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(bytes("128MiB"), Ok(128 << 20));
        assert_eq!(bytes("4096"), Ok(4096));
        assert!(duration("30").is_err() && duration("0s").is_err());
        assert!(bytes("1MB").is_err() && bytes("0").is_err() && bytes("99999999999GiB").is_err());
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Options::command().debug_assert();
    }
}
