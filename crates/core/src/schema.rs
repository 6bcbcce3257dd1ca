//! Helpers for the schemas of the OpenAPI document. The schema of a type stands beside the type.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};

use crate::RoleName;

/// Gives a type a schema without a name. The document repeats the schema wherever the type is used.
macro_rules! inline_schema {
    ($type:ty $(where $max:ident)? => $schema:expr) => {
        impl$(<const $max: usize>)? utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $schema.into()
            }
        }

        impl$(<const $max: usize>)? utoipa::ToSchema for $type {}
    };
}

pub(crate) use inline_schema;

/// A string.
pub(crate) fn string(description: &str, example: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description)).examples([example])
}

/// The schema of the names of an account's roles. The list has no maximum length.
#[must_use]
pub fn role_names() -> ArrayBuilder {
    let name =
        string("The name of a role.", "user").min_length(Some(1)).max_length(Some(RoleName::MAX_CHARACTERS));
    ArrayBuilder::new().items(name).description(Some("The names of the roles."))
}

/// The schema of the ways in which a browser may reach an authenticator (WebAuthn section 5.8.4).
#[must_use]
pub fn transports() -> ArrayBuilder {
    let transport =
        string("A way to the authenticator, such as `usb`, `nfc`, `ble`, `hybrid` and `internal`.", "hybrid")
            .min_length(Some(1))
            .max_length(Some(32));
    ArrayBuilder::new()
        .items(transport)
        .max_items(Some(8))
        .description(Some("The ways in which a browser may reach the authenticator."))
}

/// The schema of the methods of an authentication (RFC 8176).
#[must_use]
pub fn authentication_methods() -> ArrayBuilder {
    let method = string("The name of a method (RFC 8176).", "pwd").min_length(Some(1)).max_length(Some(10));
    ArrayBuilder::new().items(method).max_items(Some(10))
}

/// The same, or null.
#[must_use]
pub fn authentication_methods_or_null() -> Array {
    let mut list = authentication_methods().build();
    list.schema_type = SchemaType::from_iter([Type::Array, Type::Null]);
    list
}

/// The name of a format, for [`ObjectBuilder::format`].
pub(crate) fn format(name: &str) -> Option<SchemaFormat> {
    Some(SchemaFormat::Custom(name.to_owned()))
}

/// The schema of a list of at most this many items, or null.
pub(crate) fn nullable_list(item: RefOr<Schema>, most: usize) -> Array {
    let mut list = ArrayBuilder::new().items(item).max_items(Some(most)).build();
    list.schema_type = SchemaType::from_iter([Type::Array, Type::Null]);
    list
}
