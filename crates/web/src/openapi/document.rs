//! The document, assembled from the parts of all components.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItem, PathsBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{
    ArrayBuilder, ComponentsBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::security::{
    Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    Required, Response, ResponseBuilder,
};

use super::operation::{Answer, FORM, JSON};
use super::{About, Operation, constant};
use crate::{Code, MAX_BODY_BYTES, OAuthError, Route, request_id};

/// The maximum length of a sentence in a problem, in characters. The service's own sentences are shorter, and a policy's reason is
/// cut at 500.
const MAX_SENTENCE: usize = 500;
/// The maximum length of a pointer, in characters: a name fills the body, and each character is escaped as two (RFC 6901 section
/// 3).
const MAX_POINTER: usize = 2 * MAX_BODY_BYTES;
/// The maximum number of broken fields in a report of 128 KiB. The pointer and the message of a field together have at least 14
/// octets.
const MAX_ERRORS: usize = 10_000;
/// The names in the document for the ways to send an access token.
const SCHEMES: [&str; 2] = ["password", "bearer"];

/// A component's part of the document.
#[derive(Debug)]
pub struct Part {
    tag: &'static str,
    description: &'static str,
    rows: Vec<Row>,
}

/// One entry of a table of routes.
#[derive(Debug)]
struct Row {
    method: Method,
    path: &'static str,
    /// The people for whom the route is, in a sentence. `None` if it does not belong to the administration.
    audience: Option<String>,
    speaks_oauth: bool,
    operation: Operation,
    about: About,
}

impl Part {
    /// Creates the part with a component's operations.
    #[must_use]
    pub fn new<S>(tag: &'static str, description: &'static str, routes: Vec<Route<S>>) -> Self {
        let row = |route: Route<S>| {
            Some(Row {
                audience: route.is_administrative.then(|| audience(&route.required)),
                method: route.method,
                path: route.path,
                speaks_oauth: route.speaks_oauth,
                operation: route.operation,
                about: route.about?,
            })
        };
        Self { tag, description, rows: routes.into_iter().filter_map(row).collect() }
    }
}

/// Creates the document of all components.
///
/// # Errors
/// A route has a method that OpenAPI does not know.
pub fn document(version: &str, description: &str, parts: Vec<Part>) -> Result<OpenApi, String> {
    let mut paths = PathsBuilder::new();
    let mut components = Components::default();
    let mut tags = Vec::new();
    for Part { tag, description, rows } in parts {
        tags.push(TagBuilder::new().name(tag).description(Some(description)).build());
        for row in rows {
            let (method, path) = (http_method(&row.method)?, row.path);
            paths = paths.path(path, PathItem::new(method, components.take(tag, row)));
        }
    }
    let info = InfoBuilder::new()
        .title("Users service")
        .version(version)
        .description(Some(description))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()));
    Ok(OpenApiBuilder::new()
        .info(info)
        .servers(Some([utoipa::openapi::Server::new("/")]))
        .paths(paths)
        .components(Some(components.build()))
        .tags(Some(tags))
        .build())
}

fn http_method(method: &Method) -> Result<HttpMethod, String> {
    Ok(match *method {
        Method::GET => HttpMethod::Get,
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::DELETE => HttpMethod::Delete,
        _ => return Err(format!("the method {method} has no place in the document")),
    })
}

/// The people for whom a route of the administration is.
fn audience(required: &str) -> String {
    if required == "admin" {
        "For administrators.".to_owned()
    } else {
        format!("For administrators, and for callers with the permission `{required}`.")
    }
}

/// The schemas and responses that several operations use.
#[derive(Default)]
struct Components {
    schemas: BTreeMap<String, RefOr<Schema>>,
    /// Answers with problems. Each belongs to a set of codes.
    responses: BTreeMap<String, Response>,
}

