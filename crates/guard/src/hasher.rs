//! The hash of passwords, as components compute it.

use users_crypto::PasswordHasher;

/// A hasher that lets other requests go on: Spin does not interrupt a component, so a hash pauses by itself.
#[cfg(target_family = "wasm")]
#[must_use]
pub fn password_hasher() -> PasswordHasher {
    PasswordHasher::pausing(users_web::spin::Clock)
}

/// A hasher that runs to its end without a pause, on a thread of this machine.
#[cfg(not(target_family = "wasm"))]
#[must_use]
pub fn password_hasher() -> PasswordHasher {
    PasswordHasher::new()
}
