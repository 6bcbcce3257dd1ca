//! Rules that hold for every text.

/// Whether the text holds a NUL character, which Postgres cannot store and the API refuses everywhere.
#[must_use]
pub fn has_nul(text: &str) -> bool {
    text.contains('\0')
}
