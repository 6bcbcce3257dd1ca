//! Identifiers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::schema::{format, inline_schema};

/// The number or text is not the id of a session, of an API key or of a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a positive integer of at most 9223372036854775807")]
pub struct LongIdError;

/// The number or text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a positive integer of at most 2147483647")]
pub struct IdError;

/// An identifier that clients see: a positive 32-bit integer.
macro_rules! id {
    ($(#[$doc:meta])+ $name:ident, $description:literal, $example:literal) => {
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "f64", into = "i32")]
        pub struct $name(i32);

        inline_schema!($name => schema($description, $example));

        impl $name {
            /// The number.
            #[must_use]
            pub fn get(self) -> i32 {
                self.0
            }
        }

        impl TryFrom<i32> for $name {
            type Error = IdError;

            fn try_from(number: i32) -> Result<Self, IdError> {
                if number > 0 { Ok(Self(number)) } else { Err(IdError) }
            }
        }

        /// Accepts `7.0` for `7`: JSON does not distinguish integers from other numbers (RFC 8259 section 6).
        impl TryFrom<f64> for $name {
            type Error = IdError;

            fn try_from(number: f64) -> Result<Self, IdError> {
                whole(number).ok_or(IdError)?.try_into()
            }
        }

        impl From<$name> for i32 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        /// Parses the plain decimal form only: no sign, no leading zero.
        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                plain_decimal(text).and_then(|text| text.parse::<i32>().ok()).ok_or(IdError)?.try_into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

fn schema(description: &str, example: i32) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(format("int32"))
        .minimum(Some(1))
        .maximum(Some(i32::MAX))
        .description(Some(description))
        .examples([example])
}

/// Converts a whole number that fits 32 bits; any other number gives `None`.
fn whole(number: f64) -> Option<i32> {
    let fits = number.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number);
    #[expect(clippy::cast_possible_truncation, reason = "the number is an integer within the limits")]
    fits.then_some(number as i32)
}

id! {
    /// The id of an account: a positive 32-bit integer, never reused.
    UserId, "The id of a user.", 7
}

id! {
    /// The id of a role: a positive 32-bit integer, never reused.
    RoleId, "The id of a role.", 2
}

id! {
    /// The id of a permission: a positive 32-bit integer, never reused.
    PermissionId, "The id of a permission.", 3
}

/// An identifier that clients see: a positive 64-bit integer.
macro_rules! long_id {
    ($(#[$doc:meta])+ $name:ident, $description:literal) => {
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "i64", into = "i64")]
        pub struct $name(i64);

        inline_schema! {
            $name => ObjectBuilder::new()
                .schema_type(Type::Integer)
                .format(format("int64"))
                .minimum(Some(1))
                .maximum(Some(i64::MAX))
                .description(Some($description))
                .examples([9])
        }

        impl $name {
            /// The number.
            #[must_use]
            pub fn get(self) -> i64 {
                self.0
            }
        }

        impl TryFrom<i64> for $name {
            type Error = LongIdError;

            fn try_from(number: i64) -> Result<Self, LongIdError> {
                if number > 0 { Ok(Self(number)) } else { Err(LongIdError) }
            }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        /// Parses the plain decimal form only: no sign, no leading zero.
        impl FromStr for $name {
            type Err = LongIdError;

            fn from_str(text: &str) -> Result<Self, LongIdError> {
                plain_decimal(text).and_then(|text| text.parse::<i64>().ok()).ok_or(LongIdError)?.try_into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

long_id! {
    /// The id of a session: a positive 64-bit integer, never reused.
    SessionId, "The id of a session."
}

long_id! {
    /// The id of an API key: a positive 64-bit integer, never reused.
    ApiKeyId, "The id of an API key."
}

long_id! {
    /// The id of a passkey: a positive 64-bit integer, never reused.
    PasskeyId, "The id of a passkey."
}

fn plain_decimal(text: &str) -> Option<&str> {
    (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_positive_integer_in_plain_decimal() {
        assert_eq!("2147483647".parse::<UserId>().map(UserId::get), Ok(2_147_483_647));
        assert_eq!("9223372036854775807".parse::<SessionId>().map(SessionId::get), Ok(i64::MAX));
        for bad in ["", "0", "-1", "+1", "01", "1.0", "1 ", "١", "2147483648", "x"] {
            assert_eq!(bad.parse::<UserId>(), Err(IdError), "{bad:?}");
        }
        for bad in ["", "0", "-1", "+1", "01", "1.0", "9223372036854775808"] {
            assert_eq!(bad.parse::<SessionId>(), Err(LongIdError), "{bad:?}");
        }
    }
}
