//! Randomness from the operating system, or from `wasi:random` in a component.

use users_core::Random;

/// The system's source of random octets.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where randomness enters")]
    #[expect(
        clippy::expect_used,
        reason = "wasi:random cannot fail, and without randomness no secret may be made"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the system gives random octets");
    }
}

/// A source that gives ones only, which shows in a test what was drawn.
#[cfg(test)]
pub(crate) struct Ones;

#[cfg(test)]
impl Random for Ones {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0xff);
    }
}
