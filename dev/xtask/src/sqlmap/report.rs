//! The table, in Markdown.

use std::collections::BTreeMap;

use super::attack::Attack;
use super::run::{injectable, judge};
use super::said::Said;

/// What came of an operation.
#[derive(Debug, Default)]
pub(super) struct Row {
    title: String,
    tested: Vec<String>,
    requests: u64,
    answers: BTreeMap<u16, u64>,
    injectable: Vec<String>,
    wrong: Vec<String>,
}

impl Row {
    pub(super) fn new(title: String) -> Self {
        Self { title, ..Self::default() }
    }

    /// Adds what one of its requests came to.
    pub(super) fn add(&mut self, attack: &Attack, said: &Said) {
        self.tested.extend(attack.parameters.iter().map(|(name, _)| name.clone()));
        self.requests += said.requests;
        for (status, count) in &said.answers {
            *self.answers.entry(*status).or_default() += count;
        }
        self.injectable.extend(injectable(attack, said));
        self.wrong.extend(judge(attack, said));
    }

    /// What is not as it should be, as sentences.
    pub(super) fn wrong(&self) -> Vec<String> {
        self.wrong.iter().map(|wrong| format!("{}: {wrong}", self.title)).collect()
    }

    fn verdict(&self) -> String {
        if !self.injectable.is_empty() {
            return format!("**injectable: {}**", self.injectable.join(", "));
        }
        if self.wrong.is_empty() {
            "nothing found".to_owned()
        } else {
            "**not tested, see below**".to_owned()
        }
    }

    fn line(&self) -> String {
        let answers: Vec<String> =
            self.answers.iter().map(|(status, count)| format!("{status} × {count}")).collect();
        let (title, tested) = (&self.title, self.tested.join(", "));
        format!("| `{title}` | {tested} | {} | {} | {} |", self.requests, answers.join(", "), self.verdict())
    }
}

/// The table, and a line with the sums.
pub(super) fn print(rows: &[Row]) {
    println!("| operation | parameters tested | requests sent | answers | verdict |");
    println!("| --- | --- | ---: | --- | --- |");
    for row in rows {
        println!("{}", row.line());
    }
    println!("{}", sum(rows));
}

fn sum(rows: &[Row]) -> String {
    let parameters: usize = rows.iter().map(|row| row.tested.len()).sum();
    let requests: u64 = rows.iter().map(|row| row.requests).sum();
    format!("| **together: {}** | {parameters} | {requests} | | |", rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            title: "GET /users".to_owned(),
            tested: vec!["skip".to_owned(), "limit".to_owned()],
            requests: 12,
            answers: BTreeMap::from([(200, 4), (422, 8)]),
            ..Row::default()
        }
    }

    #[test]
    fn a_line_has_what_was_tested_and_what_came_of_it() {
        let line = "| `GET /users` | skip, limit | 12 | 200 × 4, 422 × 8 | nothing found |";
        assert_eq!(row().line(), line);
        assert_eq!(sum(&[row(), row()]), "| **together: 2** | 4 | 24 | | |");
    }

    #[test]
    fn what_is_wrong_is_in_the_verdict() {
        let wrong = Row { wrong: vec!["skip was not tested".to_owned()], ..row() };
        assert!(wrong.line().ends_with("| **not tested, see below** |"));
        assert_eq!(wrong.wrong(), ["GET /users: skip was not tested"]);
        let injectable = Row { injectable: vec!["skip".to_owned()], ..wrong };
        assert!(injectable.line().ends_with("| **injectable: skip** |"));
    }
}
