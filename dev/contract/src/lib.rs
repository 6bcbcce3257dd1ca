//! The HTTP contract in `openapi.json`, and the walk through the API in `docs/API.md`, for the tests and the tools.
//!
//! A [`Document`] finds the operation for a request, and its documented answers. A [`Note`] is an answer that a test saw.
//! [`differences`] compares the document with the notes. [`story`] reads the walk.

mod coverage;
mod document;
pub mod story;

pub use coverage::{ANSWERS, Note, differences, is_file_of_a_page};
pub use document::{Body, Document, Operation, Parameter};
