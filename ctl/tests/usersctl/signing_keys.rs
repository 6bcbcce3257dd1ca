//! `usersctl keys`, and the keys that `usersctl work` makes.

use std::process::{Child, Command, Output, Stdio};

use crate::fixture::{Database, eventually, outputs, successful, text};
use crate::smtp::{MailServer, Offers};
use crate::worker::Worker;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const OTHER_SECRET: &str = "another secret that is just as long";

/// The key that signs now: the newest that has begun, unless it is revoked.
const SIGNS: &str = "SELECT kid FROM (
                         SELECT kid, revoked_at FROM signing_keys WHERE signs_from <= now() ORDER BY signs_from DESC LIMIT 1
                     ) present WHERE revoked_at IS NULL";

fn keys(database: &Database, secret: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = database.command(&[&["keys"], arguments].concat());
    command.envs(secret.map(|secret| ("KEY_SECRET", secret)));
    command.output().unwrap()
}

fn rotate(database: &Database, more: &[&str]) -> String {
    successful(&keys(database, Some(SECRET), &[&["rotate"], more].concat()))
}

/// A worker that sends what is due into a directory, keeps house once, and ends.
fn work(database: &Database, dir: &tempfile::TempDir, secret: Option<&str>) -> Command {
    let mut command = database.command(&["work", "--once", "--mail-dir", dir.path().to_str().unwrap()]);
    command.envs(secret.map(|secret| ("KEY_SECRET", secret)));
    command
}

/// Runs a worker once, and returns its log.
fn work_once(database: &Database, secret: Option<&str>) -> String {
    let dir = tempfile::tempdir().unwrap();
    let output = work(database, &dir, secret).output().unwrap();
    successful(&output);
    text(&output.stderr)
}

/// Makes all keys older.
fn let_time_pass(database: &Database, time: &str) {
    database.sql(&format!(
        "UPDATE signing_keys
            SET signs_from = signs_from - interval '{time}', created_at = created_at - interval '{time}',
                revoked_at = revoked_at - interval '{time}'"
    ));
}

fn count(database: &Database) -> String {
    database.sql("SELECT count(*) FROM signing_keys").concat()
}

/// A database with a key that has signed for this long.
fn with_key(age: &str) -> Database {
    let database = Database::migrated();
    rotate(&database, &[]);
    let_time_pass(&database, age);
    database
}

fn one(database: &Database, query: &str) -> String {
    let rows = database.sql(query);
    assert_eq!(rows.len(), 1, "expected one row of {query}: {rows:?}");
    rows.concat()
}

#[test]
fn a_worker_makes_the_first_key_which_signs_at_once() {
    let database = Database::migrated();
    let log = work_once(&database, Some(SECRET));
    let kid = one(&database, SIGNS);
    assert!(log.contains("the next signing key is planned") && log.contains(&kid), "{log}");
    assert_eq!(database.sql("SELECT length(public_key), length(kid) FROM signing_keys"), ["32|43"]);
    work_once(&database, Some(SECRET));
    assert_eq!(count(&database), "1");
}

#[test]
fn a_worker_plans_the_next_key_a_day_before_it_signs() {
    let database = with_key("88 days 23 hours");
    let first = one(&database, SIGNS);
    work_once(&database, Some(SECRET));
    assert_eq!(count(&database), "1", "expected no key before the 89th day");
    let_time_pass(&database, "1 hour");
    work_once(&database, Some(SECRET));
    assert_eq!(
        database.sql(
            "SELECT signs_from BETWEEN now() + interval '23:58' AND now() + interval '24:00', sealed_key IS NOT NULL
               FROM signing_keys WHERE signs_from > now()"
        ),
        ["t|t"]
    );
    work_once(&database, Some(SECRET));
    assert_eq!(count(&database), "2", "expected one planned key");
    assert_eq!(one(&database, SIGNS), first, "expected the present key to sign until then");
    let_time_pass(&database, "1 day");
    assert_ne!(one(&database, SIGNS), first);
}

