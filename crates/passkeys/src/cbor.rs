//! A reader of CBOR (RFC 8949), as far as authenticators write it.
//!
//! Authenticators write the canonical form of CTAP2 (<https://fidoalliance.org/specs/fido-v2.2-ps-20250714/>, section 8): lengths are
//! definite, and there are no tags. The order of keys and the shortest form of numbers are not checked, since nothing depends on them.

/// Reads one item after the other. Every method returns `None` if the next item is of another kind, or cut off.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a>(&'a [u8]);

/// The kind of an item (RFC 8949 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Major {
    Unsigned,
    Negative,
    Bytes,
    Text,
    Array,
    Map,
    Simple,
}

impl<'a> Reader<'a> {
    /// Deeper items are refused. CTAP2 allows four levels, and an attestation statement is inside a map.
    const MAX_DEPTH: u8 = 8;

    pub(crate) fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    /// The octets that are not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// The number of entries of a map, whose keys and values are the next items.
    pub(crate) fn map(&mut self) -> Option<u64> {
        self.head_of(Major::Map)
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        let length = self.head_of(Major::Text)?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.head_of(Major::Bytes)?;
        self.take(length)
    }

    pub(crate) fn integer(&mut self) -> Option<i64> {
        match self.head()? {
            (Major::Unsigned, value) => value.try_into().ok(),
            (Major::Negative, value) => i64::try_from(value).ok().map(|value| -1 - value),
            _ => None,
        }
    }

    /// Reads past one item, whatever it is.
    pub(crate) fn skip(&mut self) -> Option<()> {
        self.skip_within(Self::MAX_DEPTH)
    }

    /// Reads past one item, and returns its octets.
    pub(crate) fn item(&mut self) -> Option<&'a [u8]> {
        let whole = self.0;
        self.skip()?;
        whole.get(..whole.len() - self.0.len())
    }

    /// Each item has at least one octet, so a large number of items ends with the input.
    fn skip_within(&mut self, depth: u8) -> Option<()> {
        let (major, value) = self.head()?;
        match major {
            Major::Unsigned | Major::Negative | Major::Simple => Some(()),
            Major::Bytes | Major::Text => self.take(value).map(|_| ()),
            Major::Array => self.skip_items(value, depth),
            Major::Map => self.skip_items(value.checked_mul(2)?, depth),
        }
    }

    fn skip_items(&mut self, count: u64, depth: u8) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        (0..count).try_for_each(|_| self.skip_within(depth))
    }

    fn head_of(&mut self, wanted: Major) -> Option<u64> {
        let (major, value) = self.head()?;
        (major == wanted).then_some(value)
    }

    /// The kind of the next item, and its value or length.
    fn head(&mut self) -> Option<(Major, u64)> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        let major = match first >> 5 {
            0 => Major::Unsigned,
            1 => Major::Negative,
            2 => Major::Bytes,
            3 => Major::Text,
            4 => Major::Array,
            5 => Major::Map,
            7 => Major::Simple,
            _ => return None,
        };
        let value = match first & 0x1f {
            small @ 0..=23 => u64::from(small),
            24 => self.number::<1>()?,
            25 => self.number::<2>()?,
            26 => self.number::<4>()?,
            27 => self.number::<8>()?,
            _ => return None,
        };
        Some((major, value))
    }

    fn number<const OCTETS: usize>(&mut self) -> Option<u64> {
        let (octets, rest) = self.0.split_first_chunk::<OCTETS>()?;
        self.0 = rest;
        Some(octets.iter().fold(0, |number, octet| number << 8 | u64::from(*octet)))
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 8949, appendix A.
    #[test]
    fn the_examples_of_the_rfc_are_read() {
        for (octets, expected) in [
            (&b"\x00"[..], 0),
            (b"\x17", 23),
            (b"\x18\x18", 24),
            (b"\x19\x03\xe8", 1000),
            (b"\x1a\x00\x0f\x42\x40", 1_000_000),
            (b"\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00", 1_000_000_000_000),
            (b"\x20", -1),
            (b"\x38\x63", -100),
            (b"\x39\x03\xe7", -1000),
        ] {
            assert_eq!(Reader::new(octets).integer(), Some(expected));
        }
        assert_eq!(Reader::new(b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff").integer(), None, "too small");
        assert_eq!(Reader::new(b"\x44\x01\x02\x03\x04").bytes(), Some(&[1, 2, 3, 4][..]));
        assert_eq!(Reader::new(b"\x64\x49\x45\x54\x46").text(), Some("IETF"));
        assert_eq!(Reader::new(b"\xa2\x01\x02\x03\x04").map(), Some(2));
    }

    #[test]
    fn an_item_is_everything_inside_it() {
        // {"a": [1, {2: h'03'}, 1.5, true]}, and one octet more.
        let octets = b"\xa1\x61a\x84\x01\xa1\x02\x41\x03\xf9\x3e\x00\xf5\x07";
        let mut reader = Reader::new(octets);
        assert_eq!(reader.item(), octets.split_last().map(|(_, item)| item));
        assert_eq!(reader.rest(), [7]);
    }

    #[test]
    fn other_kinds_are_refused() {
        for octets in [&b"\x01"[..], b"", b"\x62\xff\xff", b"\x63ab", b"\x7f\x61a\xff", b"\xc0\x61a"] {
            assert_eq!(Reader::new(octets).text(), None, "{octets:x?}");
        }
        // Cut off, of indefinite length, a tag, and a reserved length.
        for octets in
            [&b"\x82\x01"[..], b"\x9f\x01\xff", b"\xc1\x01", b"\x1c", b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff"]
        {
            assert_eq!(Reader::new(octets).skip(), None, "{octets:x?}");
        }
    }

    #[test]
    fn deep_items_and_enormous_numbers_of_items_are_refused() {
        let nested = |depth| [vec![0x81; depth], vec![0x00]].concat();
        assert_eq!(Reader::new(&nested(8)).skip(), Some(()));
        assert_eq!(Reader::new(&nested(9)).skip(), None);
        assert_eq!(Reader::new(&nested(100_000)).skip(), None);
        assert_eq!(Reader::new(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x00").skip(), None);
        assert_eq!(Reader::new(b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x00").skip(), None);
    }

    proptest! {
        #[test]
        fn any_octets_are_an_item_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut reader = Reader::new(&octets);
            if let Some(item) = reader.item() {
                prop_assert_eq!([item, reader.rest()].concat(), octets);
            }
        }
    }
}
