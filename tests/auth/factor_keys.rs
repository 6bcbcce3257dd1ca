//! Second factors after `key_secret` was replaced: what was stored under the former one works while `key_secret_previous` has it.

use serde_json::{Value, json};
use users_tests::{
    Account, Answer, Authenticator, Front, Host, KEY_SECRET, PASSWORD, Service, Tokens, assert_problem,
};

/// The secret that replaces the one with which the services of tests start.
const NEW: &str = "the secret of keys after the replacement";

/// An account with an authenticator and recovery codes, all stored under the former secret.
struct Owner {
    account: Account,
    authenticator: Authenticator,
    codes: Vec<String>,
}

impl Owner {
    async fn of(service: &Service, email: &str) -> Self {
        let account = service.account(email).await;
        let (authenticator, codes) = service.authenticator(&account).await;
        Self { account, authenticator, codes }
    }

    fn code(&self) -> Value {
        json!({"code": self.authenticator.code(0)})
    }

    async fn login(&self, front: &Front, proof: &Value) -> Answer {
        let challenge = front.challenge(&self.account.email).await;
        front.login_factor(&challenge, proof).await
    }

    async fn try_recovery_code(&self, front: &Front, number: usize) -> u16 {
        self.login(front, &json!({"recovery_code": self.codes[number]})).await.status
    }

    /// New tokens of the session that set up the factors.
    async fn refreshed(&self, front: &Front) -> Tokens {
        Tokens::of(&front.refresh(&self.account.tokens.refresh).await.expect(200))
    }
}

/// Replaces the signing keys by those that the new secret opens, as the procedure for a leak does.
async fn revoke_signing_keys(service: &Service) {
    for kid in service.sql("SELECT kid FROM signing_keys").await {
        let _ = service.database().usersctl(&["keys", "revoke", &kid, "--key-secret", NEW]);
    }
}

/// Starts a replica with the new secret, and this one as the previous one.
fn replica(service: &Service, previous: &str) -> (Host, Front) {
    let host = service.replica_with(&[("key_secret", NEW), ("key_secret_previous", previous)]);
    let front = Front::new(host.address(), true);
    (host, front)
}

/// The stored secret of an account, in hexadecimal.
async fn sealed(service: &Service, owner: &Owner) -> String {
    let select = format!("SELECT encode(secret, 'hex') FROM totp WHERE user_id = {}", owner.account.id);
    service.sql(&select).await.concat()
}

#[tokio::test]
async fn the_totp_and_recovery_codes_of_the_former_secret_work_while_it_is_the_previous_one() {
    let service = Service::start().await;
    let alice = Owner::of(&service, "alice@example.com").await;
    let bob = Owner::of(&service, "bob@example.com").await;
    let carol = Owner::of(&service, "carol@example.com").await;
    let former = sealed(&service, &alice).await;
    revoke_signing_keys(&service).await;

    let (both, front) = replica(&service, KEY_SECRET);
    let wrong = json!({"code": alice.authenticator.wrong_code()});
    assert_problem(&alice.login(&front, &wrong).await, 401, "invalid_credentials");
    assert_eq!(sealed(&service, &alice).await, former, "a wrong code changes nothing");
    alice.login(&front, &alice.code()).await.expect(200);
    let present = sealed(&service, &alice).await;
    assert_ne!(present, former, "expected the secret to be sealed under the present one");
    assert_problem(&alice.login(&front, &alice.code()).await, 401, "invalid_credentials");
    service.forget_codes().await;
    alice.login(&front, &alice.code()).await.expect(200);
    assert_eq!(sealed(&service, &alice).await, present, "expected it to be sealed once");
    assert_eq!(alice.try_recovery_code(&front, 0).await, 200);
    assert_eq!(alice.try_recovery_code(&front, 0).await, 401);
    let access = bob.refreshed(&front).await.access;
    front.reauthenticate(&access, &bob.code()).await.expect(204);
    drop(both);

    let (_alone, front) = replica(&service, "");
    service.forget_codes().await;
    for owner in [&alice, &bob] {
        owner.login(&front, &owner.code()).await.expect(200);
        assert_eq!(owner.try_recovery_code(&front, 1).await, 401);
    }
    assert_problem(&carol.login(&front, &carol.code()).await, 500, "internal_error");
}

