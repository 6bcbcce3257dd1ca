//! The filter, built by `xorf` and packed as `users_password` reads it.

use std::collections::BTreeSet;

use anyhow::{Context as _, anyhow};
use users_password::{FINGERPRINT_BITS, Header};
use xorf::BinaryFuse16;

/// The octets of the filter that knows these keys. Their order does not matter.
pub(crate) fn filter(keys: impl Iterator<Item = u64>) -> anyhow::Result<Vec<u8>> {
    // Two passwords with the same key are one key.
    let keys: Vec<u64> = keys.collect::<BTreeSet<_>>().into_iter().collect();
    let filter = BinaryFuse16::try_from(&keys).map_err(|reason| anyhow!("{reason}"))?;
    let header = Header {
        seed: filter.descriptor.seed,
        segment_length: filter.descriptor.segment_length,
        segment_count_length: filter.descriptor.segment_count_length,
        passwords: u32::try_from(keys.len()).context("the list is too long")?,
    };
    Ok([&header.to_bytes()[..], &packed(&filter.fingerprints)].concat())
}

/// The lower bits of each fingerprint, one after the other.
fn packed(fingerprints: &[u16]) -> Vec<u8> {
    let mut octets = Vec::new();
    let (mut bits, mut pending) = (0_u32, 0_u32);
    for fingerprint in fingerprints {
        pending |= (u32::from(*fingerprint) & ((1 << FINGERPRINT_BITS) - 1)) << bits;
        bits += FINGERPRINT_BITS;
        while bits >= 8 {
            octets.extend(pending.to_le_bytes().first());
            pending >>= 8;
            bits -= 8;
        }
    }
    // The remaining bits, and one more octet, so that a reader can take three octets at every place.
    octets.extend(pending.to_le_bytes().first());
    octets.push(0);
    octets
}

#[cfg(test)]
mod tests {
    use users_password::{Filter, key};
    use xorf::Filter as _;

    use super::*;

    fn keys(count: usize) -> Vec<u64> {
        (0..count).map(|number| key(&format!("password-{number}"))).collect()
    }

    #[test]
    fn a_packed_filter_knows_every_key() {
        for count in [1, 2, 100, 20_000] {
            let octets = filter(keys(count).into_iter()).unwrap();
            let filter = Filter::read(&octets).unwrap();
            assert!(keys(count).into_iter().all(|key| filter.contains(key)), "{count}");
            assert_eq!(filter.header().passwords, u32::try_from(count).unwrap());
        }
    }

    #[test]
    fn a_packed_filter_takes_few_others_for_its_own() {
        let octets = filter(keys(20_000).into_iter()).unwrap();
        let filter = Filter::read(&octets).unwrap();
        let refused = keys(220_000).into_iter().skip(20_000).filter(|key| filter.contains(*key)).count();
        assert!((1..40).contains(&refused), "{refused} of 200,000, where one in 16,384 is expected");
    }

    #[test]
    fn a_key_that_the_whole_filter_knows_is_known_to_the_packed_one() {
        let whole = BinaryFuse16::try_from(&keys(5_000)).unwrap();
        let octets = filter(keys(5_000).into_iter()).unwrap();
        let packed = Filter::read(&octets).unwrap();
        assert!(keys(400_000).iter().filter(|key| whole.contains(key)).all(|key| packed.contains(*key)));
    }

    #[test]
    fn the_same_passwords_yield_the_same_octets_in_whatever_order() {
        let forwards = filter(keys(5_000).into_iter()).unwrap();
        let twice_backwards = keys(5_000).into_iter().rev().chain(keys(5_000));
        assert_eq!(filter(twice_backwards).unwrap(), forwards);
    }
}
