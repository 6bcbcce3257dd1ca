//! The document keeps the rules of OpenAPI, and those of good taste.

use crate::tools::{document_path, file, node, node_modules, run};

#[test]
fn the_document_has_no_fault_that_a_linter_finds() {
    let mut lint = node(&node_modules().join("@redocly/cli/bin/cli.js"));
    lint.arg("lint").arg("--config").arg(file("redocly.yaml")).arg(document_path());
    // It stays on this machine.
    lint.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    run(&mut lint);
}
