//! The HTTP kit of the components: it contains everything that all responses of the API have in common.
//!
//! A component is a table of [`Route`]s and a state. [`Component::answer`] passes a request to its route and applies the rules that
//! all answers follow: problem details, request ids, headers, limits, one line in the log.
//!
//! The kit knows no domain: accounts, roles and callers belong to the components and to `users-guard`.

// Guest code cannot panic on input (docs/ARCHITECTURE.md, invariant 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod answer;
mod asset;
mod body;
mod client;
mod coding;
mod component;
mod context;
mod database;
mod edge;
mod etag;
mod exceeded;
mod field;
mod input;
mod language;
mod limit;
mod log;
mod macros;
mod media_type;
mod oauth;
pub mod openapi;
mod page;
mod parameters;
mod problem;
mod problem_page;
mod request_id;
mod route;
#[cfg(target_family = "wasm")]
pub mod spin;
mod timer;
mod variables;
mod weight;

pub use answer::{
    Attachment, Created, Json, JsonArray, NoContent, Paged, Publication, Published, Queued, Versioned,
};
pub use asset::{Asset, Packed, Served, serve};
pub use axum::Extension;
pub use axum::extract::State;
pub use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
pub use axum::response::{IntoResponse, Response};
pub use body::{FormInput, JsonInput, JsonInputOrNone, JsonOrFormInput, OptionalJsonInput};
pub use client::Client;
pub use coding::Coding;
pub use component::Component;
pub use context::Context;
pub use database::Database;
pub use edge::Edge;
pub use etag::{ETag, IfMatch, IfNoneMatch};
pub use exceeded::Exceeded;
pub use field::{Checks, Field, Presence, Rules};
pub use input::{Input, validate_input};
pub use language::Language;
pub use limit::MAX_BODY_BYTES;
pub use log::warn;
pub use oauth::OAuthError;
pub use openapi::About;
pub use page::{Flag, ListQuery, PageQuery};
pub use parameters::{Parsed, PathInput, QueryInput};
pub use problem::{Code, FieldError, Member, Problem};
pub use problem_page::ShowProblem;
pub use route::{Access, Public, Route, delete, file, form, get, page, post, put};
pub use timer::wait;
pub use variables::{Variables, read_db, read_nothing};
pub use weight::{members, weight};
