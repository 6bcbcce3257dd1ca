//! Packs the files that browsers load.

use std::path::Path;

use users_assets::Package;

const FILES: [(&str, &str); 3] =
    [("PASSKEYS", "assets/passkeys.js"), ("SCRIPT", "assets/console.js"), ("STYLE", "assets/console.css")];

fn main() {
    let mut package = Package::of_build_script().expect("cargo runs build scripts");
    for (name, path) in FILES {
        package.add_file(name, Path::new(path)).unwrap_or_else(|error| panic!("{error}"));
    }
    package.write().expect("the output directory can be written");
}
