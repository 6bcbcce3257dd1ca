//! The limit on the number of passwords that are hashed at once.

/// The number of password hashes that all replicas together compute at once. Each hash occupies a core and 19 MiB of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashSlots(i32);

/// The text is not a number of slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the variable hash_slots must be a whole number from 1 to {}", HashSlots::MOST)]
pub struct HashSlotsError;

impl HashSlots {
    /// The largest number of slots.
    pub const MOST: i32 = 1000;

    /// Reads the variable `hash_slots`.
    ///
    /// # Errors
    /// [`HashSlotsError`] when the text is not a whole number from 1 to [`Self::MOST`].
    pub fn parse(text: &str) -> Result<Self, HashSlotsError> {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let slots = text.parse().ok().filter(|slots| is_number && (1..=Self::MOST).contains(slots));
        slots.map(Self).ok_or(HashSlotsError)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> i32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_at_least_one_slot_and_at_most_a_thousand() {
        for (text, slots) in [("1", 1), ("8", 8), ("1000", 1000), ("007", 7)] {
            assert_eq!(HashSlots::parse(text).map(HashSlots::get), Ok(slots), "{text}");
        }
        for text in ["", "0", "-1", "+8", "1001", "8.0", "eight", " 8", "99999999999"] {
            assert_eq!(HashSlots::parse(text), Err(HashSlotsError), "{text}");
        }
        assert_eq!(
            HashSlotsError.to_string(),
            "the variable hash_slots must be a whole number from 1 to 1000"
        );
    }
}
