//! A cache of compiled components on disk, so that a second start compiles nothing.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::engine::plain;

/// The maximum number of files. The oldest are removed first.
const MAX_FILES: usize = 64;
const DIGEST: usize = 32;

/// A folder that only this user can write to, because the host runs its files as native code.
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Opens the subfolder `compiled` of `folder`. Creates both folders if necessary.
    ///
    /// # Errors
    /// When the subfolder cannot be created or made private.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        // The given folder may contain other files, so its permissions stay unchanged.
        let folder = &folder.join("compiled");
        let advice =
            || format!("cannot use {} as cache: name another folder with --cache-dir", folder.display());
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(advice)?;
        let metadata = std::fs::metadata(folder).with_context(advice)?;
        if metadata.mode() & 0o077 != 0 {
            let private = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(folder, private).with_context(advice)?;
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// Returns the component compiled from `wasm`, from the cache if possible. A file that is damaged, or that another
    /// version of Wasmtime or another machine wrote, is ignored. `compiling` is called before a compilation.
    ///
    /// # Errors
    /// When `wasm` is not a component that this engine can run.
    pub(crate) fn component(
        &self,
        engine: &Engine,
        wasm: &[u8],
        compiling: impl FnOnce(),
    ) -> Result<Component> {
        let path = self.folder.join(format!("{}.cwasm", key(engine, wasm)));
        if let Ok(component) = read(engine, &path) {
            return Ok(component);
        }
        compiling();
        let compiled = engine.precompile_component(wasm).map_err(plain)?;
        // Without the cache, the next start is slower, but nothing else is affected.
        _ = self.write(&path, &compiled).inspect_err(|error| eprintln!("the cache is not used: {error:#}"));
        deserialize(engine, &compiled)
    }

    /// Writes a temporary file and renames it, so that no other host reads half a file.
    fn write(&self, path: &Path, compiled: &[u8]) -> Result<()> {
        self.make_room()?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&Sha256::digest(compiled))?;
        file.write_all(compiled)?;
        file.persist(path)?;
        Ok(())
    }

    fn make_room(&self) -> Result<()> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            files.push((entry.metadata()?.modified()?, entry.path()));
        }
        files.sort_unstable();
        for (_, path) in files.iter().take((files.len() + 1).saturating_sub(MAX_FILES)) {
            // Another host may have removed it already.
            _ = std::fs::remove_file(path);
        }
        Ok(())
    }
}

/// Identifies the component and everything its machine code depends on.
fn key(engine: &Engine, wasm: &[u8]) -> String {
    let mut compatibility = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut compatibility);
    let mut hash = Sha256::new();
    hash.update(wasm);
    hash.update(compatibility.finish().to_le_bytes());
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a file of the cache and checks its digest.
fn read(engine: &Engine, path: &Path) -> Result<Component> {
    let file = std::fs::read(path)?;
    let (digest, compiled) = file.split_at_checked(DIGEST).context("too short")?;
    ensure!(Sha256::digest(compiled).as_slice() == digest, "damaged");
    deserialize(engine, compiled)
}

#[expect(
    unsafe_code,
    reason = "the machine code was made by this process, or is protected by its digest and its private folder"
)]
fn deserialize(engine: &Engine, compiled: &[u8]) -> Result<Component> {
    // SAFETY: this process or an earlier one got these bytes from `precompile_component`. An earlier process wrote them with a
    // digest, into a folder that no other user can write to. `read` has checked the digest.
    unsafe { Component::deserialize(engine, compiled) }.map_err(plain)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Loads an empty component and returns whether it was compiled.
    fn compiled(cache: &Cache, engine: &Engine) -> bool {
        let compiled = Cell::new(false);
        let wasm = wat::parse_str("(component)").unwrap();
        cache.component(engine, &wasm, || compiled.set(true)).unwrap();
        compiled.get()
    }

    #[test]
    fn a_component_is_compiled_once_and_again_when_its_file_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("a/b");
        let cache = Cache::open(&folder).unwrap();
        let folder = folder.join("compiled");
        assert_eq!(std::fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        let engine = Engine::default();
        assert!(compiled(&cache, &engine));
        assert!(!compiled(&cache, &engine));

        let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        let mut bytes = std::fs::read(&file).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&file, bytes).unwrap();
        assert!(compiled(&cache, &engine));
        std::fs::write(&file, b"").unwrap();
        assert!(compiled(&cache, &engine));
        assert!(!compiled(&cache, &engine));
    }

    #[test]
    fn only_the_subfolder_is_made_private() {
        let parent = tempfile::tempdir().unwrap();
        let own = parent.path().join("compiled");
        std::fs::create_dir(&own).unwrap();
        for folder in [parent.path(), own.as_path()] {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        }
        Cache::open(parent.path()).unwrap();
        assert_eq!(std::fs::metadata(&own).unwrap().mode() & 0o777, 0o700);
        assert_eq!(std::fs::metadata(parent.path()).unwrap().mode() & 0o777, 0o777);
    }
}
