//! Secrets: by value, by file, read again when the file changes, never printed.

use std::time::Duration;

use platform::secret::Secret;
use secrecy::SecretString;

#[test]
fn a_secret_comes_by_value_or_by_file_and_not_by_both() {
    let value = SecretString::from("by value".to_owned());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "by file\n").unwrap();
    let path = file.path().to_owned();

    assert_eq!(Secret::require("X", Some(&value), None).unwrap().expose(), "by value");
    assert_eq!(Secret::require("X", None, Some(&path)).unwrap().expose(), "by file");
    assert!(Secret::require("X", Some(&value), Some(&path)).unwrap_err().to_string().contains("X_FILE"));
    assert!(Secret::require("X", None, None).unwrap_err().to_string().contains("X is not set"));
    assert!(!format!("{:?}", Secret::fixed("hidden")).contains("hidden"));
}

#[test]
fn a_changed_file_is_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    std::fs::write(&path, "old").unwrap();
    let secret = Secret::require("X", None, Some(&path)).unwrap();

    // As Kubernetes and editors do it: written beside, then renamed over.
    let beside = directory.path().join("token.new");
    std::fs::write(&beside, "new").unwrap();
    std::fs::rename(&beside, &path).unwrap();

    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while secret.expose() != "new" {
        assert!(std::time::Instant::now() < deadline, "the change was not seen");
        std::thread::sleep(Duration::from_millis(10));
    }
}
