//! Tests that a linter accepts `openapi.json`.

use crate::tools::{document_path, file, node, node_modules, run};

#[test]
fn the_document_passes_the_linter() {
    let mut lint = node(&node_modules().join("@redocly/cli/bin/cli.js"));
    lint.arg("lint").arg("--config").arg(file("redocly.yaml")).arg(document_path());
    // The linter must send no data to other hosts.
    lint.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    run(&mut lint);
}
