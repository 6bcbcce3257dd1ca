//! The OpenAPI 3.1 document, generated from the types of the handlers.
//!
//! The checks of an input describe the input. The type of an answer describes the answer. An access rule describes the problems
//! that it answers with. An [`About`] adds the rest: a name, a summary, an example, and the problems that only the operation itself
//! finds.
//!
//! Only a native program generates the document. The code that does it is not part of a component.

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
