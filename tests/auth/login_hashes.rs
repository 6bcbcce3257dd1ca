//! `POST /auth/login`: password hashes and their cost.

use std::time::{Duration, Instant};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, Version};
use users_tests::{PASSWORD, Service};

const HASH: &str = "SELECT password_hash FROM users";

/// A hash of [`PASSWORD`] with these parameters.
fn hash(algorithm: Algorithm, memory_kib: u32, passes: u32) -> String {
    hash_of(PASSWORD, algorithm, memory_kib, passes)
}

/// A hash of the octets of a password with these parameters.
fn hash_of(password: &str, algorithm: Algorithm, memory_kib: u32, passes: u32) -> String {
    let params = Params::new(memory_kib, passes, 1, Some(32)).unwrap();
    let argon2 = Argon2::new(algorithm, Version::V0x13, params);
    let (mut output, salt) = ([0; 32], [7; 16]);
    argon2.hash_password_into(password.as_bytes(), &salt, &mut output).unwrap();
    let phc = PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon2.params()).unwrap(),
        salt: Some(Salt::new(&salt).unwrap()),
        hash: Some(Output::new(&output).unwrap()),
    };
    phc.to_string()
}

#[tokio::test]
async fn a_login_renews_a_hash_with_weaker_parameters() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    for weak in [
        hash(Algorithm::Argon2id, 8, 1),
        hash(Algorithm::Argon2id, 19 * 1024, 1),
        hash(Algorithm::Argon2id, 8 * 1024, 2),
        hash(Algorithm::Argon2i, 19 * 1024, 2),
    ] {
        service.sql(&format!("UPDATE users SET password_hash = '{weak}'")).await;
        service.login("alice@example.com", PASSWORD).await;
        let renewed = service.sql(HASH).await.concat();
        assert!(renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "expected a new hash: {renewed}");
        service.login("alice@example.com", PASSWORD).await;
    }
}

#[tokio::test]
async fn a_password_is_the_same_however_its_accents_are_composed() {
    let service = Service::start().await;
    let (composed, decomposed) = ("péché mortel", "pe\u{301}che\u{301} mortel");
    for (email, registered) in [("alice@example.com", composed), ("bob@example.com", decomposed)] {
        service.register(email, registered).await.expect(201);
        for password in [composed, decomposed] {
            service.login(email, password).await;
        }
        service.try_login(email, "peche mortel").await.expect(401);
    }
}

#[tokio::test]
async fn a_login_renews_a_hash_of_the_octets_that_were_sent() {
    let service = Service::start().await;
    let decomposed = "pe\u{301}che\u{301} mortel";
    service.register("alice@example.com", decomposed).await.expect(201);
    let of_before = hash_of(decomposed, Algorithm::Argon2id, 19 * 1024, 2);
    service.sql(&format!("UPDATE users SET password_hash = '{of_before}'")).await;
    service.try_login("alice@example.com", "péché mortel").await.expect(401);
    assert_eq!(service.sql(HASH).await.concat(), of_before);
    service.login("alice@example.com", decomposed).await;
    assert_ne!(service.sql(HASH).await.concat(), of_before);
    service.login("alice@example.com", "péché mortel").await;
}

#[tokio::test]
async fn a_password_that_is_not_in_nfc_costs_the_same_work_without_an_account() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let decomposed = "pe\u{301}che\u{301} mortel";
    let known = quickest_with(&service, "alice@example.com", decomposed).await;
    let unknown = quickest_with(&service, "bob@example.com", decomposed).await;
    let alike = unknown > known / 2 && unknown < known * 2;
    assert!(alike, "expected about {known:?}, which took {unknown:?}");
}

#[tokio::test]
async fn concurrent_logins_with_an_outdated_hash_succeed() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    for _ in 0..5 {
        let weak = hash(Algorithm::Argon2id, 8, 1);
        service.sql(&format!("UPDATE users SET password_hash = '{weak}'")).await;
        let logins = (0..6).map(|_| service.try_login("alice@example.com", PASSWORD));
        for answer in futures::future::join_all(logins).await {
            answer.expect(200);
        }
    }
}

#[tokio::test]
async fn a_failed_login_renews_nothing() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let weak = hash(Algorithm::Argon2id, 8, 1);
    service.sql(&format!("UPDATE users SET password_hash = '{weak}'")).await;
    service.try_login("alice@example.com", "not the password").await.expect(401);
    assert_eq!(service.sql(HASH).await.concat(), weak);
    service.sql("UPDATE users SET is_active = false").await;
    service.try_login("alice@example.com", PASSWORD).await.expect(403);
}

#[tokio::test]
async fn a_hash_that_is_as_strong_or_stronger_stays() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let own = service.sql(HASH).await.concat();
    for strong in [own, hash(Algorithm::Argon2id, 20 * 1024, 3)] {
        service.sql(&format!("UPDATE users SET password_hash = '{strong}'")).await;
        service.login("alice@example.com", PASSWORD).await;
        assert_eq!(service.sql(HASH).await, [strong]);
    }
}

/// The shortest duration of several logins: other work on the machine disturbs it least.
async fn quickest(service: &Service, username: &str) -> Duration {
    quickest_with(service, username, "not the password").await
}

async fn quickest_with(service: &Service, username: &str, password: &str) -> Duration {
    let mut quickest = Duration::MAX;
    for _ in 0..8 {
        let start = Instant::now();
        service.try_login(username, password).await.expect(401);
        quickest = quickest.min(start.elapsed());
    }
    quickest
}

#[tokio::test]
async fn an_unknown_address_costs_as_much_work_as_a_wrong_password() {
    let service = Service::start().await;
    service.register("alice@example.com", PASSWORD).await.expect(201);
    let known = quickest(&service, "alice@example.com").await;
    for username in ["bob@example.com", "no address at all"] {
        let unknown = quickest(&service, username).await;
        let alike = unknown > known / 2 && unknown < known * 2;
        assert!(alike, "expected about {known:?} for {username}, which took {unknown:?}");
    }
}
