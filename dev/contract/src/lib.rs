//! The contract, `openapi.json`, as the tests and the tools read it.
//!
//! A [`Document`] tells which operation a request is for and what that operation may answer. A [`Note`] is an answer that
//! a test has seen; [`differences`] tells what was promised and never seen, and what was seen and not promised.

mod coverage;
mod document;
pub mod story;

pub use coverage::{Note, differences, is_file_of_a_page};
pub use document::{Body, Document, Operation, Parameter};
