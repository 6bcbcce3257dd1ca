//! The codes that replace a lost second factor.

use std::fmt;

use serde::Deserialize;
use utoipa::openapi::schema::ArrayBuilder;
use zeroize::Zeroizing;

use crate::Random;
use crate::schema::{inline_schema, string};

/// Crockford's base 32: the digits and the capital letters without `I`, `L`, `O` and `U`. Each character is five bits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How a code is shown.
const SHOWN: &str = "^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$";

/// A recovery code: ten characters of Crockford's base 32, 50 random bits. It is shown as `7K3QX-0PV9M`, wiped from memory when it is
/// dropped, and `Debug` hides it.
///
/// People copy it from paper, so its input is forgiving: case, hyphens and spaces do not matter, `I` and `L` are `1`, and `O` is `0`. There is
/// no `==`: codes are compared by their keyed hashes.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct RecoveryCode(Zeroizing<[u8; Self::CHARACTERS]>);

/// The text is not a recovery code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a recovery code: ten letters and digits, such as 7K3QX-0PV9M")]
pub struct RecoveryCodeError;

inline_schema! {
    RecoveryCode => string(
        "One of the recovery codes. Case, hyphens and spaces do not matter; I and L are read as 1, and O as 0.",
        "7K3QX-0PV9M",
    )
    .pattern(Some("^[ -]*(?:[0-9A-TV-Za-tv-z][ -]*){10}$"))
}

impl RecoveryCode {
    /// The number of characters, without the hyphen.
    pub const CHARACTERS: usize = 10;
    /// The number of codes that an account gets at once.
    pub const PER_ACCOUNT: usize = 10;

    /// Generates a code.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut code = Zeroizing::new([0; Self::CHARACTERS]);
        random.fill(code.as_mut());
        for octet in code.iter_mut() {
            // 32 divides 256, so no character is more frequent than the others.
            *octet = ALPHABET.get(usize::from(*octet % 32)).copied().unwrap_or_default();
        }
        Self(code)
    }

    /// Generates the codes of an account.
    #[must_use]
    pub fn generate_all(random: &dyn Random) -> [Self; Self::PER_ACCOUNT] {
        std::array::from_fn(|_| Self::generate(random))
    }

    /// The ten characters, as they are hashed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::CHARACTERS] {
        &self.0
    }

    /// The text for the owner, such as `7K3QX-0PV9M`.
    #[must_use]
    pub fn shown(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(Self::CHARACTERS + 1));
        for (place, character) in self.0.iter().enumerate() {
            if place == Self::CHARACTERS / 2 {
                text.push('-');
            }
            text.push(char::from(*character));
        }
        text
    }
}

/// The schema of the codes that an account gets, each as [`RecoveryCode::shown`] writes it.
#[must_use]
pub fn recovery_codes() -> ArrayBuilder {
    let code = string("A recovery code.", "7K3QX-0PV9M").pattern(Some(SHOWN)).max_length(Some(11));
    ArrayBuilder::new()
        .items(code)
        .min_items(Some(RecoveryCode::PER_ACCOUNT))
        .max_items(Some(RecoveryCode::PER_ACCOUNT))
        .description(Some("The recovery codes. Each works once. They are shown only now."))
}

impl TryFrom<String> for RecoveryCode {
    type Error = RecoveryCodeError;

    fn try_from(text: String) -> Result<Self, RecoveryCodeError> {
        let text = Zeroizing::new(text);
        let mut code = Zeroizing::new([0; Self::CHARACTERS]);
        let mut places = code.iter_mut();
        for character in text.chars().filter(|it| !matches!(it, ' ' | '-')) {
            let place = places.next().ok_or(RecoveryCodeError)?;
            *place = normalised(character).ok_or(RecoveryCodeError)?;
        }
        if places.next().is_none() { Ok(Self(code)) } else { Err(RecoveryCodeError) }
    }
}

/// The character of the alphabet that is meant.
fn normalised(character: char) -> Option<u8> {
    let meant = match u8::try_from(character).ok()?.to_ascii_uppercase() {
        b'I' | b'L' => b'1',
        b'O' => b'0',
        other => other,
    };
    ALPHABET.contains(&meant).then_some(meant)
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Fills each buffer with consecutive numbers from this one on.
    struct Counting(u8);

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            (0_u8..).zip(buffer).for_each(|(place, octet)| *octet = self.0.wrapping_add(place));
        }
    }

    fn read(text: &str) -> Result<String, RecoveryCodeError> {
        RecoveryCode::try_from(text.to_owned()).map(|code| code.shown().to_string())
    }

    #[test]
    fn every_character_is_five_random_bits() {
        let shown = |first| RecoveryCode::generate(&Counting(first)).shown().to_string();
        assert_eq!(shown(0), "01234-56789");
        assert_eq!(shown(22), "PQRST-VWXYZ");
        assert_eq!(shown(32 + 10), "ABCDE-FGHJK");
        assert_eq!(ALPHABET.iter().collect::<std::collections::BTreeSet<_>>().len(), 32);
    }

    #[test]
    fn an_account_gets_ten_codes() {
        assert_eq!(RecoveryCode::generate_all(&Counting(0)).len(), 10);
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        for text in [
            "7K3QX-0PV9M",
            "7k3qx-0pv9m",
            "7K3QX0PV9M",
            " 7k3 qx - 0pv 9m ",
            "7K3QX-OPV9M",
            "7K3QX-opv9m",
            "-7-K3QX--0PV9M-",
        ] {
            assert_eq!(read(text).as_deref(), Ok("7K3QX-0PV9M"), "{text:?}");
        }
        assert_eq!(read("IiLl1 Oo001").as_deref(), Ok("11111-00001"));
        for text in [
            "",
            "-",
            "7K3QX-0PV9",
            "7K3QX-0PV9MM",
            "7K3QX-0PV9U",
            "7K3QX-0PV9u",
            "7K3QX_0PV9M",
            "7K3QX–0PV9M",
            "7K3QX-0PV9é",
            "７K3QX-0PV9M",
            "7K3QX-0PV9M\n",
            "7K3QX-0PV9\0",
            "7K3QX-0PV9\u{130}",
        ] {
            assert_eq!(read(text), Err(RecoveryCodeError), "{text:?}");
        }
    }

    #[test]
    fn a_code_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", RecoveryCode::generate(&Counting(0))), "RecoveryCode(…)");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_every_code_is_read_as_it_is_shown(text in any::<String>(), first in any::<u8>()) {
            if let Ok(shown) = read(&text) {
                prop_assert_eq!(read(&shown), Ok(shown));
            }
            let code = RecoveryCode::generate(&Counting(first));
            let again = RecoveryCode::try_from(code.shown().to_string()).unwrap();
            prop_assert_eq!(again.as_bytes(), code.as_bytes());
        }
    }
}
