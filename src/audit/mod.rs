//! The audit log: a line for each change that was attempted, on the disk before anybody learns how the change ended.
//!
//! A change was attempted when one of its writes may have left this machine; what was refused or found to be as wanted
//! before has no line. The file is only ever appended to, each line in one write, so that operations and processes can share
//! it. Lines that come at the same time share one write and one wait for the disk.

mod file;
mod line;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::error::{AUDIT_LOG_NOT_WRITABLE, Category, Error, Result};
use file::LogFile;
pub(crate) use line::{Attempted, line};

/// An audit log that is open. Clones are the same one.
#[derive(Clone)]
pub(crate) struct AuditLog(Arc<Shared>);

struct Shared {
    path: PathBuf,
    file: Mutex<LogFile>,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<Line>,
    /// Somebody is writing, and takes what comes meanwhile.
    writing: bool,
}

/// A line on its way to the disk.
struct Line {
    text: Vec<u8>,
    written: oneshot::Sender<std::result::Result<(), String>>,
}

impl AuditLog {
    /// Opens a log to append to, and makes it where there is none.
    pub(crate) fn open(path: &Path) -> Result<AuditLog> {
        let opened = LogFile::open(path).map_err(|why| {
            let shown = path.display().to_string();
            let message =
                format!("AuditLog '{shown}' cannot be opened for writing: {why}. Nothing was sent.");
            Error::input(AUDIT_LOG_NOT_WRITABLE, "AuditLog", &shown, message)
        })?;
        Ok(AuditLog(Arc::new(Shared {
            path: path.to_owned(),
            file: Mutex::new(opened),
            waiting: Mutex::default(),
        })))
    }

    /// Writes a line, which ends in a line feed, and waits until it is on the disk.
    pub(crate) async fn write(&self, line: &str) -> Result<()> {
        let (written, end) = oneshot::channel();
        let begins = {
            let mut waiting = lock(&self.0.waiting);
            waiting.lines.push(Line { text: line.as_bytes().to_vec(), written });
            !std::mem::replace(&mut waiting.writing, true)
        };
        if begins {
            let shared = self.0.clone();
            tokio::task::spawn_blocking(move || shared.write_all());
        }
        let end = end.await.unwrap_or_else(|_| Err("its writer failed".to_owned()));
        end.map_err(|why| {
            let shown = self.0.path.display().to_string();
            let message = format!(
                "The audit log '{shown}' cannot be written any more: {why}. Nothing is changed without a line in it."
            );
            Error::new(Category::Input, AUDIT_LOG_NOT_WRITABLE, message)
        })
    }
}

impl Shared {
    /// Writes until nothing is waiting.
    fn write_all(&self) {
        let writer = Writer(self);
        while let Some(lines) = writer.take() {
            let texts: Vec<&[u8]> = lines.iter().map(|line| &line.text[..]).collect();
            let (whole, why) = lock(&self.file).append(&texts);
            let why = why.map(|why| why.to_string()).unwrap_or_default();
            for (at, line) in lines.into_iter().enumerate() {
                // Nobody waits any more where the runtime ends.
                let _ = line.written.send(if at < whole { Ok(()) } else { Err(why.clone()) });
            }
        }
    }
}

/// Whoever writes. Also where that ends in a panic, the next one can, and nobody waits in vain.
struct Writer<'a>(&'a Shared);

impl Writer<'_> {
    /// What waits to be written; `None`: nothing, and from now on the next line needs a new writer.
    fn take(&self) -> Option<Vec<Line>> {
        let mut waiting = lock(&self.0.waiting);
        waiting.writing = !waiting.lines.is_empty();
        waiting.writing.then(|| std::mem::take(&mut waiting.lines))
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            *lock(&self.0.waiting) = Waiting::default();
        }
    }
}

/// Takes a lock whose holder may have panicked: what is behind these is whole between statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
