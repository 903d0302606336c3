//! The file that keeps the state: lines of JSON, each written before the answer that tells of it.
//!
//! A line goes to the operating system at once, so that it outlives the process however that ends; it is not waited for
//! until it is on the disk. A start writes the file anew, as short as the state allows, and puts it in place whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::record::Record;

/// A state file that nobody else writes.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    /// None when the emulator has stopped: what happens then is not answered any more.
    file: Option<File>,
    pending: Vec<u8>,
}

impl StateFile {
    /// Opens a file, which is made if need be, and reads what it holds.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, Vec<Record>)> {
        let mut file = options().open(path)?;
        lock(&file, path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let records = read(&text).map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
        })?;
        Ok((Self { path: path.to_owned(), file: Some(file), pending: Vec::new() }, records))
    }

    /// Puts other content in the file's place, all at once.
    pub(crate) fn rewrite(&mut self, records: impl Iterator<Item = Record>) -> io::Result<()> {
        let mut part = self.path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let _ = fs::remove_file(&part);
        let file = options().open(&part)?;
        lock(&file, &part)?;
        let mut writer = BufWriter::new(&file);
        for record in records {
            serde_json::to_writer(&mut writer, &record)?;
            writer.write_all(b"\n")?;
        }
        writer.flush()?;
        drop(writer);
        file.sync_all()?;
        fs::rename(&part, &self.path)?;
        self.file = Some(file);
        self.pending.clear();
        Ok(())
    }

    /// Adds a line, which [`StateFile::flush`] writes.
    pub(crate) fn add(&mut self, record: &Record) {
        // Plain structs always have a JSON form, and a vector takes all that is written.
        let written = serde_json::to_writer(&mut self.pending, record);
        debug_assert!(written.is_ok());
        self.pending.push(b'\n');
    }

    /// Writes the lines added.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let file = self.file.as_mut().ok_or_else(|| io::Error::other("the emulator has stopped"))?;
        file.write_all(&self.pending)?;
        self.pending.clear();
        Ok(())
    }

    /// Writes no more; another emulator may have the file.
    pub(crate) fn close(&mut self) {
        self.file = None;
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    // Windows locks no file that is open for appending alone.
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // It holds a key and tokens.
        options.mode(0o600);
    }
    options
}

/// Two emulators on one file would write each other's state away. The system lifts the lock when a process dies.
fn lock(file: &File, path: &Path) -> io::Result<()> {
    file.try_lock().map_err(|_| {
        io::Error::new(io::ErrorKind::ResourceBusy, format!("{} is another emulator's", path.display()))
    })
}

/// The records of a file. A last line that is torn was never answered: it is passed over.
fn read(text: &[u8]) -> Result<Vec<Record>, String> {
    let mut records = Vec::new();
    for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if !line.ends_with(b"\n") {
            break;
        }
        let record = serde_json::from_slice(line).map_err(|error| format!("line {}: {error}", index + 1))?;
        records.push(record);
    }
    match records.first() {
        None | Some(Record::Start(_)) => Ok(records),
        Some(_) => Err("this is no state of an emulator".to_owned()),
    }
}
