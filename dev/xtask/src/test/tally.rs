//! What passed and what failed.

use std::time::Duration;

use anyhow::bail;

/// What a suite's programs reported.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: usize,
    pub(super) failed: usize,
    /// Programs that ended badly without saying how many tests failed.
    pub(super) crashed: usize,
    pub(super) took: Duration,
}

impl Tally {
    /// Counts another one's, too.
    pub(super) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.crashed += other.crashed;
        self.took += other.took;
    }

    /// Whether nothing went wrong.
    pub(super) fn is_good(&self) -> bool {
        self.failed == 0 && self.crashed == 0
    }
}

/// The numbers of `test result: ok. 5 passed; 0 failed; …`.
pub(super) fn result(line: &str) -> Option<(usize, usize)> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |word: &str| {
        let part = counts.split("; ").find_map(|part| part.strip_suffix(word))?;
        part.trim().parse().ok()
    };
    Some((count("passed")?, count("failed")?))
}

/// One line per suite, and an error when something failed or nothing ran.
pub(super) fn sum_up(tallies: &[(&str, Tally)], word: Option<&str>) -> anyhow::Result<()> {
    println!();
    for (suite, tally) in tallies {
        let crashed = if tally.crashed > 0 { format!(", {} crashed", tally.crashed) } else { String::new() };
        let (passed, failed, seconds) = (tally.passed, tally.failed, tally.took.as_secs_f32());
        println!("{suite:12} {passed:>4} passed, {failed} failed{crashed} in {seconds:.1} s");
    }
    let total = |count: fn(&Tally) -> usize| tallies.iter().map(|(_, tally)| count(tally)).sum::<usize>();
    let (passed, failed) = (total(|tally| tally.passed), total(|tally| tally.failed + tally.crashed));
    println!("{passed} passed, {failed} failed");
    match (passed, failed, word) {
        (_, 1.., _) => bail!("some tests failed: see above, or run one alone with -k"),
        (0, 0, Some(word)) => bail!("no test has \"{word}\" in its name"),
        (0, 0, None) => bail!("there was no test to run"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::result;

    #[test]
    fn the_last_line_of_a_test_program_is_counted() {
        let line = "test result: FAILED. 41 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 1.2s";
        assert_eq!(result(line), Some((41, 2)));
        assert_eq!(result("test a_test ... ok"), None);
    }
}
