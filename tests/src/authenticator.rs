//! An authenticator app (RFC 6238), and logins with it. It shares no code with the service.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use crate::{Account, Answer, Front, PASSWORD, Service, Tokens};

/// An authenticator that has the secret of an account.
#[derive(Debug, Clone)]
pub struct Authenticator {
    secret: Vec<u8>,
}

impl Authenticator {
    /// Reads a secret in base 32, as an app does (RFC 4648 section 6).
    ///
    /// # Panics
    /// When the text is something else.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let (mut bits, mut count, mut octets) = (0_usize, 0, Vec::new());
        for character in secret.chars() {
            let value = ALPHABET.find(character).unwrap_or_else(|| panic!("expected base 32: {secret}"));
            bits = (bits << 5) & 0xffff | value;
            count += 5;
            if count >= 8 {
                count -= 8;
                octets.push(u8::try_from((bits >> count) & 0xff).expect("eight bits"));
            }
        }
        Self { secret: octets }
    }

    /// The octets of the secret.
    #[must_use]
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// The code of a step (RFC 4226 section 5.3).
    ///
    /// # Panics
    /// Never: an HMAC takes a key of any length.
    #[must_use]
    pub fn code_of(&self, step: u64) -> String {
        let mut hmac =
            <Hmac<Sha1> as KeyInit>::new_from_slice(&self.secret).expect("a key of any length fits");
        hmac.update(&step.to_be_bytes());
        let hash = hmac.finalize().into_bytes();
        let place = usize::from(hash[19] & 15);
        let number = u32::from_be_bytes(hash[place..place + 4].try_into().expect("four octets"));
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }

    /// The code that an authenticator shows whose clock is off by these many steps.
    ///
    /// # Panics
    /// When the clock of this machine is before 1970.
    #[must_use]
    pub fn code(&self, off: i64) -> String {
        self.code_of((now() / 30).checked_add_signed(off).expect("a time after 1970"))
    }

    /// A code that no step near the present has.
    ///
    /// # Panics
    /// As for [`Self::code`].
    #[must_use]
    pub fn wrong_code(&self) -> String {
        let near: Vec<String> = (-3..=4).map(|off| self.code(off)).collect();
        (0..).map(|number| format!("{number:06}")).find(|code| !near.contains(code)).expect("one of ten")
    }
}

/// In seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs()
}

/// Waits until a step has at least these many seconds left, so that a test sees no other one begin.
pub async fn within_a_step(seconds: u64) {
    let left = 30 - now() % 30;
    if left < seconds {
        tokio::time::sleep(Duration::from_secs(left)).await;
    }
}

impl Front {
    /// Begins to set up an authenticator.
    ///
    /// # Panics
    /// When the service refuses the request.
    pub async fn begin_totp(&self, access_token: &str) -> Authenticator {
        let begun = self.post("/auth/totp").bearer(access_token).send().await.expect(200).json();
        Authenticator::of(begun["secret"].as_str().expect("a secret"))
    }

    /// Confirms an authenticator by a code. Returns any answer.
    pub async fn confirm_totp(&self, access_token: &str, code: &str) -> Answer {
        self.post("/auth/totp/confirm").bearer(access_token).json(&json!({"code": code})).send().await
    }

    /// Logs in with the right password of an account that has a second factor. Returns the challenge.
    ///
    /// # Panics
    /// When the answer is another one.
    pub async fn challenge(&self, email: &str) -> String {
        let answer = self.try_login(email, PASSWORD).await.expect(401).json();
        assert_eq!(answer["code"], "second_factor_required", "expected a challenge: {answer:#}");
        answer["challenge"].as_str().expect("a challenge").to_owned()
    }

    /// Sends a second factor, such as `{"code": "123456"}`, for a challenge. Returns any answer.
    pub async fn login_factor(&self, challenge: &str, proof: &Value) -> Answer {
        let mut body = proof.clone();
        body["challenge"] = challenge.into();
        self.post("/auth/login/factor").json(&body).send().await
    }

    /// Proves a second factor in a session. Returns any answer.
    pub async fn reauthenticate(&self, access_token: &str, proof: &Value) -> Answer {
        self.post("/auth/reauthenticate").bearer(access_token).json(proof).send().await
    }
}

impl Service {
    /// Sets up an authenticator, as the first factor of the account. Returns it, and the recovery codes. No code of it counts as used.
    ///
    /// # Panics
    /// When the service refuses a request.
    pub async fn authenticator(&self, account: &Account) -> (Authenticator, Vec<String>) {
        let authenticator = self.begin_totp(&account.tokens.access).await;
        let confirmed = self.confirm_totp(&account.tokens.access, &authenticator.code(0)).await.expect(200);
        self.forget_codes().await;
        let codes = confirmed.json()["recovery_codes"].as_array().cloned().expect("recovery codes");
        (authenticator, codes.iter().map(|code| code.as_str().expect("a text").to_owned()).collect())
    }

    /// Forgets which codes of authenticators were used, so that a test need not wait for the next step.
    pub async fn forget_codes(&self) {
        self.sql("UPDATE totp SET last_step = 0 WHERE secret IS NOT NULL").await;
    }

    /// Logs in with the password and a code.
    ///
    /// # Panics
    /// When the service refuses the login.
    pub async fn login_with_code(&self, email: &str, authenticator: &Authenticator) -> Tokens {
        self.forget_codes().await;
        let challenge = self.challenge(email).await;
        let code = json!({"code": authenticator.code(0)});
        Tokens::of(&self.login_factor(&challenge, &code).await.expect(200))
    }
}
