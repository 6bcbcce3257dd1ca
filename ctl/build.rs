//! Compiles the migrations in: writes a list of their names and texts for `migrate/embedded.rs`.

use std::path::Path;
use std::{env, fs};

fn main() {
    let directory = Path::new("../migrations");
    println!("cargo::rerun-if-changed={}", directory.display());
    let directory = directory.canonicalize().expect("the migrations are in the repository");
    let mut names: Vec<String> = fs::read_dir(&directory)
        .expect("the directory can be read")
        .map(|entry| {
            entry.expect("the directory can be read").file_name().into_string().expect("a plain name")
        })
        .filter(|name| name.ends_with(".sql"))
        .collect();
    names.sort_unstable();
    let list: String =
        names.iter().map(|name| format!("({name:?}, include_str!({:?})),\n", directory.join(name))).collect();
    let output = Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join("migrations.rs");
    fs::write(output, format!("&[\n{list}]")).expect("the output directory can be written");
}
