//! The migrations are compiled in, so a new or changed migration needs a new build.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
