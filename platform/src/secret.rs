//! Secrets from the environment or from a file that is read again when it changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use arc_swap::ArcSwap;
use notify::{RecursiveMode, Watcher as _};
use secrecy::{ExposeSecret as _, SecretString};

/// A secret that may change while the process runs. Cheap to clone, never prints itself.
#[derive(Clone)]
pub struct Secret {
    current: Arc<ArcSwap<SecretString>>,
    // Held so that the file stays watched for as long as anybody holds the secret.
    _watcher: Option<Arc<notify::RecommendedWatcher>>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret([redacted])")
    }
}

impl Secret {
    /// Returns a secret that does not change.
    pub fn fixed(value: impl Into<String>) -> Self {
        Self { current: Arc::new(ArcSwap::from_pointee(SecretString::from(value.into()))), _watcher: None }
    }

    /// Picks the value or the file of setting `name`. `None` when neither is given or the value is empty.
    ///
    /// Both at once is an error: an operator who rotates the file would otherwise wonder why nothing changes.
    pub fn resolve(name: &str, value: Option<&SecretString>, file: Option<&PathBuf>) -> anyhow::Result<Option<Self>> {
        match (value.filter(|value| !value.expose_secret().is_empty()), file) {
            (Some(_), Some(_)) => anyhow::bail!("both {name} and {name}_FILE are set: keep one of them"),
            (Some(value), None) => Ok(Some(Self::fixed(value.expose_secret()))),
            (None, Some(path)) => Self::watched(name, path).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// Like [`Secret::resolve`], and a missing secret is an error that says what to set.
    pub fn require(name: &str, value: Option<&SecretString>, file: Option<&PathBuf>) -> anyhow::Result<Self> {
        Self::resolve(name, value, file)?
            .with_context(|| format!("{name} is not set: set {name}, or {name}_FILE to a path that holds it"))
    }

    /// Returns the current value. Take it at each use and do not keep it.
    pub fn expose(&self) -> String {
        self.current.load().expose_secret().to_owned()
    }

    fn watched(name: &str, path: &Path) -> anyhow::Result<Self> {
        let current = Arc::new(ArcSwap::from_pointee(read(name, path)?));
        let (slot, file, label) = (Arc::clone(&current), path.to_owned(), name.to_owned());
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading the file is an event too: without this it would be read for ever.
            if event.is_ok_and(|event| !event.kind.is_access()) {
                match read(&label, &file) {
                    Ok(fresh) if fresh.expose_secret() != slot.load().expose_secret() => {
                        slot.store(Arc::new(fresh));
                        tracing::info!(secret.name = label, "read {label} again after its file changed");
                    }
                    Ok(_) => {}
                    // A rename in two steps leaves a moment without the file; the old value stands until the new one is there.
                    Err(error) => tracing::warn!(secret.name = label, %error, "kept the old {label}"),
                }
            }
        })
        .with_context(|| format!("watch the file of {name}"))?;
        // The directory, not the file: Kubernetes swaps a symlink, editors write beside and rename.
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        watcher
            .watch(directory, RecursiveMode::NonRecursive)
            .with_context(|| format!("watch the folder of {name}_FILE"))?;
        Ok(Self { current, _watcher: Some(Arc::new(watcher)) })
    }
}

fn read(name: &str, path: &Path) -> anyhow::Result<SecretString> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{name}_FILE points to {}, which cannot be read", path.display()))?;
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "{name}_FILE points to {}, which is empty", path.display());
    Ok(SecretString::from(text.to_owned()))
}
