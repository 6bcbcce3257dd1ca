//! Packs the files that browsers load, and the pages that links in e-mails lead to.

use std::path::Path;

use users_assets::Package;

const FILES: [(&str, &str); 8] = [
    ("CONSOLE_SCRIPT", "assets/console.js"),
    ("CONSOLE_STYLE", "assets/console.css"),
    ("RESET_PASSWORD_EN", "assets/reset-password.en.html"),
    ("RESET_PASSWORD_DE", "assets/reset-password.de.html"),
    ("VERIFY_EMAIL_EN", "assets/verify-email.en.html"),
    ("VERIFY_EMAIL_DE", "assets/verify-email.de.html"),
    ("SCRIPT", "assets/account.js"),
    ("STYLE", "assets/account.css"),
];

fn main() {
    let mut package = Package::of_build_script().expect("cargo runs build scripts");
    for (name, path) in FILES {
        package.add_file(name, Path::new(path)).unwrap_or_else(|error| panic!("{error}"));
    }
    package.write().expect("the output directory can be written");
}
