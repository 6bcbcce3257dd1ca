//! A policy for tests: it allows everything to everybody, and misbehaves about certain users.

#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(target_family = "wasm")]
extern crate alloc;

#[cfg(target_family = "wasm")]
mod guest;
// The default policy's own: what it needs is the same, and it is none of what is tested here.
#[cfg(target_family = "wasm")]
#[path = "../../../../components/policy/src/runtime.rs"]
mod runtime;
