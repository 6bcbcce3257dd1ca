//! `GET /.well-known/oauth-authorization-server`: the service as OAuth clients see it (RFC 8414).

use serde::Serialize;
use users_core::Authentication;
use users_web::openapi::constant;
use users_web::{About, Publication, Published, State};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};

use crate::App;
use crate::app::Identity;

/// The metadata of the service (RFC 8414 section 2).
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "issuer": "https://users.example.com",
    "token_endpoint": "https://users.example.com/auth/login",
    "token_endpoint_auth_methods_supported": ["none"],
    "grant_types_supported": ["password"],
    "response_types_supported": ["none"],
    "jwks_uri": "https://users.example.com/.well-known/jwks.json",
    "introspection_endpoint": "https://users.example.com/auth/introspect",
    "introspection_endpoint_auth_methods_supported": ["Bearer"],
    "revocation_endpoint": "https://users.example.com/auth/revoke",
    "revocation_endpoint_auth_methods_supported": ["none"],
    "refresh_endpoint": "https://users.example.com/auth/refresh",
    "acr_values_supported": ["1", "2"],
    "service_documentation": "https://users.example.com/docs",
})))]
pub(crate) struct Metadata {
    /// `iss` of access tokens.
    #[schema(max_length = 2048)]
    issuer: String,
    /// Serves the password grant (RFC 6749 section 4.3).
    #[schema(format = "uri", max_length = 2048)]
    token_endpoint: String,
    #[schema(schema_with = only_none)]
    token_endpoint_auth_methods_supported: [&'static str; 1],
    /// The grants of `token_endpoint`.
    #[schema(schema_with = password_grant)]
    grant_types_supported: [&'static str; 1],
    /// There is no authorization endpoint. A list must not be empty (RFC 8414 section 3.2).
    #[schema(schema_with = only_none)]
    response_types_supported: [&'static str; 1],
    /// The keys that verify access tokens.
    #[schema(format = "uri", max_length = 2048)]
    jwks_uri: String,
    #[schema(format = "uri", max_length = 2048)]
    introspection_endpoint: String,
    /// An access token or an API key (RFC 8414 section 2 allows the types of access tokens here).
    #[schema(schema_with = bearer)]
    introspection_endpoint_auth_methods_supported: [&'static str; 1],
    #[schema(format = "uri", max_length = 2048)]
    revocation_endpoint: String,
    #[schema(schema_with = only_none)]
    revocation_endpoint_auth_methods_supported: [&'static str; 1],
    /// Our own member: serves the refresh grant (RFC 6749 section 6). `token_endpoint` does not.
    #[schema(format = "uri", max_length = 2048)]
    refresh_endpoint: String,
    /// The values of `acr` in tokens (RFC 9470 section 7): `1` for a login by one factor, `2` for one by two.
    #[schema(schema_with = levels)]
    acr_values_supported: [&'static str; 2],
    /// The reference for developers.
    #[schema(format = "uri", max_length = 2048)]
    service_documentation: String,
}

fn only_none() -> Array {
    only("none")
}

fn password_grant() -> Array {
    only("password")
}

fn bearer() -> Array {
    only("Bearer")
}

fn levels() -> Array {
    let level = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Authentication::LEVELS));
    ArrayBuilder::new().items(level.build()).min_items(Some(2)).max_items(Some(2)).build()
}

/// A list with this one text.
fn only(text: &str) -> Array {
    ArrayBuilder::new().items(constant(text)).min_items(Some(1)).max_items(Some(1)).build()
}

impl Metadata {
    /// The metadata of a service with this `iss`, which people reach at this URL. The URL may end with a slash.
    fn new(issuer: &str, public_url: &str) -> Self {
        let at = |path: &str| format!("{}{path}", public_url.trim().trim_end_matches('/'));
        Self {
            issuer: issuer.to_owned(),
            token_endpoint: at("/auth/login"),
            // Without this, clients take `client_secret_basic` for the default. There are no secrets of clients here.
            token_endpoint_auth_methods_supported: ["none"],
            grant_types_supported: ["password"],
            response_types_supported: ["none"],
            jwks_uri: at("/.well-known/jwks.json"),
            introspection_endpoint: at("/auth/introspect"),
            introspection_endpoint_auth_methods_supported: ["Bearer"],
            revocation_endpoint: at("/auth/revoke"),
            revocation_endpoint_auth_methods_supported: ["none"],
            refresh_endpoint: at("/auth/refresh"),
            acr_values_supported: Authentication::LEVELS,
            service_documentation: at("/docs"),
        }
    }
}

impl Publication for Metadata {
    /// RFC 8414 section 3.2.
    const MEDIA_TYPE: &'static str = "application/json";
    const CACHE_CONTROL: &'static str = "max-age=300";
}

pub(crate) fn about() -> About {
    About::new("getAuthorizationServer", "Get the metadata for OAuth clients", "The metadata.").text(
        "The metadata of RFC 8414. `issuer` is the `iss` of access tokens; a client compares it with the URL that it was given. \
         `token_endpoint` serves the password grant, and `refresh_endpoint`, which is our own member, the refresh grant. There is \
         no authorization endpoint.",
    )
}

/// 200 with the metadata. Reads no database.
pub(crate) async fn handle(State(app): State<App>) -> Published<Metadata> {
    let Identity { issuer, public_url, .. } = app.identity();
    Published(Metadata::new(issuer, public_url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes;

    #[test]
    fn the_url_may_end_with_a_slash_and_have_a_path() {
        for url in ["https://example.com/users", "https://example.com/users/", "https://example.com/users//"]
        {
            let metadata = Metadata::new("https://example.com/users", url);
            assert_eq!(metadata.jwks_uri, "https://example.com/users/.well-known/jwks.json");
        }
    }

    /// A path is written once more here than in the table of routes. A typing error must not lead clients astray.
    #[test]
    fn every_endpoint_is_a_route_of_the_component() {
        let metadata = serde_json::to_value(Metadata::new("", "")).unwrap();
        let members = metadata.as_object().unwrap().iter();
        let named = members.filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri");
        let paths: Vec<&str> = named.map(|(_, path)| path.as_str().unwrap()).collect();
        assert_eq!(paths.len(), 5);
        for path in paths {
            assert!(routes().iter().any(|route| route.path == path), "{path}");
        }
    }
}
