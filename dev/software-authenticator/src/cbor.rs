//! A writer of CBOR (RFC 8949), in the canonical form of CTAP2.

/// An integer.
pub(crate) fn integer(value: i64) -> Vec<u8> {
    match u64::try_from(value) {
        Ok(value) => head(0, value),
        Err(_) => head(1, (-1 - value).unsigned_abs()),
    }
}

/// Octets.
pub(crate) fn bytes(octets: &[u8]) -> Vec<u8> {
    [head(2, octets.len() as u64), octets.to_vec()].concat()
}

/// A text.
pub(crate) fn text(text: &str) -> Vec<u8> {
    [head(3, text.len() as u64), text.as_bytes().to_vec()].concat()
}

/// A map of encoded keys and values.
pub(crate) fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let entries_octets = entries.iter().flat_map(|(key, value)| [key.as_slice(), value.as_slice()].concat());
    head(5, entries.len() as u64).into_iter().chain(entries_octets).collect()
}

fn head(major: u8, value: u64) -> Vec<u8> {
    let [.., b3, b2, b1, b0] = value.to_be_bytes();
    let major = major << 5;
    match value {
        0..=23 => vec![major | b0],
        24..=0xff => vec![major | 24, b0],
        0x100..=0xffff => vec![major | 25, b1, b0],
        0x1_0000..=0xffff_ffff => vec![major | 26, b3, b2, b1, b0],
        _ => [&[major | 27][..], &value.to_be_bytes()].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8949, appendix A.
    #[test]
    fn the_examples_of_the_rfc_are_written() {
        for (value, octets) in [
            (0, &b"\x00"[..]),
            (23, b"\x17"),
            (24, b"\x18\x18"),
            (1000, b"\x19\x03\xe8"),
            (1_000_000, b"\x1a\x00\x0f\x42\x40"),
            (1_000_000_000_000, b"\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00"),
            (-1, b"\x20"),
            (-1000, b"\x39\x03\xe7"),
        ] {
            assert_eq!(integer(value), octets, "{value}");
        }
        assert_eq!(bytes(&[1, 2, 3, 4]), b"\x44\x01\x02\x03\x04");
        assert_eq!(text("IETF"), b"\x64\x49\x45\x54\x46");
        assert_eq!(map(&[(integer(1), integer(2)), (integer(3), integer(4))]), b"\xa2\x01\x02\x03\x04");
    }
}
