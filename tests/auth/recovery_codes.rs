//! `POST /auth/recovery-codes`, and the codes themselves

use serde_json::{Value, json};
use users_tests::{Account, Authenticator, Front, Service, Tokens, assert_no_store, assert_problem, token};

const ALICE: &str = "alice@example.com";

/// A service, an account with an authenticator, and its recovery codes.
async fn start() -> (Service, Account, Authenticator, Vec<String>) {
    let service = Service::start().await;
    let alice = service.account(ALICE).await;
    let (authenticator, codes) = service.authenticator(&alice).await;
    service.empty_outbox().await;
    (service, alice, authenticator, codes)
}

async fn renew(service: &Service, account: &Account) -> Vec<String> {
    let answer = service.post("/auth/recovery-codes").bearer(&account.tokens.access).send().await.expect(200);
    assert_no_store(&answer);
    let codes = answer.json()["recovery_codes"].as_array().cloned().unwrap();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

async fn try_code(front: &Front, email: &str, code: &str) -> u16 {
    let challenge = front.challenge(email).await;
    front.login_factor(&challenge, &json!({"recovery_code": code})).await.status
}

async fn left(service: &Service) -> i64 {
    service.sql("SELECT count(*) FROM recovery_codes").await[0].parse().unwrap()
}

#[tokio::test]
async fn there_are_ten_codes_of_50_bits_and_only_hashes_are_kept() {
    let (service, alice, ..) = start().await;
    let codes = renew(&service, &alice).await;
    assert_eq!(codes.len(), 10);
    for code in &codes {
        let (one, other) = code.split_once('-').unwrap();
        let is_crockford = |part: &str| {
            part.len() == 5 && part.bytes().all(|it| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(&it))
        };
        assert!(is_crockford(one) && is_crockford(other), "expected ten characters of five bits: {code}");
    }
    let stored = service.sql("SELECT c::text FROM recovery_codes c; SELECT o::text FROM outbox o").await;
    let log = service.logs().text();
    for code in &codes {
        let plain = code.replace('-', "");
        let hex: String = plain.bytes().map(|it| format!("{it:02x}")).collect();
        assert!(!stored.concat().contains(&hex) && !log.contains(code.as_str()) && !log.contains(&plain));
    }
    assert_eq!(left(&service).await, 10);
}

#[tokio::test]
async fn a_code_replaces_the_factor_once_and_the_owner_is_told() {
    let (service, alice, _, codes) = start().await;
    let challenge = service.challenge(ALICE).await;
    let tokens =
        Tokens::of(&service.login_factor(&challenge, &json!({"recovery_code": codes[3]})).await.expect(200));
    let claims = token::claims(&tokens.access);
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!("2"), &json!(["pwd", "otp", "mfa"])));
    assert_eq!(service.outbox().await, [format!("recovery_code_used|{}|{{}}", alice.id)]);
    assert_eq!(left(&service).await, 9);
    assert_eq!(try_code(&service, ALICE, &codes[3]).await, 401);
    assert_eq!(try_code(&service, ALICE, &codes[4]).await, 200);
    assert_eq!(left(&service).await, 8);
}

#[tokio::test]
async fn a_code_is_read_as_people_write_it() {
    let (service, _, _, codes) = start().await;
    let written = [
        codes[0].to_lowercase(),
        codes[1].replace('-', ""),
        format!(" {} ", codes[2].replace('-', " ")),
        codes[3].replace('0', "O").replace('1', "l"),
    ];
    for code in written {
        assert_eq!(try_code(&service, ALICE, &code).await, 200, "{code}");
    }
}

#[tokio::test]
async fn new_codes_end_the_old_ones_and_the_owner_is_told() {
    let (service, alice, _, old) = start().await;
    let new = renew(&service, &alice).await;
    assert_eq!(service.outbox().await, [format!("recovery_codes_made|{}|{{}}", alice.id)]);
    assert_eq!(try_code(&service, ALICE, &old[0]).await, 401);
    assert_eq!(try_code(&service, ALICE, &new[0]).await, 200);
}

#[tokio::test]
async fn a_code_of_another_account_is_wrong() {
    let (service, _, _, codes) = start().await;
    let bob = service.account("bob@example.com").await;
    service.authenticator(&bob).await;
    assert_eq!(try_code(&service, "bob@example.com", &codes[0]).await, 401);
    assert_eq!(left(&service).await, 20);
}

#[tokio::test]
async fn without_a_factor_there_are_no_codes() {
    let service = Service::start().await;
    let alice = service.account(ALICE).await;
    let answer = service.post("/auth/recovery-codes").bearer(&alice.tokens.access).send().await;
    assert_problem(&answer, 409, "no_second_factor");
    assert_eq!(left(&service).await, 0);
}

/// The last code may be used: the methods of a login then no longer name them.
#[tokio::test]
async fn a_login_offers_codes_while_there_are_some() {
    let (service, _, authenticator, codes) = start().await;
    let methods = async || {
        let answer = service.try_login(ALICE, users_tests::PASSWORD).await;
        assert_problem(&answer, 401, "second_factor_required");
        answer.json()["methods"].clone()
    };
    assert_eq!(methods().await, json!(["totp", "recovery_code"]));
    for code in codes {
        assert_eq!(try_code(&service, ALICE, &code).await, 200);
    }
    assert_eq!(methods().await, json!(["totp"]));
    service.login_with_code(ALICE, &authenticator).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_logins_with_one_code_on_two_replicas_one_opens_a_session() {
    let (service, _, _, codes) = start().await;
    let replica = service.replica(&[]);
    let second = Front::new(replica.address(), true);
    for code in codes {
        let challenges = [service.challenge(ALICE).await, second.challenge(ALICE).await];
        let proof: Value = json!({"recovery_code": code});
        let (one, other) = tokio::join!(
            service.login_factor(&challenges[0], &proof),
            second.login_factor(&challenges[1], &proof)
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401]);
    }
    assert_eq!(left(&service).await, 0);
}
