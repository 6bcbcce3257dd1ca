//! The fields of an input, collected by running its checks.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{RefOr, Required};

use crate::field::AskedFor;
use crate::{Checks, Input, MAX_BODY_BYTES, Presence};

/// The fields that an input reads from an empty request.
fn of<I: Input<R>, R: Default>() -> Vec<AskedFor> {
    let mut checks = Checks::new().under(R::default());
    drop(I::default().check(&mut checks));
    checks.into_asked_for()
}

/// The schema of a body: an object with the fields of the input, unless the input has its own schema.
pub(super) fn schema<I: Input<R>, R: Default>() -> RefOr<Schema> {
    if let Some(schema) = I::own_schema() {
        return schema;
    }
    let mut object = ObjectBuilder::new().schema_type(Type::Object);
    for AskedFor { pointer, schema, presence } in of::<I, R>() {
        let name = pointer.trim_start_matches('/');
        let schema = limited(flattened(schema));
        let schema = if presence == Presence::Optional { nullable(schema) } else { schema };
        object = object.property(name, schema);
        if presence == Presence::Required {
            object = object.required(name);
        }
    }
    RefOr::T(Schema::Object(object.build()))
}

/// The schema of a form. A field without a value counts as omitted, so a required field has at least one character.
pub(super) fn form_schema<I: Input>() -> RefOr<Schema> {
    let mut schema = schema::<I, ()>();
    if let RefOr::T(Schema::Object(form)) = &mut schema {
        for name in &form.required {
            if let Some(RefOr::T(Schema::Object(field))) = form.properties.get_mut(name)
                && field.enum_values.is_none()
            {
                field.min_length.get_or_insert(1);
            }
        }
    }
    schema
}

/// The fields as parameters of a path or a query.
pub(super) fn parameters<I: Input>(place: &ParameterIn) -> impl Iterator<Item = Parameter> {
    of::<I, ()>().into_iter().map(move |AskedFor { pointer, schema, presence }| {
        let required = if presence == Presence::Required { Required::True } else { Required::False };
        ParameterBuilder::new()
            .name(pointer.trim_start_matches('/'))
            .parameter_in(place.clone())
            .required(required)
            .description(description(&schema))
            .schema(Some(schema))
            .build()
    })
}

/// Copies the description from the schema to the parameter, because Swagger UI does not show a schema's description.
fn description(schema: &RefOr<Schema>) -> Option<String> {
    match schema {
        RefOr::T(Schema::Object(object)) => object.description.clone(),
        _ => None,
    }
}

/// Moves the descriptions of inlined members into their schemas. utoipa writes such a member as `allOf` its schema and an object that has only
/// the description, which no text could satisfy.
fn flattened(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            for property in object.properties.values_mut() {
                *property = flattened(std::mem::replace(property, RefOr::T(Schema::default())));
            }
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::AllOf(all)) => match all.items.as_slice() {
            [schema, RefOr::T(Schema::Object(about))] if is_description(about) => {
                described(flattened(schema.clone()), about.description.clone())
            }
            _ => RefOr::T(Schema::AllOf(all)),
        },
        other => other,
    }
}

fn is_description(object: &Object) -> bool {
    *object == ObjectBuilder::new().description(object.description.clone()).build()
}

fn described(mut schema: RefOr<Schema>, description: Option<String>) -> RefOr<Schema> {
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        object.description = description;
    }
    schema
}

/// If a text has no limit, limits its length to the maximum size of a body.
fn limited(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object))
            if object.schema_type == SchemaType::Type(Type::String) && object.enum_values.is_none() =>
        {
            object.max_length = object.max_length.or(Some(MAX_BODY_BYTES));
            RefOr::T(Schema::Object(object))
        }
        other => other,
    }
}

/// The schema, or null.
fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            if let SchemaType::Type(one) = object.schema_type {
                object.schema_type = SchemaType::from_iter([one, Type::Null]);
            }
            if let Some(values) = &mut object.enum_values {
                values.push(serde_json::Value::Null);
            }
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = SchemaType::from_iter([Type::Array, Type::Null]);
            RefOr::T(Schema::Array(array))
        }
        other => RefOr::T(Schema::OneOf(
            OneOfBuilder::new().item(ObjectBuilder::new().schema_type(Type::Null)).item(other).build(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use users_core::Bio;

    use super::*;
    use crate::Field;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Body {
        text: Field<String>,
        bio: Field<Bio>,
    }

    impl Input for Body {
        type Accepted = ();

        fn check(self, checks: &mut Checks) -> Option<()> {
            let (text, bio) = (checks.required("/text", self.text), checks.optional("/bio", self.bio));
            text.and(bio).map(drop)
        }
    }

    #[test]
    fn a_text_is_no_longer_than_its_type_or_the_body() {
        let schema = serde_json::to_value(schema::<Body, ()>()).unwrap();
        assert_eq!(schema["properties"]["text"]["maxLength"], MAX_BODY_BYTES);
        assert_eq!(schema["properties"]["bio"]["maxLength"], 2_000);
    }
}
