//! `usersctl work` with a mail server.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::fixture::{Database, eventually, eventually_within, text, usersctl};
use crate::silent::Proxy;
use crate::smtp::{CA_FILE, MailServer, Offers};
use crate::worker::Worker;

const SENDER: [&str; 2] = ["--mail-from", "no-reply@example.com"];

/// The number of workers that listen.
const LISTENERS: &str = "
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'usersctl' AND query LIKE '%LISTEN%'";

/// A database with accounts `user1@example.com`, ….
fn with_accounts(count: usize) -> Database {
    let database = Database::migrated();
    database.sql(&format!(
        "INSERT INTO users (email, email_key, search_text, password_hash)
         SELECT address, address, address, 'x'
           FROM generate_series(1, {count}) AS n, LATERAL (SELECT 'user' || n || '@example.com' AS address) AS a"
    ));
    database
}

/// A database with one account, which has this address.
fn with_account(address: &str) -> Database {
    let database = with_accounts(1);
    database.sql(&format!("UPDATE users SET email = '{address}', email_key = '{address}'"));
    database
}

/// Records an event for every account.
fn record(database: &Database, kind: &str) {
    database.sql(&format!("SELECT record_event('{kind}', id, '{{}}') FROM users ORDER BY id"));
}

fn unsent(database: &Database) -> String {
    database.sql("SELECT count(*) FROM outbox WHERE sent_at IS NULL").concat()
}

fn await_sent(database: &Database) {
    eventually("every message is sent", || unsent(database) == "0");
}

/// Makes claims and pauses end now, as if their time had passed.
fn let_time_pass(database: &Database) {
    database.sql("UPDATE outbox SET next_attempt_at = now() WHERE sent_at IS NULL AND failed_at IS NULL; NOTIFY outbox");
}

fn once(database: &Database, server: &MailServer) -> String {
    database.ok(&["work", "--once", "--smtp-url", &server.url(), SENDER[0], SENDER[1]])
}

