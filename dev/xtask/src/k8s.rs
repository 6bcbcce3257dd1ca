//! `cargo xtask k8s`: renders the manifests in k8s/, and validates them against schemas and our own rules. No cluster is needed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use users_manifests::{Manifests, SpinManifest, faults};

use crate::cargo::root;
use crate::{process, tools};

/// The versions of Kubernetes whose schemas apply: the oldest one that k8s/README.md names, and the newest.
const VERSIONS: &str = "1.36.0,1.37.0";
/// The folder that contains the placeholders of the secrets.
const BASE: &str = "base";
/// The folder that is applied once per cluster.
const CLUSTER: &str = "cluster";

/// `cargo xtask k8s …`
#[derive(Debug, Args)]
pub(crate) struct K8s {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Write the manifests of all overlays, or of the named ones, to target/k8s/.
    Render {
        /// The names of overlays, such as prod.
        overlays: Vec<String>,
    },
    /// Render everything, and validate it against the schemas of Kubernetes and SpinKube and our own rules.
    Validate,
}

/// Runs one `k8s` subcommand.
pub(crate) fn run(command: &K8s) -> anyhow::Result<()> {
    match &command.step {
        Step::Render { overlays } => {
            let all = places()?;
            let unknown = overlays.iter().find(|name| all.iter().all(|(known, _)| known != *name));
            if let Some(name) = unknown {
                let known: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
                bail!("there is no overlay {name}: name some of {}", known.join(", "));
            }
            for (name, place) in all.iter().filter(|(name, _)| overlays.is_empty() || overlays.contains(name))
            {
                println!("{}", render(&tools::kubectl()?, name, place)?.display());
            }
            Ok(())
        }
        Step::Validate => {
            for line in validate()? {
                println!("{line}");
            }
            Ok(())
        }
    }
}

/// Validates the manifests, as a part of `cargo xtask check`.
pub(crate) fn check() -> anyhow::Result<()> {
    validate().map(drop)
}

/// Renders everything. Returns the directory with the results.
pub(crate) fn render_all() -> anyhow::Result<PathBuf> {
    let kubectl = tools::kubectl()?;
    for (name, place) in places()? {
        render(&kubectl, &name, &place)?;
    }
    Ok(target())
}

/// Validates every overlay, and returns a line for each valid one.
fn validate() -> anyhow::Result<Vec<String>> {
    let dir = render_all()?;
    let names: Vec<String> = places()?.into_iter().map(|(name, _)| name).collect();
    let file = |name: &str| dir.join(format!("{name}.yaml"));
    let mut wrong = schema_faults(&names.iter().map(|name| file(name)).collect::<Vec<_>>())?;
    let read = |name: &str| anyhow::Ok(Manifests::parse(&fs::read_to_string(file(name))?)?);
    let base = read(BASE)?;
    let spin = SpinManifest::parse(&fs::read_to_string(root().join("spin.toml"))?)?;
    let mut fine = Vec::new();
    for name in &names {
        let manifests = read(name)?;
        wrong.extend(faults(&manifests, &base, &spin).into_iter().map(|fault| format!("{name}: {fault}")));
        fine.push(format!("ok      {name} ({} objects, Kubernetes {VERSIONS})", manifests.objects().count()));
    }
    if wrong.is_empty() { Ok(fine) } else { bail!("the manifests are invalid:\n{}", wrong.join("\n")) }
}

/// Validates files against the schemas. Returns the faults.
fn schema_faults(files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let mut command = Command::new(tools::validator()?);
    command
        .arg(root().join("dev/xtask/k8s/validate.py"))
        .arg(root().join("k8s/crds"))
        .arg(VERSIONS)
        .args(files);
    let said = command.stderr(Stdio::inherit()).output().context("the validator cannot be started")?;
    let lines: Vec<String> = String::from_utf8_lossy(&said.stdout).lines().map(str::to_owned).collect();
    if !said.status.success() && lines.is_empty() {
        bail!("the validator failed: see its messages above");
    }
    Ok(lines)
}

/// The name and the directory of everything that can be rendered.
fn places() -> anyhow::Result<Vec<(String, PathBuf)>> {
    let k8s = root().join("k8s");
    let mut places = vec![(BASE.to_owned(), k8s.join(BASE)), (CLUSTER.to_owned(), k8s.join(CLUSTER))];
    let mut overlays = Vec::new();
    for entry in fs::read_dir(k8s.join("overlays")).context("k8s/overlays cannot be read")? {
        let entry = entry?;
        overlays.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    overlays.sort();
    places.extend(overlays);
    Ok(places)
}

fn target() -> PathBuf {
    root().join("target/k8s")
}

fn render(kubectl: &Path, name: &str, place: &Path) -> anyhow::Result<PathBuf> {
    process::go_on()?;
    let said =
        Command::new(kubectl).arg("kustomize").arg(place).output().context("kubectl cannot be started")?;
    if !said.status.success() {
        bail!("k8s/{name} cannot be rendered: {}", String::from_utf8_lossy(&said.stderr).trim());
    }
    let file = target().join(format!("{name}.yaml"));
    fs::create_dir_all(target())
        .and_then(|()| fs::write(&file, said.stdout))
        .context("target/k8s cannot be written")?;
    Ok(file)
}