impl Components {
    fn take(&mut self, tag: &str, row: Row) -> OperationBuilder {
        let Row { audience, speaks_oauth, operation, about, .. } = row;
        let description = match (about.description, audience) {
            ("", audience) => audience,
            (text, None) => Some(text.to_owned()),
            (text, Some(audience)) => Some(format!("{audience} {text}")),
        };
        let mut builder = OperationBuilder::new()
            .tag(tag)
            .operation_id(Some(about.id))
            .summary(Some(about.summary))
            .description(description)
            .parameters(Some(operation.parameters));
        if !operation.body.is_empty() {
            let body = self.request_body(&about, operation.body, operation.is_body_optional);
            builder = builder.request_body(Some(body));
        }
        let schemes = if operation.is_guarded { &SCHEMES[..] } else { &[] };
        let mut securities: Vec<_> =
            schemes.iter().map(|scheme| SecurityRequirement::new(*scheme, [""; 0])).collect();
        if operation.is_token_optional {
            securities.push(SecurityRequirement::default());
        }
        builder = builder.securities(Some(securities));
        for (status, answer) in operation.answers {
            builder = builder.response(status.to_string(), good(status, &about, answer));
        }
        self.schemas.extend(operation.schemas);
        let mut problems: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
        // Every route refuses addresses that the operator has blocked.
        let everywhere = [Code::ADDRESS_REFUSED];
        let own = operation.problems.into_iter().chain(about.problems.iter().copied());
        for code in own.chain(everywhere) {
            let codes = problems.entry(code.status().as_u16()).or_default();
            if !codes.iter().any(|it| it.is_same_form(code)) {
                codes.push(code);
            }
        }
        for (status, codes) in problems {
            builder = builder.response(status.to_string(), self.problem(codes, speaks_oauth));
        }
        builder
    }

    fn request_body(
        &mut self,
        about: &About,
        contents: Vec<(&'static str, RefOr<Schema>)>,
        is_optional: bool,
    ) -> utoipa::openapi::request_body::RequestBody {
        let is_one_of_two = contents.len() > 1;
        let required = if is_optional { Required::False } else { Required::True };
        let mut builder = RequestBodyBuilder::new().required(Some(required));
        for (media_type, schema) in contents {
            let is_second_form = is_one_of_two && media_type == FORM;
            let (word, example) =
                if is_second_form { ("Form", &about.form_example) } else { ("Body", &about.example) };
            let name = format!("{}{word}", capitalised(about.id));
            let content =
                ContentBuilder::new().schema(Some(Ref::from_schema_name(&name))).example(example.clone());
            self.schemas.insert(name, schema);
            builder = builder.content(media_type, content.build());
        }
        builder.build()
    }

    /// A reference to the answer with one of these problems.
    fn problem(&mut self, mut codes: Vec<Code>, speaks_oauth: bool) -> Ref {
        // The forms of a kind stay in the order of the rule that answers with them.
        codes.sort_by_key(|code| code.as_str());
        let words = words(&codes).into_iter().map(pascal).collect::<Vec<_>>().join("Or");
        let name = if speaks_oauth { format!("OAuth{words}") } else { words };
        if !self.responses.contains_key(&name) {
            let schema = format!("{name}Problem");
            let answer = problem(&codes, Ref::from_schema_name(&schema), speaks_oauth);
            self.responses.insert(name.clone(), answer);
            self.schemas.insert(schema, problem_schema(&codes, speaks_oauth).into());
        }
        Ref::from_response_name(name)
    }

    fn build(self) -> utoipa::openapi::Components {
        let flow = Flow::Password(Password::with_refresh_url("/auth/login", Scopes::new(), "/auth/refresh"));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(
            Some("The `access_token` of a login (RFC 6750, RFC 9068), verified as RFC8725 says, or an API key."),
        );
        let [password_name, bearer_name] = SCHEMES;
        ComponentsBuilder::new()
            .schemas_from_iter(self.schemas)
            .responses_from_iter(self.responses)
            .security_scheme(
                password_name,
                SecurityScheme::OAuth2(OAuth2::with_description(
                    [flow],
                    "Logs in with email address and password (RFC 6749 section 4.3). Tokens are verified as RFC8725 says.",
                )),
            )
            .security_scheme(bearer_name, SecurityScheme::Http(bearer.build()))
            .build()
    }
}

fn good(status: u16, about: &About, answer: Answer) -> Response {
    let is_known = status == StatusCode::NOT_MODIFIED.as_u16();
    let description = if is_known { "You have this version already." } else { about.answer };
    let mut response = ResponseBuilder::new().description(description);
    for next in about.next.iter().filter(|_| !is_known) {
        let link = LinkBuilder::new()
            .operation_id(next.operation)
            .parameter(next.parameter, "$response.body#/id")
            .build();
        response = response.link(next.operation, link);
    }
    if let Some((media_type, schema)) = answer.body {
        let content = ContentBuilder::new().schema(Some(schema)).build();
        response = response.content(media_type, content);
    }
    if let Some(media_type) = about.media_type.filter(|_| !is_known) {
        let kind = if media_type == JSON { Type::Object } else { Type::String };
        let schema = ObjectBuilder::new().schema_type(kind).build();
        response = response.content(media_type, ContentBuilder::new().schema(Some(schema)).build());
    }
    for (name, description, schema) in answer.headers {
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
        response = response.header(name, header);
    }
    response.build()
}

/// The words of these codes, which are sorted, each once: two forms of a kind have one word.
fn words(codes: &[Code]) -> Vec<&'static str> {
    let mut words: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    words.dedup();
    words
}

