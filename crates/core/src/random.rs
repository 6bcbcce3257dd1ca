//! Randomness, passed in.

/// A source of random octets fit for secrets.
pub trait Random: Send + Sync {
    /// Fills the buffer with random octets.
    fn fill(&self, buffer: &mut [u8]);
}