#[test]
fn of_two_workers_that_find_a_key_due_one_makes_it() {
    let database = with_key("100 days");
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    // Both have seen that the key is due, and wait for the lock under which they look again.
    let running: Vec<Child> =
        database.while_blocked_by("LOCK TABLE signing_keys IN SHARE UPDATE EXCLUSIVE MODE", || {
            let start = |dir| work(&database, dir, Some(SECRET)).stdin(Stdio::null()).spawn().unwrap();
            let running = dirs.iter().map(start).collect();
            eventually("both workers wait", || database.waiting() == 2);
            running
        });
    let logs: Vec<String> = outputs(running)
        .iter()
        .map(|output| {
            successful(output);
            text(&output.stderr)
        })
        .collect();
    assert_eq!(count(&database), "2");
    let telling = logs.iter().filter(|log| log.contains("the next signing key is planned")).count();
    assert_eq!(telling, 1, "{logs:?}");
}

#[test]
fn a_key_is_wiped_when_its_successor_signs_and_deleted_a_day_later() {
    let database = with_key("10 days");
    let first = one(&database, SIGNS);
    rotate(&database, &[]);
    let sealed = format!("SELECT sealed_key IS NOT NULL FROM signing_keys WHERE kid = '{first}'");
    work_once(&database, None);
    assert_eq!(database.sql(&sealed), ["t"], "expected it to sign for a day");
    let_time_pass(&database, "1 day");
    work_once(&database, None);
    assert_eq!(database.sql(&sealed), ["f"], "expected its public part only");
    assert_eq!(database.sql("SELECT FROM signing_keys WHERE sealed_key IS NOT NULL").len(), 1);
    let_time_pass(&database, "23 hours 59 minutes");
    work_once(&database, None);
    assert_eq!(count(&database), "2", "expected it to verify its last tokens");
    let_time_pass(&database, "2 minutes");
    let log = work_once(&database, None);
    assert_eq!(count(&database), "1");
    assert!(log.contains("signing_keys"), "{log}");
    assert_ne!(one(&database, SIGNS), first);
}

#[test]
fn a_revoked_key_stays_until_another_one_has_signed_for_a_day() {
    let database = with_key("10 days");
    let first = one(&database, SIGNS);
    rotate(&database, &["--now"]);
    let second = one(&database, SIGNS);
    let_time_pass(&database, "2 days");
    successful(&keys(&database, None, &["revoke", &second]));
    work_once(&database, None);
    assert_eq!(database.sql("SELECT kid FROM signing_keys"), [second], "expected {first} to be over");
    assert!(database.sql(SIGNS).is_empty());
    work_once(&database, Some(SECRET));
    assert_eq!(database.sql(SIGNS).len(), 1, "expected the worker to make a key at once");
    let_time_pass(&database, "25 hours");
    work_once(&database, Some(SECRET));
    assert_eq!(count(&database), "1");
}

#[test]
fn a_worker_without_the_secret_says_so_once_and_makes_no_key() {
    let database = Database::migrated();
    let server = MailServer::start(Offers::default());
    let worker = Worker::start(&database, &server.url(), &[]);
    eventually("the worker has kept house", || {
        let asked = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'usersctl'";
        worker.log().contains("the worker has started") && !database.sql(asked).is_empty()
    });
    let (_, log) = worker.terminate();
    assert_eq!(log.matches("KEY_SECRET is not set").count(), 1, "{log}");
    assert_eq!(count(&database), "0");
}