/// During a roll-out with a new secret, the key that signs is still the one of the former secret.
#[tokio::test]
async fn a_login_on_a_replica_that_cannot_sign_is_500_and_neither_uses_a_factor_up_nor_counts_as_wrong() {
    let service = Service::builder().variable("limit_password_failures", "1/10m").start().await;
    let alice = Owner::of(&service, "alice@example.com").await;
    let (_both, front) = replica(&service, KEY_SECRET);
    let proofs = [alice.code(), json!({"recovery_code": alice.codes[0]})];
    let mut challenges = Vec::new();
    for proof in &proofs {
        let challenge = front.challenge(&alice.account.email).await;
        assert_problem(&front.login_factor(&challenge, proof).await, 500, "internal_error");
        challenges.push(challenge);
    }
    revoke_signing_keys(&service).await;
    for (challenge, proof) in challenges.iter().zip(&proofs) {
        front.login_factor(challenge, proof).await.expect(200);
    }
}

#[tokio::test]
async fn a_totp_that_was_begun_under_the_former_secret_is_confirmed_under_the_present_one() {
    let service = Service::start().await;
    let account = service.account("alice@example.com").await;
    let authenticator = service.begin_totp(&account.tokens.access).await;
    revoke_signing_keys(&service).await;
    let (both, front) = replica(&service, KEY_SECRET);
    let tokens = Tokens::of(&front.refresh(&account.tokens.refresh).await.expect(200));
    let confirmed = front.confirm_totp(&tokens.access, &authenticator.code(0)).await.expect(200).json();
    let recovery_code = confirmed["recovery_codes"][0].clone();
    drop(both);
    let (_alone, front) = replica(&service, "");
    service.forget_codes().await;
    for proof in [json!({"code": authenticator.code(0)}), json!({"recovery_code": recovery_code})] {
        let challenge = front.challenge(&account.email).await;
        front.login_factor(&challenge, &proof).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_requests_with_one_totp_code_that_is_sealed_anew_one_opens_a_session() {
    let service = Service::start().await;
    let alice = Owner::of(&service, "alice@example.com").await;
    let former = sealed(&service, &alice).await;
    revoke_signing_keys(&service).await;
    let (_one, first) = replica(&service, KEY_SECRET);
    let (_other, second) = replica(&service, KEY_SECRET);
    for _ in 0..8 {
        let challenges =
            [first.challenge(&alice.account.email).await, second.challenge(&alice.account.email).await];
        service.sql(&format!("UPDATE totp SET secret = '\\x{former}', last_step = 0")).await;
        let code = alice.code();
        let (one, other) = tokio::join!(
            first.login_factor(&challenges[0], &code),
            second.login_factor(&challenges[1], &code)
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401]);
        assert_ne!(sealed(&service, &alice).await, former);
    }
}

/// The operator finds the reason in the log. The owner's other ways in stay.
#[tokio::test]
async fn without_the_previous_secret_the_totp_alone_is_500_and_the_log_names_the_remedy() {
    let service = Service::start().await;
    let alice = Owner::of(&service, "alice@example.com").await;
    let bob = service.account("bob@example.com").await;
    revoke_signing_keys(&service).await;
    let (alone, front) = replica(&service, "");
    let challenge = front.challenge(&alice.account.email).await;
    let mut body = alice.code();
    body["challenge"] = challenge.into();
    let answer = front.post("/auth/login/factor").id("unreadable").json(&body).send().await;
    assert_problem(&answer, 500, "internal_error");
    let log = alone.logs().of_request("unreadable").await;
    let named =
        log.causes().iter().any(|it| it.contains("key_secret_previous") && it.contains("reset-factors"));
    assert!(named, "expected the log to name the remedy: {log:#?}");
    assert_eq!(alice.try_recovery_code(&front, 0).await, 401);

    // Sessions go on, and others log in.
    let access = alice.refreshed(&front).await.access;
    front.me(&access).await.expect(200);
    let answer = front.reauthenticate(&access, &alice.code()).await;
    assert_problem(&answer, 500, "internal_error");
    front.login(&bob.email, PASSWORD).await;

    // The session of the owner is still fresh, so a new authenticator and new codes replace what cannot be read.
    let authenticator = front.begin_totp(&access).await;
    front.confirm_totp(&access, &authenticator.code(0)).await.expect(200);
    let renewed = front.post("/auth/recovery-codes").bearer(&access).send().await.expect(200).json();
    service.forget_codes().await;
    for proof in
        [json!({"code": authenticator.code(0)}), json!({"recovery_code": renewed["recovery_codes"][0]})]
    {
        alice.login(&front, &proof).await.expect(200);
    }
}
