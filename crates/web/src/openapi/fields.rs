//! The fields of an input, as its checks name them.

use utoipa::PartialSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{RefOr, Required};

use crate::{Checks, Input, Presence};

/// What an input reads.
#[derive(Debug, Default)]
pub struct Fields(Vec<Field>);

struct Field {
    pointer: String,
    schema: RefOr<Schema>,
    presence: Presence,
}

impl Fields {
    /// Those that an input asks for when nothing was sent.
    pub(crate) fn of<I: Input>() -> Self {
        let mut checks = Checks::new();
        drop(I::default().check(&mut checks));
        checks.into_fields()
    }

    pub(crate) fn note<T: PartialSchema>(&mut self, pointer: &str, presence: Presence) {
        self.add(pointer, T::schema(), presence);
    }

    pub(crate) fn note_list<T: PartialSchema>(
        &mut self,
        pointer: &str,
        presence: Presence,
        min: usize,
        max: usize,
    ) {
        let list =
            ArrayBuilder::new().items(T::schema()).min_items((min > 0).then_some(min)).max_items(Some(max));
        self.add(pointer, RefOr::T(Schema::Array(list.build())), presence);
    }

    fn add(&mut self, pointer: &str, schema: RefOr<Schema>, presence: Presence) {
        if !self.0.iter().any(|field| field.pointer == pointer) {
            self.0.push(Field { pointer: pointer.to_owned(), schema, presence });
        }
    }

    /// As members of an object.
    pub(crate) fn object(self) -> RefOr<Schema> {
        let mut object = ObjectBuilder::new().schema_type(Type::Object);
        for Field { pointer, schema, presence } in self.0 {
            let name = pointer.trim_start_matches('/');
            let schema = if presence == Presence::Optional { nullable(schema) } else { schema };
            object = object.property(name, schema);
            if presence == Presence::Required {
                object = object.required(name);
            }
        }
        RefOr::T(Schema::Object(object.build()))
    }

    /// As parameters of a path or a query.
    pub(crate) fn parameters(self, place: ParameterIn) -> impl Iterator<Item = Parameter> {
        self.0.into_iter().map(move |Field { pointer, schema, presence }| {
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
}

/// Swagger UI shows the description of a parameter, not that of its schema.
fn description(schema: &RefOr<Schema>) -> Option<String> {
    match schema {
        RefOr::T(Schema::Object(object)) => object.description.clone(),
        _ => None,
    }
}

/// The same, or null.
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

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.pointer, self.presence)
    }
}
