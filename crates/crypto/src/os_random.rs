//! Randomness from the operating system; in a component, from `wasi:random`.

use users_core::Random;

/// The system's cryptographically secure random number generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    #[expect(clippy::disallowed_methods, reason = "all randomness enters the service here")]
    #[expect(
        clippy::expect_used,
        reason = "wasi:random cannot fail, and without randomness no secret may be generated"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the system provides random octets");
    }
}

/// A source whose bits are all ones, so that a test recognizes the random bits.
#[cfg(test)]
pub(crate) struct Ones;

#[cfg(test)]
impl Random for Ones {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0xff);
    }
}
