//! The attestation object, in which a registration has the authenticator data.

use crate::PasskeyError;
use crate::cbor::Reader;

/// The most octets. The certificates of a TPM have some 6,000.
const MAX_OCTETS: usize = 32 * 1024;

/// The format of a registration without attestation.
const NONE: &str = "none";

/// The authenticator data of an attestation object (WebAuthn section 6.5.4). The statement of any format but `none` is read past: the
/// service asks for none, and trusts no maker of authenticators more than another.
pub(crate) fn authenticator_data(octets: &[u8]) -> Result<&[u8], PasskeyError> {
    if octets.len() > MAX_OCTETS {
        return Err(PasskeyError::TooLong("attestationObject"));
    }
    let object = AttestationObject::parse(octets).ok_or(PasskeyError::AttestationObject)?;
    if object.format == NONE && object.statement_entries != 0 {
        return Err(PasskeyError::AttestationStatement);
    }
    Ok(object.authenticator_data)
}

struct AttestationObject<'a> {
    format: &'a str,
    statement_entries: u64,
    authenticator_data: &'a [u8],
}

impl<'a> AttestationObject<'a> {
    /// The three members, in any order, and nothing else.
    fn parse(octets: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(octets);
        let (mut format, mut statement_entries, mut authenticator_data) = (None, None, None);
        for _ in 0..reader.map().filter(|entries| *entries == 3)? {
            match reader.text()? {
                "fmt" => format = Some(reader.text()?),
                "attStmt" => {
                    statement_entries = Some(reader.clone().map()?);
                    reader.skip()?;
                }
                "authData" => authenticator_data = Some(reader.bytes()?),
                _ => return None,
            }
        }
        let object = Self {
            format: format?,
            statement_entries: statement_entries?,
            authenticator_data: authenticator_data?,
        };
        reader.rest().is_empty().then_some(object)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(octets: &[u8]) -> Result<&[u8], PasskeyError> {
        authenticator_data(octets)
    }

    #[test]
    fn the_data_is_found_in_any_order_of_the_members() {
        for object in [
            &b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x43abc"[..],
            b"\xa3\x68authData\x43abc\x63fmt\x64none\x67attStmt\xa0",
            b"\xa3\x63fmt\x66packed\x67attStmt\xa1\x63alg\x26\x68authData\x43abc",
        ] {
            assert_eq!(read(object), Ok(&b"abc"[..]));
        }
    }

    #[test]
    fn the_format_none_has_no_statement() {
        let object = b"\xa3\x63fmt\x64none\x67attStmt\xa1\x63alg\x26\x68authData\x43abc";
        assert_eq!(read(object), Err(PasskeyError::AttestationStatement));
    }

    #[test]
    fn another_object_is_malformed() {
        for object in [
            &b""[..],
            b"\xa0",
            b"\x80",
            // Without data, twice the same member, another member, a statement that is no map, and something that follows.
            b"\xa2\x63fmt\x64none\x67attStmt\xa0",
            b"\xa3\x63fmt\x64none\x67attStmt\xa0\x63fmt\x64none",
            b"\xa4\x63fmt\x64none\x67attStmt\xa0\x68authData\x43abc\x61x\x00",
            b"\xa3\x63fmt\x64none\x67attStmt\x80\x68authData\x43abc",
            b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x43abc\x00",
            b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x63abc",
            b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x44abc",
        ] {
            assert_eq!(read(object), Err(PasskeyError::AttestationObject), "{object:x?}");
        }
        assert_eq!(read(&vec![0; MAX_OCTETS + 1]), Err(PasskeyError::TooLong("attestationObject")));
    }

    proptest! {
        #[test]
        fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&octets);
        }
    }
}
