//! The runtime of a policy: a global allocator, a panic handler, libc's memory functions and the allocation entry point of
//! the component model.
//!
//! A policy has no standard library, because the standard library imports clocks, files and more. This crate imports nothing. A
//! policy links it with one line in its `lib.rs`:
//!
//! ```ignore
//! #[cfg(target_family = "wasm")]
//! use users_policy_runtime as _;
//! ```
//!
//! In native builds the crate is empty: tests of a policy run with the standard library.

#![no_std]

#[cfg(target_family = "wasm")]
extern crate alloc;

#[cfg(target_family = "wasm")]
mod wasm;
