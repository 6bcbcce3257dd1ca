//! Tests the nightly backup while clients are active, and restores the backup with the steps in docs/OPERATIONS.md.

use std::fs;
use std::process::Command;

use crate::load::Load;
use crate::stage::{Stage, path, run};

/// The mount path of the backups' volume in the manifests.
const MOUNTED: &str = "/backups";

/// Runs the command of the CronJob, with `dir` in place of its volume.
fn back_up(stage: &Stage, dir: &str) -> String {
    let job = stage.manifests.one("CronJob", "postgres-backup").expect("production has backups");
    let container =
        job.list("/spec/jobTemplate/spec/template/spec/containers").next().expect("it has a container");
    let words = crate::stage::strings(container, "command");
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env_clear().envs(stage.env(container)).env("PATH", path());
    let mounted = stage.env(container).get("BACKUP_DIR").cloned();
    assert_eq!(mounted.as_deref(), Some(MOUNTED), "expected the backups to go to their volume");
    run(command.env("BACKUP_DIR", dir))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_can_be_restored() {
    let mut stage = Stage::set_up().await;
    let front = stage.front();
    front.account("ada@example.com").await;
    // What any role may make, and the owner may not read.
    stage.sql("SET ROLE users_system_1; SELECT lo_create(0)");
    let load = Load::start(&front);
    load.one_more_journey().await;
    let dir = tempfile::tempdir().expect("there is room for a file");
    let output = tokio::task::block_in_place(|| back_up(&stage, &dir.path().display().to_string()));
    load.one_more_journey().await;
    load.stop().await.assert_flawless();

    let files: Vec<String> = fs::read_dir(dir.path())
        .expect("it can be read")
        .map(|it| it.expect("it can be read").path().display().to_string())
        .collect();
    let [file] = &files[..] else { panic!("expected one dump: {files:?}") };
    assert!(output.contains(file.as_str()), "expected the log to name it: {output}");

    // The database's owner restores the backup into an empty database.
    let config = stage.manifests.one("ConfigMap", "users-config").expect("production is configured");
    let owner = config.text("/data/db_user").expect("the database has an owner");
    let create = format!("CREATE DATABASE users_restored OWNER {owner} TEMPLATE template0");
    stage.cluster.sql("postgres", &create).expect("Postgres makes it");
    let close = "REVOKE CONNECT, TEMPORARY ON DATABASE users_restored FROM PUBLIC";
    stage.cluster.sql("postgres", close).expect("Postgres closes it");
    let job = stage.manifests.one("CronJob", "postgres-backup").expect("production has backups");
    let container =
        job.list("/spec/jobTemplate/spec/template/spec/containers").next().expect("it has a container");
    let mut restore = Command::new("pg_restore");
    restore.args(["--exit-on-error", "--no-owner", "--no-privileges", "--single-transaction"]);
    restore.args(["--dbname=users_restored", file]);
    tokio::task::block_in_place(|| run(restore.env_clear().envs(stage.env(container)).env("PATH", path())));

    let restored =
        |statements: &str| stage.cluster.sql("users_restored", statements).expect("Postgres runs it");
    assert_eq!(restored("SELECT count(*) FROM users WHERE email = 'ada@example.com'"), "1");
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";
    assert_eq!(restored(tables), stage.sql(tables));
    let schema = "SELECT max(version) FROM users_schema_migrations WHERE success";
    assert_eq!(restored(schema), stage.sql(schema));

    // A dump has no rights: until `usersctl migrate upgrade` has given them again, everybody may call the functions of the owner.
    let mut enter = Command::new("psql");
    enter.args(["--no-psqlrc", "--dbname=users_restored", "--command=SELECT signing_key()"]);
    enter.env_clear().envs(stage.env(container)).env("PATH", path());
    enter.env("PGUSER", "users_system_1").env("PGPASSWORD", stage.secret("db_password_system").clone());
    let refused = tokio::task::block_in_place(|| enter.output()).expect("psql runs");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && told.contains("permission denied for database"), "{told}");
}
