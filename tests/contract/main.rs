//! The service and its contract, `openapi.json`: what is asked of it by programs that know nothing but the document.

mod browser;
mod client;
mod fuzz;
mod lint;
mod routes;
mod statuses;
mod tools;
