//! Runs sqlmap, and hears what it says.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::attack::Attack;
use super::said::{Said, Turn, Verdict};
use crate::cargo::root;
use crate::{process, tools};

/// What sqlmap has said of each operation, without requests and answers.
const LOGS: &str = "target/sqlmap";
/// Boolean-based, error-based, union, stacked and time-based.
const TECHNIQUES: &str = "BEUST";
/// Below so many different requests a parameter has not been tested; at level 1 and risk 1 there are some thirty.
const FEWEST: usize = 20;

/// How sqlmap is run.
#[derive(Debug, Clone)]
pub(super) struct Sqlmap {
    programs: PathBuf,
    level: u8,
    risk: u8,
}

impl Sqlmap {
    /// Makes it ready, with an empty place for what it says.
    pub(super) fn ready(level: u8, risk: u8) -> anyhow::Result<Self> {
        let programs = tools::sqlmap()?;
        let logs = root().join(LOGS);
        if logs.exists() {
            fs::remove_dir_all(&logs).with_context(|| format!("{} cannot be removed", logs.display()))?;
        }
        fs::create_dir_all(&logs).with_context(|| format!("{} cannot be made", logs.display()))?;
        Ok(Self { programs, level, risk })
    }

    /// The Python that has what `tests/sqlmap` needs.
    pub(super) fn python(&self) -> PathBuf {
        self.programs.join("python")
    }

    /// Tests every parameter that is marked. What is said is kept under `name`.
    pub(super) fn run(&self, name: &str, attack: &Attack) -> anyhow::Result<Said> {
        let place = tempfile::tempdir().context("there is no place for the request")?;
        let request = place.path().join("request.txt");
        fs::write(&request, &attack.text).context("the request cannot be written")?;
        let mut child = process::start(&mut self.command(&request, place.path()))?;
        let output = child.stdout.take().context("sqlmap's output cannot be read")?;
        let path = root().join(LOGS).join(format!("{}.log", file_name(name)));
        let mut log =
            fs::File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
        let mut said = Said::default();
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            if said.hear(&line) {
                writeln!(log, "{}", line.trim_matches('\r'))?;
            }
            if process::asked_to_stop() > 0 {
                process::terminate(&child);
            }
        }
        if !process::wait(&mut child)?.success() {
            bail!("sqlmap failed: see its messages above, and {}", path.display());
        }
        Ok(said)
    }

    fn command(&self, request: &Path, place: &Path) -> Command {
        let mut command = Command::new(self.programs.join("sqlmap"));
        command.arg("-r").arg(request).arg("--output-dir").arg(place.join("output"));
        command.args(["--batch", "--dbms=PostgreSQL", "--flush-session", "--technique", TECHNIQUES]);
        command.args(["--level", &self.level.to_string(), "--risk", &self.risk.to_string()]);
        // An answer that is an error is one more to compare, and nothing stands between us and the service.
        command.args(["--ignore-code=*", "--skip-waf", "--ignore-proxy", "-v", "5", "--disable-coloring"]);
        // It keeps a history at home, and asks the terminal what it can do.
        command.env("HOME", place).env_remove("XDG_DATA_HOME").env("TERM", "dumb");
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }
}

