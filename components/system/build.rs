//! Lists the migrations that this build needs, from the names of their files. `/readyz` checks them.

use std::path::Path;
use std::{env, fs};

fn main() {
    let directory = Path::new("../../migrations");
    println!("cargo::rerun-if-changed={}", directory.display());
    let mut versions: Vec<i64> = fs::read_dir(directory)
        .expect("the migrations are in the repository")
        .map(|entry| {
            entry.expect("the directory can be read").file_name().into_string().expect("a plain name")
        })
        .filter(|name| name.ends_with(".up.sql"))
        .map(|name| {
            name.split('_').next().and_then(|number| number.parse().ok()).expect("a numbered migration")
        })
        .collect();
    versions.sort_unstable();
    let output = Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join("needed_migrations.rs");
    fs::write(output, format!("&{versions:?}")).expect("the output directory can be written");
}
