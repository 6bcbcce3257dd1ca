//! `POST /auth/login`: password hashes and their cost.

use std::time::{Duration, Instant};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, Version};
use users_tests::{PASSWORD, Service};

const HASH: &str = "SELECT password_hash FROM users";

/// A hash of [`PASSWORD`] with these parameters.
fn hash(algorithm: Algorithm, memory_kib: u32, passes: u32) -> String {
    let params = Params::new(memory_kib, passes, 1, Some(32)).unwrap();
    let argon2 = Argon2::new(algorithm, Version::V0x13, params);
    let (mut output, salt) = ([0; 32], [7; 16]);
    argon2.hash_password_into(PASSWORD.as_bytes(), &salt, &mut output).unwrap();
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
    let mut quickest = Duration::MAX;
    for _ in 0..8 {
        let start = Instant::now();
        service.try_login(username, "not the password").await.expect(401);
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
