//! Random secrets, and the files that contain them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::Result;
use crate::error::Doing;

/// Gets `bytes` random bytes from the operating system, in lower-case hexadecimal.
///
/// # Errors
/// [`crate::Error::Io`] when the system has no random bytes.
pub fn random_hex(bytes: usize) -> Result<String> {
    let mut buffer = vec![0_u8; bytes];
    getrandom::fill(&mut buffer)
        .map_err(|error| io::Error::other(error.to_string()))
        .doing(|| "get random bytes from the system".into())?;
    Ok(buffer.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Returns the secret in `path`. The first call creates it: 256 bits, mode 0600.
///
/// If a process is killed, it leaves no half-written secret. If two processes create the secret at the same time, both return the
/// same one.
///
/// # Errors
/// [`crate::Error::Io`] when the file cannot be read or written.
pub fn read_or_create(path: &Path) -> Result<String> {
    if let Some(secret) = read(path)? {
        return Ok(secret);
    }
    let unfinished = path.with_extension(format!("{}.tmp", random_hex(4)?));
    write_private(&unfinished, &random_hex(32)?)?;
    // Unlike a rename, a hard link does not replace a file that another process has just created.
    let linked = fs::hard_link(&unfinished, path);
    let removed = fs::remove_file(&unfinished);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => removed,
    }
    .doing(|| format!("write {}", path.display()))?;
    Ok(read(path)?.unwrap_or_default())
}

/// Creates a file that only its owner may read.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    let open =
        || -> io::Result<File> { OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) };
    open()
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .doing(|| format!("write {}", path.display()))
}

fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
        Ok(_) => {
            fs::remove_file(path).doing(|| format!("replace the empty file {}", path.display()))?;
            Ok(None)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).doing(|| format!("read {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::read_or_create;

    #[test]
    fn a_secret_is_created_once_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        let first = read_or_create(&path).unwrap();
        assert_eq!(first.len(), 64);
        assert_eq!(read_or_create(&path).unwrap(), first);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(dir.path().read_dir().unwrap().count(), 1, "no unfinished file is left");
    }
}
