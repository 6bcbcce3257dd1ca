//! A binary fuse filter (Graf and Lemire, “Binary Fuse Filters: Fast and Smaller Than Xor Filters”, 2022) with fingerprints of 14 bits,
//! read where it lies.
//!
//! A filter knows every key that it was built from, and takes one in 2^14 of the others for one of them. A key has three places in
//! the table, and is known when the fingerprints there, combined by exclusive or, are its own. Because they are combined bit by bit, the
//! lower 14 bits of a filter with 16 bits are a filter: `dev/common-passwords` lets the crate `xorf` build one, and leaves out two bits of
//! each fingerprint, which makes room for an eighth more passwords.

use core::hash::Hasher;

use fnv::FnvHasher;

/// The bits of a fingerprint. A password that is not in the list is taken for a common one with a probability of 2^-14, or 0.006 %.
pub const FINGERPRINT_BITS: u32 = 14;
const FINGERPRINT_MASK: u64 = (1 << FINGERPRINT_BITS) - 1;

/// The key of a folded password: FNV-1a with 64 bits. Nobody gains anything from two passwords with the same key, so the hash need not
/// resist collisions.
#[must_use]
pub fn key(folded: &str) -> u64 {
    let mut hasher = FnvHasher::default();
    hasher.write(folded.as_bytes());
    hasher.finish()
}

/// The first octets of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The seed of the hash that spreads the keys.
    pub seed: u64,
    /// The length of a segment in fingerprints, a power of two. The three places of a key are in three consecutive segments.
    pub segment_length: u32,
    /// The number of places in which a key can have its first one.
    pub segment_count_length: u32,
    /// The number of keys that the filter was built from.
    pub passwords: u32,
}

impl Header {
    /// The octets of a header.
    pub const LENGTH: usize = 20;

    /// The header as a filter has it: its members in this order, in little-endian octets.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LENGTH] {
        let seed = self.seed.to_le_bytes().into_iter();
        let others = [self.segment_length, self.segment_count_length, self.passwords];
        let mut octets = seed.chain(others.into_iter().flat_map(u32::to_le_bytes));
        core::array::from_fn(|_| octets.next().unwrap_or_default())
    }

    fn split_from(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (seed, rest) = bytes.split_first_chunk()?;
        let (segment_length, rest) = rest.split_first_chunk()?;
        let (segment_count_length, rest) = rest.split_first_chunk()?;
        let (passwords, rest) = rest.split_first_chunk()?;
        let header = Self {
            seed: u64::from_le_bytes(*seed),
            segment_length: u32::from_le_bytes(*segment_length),
            segment_count_length: u32::from_le_bytes(*segment_count_length),
            passwords: u32::from_le_bytes(*passwords),
        };
        Some((header, rest))
    }
}

/// A filter in memory: a [`Header`] and the fingerprints, each [`FINGERPRINT_BITS`] long, one after the other from the lowest bit of the
/// first octet on. One octet more is at the end, so that three octets can be read at every place.
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    header: Header,
    fingerprints: &'a [u8],
}

impl<'a> Filter<'a> {
    /// Reads the header. `None` when the octets are too few for the fingerprints that it announces.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (header, fingerprints) = Header::split_from(bytes)?;
        let filter = Self { header, fingerprints };
        let last = u64::from(header.segment_count_length) + 2 * u64::from(header.segment_length);
        filter.fingerprint(last.checked_sub(1)?).map(|_| filter)
    }

    /// The first octets of the filter.
    #[must_use]
    pub fn header(&self) -> Header {
        self.header
    }

    /// Returns true for a key that the filter was built from, and for one in 2^14 of all others.
    #[must_use]
    pub fn contains(&self, key: u64) -> bool {
        let hash = mix(key.wrapping_add(self.header.seed));
        let found = self.places(hash).map(|place| self.fingerprint(place));
        // Every place is within the table, as `read` made sure.
        matches!(found, [Some(a), Some(b), Some(c)] if a ^ b ^ c == (hash ^ (hash >> 32)) & FINGERPRINT_MASK)
    }

    /// The three places of a hash. They are those of `xorf`.
    fn places(&self, hash: u64) -> [u64; 3] {
        let length = u64::from(self.header.segment_length);
        let mask = length.wrapping_sub(1);
        // The upper half of a product of 64 bits by 32.
        let product = u128::from(hash) * u128::from(self.header.segment_count_length);
        let first = (product >> 64) as u64;
        [first, (first + length) ^ ((hash >> 18) & mask), (first + 2 * length) ^ (hash & mask)]
    }

    fn fingerprint(&self, place: u64) -> Option<u64> {
        let bit = place.checked_mul(u64::from(FINGERPRINT_BITS))?;
        let octets = self.fingerprints.get(usize::try_from(bit / 8).ok()?..)?;
        let &[low, middle, high] = octets.first_chunk()?;
        let bits = u64::from(u32::from_le_bytes([low, middle, high, 0]));
        Some((bits >> (bit % 8)) & FINGERPRINT_MASK)
    }
}

/// The last steps of MurmurHash3, which let each bit of the input change half of the bits of the output.
fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;

    const HEADER: Header = Header { seed: 7, segment_length: 4, segment_count_length: 8, passwords: 3 };

    #[test]
    fn a_header_is_read_as_it_was_written() {
        let mut bytes = HEADER.to_bytes().to_vec();
        // 16 fingerprints, and the octet at the end.
        bytes.extend([0; 29]);
        assert_eq!(Filter::read(&bytes).unwrap().header(), HEADER);
    }

    #[test]
    fn a_filter_that_was_cut_is_none() {
        let whole = [&HEADER.to_bytes()[..], &[0; 29]].concat();
        for length in [0, 7, 19, 20, whole.len() - 2] {
            assert!(Filter::read(&whole[..length]).is_none(), "{length}");
        }
        let empty = Header { segment_length: 0, segment_count_length: 0, ..HEADER };
        assert!(Filter::read(&empty.to_bytes()).is_none());
    }

    #[test]
    fn fingerprints_follow_each_other_bit_by_bit() {
        // 0x3fff, 0, 0x3fff, 0x1234, … from the lowest bit on.
        let packed = 0x3fff_u128 | 0x3fff << 28 | 0x1234 << 42;
        let mut bytes = vec![0; 29];
        bytes[..16].copy_from_slice(&packed.to_le_bytes());
        let filter = Filter { header: HEADER, fingerprints: &bytes };
        let read = [0, 1, 2, 3, 4].map(|place| filter.fingerprint(place).unwrap());
        assert_eq!(read, [0x3fff, 0, 0x3fff, 0x1234, 0]);
        assert_eq!(filter.fingerprint(16), None);
    }
}
