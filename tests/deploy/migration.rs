//! Migrates to the schema of the next release while this release serves requests, then replaces the replicas.

use std::fs;
use std::path::Path;

use users_tests::environment;

use crate::load::Load;
use crate::stage::Stage;

/// Two migrations that the rules of migrations/README.md allow in a next release: a nullable column, and an index.
const NEXT: [(&str, &str, &str); 2] = [
    (
        "rehearsed_column",
        "ALTER TABLE users ADD COLUMN rehearsed_at timestamptz;\n",
        "ALTER TABLE users DROP COLUMN IF EXISTS rehearsed_at;\n",
    ),
    (
        "rehearsed_index",
        "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS users_rehearsed_at_idx ON users (rehearsed_at);\n",
        "-- no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS users_rehearsed_at_idx;\n",
    ),
];

/// Copies this release's migrations and adds those of the next release.
fn next_release(dir: &Path) {
    let migrations = environment().root().join("migrations");
    let mut last = 0;
    for entry in fs::read_dir(migrations).expect("there are migrations") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        if let Some(version) = name.split('_').next().and_then(|number| number.parse::<i64>().ok()) {
            fs::copy(&path, dir.join(&name)).expect("there is room for a file");
            last = last.max(version);
        }
    }
    for ((name, up, down), version) in NEXT.iter().zip(last + 1..) {
        for (text, way) in [(up, "up"), (down, "down")] {
            fs::write(dir.join(format!("{version:04}_{name}.{way}.sql")), text)
                .expect("there is room for a file");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_to_the_next_release_fails_no_request() {
    let mut stage = Stage::set_up().await;
    let dir = tempfile::tempdir().expect("there is room for files");
    next_release(dir.path());
    let load = Load::start(&stage.front());
    load.one_more_journey().await;
    let dir = dir.path().display().to_string();
    tokio::task::block_in_place(|| stage.run_job(&["--dir", &dir]));
    load.one_more_journey().await;
    stage.rolling_restart().await;
    load.one_more_journey().await;
    load.stop().await.assert_flawless();
    let index = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'users_rehearsed_at_idx'::regclass";
    assert_eq!(stage.sql(index), "t", "expected the next release's schema");
}
