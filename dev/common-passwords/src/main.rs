//! Builds the filter of common passwords from two lists. `crates/password/data/README.md` names them, and says how to get them.
//!
//! The same lists yield the same octets: the keys are sorted first, and the filter's seeds follow from the number of tries.

mod list;
mod pack;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Parser;
use sha2::{Digest as _, Sha256};
use users_password::key;

/// The SHA-256 of SecLists' list of a million passwords.
const SECLISTS: &str = "eac6323842b3261da0ef4c180c8e23f4d056522ea97c2925b8687f453b40a2be";
/// The SHA-256 of Django's list of 20,000, once it is unpacked.
const DJANGO: &str = "29ca0fa5303165f012f3e9775e3e95a3071cdd59f219973ec1cbb308d0214a6f";
/// The most octets that a filter may have: it is in the memory of every instance that judges passwords.
const LARGEST: usize = 1 << 20;

/// Builds the filter of common passwords.
#[derive(Parser)]
struct Options {
    /// The list of a million passwords from SecLists.
    seclists: PathBuf,
    /// The list of 20,000 passwords from Django, unpacked.
    django: PathBuf,
    /// The file that is written.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/password/data/common-passwords.filter"))]
    output: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let lists = [read(&options.seclists, SECLISTS)?, read(&options.django, DJANGO)?];
    let passwords: BTreeSet<String> = lists.iter().flat_map(|text| list::passwords(text)).collect();
    let filter = pack::filter(passwords.iter().map(|password| key(password)))?;
    ensure!(
        filter.len() <= LARGEST,
        "the filter has {} octets: leave out the rarest passwords",
        filter.len()
    );
    fs::write(&options.output, &filter)
        .with_context(|| format!("{} cannot be written", options.output.display()))?;
    println!("{} passwords in {} octets, SHA-256 {}", passwords.len(), filter.len(), digest(&filter));
    Ok(())
}

/// The text of a list, if it is the one that the filter is documented to be made of.
fn read(path: &Path, sha256: &str) -> anyhow::Result<String> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let found = digest(text.as_bytes());
    ensure!(found == sha256, "{} has the SHA-256 {found}, not {sha256}: see the README", path.display());
    Ok(text)
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|octet| format!("{octet:02x}")).collect()
}
