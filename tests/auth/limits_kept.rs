//! The rows that the limits keep in the database.

use users_tests::{Front, PASSWORD, Service, statements_wait};

const ALICE: &str = "alice@example.com";
const HOME: [u8; 4] = [127, 0, 0, 9];

async fn guess(front: &Front, email: &str) -> u16 {
    front.try_login(email, "not the password").await.status
}

async fn allowing(failures: &str) -> Service {
    let service = Service::builder().variable("limit_password_failures", failures).start().await;
    service.register(ALICE, PASSWORD).await.expect(201);
    service.empty_outbox().await;
    service
}

#[tokio::test]
async fn the_tables_hold_no_address_and_do_not_show_who_shares_one() {
    let service = Service::builder().with_limits().start().await;
    for email in [ALICE, "bob@example.com"] {
        service.register(email, PASSWORD).await.expect(201);
        service.at(HOME).login(email, PASSWORD).await;
        service.at(HOME).try_login(email, "not the password").await.expect(401);
        service.try_login(email, "not the password").await.expect(401);
    }
    let rows = service
        .sql("SELECT l FROM limits l; SELECT k FROM known_addresses k; SELECT h FROM login_hours h")
        .await;
    assert!(rows.len() > 4, "{rows:?}");
    let text = rows.concat();
    // In the text form of bytea, too.
    for hidden in ["alice", "bob", "127.0.0", "616c696365", "3132372e30"] {
        assert!(!text.contains(hidden), "expected no {hidden}: {text}");
    }
    let hashes = "SELECT count(*), count(DISTINCT address_hash) FROM known_addresses";
    assert_eq!(service.sql(hashes).await, ["2|2"]);
    // Without a key, a hash could be compared with those of all addresses.
    let guessed = "SELECT count(*) FROM known_addresses WHERE address_hash IN (sha256('127.0.0.9'), sha256('127.0.0.9' || int4send(user_id)))";
    assert_eq!(service.sql(guessed).await, ["0"]);
}

#[tokio::test]
async fn when_the_counts_are_lost_the_service_counts_from_zero() {
    let service = allowing("2/10m").await;
    service.at(HOME).login(ALICE, PASSWORD).await;
    assert_eq!(
        [guess(&service, ALICE).await, guess(&service, ALICE).await, guess(&service, ALICE).await],
        [401, 401, 429]
    );
    service.sql("TRUNCATE limits").await;
    assert_eq!(
        [guess(&service, ALICE).await, guess(&service, ALICE).await, guess(&service, ALICE).await],
        [401, 401, 429]
    );
    service.at(HOME).login(ALICE, PASSWORD).await;
}

#[tokio::test]
async fn a_guessed_account_is_told_to_its_owner_once_a_day_and_to_the_log() {
    let service = allowing("2/10m").await;
    let told = "SELECT kind, user_id, carries FROM outbox";
    for (expected, email) in [(0, "nobody@example.com"), (1, ALICE), (1, ALICE)] {
        for _ in 0..3 {
            guess(&service, email).await;
        }
        assert_eq!(service.sql(told).await, vec!["password_guessed|1|{}"; expected], "{email}");
        service.sql("TRUNCATE limits").await;
    }
    let line = "the wrong passwords for an account have reached their limit";
    let lines: Vec<_> = service.logs().objects().into_iter().filter(|it| it["message"] == line).collect();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines.iter().all(|it| it["user_id"] == 1 && it["level"] == "warn"), "{lines:#?}");
    let mail = service.mail().await;
    let [mail] = &mail[..] else { panic!("expected one message: {mail:#?}") };
    assert_eq!((mail.to.as_str(), mail.link()), (ALICE, None));

    service.sql("UPDATE outbox SET created_at = created_at - interval '1 day'").await;
    for _ in 0..2 {
        guess(&service, ALICE).await;
    }
    assert_eq!(service.sql("SELECT count(*) FROM outbox WHERE kind = 'password_guessed'").await, ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_counts_that_reach_the_limit_at_once_one_is_told_to_the_owner() {
    let builder = Service::builder().variable("limit_password_failures", "1/10m");
    let service = builder.one_request_per_instance().start().await;
    service.register(ALICE, PASSWORD).await.expect(201);
    let home = service.at(HOME);
    home.login(ALICE, PASSWORD).await;
    service.empty_outbox().await;
    let (account, watcher) = (service.db().await, service.db().await);
    account.batch_execute("BEGIN; SELECT FROM users FOR UPDATE").await.expect("nobody has the account");
    let release = async {
        statements_wait(&watcher, 2).await;
        account.batch_execute("COMMIT").await.expect("the lock can be released");
    };
    // The one counts for the address of the owner, the other for all other addresses.
    let (one, other, ()) = tokio::join!(guess(&home, ALICE), guess(&service, ALICE), release);
    assert_eq!([one, other], [401; 2]);
    assert_eq!(service.outbox().await, ["password_guessed|1|{}"]);
}

#[tokio::test]
async fn attempts_and_logins_are_counted_by_hour() {
    let service = allowing("2/10m").await;
    service.at(HOME).login(ALICE, PASSWORD).await;
    service.at(HOME).login(ALICE, PASSWORD).await;
    for _ in 0..3 {
        guess(&service, ALICE).await;
    }
    let hours =
        "SELECT sum(attempts), sum(logins), bool_and(hour > now() - interval '2 hours') FROM login_hours";
    assert_eq!(service.sql(hours).await, ["5|2|t"]);
}

#[tokio::test]
async fn known_addresses_are_exported_without_their_hashes_and_go_with_the_account() {
    let service = Service::start().await;
    let alice = service.at(HOME).account(ALICE).await;
    let export = service.get("/auth/export").bearer(&alice.tokens.access).send().await.expect(200).json();
    let known = export["known_addresses"].as_array().expect("a list");
    assert!(known.len() == 1 && known[0]["last_login_at"].is_string(), "{export:#}");
    let hash = service.sql("SELECT encode(address_hash, 'hex') FROM known_addresses").await.concat();
    assert!(!export.to_string().contains(&hash), "{export:#}");
    service.sql("DELETE FROM users").await;
    assert_eq!(service.sql("SELECT count(*) FROM known_addresses").await, ["0"]);
}

#[tokio::test]
async fn an_operator_unlocks_an_account() {
    let service = allowing("1/10m").await;
    assert_eq!([guess(&service, ALICE).await, guess(&service, ALICE).await], [401, 429]);
    let _ = service.database().usersctl(&["unlock", ALICE]);
    service.login(ALICE, PASSWORD).await;
}
