//! One line about this machine, for reports.

use std::fs;
use std::process::Command;

use crate::cargo::root;

/// The day, the commit, the processor and the memory.
pub(crate) fn describe() -> anyhow::Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches(['\t', ' ', ':']);
    let count = std::thread::available_parallelism()?;
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    let memory = memory.and_then(|it| it.parse::<u64>().ok()).unwrap_or(0) / (1 << 20);
    let (day, commit) = (output("date", &["+%Y-%m-%d"]), output("git", &["describe", "--always", "--dirty"]));
    Ok(format!("{day}, commit {commit}: {count} × {model}, {memory} GiB"))
}

/// The output of a short command; empty when the command cannot be run.
pub(crate) fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(root()).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
