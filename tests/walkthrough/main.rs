//! The service as its users walk through it: each file is a chapter, each test a story that is told to its end.
//!
//! The other suites try the rules one by one; these tests see that what one step leaves behind is what the next one needs.

mod account;
mod accounts;
mod life;
mod profile;
mod roles;
mod service;
mod world;
