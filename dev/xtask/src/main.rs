//! `cargo xtask …`: the commands of this repository. Each command has its own file.

mod apt;
mod bench;
mod build;
mod cargo;
mod check;
mod database;
mod demo;
mod deny;
mod http;
mod k8s;
mod machine;
mod mutants;
mod openapi;
mod process;
mod server;
mod spin;
mod test;
mod toolchain;
mod tools;
mod up;
mod usersctl;
mod watch;
mod worker;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

/// Build, run, test and check the users service.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compile the components to WebAssembly: all, or the named ones.
    Build(build::Build),
    /// Build, start a database, migrate it, and serve until Ctrl-C.
    Up(up::Up),
    /// Run the tests: all, or the named suites.
    Test(test::Test),
    /// Check formatting, lints, dependencies, manifests and documents.
    Check,
    /// Check licences, origins and known vulnerabilities of the dependencies against `deny.toml`.
    Deny(deny::Deny),
    /// Write `openapi.json` from the components' descriptions.
    Openapi,
    /// Run `usersctl migrate …` on the development database, or on DATABASE_URL.
    Migrate(usersctl::Forwarded),
    /// Run `usersctl setup-rbac` on the development database, or on DATABASE_URL.
    SetupRbac(usersctl::Forwarded),
    /// Run `usersctl create-admin …` on the development database, or on DATABASE_URL.
    CreateAdmin(usersctl::Forwarded),
    /// Run `usersctl keys …` on the development database, or on DATABASE_URL.
    Keys(usersctl::Forwarded),
    /// Run `usersctl check-config` with the variables of the environment, or with those of `up`.
    CheckConfig(usersctl::Forwarded),
    /// Render or validate the Kubernetes manifests; needs no cluster.
    K8s(k8s::K8s),
    /// Measure the service on a temporary database, and print the results as Markdown.
    Bench(bench::Bench),
    /// Break the code of tokens, guard and policy, one thing at a time; a test has to notice.
    Mutants(mutants::Mutants),
    /// Walk through the whole API as docs/API.md does, on a temporary database.
    Demo(demo::Demo),
}

/// The host that runs the components.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Host {
    /// The host in `host/`, which needs nothing installed.
    #[default]
    Embedded,
    /// The `spin` command, 4.1 or newer.
    Spin,
}

impl Host {
    /// Its name on the command line.
    fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Spin => "spin",
        }
    }
}

fn main() -> ExitCode {
    let outcome = run();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<process::Interrupted>() => ExitCode::from(130),
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    process::listen_for_signals()?;
    // A new suite in tests/ needs no line here.
    let suites =
        if std::env::args().nth(1).as_deref() == Some("test") { test::suites()? } else { Vec::new() };
    let flags = suites.iter().map(|suite| test::flag(suite));
    let matches = Cli::command().mut_subcommand("test", |test| test.args(flags)).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match cli.command {
        Command::Build(build) => build::run(&build),
        Command::Up(up) => up::run(&up),
        Command::Test(tests) => {
            let of_test = matches.subcommand_matches("test").context("there is a subcommand")?;
            test::run(&tests, &suites, of_test)
        }
        Command::Check => check::run(),
        Command::Deny(deny) => deny::run(&deny),
        Command::Openapi => openapi::run(),
        Command::Migrate(arguments) => usersctl::run("migrate", &arguments),
        Command::SetupRbac(arguments) => usersctl::run("setup-rbac", &arguments),
        Command::CreateAdmin(arguments) => usersctl::run("create-admin", &arguments),
        Command::Keys(arguments) => usersctl::keys(&arguments),
        Command::CheckConfig(arguments) => usersctl::check_config(&arguments),
        Command::K8s(command) => k8s::run(&command),
        Command::Bench(bench) => bench::run(&bench),
        Command::Mutants(mutants) => mutants::run(&mutants),
        Command::Demo(demo) => demo::run(&demo),
    }
}

/// Prints a message about progress on standard error.
fn say(what: impl std::fmt::Display) {
    eprintln!("xtask: {what}");
}
