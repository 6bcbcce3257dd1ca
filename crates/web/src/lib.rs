//! The HTTP kit of the components: what every response of the API has in common, in one place.
//!
//! A component is a table of [`Route`]s over a state; [`Component::answer`] takes a request through it and makes the
//! answer keep the rules of the contract: problem details, request ids, headers, limits, one line in the log.

// Guest code cannot panic on input (docs/ARCHITECTURE.md, invariant 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod access;
mod answer;
mod body;
mod component;
mod context;
mod database;
mod etag;
mod field;
mod guard;
mod limit;
mod log;
pub mod openapi;
mod page;
mod parameters;
mod policy;
mod problem;
mod request_id;
mod route;
#[cfg(target_family = "wasm")]
pub mod spin;
mod store;
mod weight;

pub use access::{Account, AccountWithProfile, AccountWithRights, Admin, OwnProfile, Permitted, Rights};
pub use answer::{Created, Json, JsonArray, NoContent, Paged, Versioned};
pub use axum::Extension;
pub use axum::extract::State;
pub use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
pub use axum::response::{IntoResponse, Response};
pub use body::{FormInput, JsonInput};
pub use component::Component;
pub use context::Context;
pub use database::Database;
pub use etag::{ETag, IfMatch, IfNoneMatch};
pub use field::{Change, Checks, Field, Input, Presence};
pub use guard::{Caller, Guard, Settings};
pub use limit::MAX_BODY_BYTES;
pub use page::{Flag, Listing, Page, PageQuery};
pub use parameters::{Parsed, PathInput, QueryInput, UserPath};
pub use policy::Subject;
pub use problem::{Code, FieldError, Problem};
pub use route::{Access, Public, Route, delete, get, post, put};
pub use store::user_from;
pub use users_policy::Right;
pub use weight::{members, weight};
