//! What cargo-mutants tells of each mutant, and the table of it.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use serde_json::Value;

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// A test failed.
    Caught,
    /// It does not compile.
    Unviable,
    /// A test ran for too long, as one does that never ends, or on a machine that does much else.
    Timeout,
    /// Every test passed.
    Survived,
}

/// A mutant that was tried.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The file and what was changed in it, without the line, which moves.
    pub(super) name: String,
    /// Where it is now.
    pub(super) line: u64,
    pub(super) fate: Fate,
    file: String,
}

/// Reads cargo-mutants's `outcomes.json`.
pub(super) fn of(text: &str) -> anyhow::Result<Vec<Outcome>> {
    let all: Value = serde_json::from_str(text).context("cargo-mutants's outcomes are not JSON")?;
    let tried = all["outcomes"].as_array().into_iter().flatten();
    tried.filter(|outcome| outcome["scenario"] != "Baseline").map(outcome).collect()
}

fn outcome(value: &Value) -> anyhow::Result<Outcome> {
    let mutant = &value["scenario"]["Mutant"];
    let (Some(file), Some(name), Some(line)) =
        (mutant["file"].as_str(), mutant["name"].as_str(), mutant["span"]["start"]["line"].as_u64())
    else {
        bail!("cargo-mutants tells of a mutant without a name, or without a place");
    };
    let fate = match value["summary"].as_str() {
        Some("CaughtMutant") => Fate::Caught,
        Some("Unviable") => Fate::Unviable,
        Some("Timeout") => Fate::Timeout,
        Some("MissedMutant") => Fate::Survived,
        _ => bail!("cargo-mutants could not try {name}: see target/mutants/mutants.out/log"),
    };
    // `file:line:column: what was changed`
    let what = name.split_once(": ").map_or(name, |(_, what)| what);
    Ok(Outcome { name: format!("{file}: {what}"), line, fate, file: file.to_owned() })
}

/// The table, a line for each file.
pub(super) fn print(outcomes: &[Outcome]) {
    println!("| | mutants | caught | unviable | timeouts | survivors |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let mut files: BTreeMap<&str, Vec<Fate>> = BTreeMap::new();
    for outcome in outcomes {
        files.entry(&outcome.file).or_default().push(outcome.fate);
    }
    for (file, fates) in files {
        println!("| `{file}` | {} |", counts(&fates));
    }
    let all: Vec<Fate> = outcomes.iter().map(|outcome| outcome.fate).collect();
    println!("| **together** | {} |", counts(&all));
}

/// The numbers of a line.
fn counts(fates: &[Fate]) -> String {
    let [caught, unviable, timeouts, survivors] =
        [Fate::Caught, Fate::Unviable, Fate::Timeout, Fate::Survived]
            .map(|fate| fates.iter().filter(|it| **it == fate).count());
    format!("{} | {caught} | {unviable} | {timeouts} | {survivors}", fates.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(summary: &str) -> Value {
        let start = json!({"line": 59, "column": 9});
        let name = "a/b.rs:59:9: replace C::d -> bool with a: true";
        let mutant = json!({"name": name, "file": "a/b.rs", "span": {"start": start, "end": start}});
        json!({"scenario": {"Mutant": mutant}, "summary": summary})
    }

    #[test]
    fn a_mutant_goes_by_its_file_and_its_change() {
        let baseline = json!({"scenario": "Baseline", "summary": "Success"});
        let outcomes = of(&json!({"outcomes": [baseline, told("MissedMutant")]}).to_string()).unwrap();
        let expected = Outcome {
            name: "a/b.rs: replace C::d -> bool with a: true".to_owned(),
            line: 59,
            fate: Fate::Survived,
            file: "a/b.rs".to_owned(),
        };
        assert_eq!(outcomes, [expected]);
    }

    #[test]
    fn a_mutant_that_could_not_be_tried_is_an_error() {
        assert!(outcome(&told("Failure")).unwrap_err().to_string().contains("could not try a/b.rs:59:9"));
        assert!(outcome(&json!({"summary": "CaughtMutant"})).is_err());
    }

    #[test]
    fn each_fate_is_counted() {
        let fates = [Fate::Caught, Fate::Unviable, Fate::Caught, Fate::Timeout, Fate::Survived];
        assert_eq!(counts(&fates), "5 | 2 | 1 | 1 | 1");
    }
}