fn file_name(name: &str) -> String {
    name.replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

/// What was wrong with a run: nothing, if every parameter was tested and withstood.
pub(super) fn judge(attack: &Attack, said: &Said) -> Vec<String> {
    let mut wrong: Vec<String> =
        injectable(attack, said).into_iter().map(|name| format!("{name} is injectable")).collect();
    if wrong.is_empty() {
        wrong.extend(untested(attack, said));
    }
    let unanswered = said.requests.saturating_sub(said.answers.values().sum());
    if unanswered > 0 {
        wrong.push(format!("{unanswered} of {} requests had no answer", said.requests));
    }
    match said.first {
        Some(status) if is_good(status) || (attack.is_refused && is_refusal(status)) => {}
        Some(status) => {
            wrong.push(format!("already the request without a payload was answered with {status}"))
        }
        None => wrong.push("nothing was answered".to_owned()),
    }
    wrong.extend(said.trouble.iter().map(|trouble| format!("sqlmap said: {trouble}")));
    wrong
}

/// Whether it comes from behind the checks of what was sent; 412 tells that a version has been compared.
fn is_good(status: u16) -> bool {
    status < 400 || status == 412
}

/// Whether the body was read, and is not what the operation takes.
fn is_refusal(status: u16) -> bool {
    status == 400 || status == 422
}

/// The names of what is injectable; sqlmap's own name for what we have not marked.
pub(super) fn injectable(attack: &Attack, said: &Said) -> Vec<String> {
    let found = said.turns.iter().filter(|turn| turn.verdict == Verdict::Injectable);
    let ours = |turn: &Turn| {
        attack.parameters.iter().find(|(_, told)| *told == turn.name).map(|(name, _)| name.clone())
    };
    found.map(|turn| ours(turn).unwrap_or_else(|| turn.name.clone())).collect()
}

/// Each parameter needs a turn of its own.
fn untested(attack: &Attack, said: &Said) -> Vec<String> {
    let is_test = |turn: &&Turn| turn.verdict == Verdict::Nothing && turn.different() >= FEWEST;
    let mut tests: Vec<&str> = said.turns.iter().filter(is_test).map(|turn| turn.name.as_str()).collect();
    let mut missed = Vec::new();
    for (name, told) in &attack.parameters {
        match tests.iter().position(|test| test == told) {
            Some(place) => drop(tests.remove(place)),
            None => missed.push(format!("{name} was not tested")),
        }
    }
    missed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attack() -> Attack {
        let parameters = vec![("user_id".to_owned(), "URI parameter '#1*'".to_owned())];
        Attack { text: String::new(), parameters, is_refused: false }
    }

    /// As sqlmap tells of so many requests for `#1*`, which are all answered with `status`.
    fn said(requests: usize, status: u16, end: &str) -> Said {
        let mut said = Said::default();
        said.hear("[10:25:52] [INFO] testing for SQL injection on URI parameter '#1*'");
        for number in 0..requests {
            said.hear(&format!("[10:25:52] [TRAFFIC OUT] HTTP request [#{number}]:"));
            said.hear(&format!("GET /users/{number} HTTP/1.1"));
            said.hear(&format!("[10:25:52] [TRAFFIC IN] HTTP response [#{number}] ({status} Any):"));
        }
        said.hear(end);
        said
    }

    const NOTHING: &str = "[10:25:53] [WARNING] URI parameter '#1*' does not seem to be injectable";

    #[test]
    fn a_parameter_that_was_tested_and_withstood_is_fine() {
        assert_eq!(judge(&attack(), &said(20, 200, NOTHING)), [""; 0]);
        assert_eq!(judge(&attack(), &said(20, 412, NOTHING)), [""; 0]);
    }

    #[test]
    fn a_parameter_that_was_not_tested_is_told() {
        let missed = ["user_id was not tested"];
        assert_eq!(judge(&attack(), &said(19, 200, NOTHING)), missed);
        assert_eq!(
            judge(&attack(), &said(20, 200, "[10:25:53] [INFO] skipping URI parameter '#1*'")),
            missed
        );
    }

    #[test]
    fn one_turn_is_not_enough_for_two_parameters_of_the_same_name() {
        let mut two = attack();
        two.parameters.push(("role_id".to_owned(), "URI parameter '#1*'".to_owned()));
        assert_eq!(judge(&two, &said(20, 200, NOTHING)), ["role_id was not tested"]);
    }

    #[test]
    fn what_is_injectable_is_told_by_our_name() {
        let end =
            "URI parameter '#1*' is vulnerable. Do you want to keep testing the others (if any)? [y/N] N";
        assert_eq!(judge(&attack(), &said(5, 200, end)), ["user_id is injectable"]);
    }

    #[test]
    fn a_request_that_is_refused_anyway_tests_nothing() {
        let told = ["already the request without a payload was answered with 422"];
        assert_eq!(judge(&attack(), &said(20, 422, NOTHING)), told);
        let refused = Attack { is_refused: true, ..attack() };
        assert_eq!(judge(&refused, &said(20, 422, NOTHING)), [""; 0]);
        assert_eq!(judge(&refused, &said(20, 401, NOTHING)).len(), 1, "nobody has read the body");
    }

    #[test]
    fn requests_without_an_answer_and_trouble_are_told() {
        let mut said = said(20, 200, NOTHING);
        said.hear("[10:25:53] [TRAFFIC OUT] HTTP request [#21]:");
        said.hear("[10:25:53] [CRITICAL] connection timed out to the target URL");
        let told = ["1 of 21 requests had no answer", "sqlmap said: connection timed out to the target URL"];
        assert_eq!(judge(&attack(), &said), told);
    }
}
