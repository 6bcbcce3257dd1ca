//! The authenticator data: the part of an answer that the authenticator writes and signs.

use crate::cbor::Reader;

/// The most octets. A long credential id and a key for RSA with 4,096 bits have 1,600; extensions come on top.
pub(crate) const MAX_OCTETS: usize = 4096;

/// The authenticator data (WebAuthn section 6.1).
#[derive(Debug)]
pub(crate) struct AuthenticatorData<'a> {
    /// The SHA-256 of the relying party id.
    pub(crate) rp_id_hash: &'a [u8; 32],
    pub(crate) flags: Flags,
    /// Zero if the authenticator does not count.
    pub(crate) sign_count: u32,
    /// The new passkey, in a registration.
    pub(crate) credential: Option<AttestedCredential<'a>>,
}

/// The flags of the authenticator data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flags(u8);

/// The new passkey (WebAuthn section 6.5.2).
#[derive(Debug)]
pub(crate) struct AttestedCredential<'a> {
    /// The model of the authenticator; zeros if it does not tell.
    pub(crate) aaguid: &'a [u8; 16],
    pub(crate) id: &'a [u8],
    /// One item of CBOR, which may be anything.
    pub(crate) public_key: &'a [u8],
}

impl Flags {
    /// UP: somebody touched the authenticator.
    pub(crate) fn user_present(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// UV: the authenticator recognised its user.
    pub(crate) fn user_verified(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// BE: the passkey may be copied to other devices of its user.
    pub(crate) fn backup_eligible(self) -> bool {
        self.0 & 0x08 != 0
    }

    /// BS: the passkey is copied now.
    pub(crate) fn backed_up(self) -> bool {
        self.0 & 0x10 != 0
    }

    fn has_credential(self) -> bool {
        self.0 & 0x40 != 0
    }

    fn has_extensions(self) -> bool {
        self.0 & 0x80 != 0
    }
}

impl<'a> AuthenticatorData<'a> {
    /// Reads the data. `None` if it is malformed, or anything follows it.
    pub(crate) fn parse(octets: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = octets.split_first_chunk::<32>()?;
        let (flags, rest) = rest.split_first()?;
        let (sign_count, rest) = rest.split_first_chunk::<4>()?;
        let flags = Flags(*flags);
        let (credential, rest) = if flags.has_credential() {
            let (credential, rest) = AttestedCredential::parse(rest)?;
            (Some(credential), rest)
        } else {
            (None, rest)
        };
        let rest = if flags.has_extensions() { after_map(rest)? } else { rest };
        let sign_count = u32::from_be_bytes(*sign_count);
        rest.is_empty().then_some(Self { rp_id_hash, flags, sign_count, credential })
    }
}

impl<'a> AttestedCredential<'a> {
    fn parse(octets: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (aaguid, rest) = octets.split_first_chunk::<16>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (id, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        let mut reader = Reader::new(rest);
        let public_key = reader.item()?;
        Some((Self { aaguid, id, public_key }, reader.rest()))
    }
}

/// The results of extensions are a map. None of them is asked for, so their contents do not matter.
fn after_map(octets: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(octets);
    reader.clone().map()?;
    reader.skip()?;
    Some(reader.rest())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn data(flags: u8, rest: &[u8]) -> Vec<u8> {
        [&[7; 32][..], &[flags], &[0, 0, 1, 2], rest].concat()
    }

    fn credential() -> Vec<u8> {
        [&[9; 16][..], &[0, 3], b"abc", b"\xa1\x01\x02"].concat()
    }

    #[test]
    fn data_without_a_credential_has_37_octets() {
        let octets = data(0x05, &[]);
        let data = AuthenticatorData::parse(&octets).unwrap();
        assert_eq!((data.rp_id_hash, data.sign_count), (&[7; 32], 258));
        assert!(data.flags.user_present() && data.flags.user_verified());
        assert!(!data.flags.backup_eligible() && !data.flags.backed_up());
        assert!(data.credential.is_none());
    }

    #[test]
    fn a_credential_and_extensions_follow_their_flags() {
        for (flags, rest) in
            [(0x59, credential()), (0xd9, [credential(), b"\xa1\x61a\xf5".to_vec()].concat())]
        {
            let octets = data(flags, &rest);
            let data = AuthenticatorData::parse(&octets).unwrap();
            assert!(data.flags.backup_eligible() && data.flags.backed_up() && !data.flags.user_verified());
            let credential = data.credential.unwrap();
            assert_eq!(credential.aaguid, &[9; 16]);
            assert_eq!((credential.id, credential.public_key), (&b"abc"[..], &b"\xa1\x01\x02"[..]));
        }
        assert!(AuthenticatorData::parse(&data(0x81, b"\xa0")).is_some());
    }

    #[test]
    fn data_that_is_cut_off_or_too_long_is_malformed() {
        let whole = data(0xc1, &[credential(), b"\xa0".to_vec()].concat());
        for length in 0..whole.len() {
            assert!(AuthenticatorData::parse(&whole[..length]).is_none(), "{length}");
        }
        for (flags, rest) in [
            (0x01, vec![0]),
            (0x01, credential()),
            (0x41, [credential(), vec![0xa0]].concat()),
            (0x81, b"\x00".to_vec()),
            (0x81, b"\x80".to_vec()),
            (0x81, b"\xa0\xa0".to_vec()),
        ] {
            assert!(AuthenticatorData::parse(&data(flags, &rest)).is_none(), "{flags:x} {rest:x?}");
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            AuthenticatorData::parse(&octets);
        }
    }
}