#[test]
fn two_workers_send_each_of_a_thousand_messages_once_and_none_at_the_same_time() {
    let database = with_accounts(1000);
    record(&database, "password_changed");
    let server = MailServer::start(Offers::default());
    let workers = [(); 2].map(|()| Worker::start(&database, &server.url(), &[]));
    // A slow machine needs more time than one `eventually` allows.
    for left in [750, 500, 250, 0] {
        eventually("more messages are sent", || unsent(&database).parse::<usize>().unwrap() <= left);
    }
    let counts = server.counts();
    assert_eq!(counts.len(), 1000);
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    assert_eq!(server.overlaps(), 0);
    for worker in workers {
        assert!(worker.log().contains(r#""outcome":"sent""#), "expected both workers to send");
        assert!(!worker.log().contains("@example.com"), "expected no address in the log");
    }
}

#[test]
fn a_killed_worker_sends_each_message_at_least_once_and_at_most_twice() {
    let database = with_accounts(60);
    record(&database, "email_verification");
    let server = MailServer::start(Offers::default());
    let worker = Worker::start(&database, &server.url(), &[]);
    eventually("some messages are sent", || server.counts().len() >= 15);
    server.hold();
    eventually("a message waits for its answer", || server.held() == 1);
    worker.kill();
    server.release();
    assert_ne!(unsent(&database), "0");

    let_time_pass(&database);
    let _other = Worker::start(&database, &server.url(), &[]);
    await_sent(&database);
    let counts = server.counts();
    assert_eq!(counts.len(), 60);
    let twice = counts.values().filter(|count| **count == 2).count();
    assert!(twice == 1 && counts.values().all(|count| *count <= 2), "{counts:?}");
    assert_eq!(
        database.sql("SELECT count(*), count(DISTINCT message_id) FROM one_time_tokens"),
        ["61|60"],
        "expected the link of the first attempt to stay"
    );
}

#[test]
fn a_message_that_a_worker_has_claimed_is_left_to_it() {
    let database = with_accounts(1);
    record(&database, "password_changed");
    let server = MailServer::start(Offers::default());
    server.hold();
    let _worker = Worker::start(&database, &server.url(), &[]);
    eventually("a message waits for its answer", || server.held() == 1);
    once(&database, &server);
    assert_eq!(server.mails().len(), 1);
    server.release();
    await_sent(&database);
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn a_mail_server_that_was_away_gets_every_message() {
    let database = with_accounts(25);
    let server = MailServer::start(Offers::default());
    let (url, port) = (server.url(), server.port());
    drop(server);
    let worker = Worker::start(&database, &url, &[]);
    record(&database, "invitation");
    database.sql("UPDATE users SET password_hash = ''");
    eventually("an attempt failed", || {
        database.sql("SELECT count(*) FROM outbox WHERE last_error LIKE '%refused%'") != ["0"]
    });
    assert_eq!(database.sql("SELECT count(*) FROM one_time_tokens"), ["0"], "expected no token in vain");
    let server = MailServer::start_at(port, Offers::default());
    await_sent(&database);
    assert_eq!(server.counts().len(), 25);
    assert_eq!(server.mails().len(), 25);
    assert!(worker.log().contains("no message can be delivered"));
}

#[test]
fn a_permanent_refusal_is_not_tried_again() {
    let database = with_account("refused@example.com");
    record(&database, "password_changed");
    let server = MailServer::start(Offers::default());
    once(&database, &server);
    assert_eq!(
        database.sql("SELECT attempts, last_error, failed_at IS NOT NULL, sent_at FROM outbox"),
        ["1|the mail server answered 550 5.1.1|t|"]
    );
    let_time_pass(&database);
    once(&database, &server);
    assert_eq!(server.attempts("refused@example.com"), 1);
}

#[test]
fn a_temporary_refusal_is_tried_again() {
    let database = with_account("later@example.com");
    record(&database, "password_changed");
    let server = MailServer::start(Offers::default());
    once(&database, &server);
    assert_eq!(
        database.sql(
            "SELECT attempts, last_error, failed_at, next_attempt_at > now() + interval '20 seconds' FROM outbox"
        ),
        ["1|the mail server answered 451 4.7.1||t"]
    );
    let_time_pass(&database);
    once(&database, &server);
    assert_eq!(database.sql("SELECT attempts, last_error, sent_at IS NOT NULL FROM outbox"), ["2||t"]);
    assert_eq!((server.attempts("later@example.com"), server.mails().len()), (2, 1));
}

#[test]
fn a_message_that_the_server_may_have_taken_waits_long_for_its_next_attempt() {
    let database = with_account("alice@example.com");
    record(&database, "password_reset");
    let server = MailServer::start(Offers::default());
    server.hang_up(true);
    for (attempt, minutes) in [(1, 59), (2, 239), (3, 959)] {
        once(&database, &server);
        assert_eq!(
            database.sql(&format!(
                "SELECT attempts, failed_at, next_attempt_at > now() + interval '{minutes} minutes' FROM outbox"
            )),
            [format!("{attempt}||t")]
        );
        once(&database, &server);
        assert_eq!(server.mails().len(), attempt, "expected no copy before the pause is over");
        let_time_pass(&database);
    }
    let error = database.sql("SELECT last_error FROM outbox").concat();
    assert!(error.starts_with("the mail server did not say whether it takes the message"), "{error}");
    assert!(!error.contains('@'), "{error}");
    // Any of the copies may be the one that arrives.
    assert_eq!(database.sql("SELECT count(*) FROM one_time_tokens"), ["3"]);

    server.hang_up(false);
    once(&database, &server);
    assert_eq!(database.sql("SELECT attempts, sent_at IS NOT NULL FROM outbox"), ["4|t"]);
}

#[test]
fn no_other_worker_takes_a_message_while_a_slow_server_may_still_confirm_it() {
    let database = with_accounts(1);
    record(&database, "password_changed");
    let server = MailServer::start(Offers::default());
    server.hold();
    let _worker = Worker::start(&database, &server.url(), &[]);
    eventually("the message waits for its answer", || server.held() == 1);
    // Two minutes of commands and ten for the answer, and the time to record it.
    assert_eq!(database.sql("SELECT next_attempt_at > now() + interval '14 minutes' FROM outbox"), ["t"]);
    server.release();
    await_sent(&database);
}

#[test]
fn a_message_that_fails_for_two_days_is_given_up() {
    let database = with_account("later@example.com");
    record(&database, "password_changed");
    database.sql("UPDATE outbox SET attempts = 99, failing_since = now() - interval '49 hours'");
    let server = MailServer::start(Offers::default());
    once(&database, &server);
    assert_eq!(database.sql("SELECT attempts, failed_at IS NOT NULL FROM outbox"), ["100|t"]);
}

#[test]
fn a_message_that_was_sent_keeps_nothing_that_it_carried() {
    let database = with_accounts(1);
    database.sql(
        "SELECT record_event('account_deleted', 99, '{\"email\":\"gone@example.com\",\"language\":\"de\"}')",
    );
    let server = MailServer::start(Offers::default());
    once(&database, &server);
    assert_eq!(database.sql("SELECT carries FROM outbox"), ["{}"]);
    assert_eq!(server.counts(), BTreeMap::from([("gone@example.com".to_owned(), 1)]));
    assert!(server.mails()[0].text.contains("gel=C3=B6scht"), "{}", server.mails()[0].text);
}

#[test]
fn a_request_that_was_ended_while_it_waited_is_not_sent() {
    let database = with_accounts(4);
    for kind in ["email_verification", "password_reset"] {
        record(&database, kind);
    }
    database.sql(
        "SELECT record_event('email_change', id, '{\"email\":\"thief@example.com\"}'),
                record_event('password_forgotten', NULL, jsonb_build_object('email', email, 'email_key', email_key))
           FROM users",
    );
    database.sql("SELECT end_links(ARRAY[1])");
    database.sql("UPDATE users SET is_active = false WHERE id = 2");
    database.sql("UPDATE users SET email = 'new@example.com', email_key = 'new@example.com' WHERE id = 3");
    database.sql("DELETE FROM users WHERE id = 4");
    let server = MailServer::start(Offers::default());
    once(&database, &server);
    assert_eq!(server.counts(), BTreeMap::new());
    assert_eq!(database.sql("SELECT count(*) FROM one_time_tokens"), ["0"]);
    assert_eq!(unsent(&database), "0");
}

#[test]
fn a_reset_during_the_delivery_ends_the_link() {
    let database = with_accounts(1);
    record(&database, "password_reset");
    let server = MailServer::start(Offers::default());
    server.hold();
    let _worker = Worker::start(&database, &server.url(), &[]);
    eventually("the message waits for its answer", || server.held() == 1);
    assert_eq!(
        database.sql("SELECT purpose, email FROM one_time_tokens"),
        ["password_reset|user1@example.com"]
    );
    database.sql("SELECT end_links(ARRAY[1])");
    server.release();
    eventually("the worker is done", || unsent(&database) == "0");
    assert_eq!(database.sql("SELECT count(*) FROM one_time_tokens"), ["0"]);
}

#[test]
fn a_newer_request_replaces_the_link_of_an_older_one() {
    let database = with_accounts(1);
    let server = MailServer::start(Offers::default());
    let send = |first: &str, second: &str| {
        database.sql("DELETE FROM outbox; DELETE FROM one_time_tokens");
        record(&database, first);
        record(&database, second);
        database.ok(&[
            "work",
            "--once",
            "--limit-mails",
            "0",
            "--smtp-url",
            &server.url(),
            SENDER[0],
            SENDER[1],
        ]);
        database.sql("SELECT count(*) FROM one_time_tokens").concat()
    };
    assert_eq!(send("password_reset", "password_reset"), "1");
    assert_eq!(send("password_reset", "email_verification"), "2");
    // The newer message is sent first.
    database.sql("DELETE FROM outbox; DELETE FROM one_time_tokens");
    record(&database, "password_reset");
    database.sql("UPDATE outbox SET next_attempt_at = now() + interval '1 hour'");
    record(&database, "password_reset");
    once(&database, &server);
    let before = server.mails().len();
    let_time_pass(&database);
    once(&database, &server);
    assert_eq!(server.mails().len(), before);
    assert_eq!(unsent(&database), "0");
}

#[test]
fn an_account_gets_one_message_of_a_kind_in_a_minute_and_five_in_an_hour() {
    let database = with_accounts(1);
    let server = MailServer::start(Offers::default());
    let send = |kind: &str| {
        let before = server.mails().len();
        record(&database, kind);
        once(&database, &server);
        server.mails().len() - before
    };
    assert_eq!([send("password_changed"), send("password_changed")], [1, 0]);
    assert_eq!(send("email_verification"), 1, "expected another kind to be counted by itself");
    for n in 1..5 {
        database.sql("UPDATE outbox SET begun_at = begun_at - interval '61 seconds'");
        assert_eq!(send("password_changed"), 1, "{n}");
    }
    database.sql("UPDATE outbox SET begun_at = begun_at - interval '61 seconds'");
    assert_eq!(send("password_changed"), 0);
    database.sql("UPDATE outbox SET begun_at = begun_at - interval '1 hour'");
    assert_eq!(send("password_changed"), 1);
    // A reset that the owner asks for and a reset that an administrator asks for count as one kind.
    assert_eq!(send("password_reset"), 1);
    database.sql(
        "SELECT record_event('password_forgotten', NULL, jsonb_build_object('email', email, 'email_key', email_key)) FROM users",
    );
    let before = server.mails().len();
    once(&database, &server);
    assert_eq!(server.mails().len(), before);
    assert_eq!(unsent(&database), "0", "expected a message over the limit to be dropped");
}

#[test]
fn a_forgotten_password_goes_to_the_address_of_the_account() {
    let database = with_accounts(2);
    // An account of the previous release has no key.
    database.sql(
        "UPDATE users SET email = 'User2@Example.com', email_key = NULL, search_text = NULL WHERE id = 2",
    );
    for typed in ["USER1@EXAMPLE.COM", "user2@example.com", "nobody@example.com"] {
        database.sql(&format!(
            "SELECT record_event('password_forgotten', NULL, jsonb_build_object('email', '{typed}', 'email_key', lower('{typed}')))"
        ));
    }
    let server = MailServer::start(Offers::default());
    once(&database, &server);
    let recipients: Vec<String> = server.counts().into_keys().collect();
    assert_eq!(recipients, ["User2@Example.com", "user1@example.com"]);
    assert_eq!(database.sql("SELECT user_id FROM outbox ORDER BY id"), ["1", "2"]);
}

#[test]
fn a_forgotten_password_that_needs_no_message_is_dropped_without_the_mail_server() {
    let database = with_accounts(6);
    database.sql("UPDATE users SET is_active = false WHERE id = 2");
    // Account 3 was sent a link a moment ago, and account 4 is sent one at this moment.
    database.sql(
        "INSERT INTO outbox (kind, user_id, begun_at, sent_at) VALUES ('password_reset', 3, now(), now());
         INSERT INTO outbox (kind, user_id, begun_at, next_attempt_at, carries)
         VALUES ('password_forgotten', 4, now(), now() + interval '10 minutes',
                 '{\"email\": \"user4@example.com\", \"email_key\": \"user4@example.com\"}')",
    );
    let forget = |typed: &str| {
        database.sql(&format!(
            "SELECT record_event('password_forgotten', NULL, jsonb_build_object('email', '{typed}', 'email_key', lower('{typed}')))"
        ));
    };
    for typed in ["user1@example.com", "user2@example.com", "user3@example.com", "USER1@example.com"] {
        forget(typed);
    }
    database.sql(
        "SELECT record_event('password_forgotten', NULL, jsonb_build_object('email', address, 'email_key', address))
           FROM generate_series(1, 3000) AS n, LATERAL (SELECT 'nobody' || n || '@example.com' AS address) AS a",
    );
    forget("user5@example.com");
    record(&database, "password_changed");
    let server = MailServer::start(Offers::default());
    let (url, port) = (server.url(), server.port());
    drop(server);

    let worker = Worker::start(&database, &url, &[]);
    let left = "SELECT carries ->> 'email' FROM outbox
                 WHERE kind = 'password_forgotten' AND sent_at IS NULL ORDER BY id";
    let expected = ["user4@example.com", "user1@example.com", "user5@example.com"];
    eventually("only those with a recipient wait", || database.sql(left) == expected);
    assert_eq!(unsent(&database), "9", "expected other messages to wait");
    assert_eq!(database.sql("SELECT count(*) FROM one_time_tokens"), ["0"]);
    assert!(worker.log().contains("forgotten passwords without a recipient were dropped"));
    // Those that come later, too.
    forget("nobody@example.com");
    eventually("it is dropped", || database.sql(left) == expected);

    let server = MailServer::start_at(port, Offers::default());
    eventually("the rest is sent", || unsent(&database) == "1");
    let resets = server.mails().iter().filter(|mail| mail.text.contains("reset-password")).count();
    assert_eq!(resets, 2);
}

#[test]
fn a_verified_address_and_an_account_with_a_password_get_no_such_link() {
    let database = with_accounts(1);
    database.sql("UPDATE users SET email_verified = true");
    for kind in ["email_verification", "invitation"] {
        record(&database, kind);
    }
    let server = MailServer::start(Offers::default());
    once(&database, &server);
    assert_eq!(server.mails().len(), 0);
    assert_eq!(unsent(&database), "0");
}

/// Sends one message by this URL. Returns its recipients, whether the connection was encrypted, and the standard error.
fn send_by(offers: Offers, url: impl Fn(u16) -> String, ca: bool) -> (Vec<String>, bool, String) {
    let database = with_accounts(1);
    record(&database, "password_changed");
    let server = MailServer::start(offers);
    let mut command = database.command(&["work", "--once", SENDER[0], SENDER[1]]);
    command.env("SMTP_URL", url(server.port()));
    if ca {
        command.env("SMTP_CA_FILE", CA_FILE);
    }
    let output = command.output().unwrap();
    let is_encrypted = server.mails().iter().all(|mail| mail.is_encrypted);
    if server.mails().is_empty() {
        assert_eq!(output.status.code(), Some(1));
        let waits =
            "SELECT count(*) FROM outbox WHERE sent_at IS NULL AND failed_at IS NULL AND last_error <> ''";
        assert_eq!(database.sql(waits), ["1"], "expected the message to wait");
    }
    (server.counts().into_keys().collect(), is_encrypted, text(&output.stderr))
}

#[test]
fn starttls_and_implicit_tls_are_verified() {
    let starttls = Offers { starttls: true, ..Offers::default() };
    let implicit = Offers { implicit_tls: true, ..Offers::default() };
    let required = |port| format!("smtp://localhost:{port}?tls=required");
    let smtps = |port| format!("smtps://localhost:{port}");
    for (recipients, is_encrypted, _) in [send_by(starttls, required, true), send_by(implicit, smtps, true)] {
        assert_eq!(recipients, ["user1@example.com"]);
        assert!(is_encrypted);
    }
    let by_address = |port| format!("smtps://127.0.0.1:{port}");
    for (recipients, _, error) in [
        send_by(starttls, required, false),
        send_by(implicit, smtps, false),
        send_by(implicit, by_address, true),
        // The worker does not fall back to an unencrypted connection.
        send_by(Offers::default(), required, true),
    ] {
        assert!(recipients.is_empty());
        assert!(error.contains("no message can be delivered"), "{error}");
    }
}

#[test]
fn plaintext_behind_the_answer_to_starttls_is_not_taken_for_an_answer() {
    let offers = Offers { starttls: true, injection: true, ..Offers::default() };
    let (sent, _, error) = send_by(offers, |port| format!("smtp://localhost:{port}?tls=required"), true);
    assert!(sent.is_empty());
    assert!(error.contains("no message can be delivered"), "{error}");
}

#[test]
fn a_wrong_password_of_the_mail_server_costs_no_message() {
    let offers = Offers { login: true, implicit_tls: true, ..Offers::default() };
    let (sent, ..) = send_by(offers, |port| format!("smtps://user:it's%40secret@localhost:{port}"), true);
    assert_eq!(sent, ["user1@example.com"]);
    let (sent, _, error) = send_by(offers, |port| format!("smtps://user:wrong@localhost:{port}"), true);
    assert!(sent.is_empty());
    assert!(error.contains("535 5.7.8") && !error.contains('@'), "{error}");
    let (sent, _, error) = send_by(offers, |port| format!("smtps://localhost:{port}"), true);
    assert!(sent.is_empty());
    assert!(error.contains("530 5.7.0"), "{error}");
}

#[test]
fn an_address_beyond_ascii_needs_a_server_that_knows_smtputf8() {
    let database = with_account("ünï@example.com");
    record(&database, "password_changed");
    let server = MailServer::start(Offers::default());
    once(&database, &server);
    let error = database.sql("SELECT last_error FROM outbox WHERE failed_at IS NOT NULL").concat();
    assert!(error.contains("SMTPUTF8") && !error.contains('@'), "{error}");
    database.ok(&["outbox", "retry", "--all"]);
    let modern = MailServer::start(Offers { smtputf8: true, ..Offers::default() });
    once(&database, &modern);
    assert_eq!(modern.counts().into_keys().collect::<Vec<_>>(), ["ünï@example.com"]);
}

#[test]
fn an_address_that_cannot_be_written_to_is_given_up_with_its_reason() {
    let database = with_accounts(1);
    database.sql("UPDATE users SET email = E'a@example.com\\r\\nBcc: eve@example.com'");
    record(&database, "password_changed");
    let server = MailServer::start(Offers::default());
    once(&database, &server);
    assert_eq!(
        database.sql("SELECT last_error, failed_at IS NOT NULL FROM outbox"),
        ["the address of the account is not one that mail can be sent to|t"]
    );
    assert_eq!(server.mails().len(), 0);
}

#[test]
fn a_worker_that_is_told_to_stop_finishes_what_is_under_way_and_gives_the_rest_back() {
    let database = with_accounts(10);
    record(&database, "password_changed");
    let server = MailServer::start(Offers::default());
    server.hold();
    let worker = Worker::start(&database, &server.url(), &[]);
    eventually("a message waits for its answer", || server.held() == 1);
    let ended = std::thread::scope(|scope| {
        let ended = scope.spawn(|| worker.terminate());
        // The worker finishes the message, whether the signal comes before or after the answer.
        server.release();
        ended.join().unwrap()
    });
    assert!(ended.0.success(), "{}", ended.1);
    assert_eq!(
        database.sql("SELECT count(*) FROM outbox WHERE sent_at IS NULL AND next_attempt_at > now()"),
        ["0"],
        "expected unsent messages to be due"
    );
    assert_eq!(
        server.mails().len().to_string(),
        database.sql("SELECT count(*) FROM outbox WHERE sent_at IS NOT NULL").concat()
    );
}

#[test]
fn a_worker_goes_on_when_postgres_has_ended_its_connections() {
    let database = with_accounts(1);
    let server = MailServer::start(Offers::default());
    let worker = Worker::start(&database, &server.url(), &[]);
    eventually("the worker listens", || database.sql(LISTENERS) == ["1"]);
    database.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'usersctl'",
    );
    record(&database, "password_changed");
    await_sent(&database);
    assert_eq!(server.mails().len(), 1);
    assert!(worker.terminate().0.success());
}

#[test]
fn a_worker_goes_on_after_a_database_that_did_not_answer() {
    let database = with_accounts(1);
    let server = MailServer::start(Offers::default());
    let proxy = Proxy::start(&database.url());
    let worker = Worker::start_at(proxy.url(), &server.url(), &[]);
    eventually("the worker listens", || database.sql(LISTENERS) == ["1"]);
    proxy.fall_silent();
    eventually("the worker asks in vain", || proxy.lost() > 0);
    // Housekeeping may be under way: its statement takes 30 s to give up, and the next connection 10 s.
    eventually_within(Duration::from_secs(90), "the worker gives up a statement", || {
        worker.log().contains("the database cannot be used")
    });
    // Its connections stay dead; new ones work.
    proxy.heal();
    record(&database, "password_changed");
    await_sent(&database);
    assert!(worker.terminate().0.success());
}

#[test]
fn a_worker_that_is_told_to_stop_does_not_wait_for_a_database_that_does_not_answer() {
    let database = with_accounts(1);
    let server = MailServer::start(Offers::default());
    let proxy = Proxy::start(&database.url());
    let worker = Worker::start_at(proxy.url(), &server.url(), &[]);
    eventually("the worker listens", || database.sql(LISTENERS) == ["1"]);
    proxy.fall_silent();
    eventually("the worker asks in vain", || proxy.lost() > 0);
    let (status, log) = worker.terminate();
    assert!(status.success(), "{log}");
    assert!(log.contains("the worker has ended"), "{log}");
}

#[test]
fn a_worker_ends_with_its_parent_if_it_is_told_to() {
    let database = with_accounts(1);
    let server = MailServer::start(Offers::default());
    let worker = Worker::start(&database, &server.url(), &["--stop-on-stdin-close"]);
    record(&database, "password_changed");
    await_sent(&database);
    let (status, log) = worker.lose_parent();
    assert!(status.success(), "{log}");
    assert!(log.contains("the worker has ended"), "{log}");
}

#[test]
fn a_hundred_thousand_messages_cost_little_memory_and_a_claim_little_time() {
    let database = with_accounts(1000);
    database.sql(
        "INSERT INTO outbox (kind, user_id)
         SELECT 'password_changed', n % 1000 + 1 FROM generate_series(1, 100000) AS n",
    );
    let statement = users_worker::CLAIM
        .replace("$1", "ARRAY['password_changed']")
        .replace("$2", "10")
        .replace("$3", "180");
    let plan = database.sql(&format!("BEGIN; EXPLAIN (ANALYZE, BUFFERS) {statement}; ROLLBACK"));
    let plans: Vec<Vec<String>> = (0..5)
        .map(|_| database.sql(&format!("BEGIN; EXPLAIN (ANALYZE, BUFFERS) {statement}; ROLLBACK")))
        .collect();
    assert!(plan.iter().any(|line| line.contains("Index Scan using outbox_due_idx")), "{plan:#?}");
    let milliseconds = |plan: &Vec<String>| {
        let line = plan.iter().find_map(|line| line.strip_prefix("Execution Time: ")).unwrap();
        line.trim_end_matches(" ms").parse::<f64>().unwrap()
    };
    let fastest = plans.iter().map(milliseconds).fold(f64::INFINITY, f64::min);
    assert!(fastest < 5.0, "a claim took {fastest} ms: {plan:#?}");

    let server = MailServer::start(Offers::default());
    let worker = Worker::start(&database, &server.url(), &["--limit-mails", "0"]);
    eventually("200 messages are sent", || server.mails().len() >= 200);
    let status = std::fs::read_to_string(format!("/proc/{}/status", worker.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kibibytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kibibytes < 64 * 1024, "{kibibytes} KiB");
}

#[test]
fn without_a_mail_server_the_worker_does_not_start() {
    let database = Database::new();
    assert!(database.fails(&["work"]).contains("set SMTP_URL"));
    assert!(database.fails(&["work", "--smtp-url", "smtp://127.0.0.1"]).contains("set MAIL_FROM"));
    for (name, value) in [
        ("SMTP_URL", "smtp://u:hunter2@mail.example"),
        ("PUBLIC_URL", "users.example.com"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_TEMPLATES", "/nowhere"),
    ] {
        let mut command = usersctl(&["work"]);
        command
            .envs([("SMTP_URL", "smtp://127.0.0.1"), ("MAIL_FROM", "no-reply@example.com")])
            .env(name, value);
        let output = command.env("DATABASE_URL", "postgres://127.0.0.1:1/x").output().unwrap();
        let error = text(&output.stderr);
        assert!(!output.status.success() && error.trim_end().lines().count() == 1, "{error}");
        assert!(!error.contains("hunter2") && !error.contains("cannot be reached"), "{name}: {error}");
    }
}

#[test]
fn a_mail_directory_gets_complete_files_and_their_links_are_printed() {
    let database = with_accounts(1);
    for kind in ["email_verification", "password_changed"] {
        record(&database, kind);
    }
    let dir = tempfile::tempdir().unwrap();
    let inbox = dir.path().join("mail");
    let printed = database.ok(&["work", "--once", "--mail-dir", inbox.to_str().unwrap()]);
    let lines: Vec<&str> = printed.lines().collect();
    let link = "mail to user1@example.com: http://127.0.0.1:3000/account/verify-email#token=";
    assert!(lines.len() == 2 && lines[0].starts_with(link) && lines[1].ends_with(": no link"), "{printed}");
    let mut names: Vec<String> =
        inbox.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(names.len() == 2 && names.iter().all(|name| name.ends_with(".eml")), "{names:?}");
    let token = lines[0].strip_prefix(link).unwrap();
    assert_eq!(
        database.sql("SELECT token_hash::text FROM one_time_tokens"),
        database.sql(&format!("SELECT sha256('{token}')::text"))
    );
}

/// The number of rows that housekeeping leaves in each table of [`with_expired_rows`], except for the outbox.
const LEFT: [(&str, &str); 10] = [
    ("sessions", "1500"),
    ("refresh_tokens", "1500"),
    ("refresh_nonces", "1"),
    ("one_time_tokens", "2"),
    ("login_challenges", "2"),
    ("passkey_challenges", "2"),
    ("limits", "1500"),
    ("known_addresses", "1"),
    ("login_hours", "1"),
    ("api_keys", "2"),
];

/// A database with rows that have expired, and others.
fn with_expired_rows() -> Database {
    let database = with_accounts(2);
    database.sql(
        "INSERT INTO sessions (user_id, expires_at)
         SELECT 1, now() + (n % 2 * 2 - 1) * interval '1 hour' FROM generate_series(1, 3000) AS n;
         INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
         SELECT sha256(n::text::bytea), 1, now() + (n % 2 * 2 - 1) * interval '1 hour' FROM generate_series(1, 3000) AS n;
         INSERT INTO refresh_nonces (session_id, spent_hash, successor_hash, nonce, expires_at)
         SELECT n, sha256('a'), sha256('b'), sha256('c'), now() - n * interval '40 seconds'
           FROM unnest(ARRAY[1, 3]) AS n;
         INSERT INTO one_time_tokens (token_hash, user_id, purpose, email, message_id, expires_at)
         SELECT sha256(n::text::bytea), 1, 'password_reset', '', n, now() + (n % 2 * 2 - 1) * interval '1 hour'
           FROM generate_series(1, 4) AS n;
         INSERT INTO login_challenges (challenge_hash, user_id, shared_key, own_key, expires_at)
         SELECT sha256(n::text::bytea), 1, '', '', now() + (n % 2 * 2 - 1) * interval '1 hour' FROM generate_series(1, 4) AS n;
         INSERT INTO passkey_challenges (challenge_hash, purpose, expires_at)
         SELECT sha256(n::text::bytea), 'login', now() + (n % 2 * 2 - 1) * interval '1 hour' FROM generate_series(1, 4) AS n;
         INSERT INTO outbox (kind, sent_at, failed_at) VALUES
             ('password_changed', now() - interval '6 days', NULL), ('password_changed', now() - interval '8 days', NULL),
             ('password_changed', NULL, now() - interval '29 days'), ('password_changed', NULL, now() - interval '31 days');
         INSERT INTO limits (key, attempts, expires_at)
         SELECT sha256(n::text::bytea), '{}', now() + (n % 2 * 2 - 1) * interval '1 hour' FROM generate_series(1, 3000) AS n;
         INSERT INTO known_addresses (user_id, address_hash, last_login_at) VALUES
             (1, sha256('a'), now() - interval '179 days'), (1, sha256('b'), now() - interval '181 days');
         INSERT INTO api_keys (user_id, name, key_hash, expires_at) VALUES
             (1, 'a', sha256('a'), now() - interval '29 days'), (1, 'b', sha256('b'), now() - interval '31 days'),
             (1, 'c', sha256('c'), NULL);
         INSERT INTO login_hours (hour, shard) VALUES
             (date_trunc('hour', now() - interval '34 days'), 0), (date_trunc('hour', now() - interval '36 days'), 0)",
    );
    database
}

#[test]
fn expired_rows_are_deleted() {
    let database = with_expired_rows();
    let dir = tempfile::tempdir().unwrap();
    let output = database.run(&["work", "--once", "--mail-dir", dir.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains(r#""table":"sessions","rows":1500"#), "{}", text(&output.stderr));
    for (table, left) in LEFT.into_iter().chain([("outbox", "2")]) {
        assert_eq!(database.sql(&format!("SELECT count(*) FROM {table}")), [left], "{table}");
    }
}

#[test]
fn the_documented_statements_delete_expired_rows_without_a_worker() {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/OPERATIONS.md");
    let document = std::fs::read_to_string(document).unwrap();
    let (_, rest) = document.split_once("**Without a mail server**, add").unwrap();
    let (_, rest) = rest.split_once("```sql\n").unwrap();
    let (statements, _) = rest.split_once("```").unwrap();
    let database = with_expired_rows();
    database.sql("UPDATE outbox SET created_at = now() - interval '31 days' WHERE sent_at IS NULL");
    database.sql(statements);
    for (table, left) in LEFT.into_iter().chain([("outbox", "2")]) {
        assert_eq!(database.sql(&format!("SELECT count(*) FROM {table}")), [left], "{table}");
    }
}

#[test]
fn a_round_deletes_as_many_expired_counts_as_a_flood_of_logins_leaves() {
    let database = Database::migrated();
    database.sql(
        "INSERT INTO limits (key, attempts, expires_at)
         SELECT sha256(n::text::bytea), '{}', now() + (n % 2 * 2 - 1) * interval '1 hour' FROM generate_series(1, 60000) AS n",
    );
    let server = MailServer::start(Offers::default());
    let _worker = Worker::start(&database, &server.url(), &[]);
    // The next round begins five minutes later.
    eventually("the expired counts are deleted", || database.sql("SELECT count(*) FROM limits") == ["30000"]);
}

fn get(port: u16, path: &str) -> String {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return String::new() };
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn probes_tell_that_the_worker_lives_and_has_its_database() {
    let database = with_accounts(1);
    let server = MailServer::start(Offers::default());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _worker = Worker::start(&database, &server.url(), &["--listen", &format!("127.0.0.1:{port}")]);
    eventually("the worker is ready", || get(port, "/readyz").starts_with("HTTP/1.1 200 "));
    assert!(get(port, "/healthz").ends_with(r#"{"status":"ok"}"#));
    assert!(get(port, "/metrics").starts_with("HTTP/1.1 404 "));
}
