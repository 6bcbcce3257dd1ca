//! Octets in JSON.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The most characters in the document: the largest body of a request.
const MAX_CHARACTERS: usize = 65_536;

/// Octets that JSON has as base64url without padding (RFC 4648 section 5; `Base64URLString` in WebAuthn section 5.1).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Octets(Vec<u8>);

impl Octets {
    /// The octets themselves.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl From<Vec<u8>> for Octets {
    fn from(octets: Vec<u8>) -> Self {
        Self(octets)
    }
}

impl From<&[u8]> for Octets {
    fn from(octets: &[u8]) -> Self {
        Self(octets.to_vec())
    }
}

impl Deref for Octets {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// Shows the length only: the octets may be a user handle or a challenge.
impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Octets({})", self.0.len())
    }
}

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let octets = URL_SAFE_NO_PAD.decode(text.as_bytes());
        octets.map(Self).map_err(|_| D::Error::custom("no base64url without padding"))
    }
}

impl PartialSchema for Octets {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[A-Za-z0-9_-]*$"))
            .max_length(Some(MAX_CHARACTERS))
            .description(Some("Octets in base64url without padding (RFC 4648 section 5)."))
            .into()
    }
}

impl ToSchema for Octets {
    fn name() -> Cow<'static, str> {
        "Base64Url".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_base64url_without_padding() {
        let octets = Octets::from(vec![0xfb, 0xff, 0x01, 0x02]);
        assert_eq!(serde_json::to_string(&octets).unwrap(), r#""-_8BAg""#);
        assert_eq!(serde_json::from_str::<Octets>(r#""-_8BAg""#).unwrap(), octets);
        assert_eq!(serde_json::from_str::<Octets>(r#""\u002d_8BAg""#).unwrap(), octets);
        assert_eq!(format!("{octets:?}"), "Octets(4)");
        assert!(serde_json::from_str::<Octets>(r#""""#).unwrap().is_empty());
    }

    #[test]
    fn any_other_encoding_is_refused() {
        for text in
            [r#""-_8BAg==""#, r#""+/8BAg""#, r#""-_8BAh""#, r#""-_8BA""#, r#""-_8 BAg""#, "null", "[1]"]
        {
            assert!(serde_json::from_str::<Octets>(text).is_err(), "{text}");
        }
    }
}
