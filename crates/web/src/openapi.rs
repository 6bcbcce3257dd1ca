//! What the routes take and answer, read off the types of their handlers, as an OpenAPI 3.1 document.
//!
//! Inputs describe themselves by the very checks that judge them, answers by the types that they are made of, access rules
//! by the problems that they answer with. What no type can tell, a component says in its [`About`]s: names, sentences,
//! and the problems that only the operation itself can find.
//!
//! A component describes itself only to a program on this machine: nobody asks it there where it runs.

#[cfg(not(target_family = "wasm"))]
mod about;
mod describe;
#[cfg(not(target_family = "wasm"))]
mod document;
mod fields;
mod operation;

#[cfg(not(target_family = "wasm"))]
pub use about::{About, about};
pub use describe::{Describe, Described, text};
#[cfg(not(target_family = "wasm"))]
pub use document::{Part, document};
pub use fields::Fields;
pub use operation::Operation;
