//! A takeover does not survive a recovery: whatever a thief has started with a stolen session and a known password ends when the owner
//! takes the account back.

use serde_json::json;
use users_tests::{Account, PASSWORD, Service, assert_problem};

const OWNERS: &str = "the password that only the owner knows";
const THIEF: &str = "thief@example.org";

/// The steps that the thief has started: the kind of the message, the purpose of its link, and where the link goes.
const STARTED: [(&str, &str, &str); 5] = [
    ("email_change", "email_change", THIEF),
    ("password_reset", "password_reset", "alice@example.com"),
    ("password_forgotten", "password_reset", "alice@example.com"),
    ("invitation", "invitation", "alice@example.com"),
    ("email_verification", "email_verification", "alice@example.com"),
];

/// The step of the owner that ends it.
#[derive(Debug, Clone, Copy)]
enum Recovery {
    Reset,
    ChangedPassword,
    ChangedAddress,
    AddressByAdministrator,
    AddressBySql,
    Deactivation,
    DeactivationBySql,
}

const RECOVERIES: [Recovery; 7] = [
    Recovery::Reset,
    Recovery::ChangedPassword,
    Recovery::ChangedAddress,
    Recovery::AddressByAdministrator,
    Recovery::AddressBySql,
    Recovery::Deactivation,
    Recovery::DeactivationBySql,
];

impl Recovery {
    /// Returns true when the account has another address, and no password if it had none.
    fn changes_the_address_only(self) -> bool {
        matches!(self, Self::ChangedAddress | Self::AddressByAdministrator | Self::AddressBySql)
    }
}

/// The messages with a link that would still be sent to the account, and the links that were.
const LEFT: &str = "
    SELECT o.kind FROM outbox o, users u
     WHERE u.id = 1 AND o.sent_at IS NULL
       AND o.kind IN ('email_verification', 'email_change', 'password_reset', 'invitation', 'password_forgotten')
       AND (o.user_id = u.id OR o.carries ->> 'email_key' = u.email_key);
    SELECT purpose FROM one_time_tokens WHERE user_id = 1";

struct Scene {
    service: Service,
    owner: Account,
    administrator: Account,
}

impl Scene {
    async fn new() -> Self {
        let service = Service::start().await;
        let owner = service.account("alice@example.com").await;
        let administrator = service.administrator("root@example.com").await;
        assert_eq!(owner.id, 1);
        Self { service, owner, administrator }
    }

    /// The account as it was, with a session of the owner's and one of the thief's.
    async fn begin(&mut self) -> Account {
        self.service
            .sql(
                "DELETE FROM outbox; DELETE FROM one_time_tokens;
                 UPDATE users SET is_active = true, email = 'alice@example.com', email_key = 'alice@example.com',
                        password_hash = (SELECT password_hash FROM users WHERE email = 'root@example.com')
                  WHERE id = 1",
            )
            .await;
        self.owner.tokens = self.service.login("alice@example.com", PASSWORD).await;
        let tokens = self.service.login("alice@example.com", PASSWORD).await;
        Account { tokens, ..self.owner.clone() }
    }

    /// Asks as the thief; what no route does for them, an administrator was talked into.
    async fn ask(&self, thief: &Account, kind: &str) {
        let service = &self.service;
        let token = &thief.tokens.access;
        match kind {
            "email_change" => {
                let body = json!({"email": THIEF, "password": PASSWORD});
                service.put("/auth/email").bearer(token).json(&body).send().await.expect(202);
            }
            "password_forgotten" => {
                let body = json!({"email": "alice@example.com"});
                service.post("/auth/password/forgot").json(&body).send().await.expect(202);
            }
            "email_verification" => {
                service.sql("UPDATE users SET email_verified = false WHERE id = 1").await;
                service.post("/auth/email/verification").bearer(token).send().await.expect(202);
            }
            _ => {
                service.sql(&format!("SELECT record_event('{kind}', 1, NULL)")).await;
            }
        }
        let count = format!("SELECT count(*) FROM outbox WHERE kind = '{kind}'");
        assert_eq!(service.sql(&count).await, ["1"], "expected a message that is not sent yet");
    }

    async fn recover(&self, recovery: Recovery) {
        let service = &self.service;
        match recovery {
            Recovery::Reset => {
                let token = service.link("password_reset", 1, "alice@example.com").await;
                let body = json!({"token": token, "new_password": OWNERS});
                service.post("/auth/password/reset").json(&body).send().await.expect(204);
            }
            Recovery::ChangedPassword => {
                let body = json!({"current_password": PASSWORD, "new_password": OWNERS});
                let request = service.put("/auth/password").bearer(&self.owner.tokens.access);
                request.json(&body).send().await.expect(204);
            }
            Recovery::ChangedAddress => {
                let token = service.link("email_change", 1, "alice@example.net").await;
                let body = json!({"token": token});
                service.post("/auth/email/verify").json(&body).send().await.expect(204);
            }
            Recovery::AddressByAdministrator => {
                let request = service.put("/users/1").bearer(&self.administrator.tokens.access);
                request.json(&json!({"email": "alice@example.net"})).send().await.expect(200);
            }
            Recovery::AddressBySql => {
                service
                    .sql(
                        "UPDATE users SET email = 'alice@example.net', email_key = 'alice@example.net' WHERE id = 1",
                    )
                    .await;
            }
            Recovery::Deactivation => {
                let request = service.put("/users/1/deactivate").bearer(&self.administrator.tokens.access);
                request.send().await.expect(200);
            }
            Recovery::DeactivationBySql => {
                service.sql("UPDATE users SET is_active = false WHERE id = 1").await;
            }
        }
    }

