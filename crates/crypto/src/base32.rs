//! Base 32 without padding (RFC 4648 section 6), in which people type the secret of an authenticator.

use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// The bits of a character.
const BITS: usize = 5;
/// The octets that make a whole number of characters.
const GROUP: usize = 5;

/// Encodes octets.
pub(crate) fn encode(octets: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity((8 * octets.len()).div_ceil(BITS)));
    for group in octets.chunks(GROUP) {
        let bits =
            (0..GROUP).fold(0, |bits, place| bits << 8 | u64::from(group.get(place).copied().unwrap_or(0)));
        let characters = (8 * group.len()).div_ceil(BITS);
        text.extend((0..characters).filter_map(|place| {
            let index = usize::try_from(bits >> (8 * GROUP - BITS * (place + 1)) & 31).ok()?;
            ALPHABET.get(index).copied().map(char::from)
        }));
    }
    text
}

/// Decodes octets. `None` for another alphabet, padding, an impossible length, and unused bits that are not zero: octets have one spelling.
pub(crate) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut octets = Zeroizing::new(Vec::with_capacity(text.len() * BITS / 8));
    let (mut bits, mut waiting) = (0_u32, 0);
    for character in text.bytes() {
        let value = ALPHABET.iter().position(|it| *it == character)?;
        bits = bits << BITS | u32::try_from(value).ok()?;
        waiting += BITS;
        if waiting >= 8 {
            waiting -= 8;
            octets.push(u8::try_from(bits >> waiting).ok()?);
            bits &= (1 << waiting) - 1;
        }
    }
    // A character that is not needed, or bits that say nothing.
    (waiting < BITS && bits == 0).then_some(octets)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 4648 section 10.
    #[test]
    fn the_vectors_of_the_standard_hold_without_their_padding() {
        for (octets, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(*encode(octets.as_bytes()), text);
            assert_eq!(decode(text).as_deref().map(Vec::as_slice), Some(octets.as_bytes()), "{text}");
        }
    }

    #[test]
    fn octets_have_one_spelling() {
        for text in [
            "MY======", "my", "M", "MZX", "MZXW6Y", "MZ", "MZXR", "MZXW7", "MZXW6YR", "M1", "M8", "M0",
            "M Y", "MY\n", "É", "ＭＹ",
        ] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_octets_are_read_as_they_are_written(octets in any::<Vec<u8>>()) {
            prop_assert_eq!(decode(&encode(&octets)).map(|it| it.to_vec()), Some(octets));
        }

        #[test]
        fn what_is_read_would_be_written_so(text in "[A-Z2-7]{0,20}|.*") {
            if let Some(octets) = decode(&text) {
                prop_assert_eq!(&*encode(&octets), &text);
            }
        }
    }
}
