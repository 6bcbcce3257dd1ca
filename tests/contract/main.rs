//! The service and `openapi.json`: requests of programs that know only the document.

mod browser;
mod client;
mod fuzz;
mod lint;
mod routes;
mod statuses;
mod tools;