    /// Begins the message that waits and defers it, as the worker does when the mail server has no time for it. Returns the token that the
    /// message had.
    async fn begin_and_defer(&self, kind: &str, purpose: &str) -> String {
        // As long as a real token.
        let token = format!("deferred-token-{kind:->28}");
        let begun = format!(
            "SELECT outcome, recipient
               FROM outbox o, begin_message(o.id, o.next_attempt_at, '15 minutes', '{purpose}', sha256('{token}'),
                                            '30 minutes', '{{}}', '{{}}')
              WHERE o.kind = '{kind}'"
        );
        let begun = self.service.sql(&begun).await;
        assert!(begun.len() == 1 && begun[0].starts_with("send|"), "{kind}: {begun:?}");
        let deferred = "UPDATE outbox
                           SET last_error = 'later', failing_since = now(), next_attempt_at = now() + interval '30 seconds'
                         WHERE begun_at IS NOT NULL AND attempts = 1
                        RETURNING id";
        assert_eq!(self.service.sql(deferred).await.len(), 1, "{kind}");
        token
    }

    /// Uses a link as the thief would.
    async fn assert_is_over(&self, purpose: &str, token: &str, case: &str) {
        let (path, body) = if purpose.starts_with("email") {
            ("/auth/email/verify", json!({"token": token}))
        } else {
            ("/auth/password/reset", json!({"token": token, "new_password": "the thief's own password"}))
        };
        let before = self.service.sql("SELECT u FROM users u ORDER BY id").await;
        let answer = self.service.post(path).json(&body).send().await;
        assert_problem(&answer, 410, "link_invalid");
        assert_eq!(self.service.sql("SELECT u FROM users u ORDER BY id").await, before, "{case}");
    }
}

#[tokio::test]
async fn a_message_that_is_not_sent_yet_ends_with_every_recovery() {
    let mut scene = Scene::new().await;
    for recovery in RECOVERIES {
        for (kind, ..) in STARTED {
            let thief = scene.begin().await;
            scene.ask(&thief, kind).await;
            scene.recover(recovery).await;
            assert_eq!(scene.service.sql(LEFT).await, [""; 0], "{kind} {recovery:?}");
        }
    }
}

#[tokio::test]
async fn a_message_that_was_begun_and_deferred_ends_with_every_recovery() {
    let mut scene = Scene::new().await;
    for recovery in RECOVERIES {
        for (kind, purpose, _) in STARTED {
            let case = format!("{kind} {recovery:?}");
            let thief = scene.begin().await;
            scene.ask(&thief, kind).await;
            let password = scene.service.sql("SELECT password_hash FROM users WHERE id = 1").await.concat();
            let set_password = |hash: &str| format!("UPDATE users SET password_hash = '{hash}' WHERE id = 1");
            if kind == "invitation" {
                // It was begun before the account had a password.
                scene.service.sql(&set_password("")).await;
            }
            let token = scene.begin_and_defer(kind, purpose).await;
            if matches!(recovery, Recovery::ChangedPassword) {
                scene.service.sql(&set_password(&password)).await;
            }
            scene.recover(recovery).await;
            let left = scene.service.sql(LEFT).await;
            if kind == "invitation" && recovery.changes_the_address_only() {
                // Still without a password, the account is invited again: at its new address.
                assert_eq!(left, ["invitation"], "{case}");
                assert_eq!(
                    scene.service.sql("SELECT attempts FROM outbox WHERE kind = 'invitation'").await,
                    ["0"]
                );
            } else {
                assert_eq!(left, [""; 0], "{case}");
            }
            scene.assert_is_over(purpose, &token, &case).await;
        }
    }
}

#[tokio::test]
async fn a_link_that_was_sent_ends_with_every_recovery() {
    let mut scene = Scene::new().await;
    for recovery in RECOVERIES {
        for (kind, purpose, email) in STARTED {
            let case = format!("{kind} {recovery:?}");
            scene.begin().await;
            if purpose == "invitation" && !matches!(recovery, Recovery::ChangedPassword) {
                // It was sent before the account had a password.
                scene.service.sql("UPDATE users SET password_hash = '' WHERE id = 1").await;
            }
            let token = scene.service.link(purpose, 1, email).await;
            scene.recover(recovery).await;
            let left = scene.service.sql(LEFT).await;
            if purpose == "invitation" && recovery.changes_the_address_only() {
                // The account has no password yet, so it is invited again: at its new address.
                assert_eq!(left, ["invitation"], "{case}");
            } else {
                assert_eq!(left, [""; 0], "{case}");
            }
            scene.assert_is_over(purpose, &token, &case).await;
            // Also when the account is used again, and has its former address again.
            scene
                .service
                .sql("UPDATE users SET is_active = true, email = 'alice@example.com' WHERE id = 1")
                .await;
            scene.assert_is_over(purpose, &token, &case).await;
        }
    }
}

#[tokio::test]
async fn a_session_of_the_thief_cannot_begin_anything_after_a_reset_or_a_changed_password() {
    let mut scene = Scene::new().await;
    for recovery in [Recovery::Reset, Recovery::ChangedPassword] {
        let thief = scene.begin().await;
        scene.recover(recovery).await;
        let token = &thief.tokens.access;
        let requests = [
            scene.service.put("/auth/email").json(&json!({"email": THIEF, "password": PASSWORD})),
            scene.service.post("/auth/email/verification"),
            scene
                .service
                .put("/auth/password")
                .json(&json!({"current_password": PASSWORD, "new_password": "thiefs own"})),
        ];
        for request in requests {
            assert_problem(&request.bearer(token).send().await, 401, "invalid_token");
        }
        assert_problem(
            &scene.service.try_login("alice@example.com", PASSWORD).await,
            401,
            "invalid_credentials",
        );
        assert_eq!(scene.service.sql(LEFT).await, [""; 0], "{recovery:?}");
    }
}
