//! The mutants that no test can notice, and why: `.cargo/mutants.txt`.

use std::fs;

use anyhow::{Context, bail};

use super::outcomes::{Fate, Outcome};
use crate::cargo::root;

/// Where they are.
pub(super) const FILE: &str = ".cargo/mutants.txt";

/// Their names, each as often as there are mutants that it explains.
pub(super) fn read() -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(root().join(FILE)).with_context(|| format!("{FILE} cannot be read"))?;
    names(&text)
}

/// A mutant is a line, its reason the indented ones below it.
fn names(text: &str) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).peekable();
    while let Some(line) = lines.next() {
        if line.starts_with(' ') {
            continue;
        }
        if !lines.peek().is_some_and(|reason| reason.starts_with(' ')) {
            bail!("{FILE} gives no reason, indented below it, for {line}");
        }
        names.push(line.trim_end().to_owned());
    }
    Ok(names)
}

/// What is wrong, in words: survivors without an explanation and, when all mutants were tried, explanations without a survivor.
/// One explanation is good for one mutant.
pub(super) fn judge(outcomes: &[Outcome], explained: &[String], tried_all: bool) -> Vec<String> {
    let mut unused = explained.to_vec();
    let mut wrong = Vec::new();
    for Outcome { name, line, fate, .. } in outcomes {
        let what = match fate {
            Fate::Caught | Fate::Unviable => continue,
            Fate::Survived => "survives",
            // It may never end, or the machine may have been slow: nobody has noticed it.
            Fate::Timeout => "ran out of time",
        };
        match unused.iter().position(|it| it == name) {
            Some(index) => drop(unused.remove(index)),
            None => wrong.push(format!("{what}: {name} (line {line})")),
        }
    }
    let was_tried = |name: &String| tried_all || outcomes.iter().any(|outcome| outcome.name == *name);
    unused.retain(was_tried);
    wrong.extend(unused.iter().map(|name| format!("explained, but no survivor: {name}")));
    wrong
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::outcomes;
    use super::*;

    fn outcomes(told: &[(&str, &str)]) -> Vec<Outcome> {
        let tried: Vec<_> = told
            .iter()
            .map(|(change, summary)| {
                let mutant = json!({
                    "name": format!("a.rs:7:1: {change}"), "file": "a.rs", "span": {"start": {"line": 7}},
                });
                json!({"scenario": {"Mutant": mutant}, "summary": summary})
            })
            .collect();
        outcomes::of(&json!({"outcomes": tried}).to_string()).unwrap()
    }

    #[test]
    fn an_explanation_has_a_reason() {
        assert_eq!(names("# x\n\na: b\n    why\n    and why\na: c\n    why\n").unwrap(), ["a: b", "a: c"]);
        assert_eq!(names("").unwrap(), [""; 0]);
        for text in ["a: b\n", "a: b\n\na: c\n    why\n"] {
            assert!(names(text).unwrap_err().to_string().ends_with("for a: b"), "{text}");
        }
    }

    #[test]
    fn every_survivor_is_explained_and_every_explanation_has_its_survivor() {
        let explained = ["a.rs: x".to_owned(), "a.rs: y".to_owned()];
        let survivors = outcomes(&[("x", "MissedMutant"), ("y", "MissedMutant"), ("z", "CaughtMutant")]);
        assert!(judge(&survivors, &explained, true).is_empty());
        assert_eq!(judge(&survivors, &explained[..1], true), ["survives: a.rs: y (line 7)"]);
        let caught = outcomes(&[("x", "CaughtMutant"), ("y", "MissedMutant")]);
        assert_eq!(judge(&caught, &explained, true), ["explained, but no survivor: a.rs: x"]);
    }

    #[test]
    fn one_explanation_is_good_for_one_mutant() {
        let twins = outcomes(&[("x", "MissedMutant"), ("x", "MissedMutant")]);
        assert_eq!(judge(&twins, &["a.rs: x".to_owned()], true), ["survives: a.rs: x (line 7)"]);
        assert!(judge(&twins, &["a.rs: x".to_owned(), "a.rs: x".to_owned()], true).is_empty());
    }

    #[test]
    fn one_that_ran_out_of_time_was_not_noticed() {
        let slow = outcomes(&[("x", "Timeout")]);
        assert_eq!(judge(&slow, &[], true), ["ran out of time: a.rs: x (line 7)"]);
    }

    #[test]
    fn what_was_not_tried_may_be_explained() {
        let some = outcomes(&[("x", "MissedMutant")]);
        let explained = ["a.rs: x".to_owned(), "a.rs: y".to_owned()];
        assert!(judge(&some, &explained, false).is_empty());
        assert_eq!(judge(&some, &explained, true), ["explained, but no survivor: a.rs: y"]);
    }
}
