//! The OpenAPI 3.1 document, read off the types of the handlers.
//!
//! An input is described by the checks that validate it, an answer by its type, an access rule by the problems that it answers
//! with. An [`About`] adds what no type can tell: a name, a summary, an example, and the problems that only the operation itself
//! finds.
//!
//! A component describes itself only in a program on this machine; the code that assembles the document is not part of a
//! component.

mod about;
mod describe;
#[cfg(not(target_family = "wasm"))]
mod document;
mod fields;
mod operation;

pub use about::About;
pub use describe::{Describe, Described, constant, etag, text};
#[cfg(not(target_family = "wasm"))]
pub use document::{Part, document};
pub use operation::Operation;
