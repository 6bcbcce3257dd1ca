//! Behaviour on every route, and the routes about the service itself.

mod bodies;
mod headers;
mod health;
mod raw;
mod ready;
mod root;
mod routing;
