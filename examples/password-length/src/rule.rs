//! The rule. It consists of plain functions, so tests call it without WebAssembly.

/// The `message` for a password that is too short.
pub const TOO_SHORT: &str = "must be at least 15 characters long, such as four words";
/// The `message` for a password with the name of its owner in it.
pub const CONTAINS_NAME: &str = "must not contain your name";

/// The fewest characters (NIST SP 800-63B-4 section 3.1.1.2, for a password that is the only factor).
const MIN_CHARACTERS: usize = 15;
/// The shortest part of a name that counts, in characters. Shorter ones are in too many good passwords.
const SHORTEST_NAME: usize = 4;

/// Returns true for a password of fewer than 15 characters.
#[must_use]
pub fn is_too_short(password: &str) -> bool {
    password.chars().count() < MIN_CHARACTERS
}

/// Returns true if the password contains a part of the name, regardless of case. `folded` is the password in lower case.
#[must_use]
pub fn contains_name(folded: &str, full_name: &str) -> bool {
    let parts = full_name.split_whitespace().filter(|part| part.chars().count() >= SHORTEST_NAME);
    parts.map(str::to_lowercase).any(|part| folded.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_15_characters() {
        assert!(is_too_short("fourteen chars"));
        assert!(!is_too_short("fifteen charact"));
        assert!(!is_too_short(&"é".repeat(15)));
    }

    #[test]
    fn a_long_part_of_the_name_is_refused_in_any_case() {
        assert!(contains_name("my lovelace password", "Ada LOVELACE"));
        assert!(contains_name("jürgens passwort", "JÜRGEN"));
        assert!(!contains_name("an adamant password", "Ada Byron"), "ada is short");
        assert!(!contains_name("whatever it is", ""));
    }
}
