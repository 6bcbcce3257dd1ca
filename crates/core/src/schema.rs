//! What the values of the API look like, for the OpenAPI document: the same limits as the rules that read them.

use std::borrow::Cow;

use serde_json::{Value, json};
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::{
    BirthDate, Email, Name, NewPassword, Password, PermissionId, PhoneNumber, Preferences, Profile,
    PublicProfile, RoleId, Search, Slug, Text, Timestamp, UserId, View, WebUrl,
};

/// The schema of a type that has no name of its own in the document.
macro_rules! schemas {
    ($($name:ty $(where $max:ident)? => $schema:expr;)+) => {
        $(impl$(<const $max: usize>)? PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }

        impl$(<const $max: usize>)? ToSchema for $name {})+
    };
}

schemas! {
    UserId => id("Names a user.", 7);
    RoleId => id("Names a role.", 2);
    PermissionId => id("Names a permission.", 3);
    Timestamp => text("A time in UTC with microseconds (RFC 3339).", "2026-05-15T09:30:00.123456Z")
        .format(format("date-time"));
    Email => text("An email address; white space around it is dropped, and case makes no other one.", "alice@example.com")
        .format(format("email"))
        .min_length(Some(5))
        .max_length(Some(Email::MAX_OCTETS));
    Password => text("As it was chosen.", "correct horse battery")
        .format(format("password"));
    NewPassword => text(
            "None of the most common passwords, and not the email address.",
            "correct horse battery",
        )
        .format(format("password"))
        .min_length(Some(Password::MIN_CHARACTERS))
        .max_length(Some(Password::MAX_CHARACTERS));
    Text<MAX> where MAX => ObjectBuilder::new().schema_type(Type::String).max_length(Some(MAX));
    Name<MAX> where MAX => text("White space around it is dropped; unique without case.", "editor")
        .min_length(Some(1))
        .max_length(Some(MAX))
        .pattern(Some(r"\S"));
    Slug => text("What a resource or an action is called; the action `all` stands for every one.", "user")
        .pattern(Some("^[a-z][a-z0-9_-]*$"))
        .max_length(Some(Slug::MAX_CHARACTERS));
    Search => text("A part of the email address or of the full name, without case.", "alice")
        .max_length(Some(Search::MAX_CHARACTERS));
    WebUrl => text("An `http` or `https` URL without a user name or password.", "https://example.com/alice")
        .format(format("uri"))
        .pattern(Some("^[Hh][Tt][Tt][Pp][Ss]?://"))
        .max_length(Some(WebUrl::MAX_CHARACTERS));
    PhoneNumber => text(
            "E.164 once spaces, dots, dashes and brackets are dropped; kept as it was sent.",
            "+44 20 7946 0958",
        )
        .pattern(Some(r"^[ .()\[\]-]*\+[ .()\[\]-]*[1-9]([ .()\[\]-]*[0-9]){1,14}[ .()\[\]-]*$"))
        .max_length(Some(PhoneNumber::MAX_CHARACTERS));
    BirthDate => text("A day of the past, 1900 or later.", "1990-05-15")
        .format(format("date"));
}

fn id(description: &str, example: i32) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(format("int32"))
        .minimum(Some(1))
        .maximum(Some(i32::MAX))
        .description(Some(description))
        .examples([example])
}

fn format(name: &str) -> Option<SchemaFormat> {
    Some(SchemaFormat::Custom(name.to_owned()))
}

fn text(description: &str, example: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description)).examples([example])
}

/// In a request, where null removes a key. In an answer no known key is null.
impl PartialSchema for Preferences {
    fn schema() -> RefOr<Schema> {
        let known = |kind: Type, description: &str| {
            ObjectBuilder::new()
                .schema_type(SchemaType::from_iter([kind, Type::Null]))
                .description(Some(description))
        };
        let flag = |description: &str| known(Type::Boolean, description);
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some(
                "An object. The known keys have rules, others are kept as they are sent; null removes a key. At most 16 KiB of \
                 compact JSON together, values nested at most 100 levels deep; numbers are integers of 64 bits or doubles.",
            ))
            .property(
                "theme",
                known(Type::String, "How the screen looks.")
                    .enum_values(Some([json!("light"), json!("dark"), json!("system"), Value::Null])),
            )
            .property(
                "language",
                known(Type::String, "A language tag (BCP 47).")
                    .format(format("bcp-47"))
                    .examples(["en", "pt-BR"]),
            )
            .property(
                "timezone",
                known(Type::String, "The IANA name of a time zone.")
                    .format(format("iana-time-zone"))
                    .examples(["Europe/Berlin"]),
            )
            .property("notifications_email", flag("Whether to send news by email."))
            .property("notifications_sms", flag("Whether to send news by text message."))
            .property("privacy_public_profile", flag("Whether everybody who is signed in may see the profile."))
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .examples([json!({"theme": "dark", "language": "en", "timezone": "Europe/Berlin"})])
            .into()
    }
}

impl ToSchema for Preferences {}

/// Not `oneOf`: a whole profile has all fields of its public part.
impl PartialSchema for View {
    fn schema() -> RefOr<Schema> {
        AnyOfBuilder::new()
            .item(Ref::from_schema_name(Profile::name()))
            .item(Ref::from_schema_name(PublicProfile::name()))
            .into()
    }
}

impl ToSchema for View {
    fn name() -> Cow<'static, str> {
        "VisibleProfile".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        for (name, schema) in
            [(Profile::name(), Profile::schema()), (PublicProfile::name(), PublicProfile::schema())]
        {
            schemas.push((name.into_owned(), schema));
        }
        Profile::schemas(schemas);
        PublicProfile::schemas(schemas);
    }
}
