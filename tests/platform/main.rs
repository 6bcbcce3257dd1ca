//! What the service is made of, and what it is configured with.

mod guests;
mod imports;
mod middleware;
mod policy;
mod secrets;
mod sources;
mod spin_manifest;
