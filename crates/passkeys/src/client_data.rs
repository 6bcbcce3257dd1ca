//! The client data: the part of an answer that the browser writes.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::{Challenge, PasskeyError, RelyingParty};

/// The most octets of client data. Browsers write some 200, and may add members.
const MAX_OCTETS: usize = 4096;
/// The most characters of a foreign origin in an error.
const MAX_ORIGIN: usize = 200;

/// The client data (WebAuthn section 5.8.1). Members that are not known yet are allowed.
#[derive(Debug, Deserialize)]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: Option<bool>,
    #[serde(default, rename = "topOrigin")]
    top_origin: Option<IgnoredAny>,
}

/// The value of `type` for a registration.
pub(crate) const CREATE: &str = "webauthn.create";
/// The value of `type` for an assertion.
pub(crate) const GET: &str = "webauthn.get";

/// Checks the client data (WebAuthn sections 7.1 and 7.2, up to the origins).
pub(crate) fn verify(
    octets: &[u8],
    r#type: &str,
    challenge: &Challenge,
    relying_party: &RelyingParty,
) -> Result<(), PasskeyError> {
    let data = parse(octets)?;
    if data.r#type != r#type {
        return Err(PasskeyError::Type);
    }
    if !challenge.is(&data.challenge) {
        return Err(PasskeyError::Challenge);
    }
    if !relying_party.has_origin(&data.origin) {
        return Err(PasskeyError::Origin(data.origin.chars().take(MAX_ORIGIN).collect()));
    }
    // No page of the service is meant to be inside another one.
    if data.cross_origin == Some(true) || data.top_origin.is_some() {
        return Err(PasskeyError::CrossOrigin);
    }
    Ok(())
}

/// The challenge that the client data names. Nothing is verified yet.
pub(crate) fn challenge(octets: &[u8]) -> Option<Challenge> {
    Challenge::from_base64url(&parse(octets).ok()?.challenge)
}

fn parse(octets: &[u8]) -> Result<ClientData, PasskeyError> {
    if octets.len() > MAX_OCTETS {
        return Err(PasskeyError::TooLong("clientDataJSON"));
    }
    // The reader of JSON does not look at the encoding of members that it skips.
    let text = std::str::from_utf8(octets).map_err(|_| PasskeyError::ClientData)?;
    // The algorithm “UTF-8 decode” of the standard removes a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|_| PasskeyError::ClientData)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use users_core::PublicUrl;

    use super::*;

    const ORIGIN: &str = "https://example.com";

    fn relying_party() -> RelyingParty {
        RelyingParty::parse("Example", "", "", &PublicUrl::parse(ORIGIN).unwrap()).unwrap()
    }

    fn the_challenge() -> Challenge {
        Challenge::from_octets(&[0; 32]).unwrap()
    }

    fn valid() -> serde_json::Value {
        json!({"type": "webauthn.get", "challenge": "A".repeat(43), "origin": ORIGIN, "crossOrigin": false})
    }

    fn verified(text: &[u8]) -> Result<(), PasskeyError> {
        verify(text, GET, &the_challenge(), &relying_party())
    }

    fn verified_with(member: &str, value: serde_json::Value) -> Result<(), PasskeyError> {
        let mut data = valid();
        data[member] = value;
        verified(data.to_string().as_bytes())
    }

    #[test]
    fn client_data_as_browsers_write_it_is_accepted() {
        assert_eq!(verified(valid().to_string().as_bytes()), Ok(()));
        assert_eq!(verified(format!("\u{feff}{}", valid()).as_bytes()), Ok(()));
        assert_eq!(verified_with("other_keys_can_be_added_here", json!({"a": [1]})), Ok(()));
        // Of level 2, which has no such member.
        let mut old = valid();
        old.as_object_mut().unwrap().remove("crossOrigin");
        assert_eq!(verified(old.to_string().as_bytes()), Ok(()));
        assert_eq!(challenge(old.to_string().as_bytes()), Some(the_challenge()));
    }

    #[test]
    fn client_data_of_another_ceremony_challenge_or_origin_is_refused() {
        for other in ["webauthn.create", "WEBAUTHN.GET", "payment.get", ""] {
            assert_eq!(verified_with("type", json!(other)), Err(PasskeyError::Type), "{other}");
        }
        for other in ["", &"B".repeat(43), &"A".repeat(42), &format!("{}=", "A".repeat(43))] {
            assert_eq!(verified_with("challenge", json!(other)), Err(PasskeyError::Challenge), "{other}");
        }
        for other in [
            "http://example.com",
            "https://example.com:8443",
            "https://example.com/",
            "https://EXAMPLE.com",
            "https://evil.example",
            "https://example.com.evil.example",
            "https://login.example.com",
            "null",
            "",
        ] {
            assert_eq!(verified_with("origin", json!(other)), Err(PasskeyError::Origin(other.to_owned())));
        }
    }

    #[test]
    fn a_foreign_origin_is_cut_in_the_error() {
        let Err(PasskeyError::Origin(origin)) = verified_with("origin", json!("ü".repeat(1000))) else {
            panic!("the origin is refused")
        };
        assert_eq!(origin.chars().count(), MAX_ORIGIN);
    }

    #[test]
    fn a_page_inside_another_one_is_refused() {
        assert_eq!(verified_with("crossOrigin", json!(true)), Err(PasskeyError::CrossOrigin));
        for top in ["https://example.org", ORIGIN] {
            assert_eq!(verified_with("topOrigin", json!(top)), Err(PasskeyError::CrossOrigin));
        }
    }

    #[test]
    fn anything_but_an_object_in_utf_8_is_refused() {
        let twice = valid().to_string().replacen('{', r#"{"challenge":"x","#, 1);
        let not_utf_8 = [valid().to_string().replacen('}', r#","x":""#, 1).as_bytes(), b"\xff\"}"].concat();
        let deep = valid().to_string().replacen('}', &format!(r#","x":{}}}"#, "[".repeat(1000)), 1);
        for text in [&b""[..], b"null", b"[]", b"{}", twice.as_bytes(), &not_utf_8, deep.as_bytes()] {
            assert_eq!(verified(text), Err(PasskeyError::ClientData), "{}", String::from_utf8_lossy(text));
            assert_eq!(challenge(text), None);
        }
        for (member, value) in [("type", json!(1)), ("origin", json!(null)), ("crossOrigin", json!("true"))] {
            assert_eq!(verified_with(member, value), Err(PasskeyError::ClientData), "{member}");
        }
        let after = format!("{}x", valid());
        assert_eq!(verified(after.as_bytes()), Err(PasskeyError::ClientData));
        assert_eq!(verified_with("x", json!("y".repeat(4096))), Err(PasskeyError::TooLong("clientDataJSON")));
    }
}
