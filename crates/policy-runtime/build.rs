//! Does nothing. The build dependencies in Cargo.toml count only beside a build script.

fn main() {}