fn problem(codes: &[Code], schema: Ref, speaks_oauth: bool) -> Response {
    let told: Vec<_> = codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.sentence())).collect();
    let mut kinds = codes.to_vec();
    kinds.dedup();
    let examples = kinds.iter().map(|code| {
        let value = Some(example(*code, speaks_oauth));
        (code.as_str(), utoipa::openapi::example::ExampleBuilder::new().value(value).build())
    });
    let content = ContentBuilder::new().schema(Some(schema)).examples_from_iter(examples);
    let mut response = ResponseBuilder::new()
        .description(told.join("\n\n"))
        .content("application/problem+json", content.build());
    let mut headers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, value) in codes.iter().filter_map(|code| code.header()) {
        headers.entry(name.to_string()).or_default().extend(value.to_str().ok().map(str::to_owned));
    }
    for (name, values) in headers {
        let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values));
        response = response.header(name, HeaderBuilder::new().schema(Some(schema.build())).build());
    }
    if codes.contains(&Code::UNSUPPORTED_MEDIA_TYPE) {
        let header = HeaderBuilder::new().schema(Some(constant("identity"))).description(Some(
            "`identity`, if the body had a `Content-Encoding`. No route reads compressed bodies.",
        ));
        response = response.header("accept-encoding", header.build());
    }
    if codes.contains(&Code::TOO_MANY_REQUESTS) {
        let seconds = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(MAX_WAIT));
        let wait =
            HeaderBuilder::new().schema(Some(seconds.build())).description(Some("The seconds to wait."));
        // In the case that checks of documents look for.
        response = response.header("Retry-After", wait.build());
        let fields = "A field of draft-ietf-httpapi-ratelimit-headers-10.";
        for (name, example) in
            [("ratelimit", r#""logins";r=0;t=37"#), ("ratelimit-policy", r#""logins";q=30;w=60"#)]
        {
            let text =
                ObjectBuilder::new().schema_type(Type::String).max_length(Some(100)).examples([example]);
            let header = HeaderBuilder::new().schema(Some(text.build())).description(Some(fields));
            response = response.header(name, header.build());
        }
    }
    response.build()
}

/// The longest window of a limit, in seconds: 7 days.
const MAX_WAIT: i32 = 7 * 24 * 60 * 60;

fn example(code: Code, speaks_oauth: bool) -> Value {
    let mut example = json!({
        "type": "about:blank",
        "title": code.status().canonical_reason(),
        "status": code.status().as_u16(),
        "detail": code.sentence(),
        "code": code.as_str(),
        "request_id": "3f1c9d52ab7e4f0c8a6d0e51b2c47f90",
    });
    if let Some(members) = example.as_object_mut() {
        if speaks_oauth {
            members.insert("error".to_owned(), json!(code.oauth_error().as_str()));
        }
        if code == Code::VALIDATION_FAILED {
            members.insert("errors".to_owned(), json!([{"pointer": "/email", "message": "is required"}]));
        }
        members.extend(code.members().into_iter().map(|member| (member.name.to_owned(), member.example)));
    }
    example
}

