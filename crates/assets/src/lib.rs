//! Packs the files that a component serves into the component. Build scripts use it: a [`Package`] compresses each file, and writes
//! Rust code with a constant for each one, a `users_web::Packed`.
//!
//! A component includes the code with `include!(concat!(env!("OUT_DIR"), "/packed.rs"))`.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The name of the file with the constants.
const CODE: &str = "packed.rs";

/// The files that go into a component.
#[derive(Debug)]
pub struct Package {
    /// Where the build script writes.
    output: PathBuf,
    code: String,
}

impl Package {
    /// An empty package in the directory that cargo gives to the build script.
    ///
    /// # Errors
    /// When cargo has not started this program.
    pub fn of_build_script() -> io::Result<Self> {
        let output =
            env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("expected to be started by cargo"))?;
        Ok(Self::in_directory(output.into()))
    }

    fn in_directory(output: PathBuf) -> Self {
        Self { output, code: String::new() }
    }

    /// Adds a file under the name of a constant. The build script runs again when the file changes.
    ///
    /// # Errors
    /// When the file cannot be read, or its compressed content cannot be written.
    pub fn add_file(&mut self, name: &str, path: &Path) -> io::Result<()> {
        let plain = read(path)?;
        self.add(name, &plain)
    }

    /// Adds content under the name of a constant.
    ///
    /// # Errors
    /// When the compressed content cannot be written.
    pub fn add(&mut self, name: &str, plain: &[u8]) -> io::Result<()> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain)?;
        let gzip = encoder.finish()?;
        let file = self.output.join(format!("{name}.gz"));
        fs::write(&file, &gzip)?;
        writeln!(
            self.code,
            "pub(crate) const {name}: ::users_web::Packed = \
             ::users_web::Packed::new(include_bytes!({file:?}), {}, {}, {});",
            version(&gzip),
            version(plain),
            plain.len()
        )
        .map_err(io::Error::other)
    }

    /// Writes the code.
    ///
    /// # Errors
    /// When the code cannot be written.
    pub fn write(self) -> io::Result<()> {
        fs::write(self.output.join(CODE), self.code)
    }
}

/// Reads a file. The build script runs again when the file changes.
///
/// # Errors
/// When the file cannot be read. The message names the file.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read(path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// A number that identifies the content: the first eight octets of its SHA-256, in network byte order.
fn version(content: &[u8]) -> i64 {
    Sha256::digest(content).iter().take(8).fold(0, |number, octet| number << 8 | i64::from(*octet))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn a_file_is_packed_with_its_length_and_a_version_of_each_representation() {
        let output = tempfile::tempdir().unwrap();
        let file = output.path().join("page.html");
        fs::write(&file, "<p>a page</p>").unwrap();
        let mut package = Package::in_directory(output.path().to_owned());
        package.add_file("PAGE", &file).unwrap();
        package.write().unwrap();

        let gzip = fs::read(output.path().join("PAGE.gz")).unwrap();
        let mut plain = String::new();
        GzDecoder::new(&gzip[..]).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, "<p>a page</p>");
        let code = fs::read_to_string(output.path().join(CODE)).unwrap();
        let versions = format!(", {}, {}, 13);", version(&gzip), version(plain.as_bytes()));
        assert!(code.starts_with("pub(crate) const PAGE: ") && code.contains(&versions), "{code}");
    }

    #[test]
    fn the_version_is_the_start_of_the_digest() {
        // The SHA-256 of an empty text begins with e3b0c44298fc1c14 (NIST's example). As an `i64`, that is negative.
        assert_eq!(version(b"").cast_unsigned(), 0xe3b0_c442_98fc_1c14);
    }

    #[test]
    fn a_file_that_is_missing_is_named() {
        let mut package = Package::in_directory(PathBuf::new());
        let error = package.add_file("PAGE", Path::new("no/page.html")).unwrap_err();
        assert!(error.to_string().contains("no/page.html"), "{error}");
    }
}
