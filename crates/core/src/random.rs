//! The source of randomness that callers pass in.

/// A cryptographically secure source of random octets.
pub trait Random: Send + Sync {
    /// Fills the buffer with random octets.
    fn fill(&self, buffer: &mut [u8]);
}
