//! Links, as if the worker had sent them.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Service;
use crate::token::sha256_hex;

impl Service {
    /// Makes a link for an account. Returns its token.
    ///
    /// # Panics
    /// When there is no such account.
    pub async fn link(&self, purpose: &str, user: i64, email: &str) -> String {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // As long as a real token.
        let token = format!("one-time-token-{number:0>28}");
        self.sql(&format!(
            "INSERT INTO one_time_tokens (token_hash, user_id, purpose, email, message_id, expires_at)
             VALUES ('\\x{}', {user}, '{purpose}', '{}', {number}, now() + interval '10 minutes')",
            sha256_hex(&token),
            email.replace('\'', "''")
        ))
        .await;
        token
    }

    /// The messages that are to be sent: kind, account and what they carry, in the order in which they were recorded.
    pub async fn outbox(&self) -> Vec<String> {
        self.sql("SELECT kind, user_id, carries FROM outbox ORDER BY id").await
    }

    /// Forgets all messages, such as that of a registration.
    pub async fn empty_outbox(&self) {
        self.sql("DELETE FROM outbox").await;
    }
}