/// The schema of problem details (RFC 9457), with the members that this service adds.
fn problem_schema(codes: &[Code], speaks_oauth: bool) -> Schema {
    let text =
        |description: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    let words = words(codes);
    // All codes of an answer have the same status.
    let (number, title) = codes.first().map_or((0, ""), |code| {
        (code.status().as_u16(), code.status().canonical_reason().unwrap_or_default())
    });
    let status = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(number))
        .maximum(Some(number))
        .description(Some("The status of the answer."));
    let request_id = text("Names the request in the log; also in `X-Request-Id`.")
        .min_length(Some(1))
        .max_length(Some(request_id::MAX_LENGTH))
        .pattern(Some("^[A-Za-z0-9._-]+$"));
    let members = [
        (
            "type",
            text("Always `about:blank`: `code` tells problems apart.").enum_values(Some(["about:blank"])),
        ),
        ("title", text("The name of the status.").enum_values(Some([title]))),
        ("status", status),
        ("detail", text("What to do next, for people.").max_length(Some(MAX_SENTENCE))),
        ("code", text("What kind of problem it is, for programs.").enum_values(Some(words))),
        ("request_id", request_id),
    ];
    let mut problem = ObjectBuilder::new().description(Some("Problem details (RFC 9457)."));
    for (name, schema) in members {
        problem = problem.property(name, schema).required(name);
    }
    if speaks_oauth {
        let mut errors: BTreeSet<_> = codes.iter().map(|code| code.oauth_error()).collect();
        if codes.contains(&Code::VALIDATION_FAILED) {
            errors.insert(OAuthError::UnsupportedGrantType);
        }
        let words: Vec<_> = errors.into_iter().map(OAuthError::as_str).collect();
        let error = text("The error code of OAuth 2.0 (RFC 6749 section 5.2).").enum_values(Some(words));
        problem = problem.property("error", error).required("error");
    }
    if codes.contains(&Code::VALIDATION_FAILED) {
        let pointer = text("Where it is in the body (RFC 6901); for a parameter, a slash and its name.")
            .format(Some(SchemaFormat::Custom("json-pointer".to_owned())))
            .max_length(Some(MAX_POINTER));
        let error = ObjectBuilder::new()
            .property("pointer", pointer)
            .required("pointer")
            .property("message", text("What it must be, for people.").max_length(Some(MAX_SENTENCE)))
            .required("message");
        let errors = ArrayBuilder::new()
            .items(error)
            .min_items(Some(1))
            .max_items(Some(MAX_ERRORS))
            .description(Some("Every field that breaks its rules."));
        problem = problem.property("errors", errors).required("errors");
    }
    // Other problems of the answer do not have these members.
    for member in codes.iter().flat_map(|code| code.members()) {
        problem = problem.property(member.name, member.schema);
    }
    problem.into()
}

fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + characters.as_str())
}

/// Converts `name_taken` to `NameTaken`.
fn pascal(name: &str) -> String {
    name.split('_').map(capitalised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_lists_the_values_of_all_problems_of_an_answer() {
        const NO_TOKEN: Code = Code::new(StatusCode::UNAUTHORIZED, "no_token", "Send a token.")
            .with_header(&("www-authenticate", "Bearer"));
        const BAD_TOKEN: Code = Code::new(StatusCode::UNAUTHORIZED, "bad_token", "Send another token.")
            .with_header(&("www-authenticate", "Bearer error=\"invalid_token\""));
        let answer = problem(&[NO_TOKEN, BAD_TOKEN], Ref::from_schema_name("Problem"), false);
        let answer = serde_json::to_value(answer).unwrap();
        let values = &answer["headers"]["www-authenticate"]["schema"]["enum"];
        assert_eq!(*values, json!(["Bearer", "Bearer error=\"invalid_token\""]));
    }

    #[test]
    fn every_member_of_a_problem_has_a_limit() {
        let schema = serde_json::to_value(problem_schema(&[Code::VALIDATION_FAILED], false)).unwrap();
        let members = schema["properties"].as_object().unwrap();
        assert_eq!(members["status"]["minimum"], 422);
        assert_eq!(members["status"]["maximum"], 422);
        assert_eq!(members["title"]["enum"], json!(["Unprocessable Entity"]));
        for (name, member) in members.iter().filter(|(_, member)| member["type"] == "string") {
            assert!(member["maxLength"].is_number() || member["enum"].is_array(), "{name}: {member}");
        }
    }
}
