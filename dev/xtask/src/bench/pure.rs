//! The pure parts, without a host and a database: Criterion measures them, in `bench/`.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, bail};
use serde_json::Value;

use super::report;
use crate::cargo::{cargo, root};
use crate::{process, say};

const PACKAGE: &str = "users-bench";

/// A line of the table: nanoseconds, the median and its confidence interval of 95 %.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) median: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// Measures those with a word in their name, or all, and prints a table.
pub(super) fn run(word: Option<&str>) -> anyhow::Result<()> {
    let build = ["bench", "--quiet", "--package", PACKAGE];
    process::run(
        cargo().args(build).arg("--no-run"),
        "the bench does not build: see cargo's messages above",
    )?;
    // Each run has its own results, so that the table has what was measured just now.
    let results = root().join("target/bench-pure");
    if results.exists() {
        fs::remove_dir_all(&results).context("target/bench-pure cannot be written")?;
    }
    say("measuring the pure parts, for two to three minutes");
    let mut measure = cargo();
    measure.args(build).arg("--").arg("--noplot").args(word).env("CRITERION_HOME", &results);
    // Requests are logged on standard error.
    measure.stdout(Stdio::null()).stderr(Stdio::null());
    process::run(&mut measure, &format!("the bench failed: `cargo bench -p {PACKAGE}` shows where"))?;
    let mut rows = Vec::new();
    collect(&results, &mut rows)?;
    if rows.is_empty() {
        bail!("no part has that in its name: `cargo xtask bench --pure` measures all");
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    println!("{}", report::here()?);
    report::pure(&rows);
    Ok(())
}

/// Reads what Criterion has written: `…/<group>/<name>/new/{benchmark,estimates}.json`.
fn collect(dir: &Path, rows: &mut Vec<Row>) -> anyhow::Result<()> {
    if dir.ends_with("new") {
        let (name, estimates) = (json(&dir.join("benchmark.json"))?, json(&dir.join("estimates.json"))?);
        rows.push(row(&name, &estimates).with_context(|| format!("{} has no median", dir.display()))?);
        return Ok(());
    }
    let Ok(entries) = fs::read_dir(dir) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry?.path();
        // `base` is the same once more, for comparisons with the next run.
        if path.is_dir() && !path.ends_with("base") {
            collect(&path, rows)?;
        }
    }
    Ok(())
}

fn json(path: &Path) -> anyhow::Result<Value> {
    let text = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", path.display()))
}

fn row(benchmark: &Value, estimates: &Value) -> Option<Row> {
    let median = &estimates["median"];
    let interval = &median["confidence_interval"];
    Some(Row {
        name: benchmark["full_id"].as_str()?.replacen('/', ": ", 1),
        median: median["point_estimate"].as_f64()?,
        low: interval["lower_bound"].as_f64()?,
        high: interval["upper_bound"].as_f64()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_medians_are_read_from_what_criterion_writes() {
        let home = tempfile::tempdir().unwrap();
        let interval = json!({"confidence_level": 0.95, "lower_bound": 1.0, "upper_bound": 3.5});
        let estimates = json!({"median": {"confidence_interval": interval, "point_estimate": 2.0}});
        for kept in ["new", "base"] {
            let dir = home.path().join("access token/verify").join(kept);
            fs::create_dir_all(&dir).unwrap();
            fs::write(dir.join("benchmark.json"), r#"{"full_id": "access token/verify"}"#).unwrap();
            fs::write(dir.join("estimates.json"), estimates.to_string()).unwrap();
        }
        let mut rows = Vec::new();
        collect(home.path(), &mut rows).unwrap();
        let expected = Row { name: "access token: verify".to_owned(), median: 2.0, low: 1.0, high: 3.5 };
        assert_eq!(rows, [expected]);
    }

    #[test]
    fn without_results_there_are_no_rows() {
        let mut rows = Vec::new();
        collect(Path::new("/nowhere"), &mut rows).unwrap();
        assert!(rows.is_empty());
        assert_eq!(row(&json!({}), &json!({})), None);
    }
}
