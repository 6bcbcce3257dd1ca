//! Documents under `/.well-known` (RFC 8615), which other services and OAuth clients read to find their way.

pub(crate) mod authorization_server;
pub(crate) mod jwks;
