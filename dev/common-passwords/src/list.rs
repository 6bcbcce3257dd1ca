//! The passwords of a list.

use users_core::Password;

/// The passwords of a list, one in each line, in the form in which the service compares them. Those that it refuses by their length are
/// left out.
pub(crate) fn passwords(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .map(|line| Password::from(line.to_owned()))
        .filter(Password::has_valid_length)
        .map(|password| password.folded().to_string())
}

#[cfg(test)]
mod tests {
    use super::passwords;

    #[test]
    fn short_ones_are_left_out_and_the_others_are_folded() {
        let read: Vec<String> =
            passwords("1234567\n12345678\r\nPassWord\nPE\u{301}CHE\u{301} MELBA\n\n").collect();
        assert_eq!(read, ["12345678", "password", "péché melba"]);
    }
}
