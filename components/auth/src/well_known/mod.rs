//! What other services and OAuth clients read to find their way: documents under `/.well-known` (RFC 8615).

pub(crate) mod authorization_server;
pub(crate) mod jwks;
