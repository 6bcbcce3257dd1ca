//! The components, their imports and their configuration.

mod guests;
mod imports;
mod middleware;
mod policy;
mod secrets;
mod spin_manifest;