#[test]
fn with_another_secret_nobody_makes_a_key_that_the_service_could_not_open() {
    let database = with_key("100 days");
    let first = one(&database, SIGNS);
    let log = work_once(&database, Some(OTHER_SECRET));
    assert!(log.contains("does not open the signing key") && log.contains(&first), "{log}");
    for more in [&[][..], &["--now"]] {
        let output = keys(&database, Some(OTHER_SECRET), &[&["rotate"], more].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains("does not open the signing key"), "{output:?}");
    }
    assert_eq!(count(&database), "1");
    // A leaked key is revoked all the same.
    let output = keys(&database, Some(OTHER_SECRET), &["revoke", &first]);
    assert!(successful(&output).contains("no key signs"), "{output:?}");
    assert!(text(&output.stderr).contains("this run makes no key"), "{output:?}");
    assert!(database.sql(SIGNS).is_empty());
}

#[test]
fn a_missing_or_short_secret_is_refused_and_not_shown() {
    let database = Database::migrated();
    let dir = tempfile::tempdir().unwrap();
    let short = "just31bytes-just31bytes-just31b";
    for output in [
        keys(&database, Some(short), &["rotate"]),
        keys(&database, Some(short), &["revoke", "x"]),
        work(&database, &dir, Some(short)).output().unwrap(),
    ] {
        let said = text(&output.stderr);
        assert!(!output.status.success() && said.contains("KEY_SECRET has fewer than 32 bytes"), "{said}");
        assert!(!said.contains(short), "{said}");
    }
    for missing in [None, Some("")] {
        let output = keys(&database, missing, &["rotate"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains("KEY_SECRET is not set"), "{output:?}");
    }
    assert_eq!(count(&database), "0");
}

#[test]
fn rotate_plans_one_key_however_often_it_is_called() {
    let database = with_key("10 days");
    let first = one(&database, SIGNS);
    let planned = rotate(&database, &[]);
    let second = one(&database, "SELECT kid FROM signing_keys WHERE signs_from > now() + interval '23:58'");
    assert!(planned.starts_with(&format!("key {second} signs from ")) && !planned.contains("already"));
    let again = rotate(&database, &[]);
    assert_eq!(again, planned.trim_end().to_owned() + " already, and nothing was changed\n");
    assert_eq!((count(&database), one(&database, SIGNS)), ("2".to_owned(), first));
}

#[test]
fn rotate_now_has_the_planned_key_or_a_new_one_sign_at_once() {
    let database = with_key("10 days");
    let first = one(&database, SIGNS);
    rotate(&database, &[]);
    let planned = one(&database, "SELECT kid FROM signing_keys WHERE signs_from > now()");
    rotate(&database, &["--now"]);
    assert_eq!(one(&database, SIGNS), planned);
    // A command that is repeated because its answer was lost makes no second key.
    assert!(rotate(&database, &["--now"]).contains("already, and nothing was changed"));
    assert_eq!(count(&database), "2");
    let_time_pass(&database, "2 minutes");
    rotate(&database, &["--now"]);
    let third = one(&database, SIGNS);
    assert!(third != planned && third != first);
    assert_eq!(database.sql("SELECT FROM signing_keys WHERE revoked_at IS NULL").len(), 3);
}

#[test]
fn a_revoked_key_is_wiped_and_the_next_one_signs_at_once() {
    let database = with_key("10 days");
    let first = one(&database, SIGNS);
    let output = successful(&keys(&database, Some(SECRET), &["revoke", &first]));
    let second = one(&database, SIGNS);
    assert_ne!(second, first);
    assert!(output.starts_with(&format!("key {first} is revoked since ")), "{output}");
    assert!(output.ends_with(&format!("; key {second} signs\n")), "{output}");
    assert_eq!(
        database.sql(&format!(
            "SELECT revoked_at IS NOT NULL, sealed_key IS NULL FROM signing_keys WHERE kid = '{first}'"
        )),
        ["t|t"]
    );
    // Again, also without the secret: nothing changes, and it is no error.
    let rows = database.sql("SELECT k FROM signing_keys k ORDER BY kid");
    for secret in [Some(SECRET), None] {
        assert_eq!(successful(&keys(&database, secret, &["revoke", &first])), output);
    }
    assert_eq!(database.sql("SELECT k FROM signing_keys k ORDER BY kid"), rows);
}

#[test]
fn a_planned_key_takes_the_place_of_a_revoked_one() {
    let database = with_key("10 days");
    let first = one(&database, SIGNS);
    rotate(&database, &[]);
    let planned = one(&database, "SELECT kid FROM signing_keys WHERE signs_from > now()");
    successful(&keys(&database, None, &["revoke", &first]));
    assert_eq!(one(&database, SIGNS), planned);
    assert_eq!(count(&database), "2");
}

#[test]
fn a_planned_key_that_is_revoked_never_signs_and_another_is_planned_in_time() {
    let database = with_key("89 days 1 hour");
    let first = one(&database, SIGNS);
    rotate(&database, &[]);
    let planned = one(&database, "SELECT kid FROM signing_keys WHERE signs_from > now()");
    let output = successful(&keys(&database, None, &["revoke", &planned]));
    assert!(output.ends_with(&format!("; key {first} signs\n")), "{output}");
    work_once(&database, Some(SECRET));
    assert_eq!(count(&database), "3");
    assert_eq!(one(&database, SIGNS), first);
    let_time_pass(&database, "1 day");
    let next = one(&database, SIGNS);
    assert!(next != first && next != planned);
    let listed = database.ok(&["keys", "list"]);
    assert!(listed.contains(&format!("{planned} revoked since ")), "{listed}");
}

#[test]
fn without_the_secret_a_revocation_leaves_the_next_key_to_the_service() {
    let database = with_key("10 days");
    let first = one(&database, SIGNS);
    let output = successful(&keys(&database, None, &["revoke", &first]));
    assert!(output.ends_with("; no key signs, and the next login makes one\n"), "{output}");
    assert!(database.sql(SIGNS).is_empty());
    assert_eq!(count(&database), "1");
}

#[test]
fn a_key_that_nobody_knows_cannot_be_revoked() {
    let database = with_key("10 days");
    for kid in ["x", "-hyphen", "'; DROP TABLE signing_keys; --"] {
        let error = database.fails(&["keys", "revoke", kid]);
        assert!(error.contains("no key has this id"), "{error}");
    }
    assert_eq!(database.sql(SIGNS).len(), 1);
}

#[test]
fn an_id_may_begin_with_a_hyphen() {
    let database = with_key("10 days");
    database.sql("UPDATE signing_keys SET kid = '-h' || substr(kid, 3)");
    let kid = one(&database, SIGNS);
    successful(&keys(&database, None, &["revoke", &kid]));
    assert!(database.sql(SIGNS).is_empty());
}

#[test]
fn the_list_shows_what_each_key_does_and_no_secret() {
    let database = Database::migrated();
    assert_eq!(database.ok(&["keys", "list"]), "there is no key: the first login makes one\n");
    rotate(&database, &[]);
    let_time_pass(&database, "10 days");
    let leaked = one(&database, SIGNS);
    successful(&keys(&database, Some(SECRET), &["revoke", &leaked]));
    let_time_pass(&database, "1 hour");
    let verifies = one(&database, SIGNS);
    rotate(&database, &["--now"]);
    let signs = one(&database, SIGNS);
    rotate(&database, &[]);
    let planned = one(&database, "SELECT kid FROM signing_keys WHERE signs_from > now()");
    let secret =
        database.sql("SELECT encode(sealed_key, 'hex') FROM signing_keys WHERE sealed_key IS NOT NULL");
    let listed = database.ok(&["keys", "list"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 4, "{listed}");
    for (line, start) in lines.iter().zip([
        format!("{planned} planned from 20"),
        format!("{signs} signs since 20"),
        format!("{verifies} verifies since 20"),
        format!("{leaked} revoked since 20"),
    ]) {
        assert!(line.starts_with(&start), "expected {start}: {listed}");
        assert_eq!(line.contains(" until 20"), !start.contains("revoked"), "{line}");
    }
    assert!(secret.iter().all(|secret| !listed.contains(secret.as_str())), "{listed}");
}
