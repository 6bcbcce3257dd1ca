//! The cost of a statement, as Postgres reports it.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio_postgres::{Client, SimpleQueryMessage};

/// The number of runs of a statement. The median hides the effect of other work on this machine.
const RUNS: usize = 5;

/// The plan of a statement and its cost.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The time for planning and execution, in milliseconds.
    pub(crate) milliseconds: f64,
    /// The number of blocks of 8 KiB that were read.
    pub(crate) blocks: u64,
    /// The indexes that the plan uses.
    pub(crate) indexes: BTreeSet<String>,
    /// The tables that the plan reads completely.
    pub(crate) scanned: BTreeSet<String>,
}

impl Plan {
    pub(crate) async fn of(client: &Client, statement: &str, arguments: &str) -> Self {
        // The components prepare each statement for each call, so Postgres plans it for the actual arguments.
        client.batch_execute("SET plan_cache_mode = force_custom_plan").await.expect("Postgres takes it");
        client.batch_execute(&format!("PREPARE judged AS {statement}")).await.expect("a statement");
        let mut runs = Vec::new();
        for _ in 0..RUNS {
            runs.push(explain(client, arguments).await);
        }
        runs.sort_by(|a, b| milliseconds(a).total_cmp(&milliseconds(b)));
        let median = &runs[RUNS / 2];
        let mut plan = Self {
            milliseconds: milliseconds(median),
            blocks: ["Shared Hit Blocks", "Shared Read Blocks"]
                .iter()
                .filter_map(|name| median["Plan"][name].as_u64())
                .sum(),
            indexes: BTreeSet::new(),
            scanned: BTreeSet::new(),
        };
        plan.visit(&median["Plan"]);
        plan
    }

    fn visit(&mut self, node: &Value) {
        if let Some(index) = node["Index Name"].as_str() {
            self.indexes.insert(index.to_owned());
        }
        if node["Node Type"] == "Seq Scan" {
            self.scanned.insert(node["Relation Name"].as_str().unwrap_or_default().to_owned());
        }
        for child in node["Plans"].as_array().into_iter().flatten() {
            self.visit(child);
        }
    }
}

async fn explain(client: &Client, arguments: &str) -> Value {
    let explain = format!("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE judged({arguments})");
    let messages = client.simple_query(&explain).await.expect("arguments that fit the statement");
    let text = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let report: Value = serde_json::from_str(text.expect("a plan")).expect("a plan in JSON");
    report[0].clone()
}

fn milliseconds(run: &Value) -> f64 {
    ["Planning Time", "Execution Time"].iter().filter_map(|name| run[name].as_f64()).sum()
}
