//! The file of an audit log: whole lines, appended, and on the disk when that is said.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// A file that whole lines are appended to.
pub(super) struct LogFile {
    file: File,
    /// Whether it can be read to see how it ends.
    readable: bool,
    /// Where it cannot be read: whether it may end within a line.
    torn: bool,
}

impl LogFile {
    /// Opens a file, and makes it where there is none. What is in it stays.
    pub(super) fn open(path: &Path) -> io::Result<LogFile> {
        if let Ok(there) = std::fs::metadata(path) {
            check_kind(&there)?;
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        let (file, readable) = match options.clone().read(true).open(path) {
            // Whoever may write lines need not be allowed to read them.
            Err(why) if why.kind() == ErrorKind::PermissionDenied => (options.open(path)?, false),
            opened => (opened?, true),
        };
        let there = file.metadata()?;
        Ok(LogFile { readable: readable && there.is_file(), torn: there.is_file() && there.len() > 0, file })
    }

    /// Appends lines, each of which ends in a line feed. Gives how many of them, the first ones, are on the disk, and where
    /// these are not all, why.
    pub(super) fn append(&mut self, lines: &[&[u8]]) -> (usize, Option<io::Error>) {
        let (written, why) = self.write_whole(lines);
        if written == 0 {
            return (0, why);
        }
        match self.sync() {
            Ok(()) => (written, why),
            Err(unsynced) => (0, Some(unsynced)),
        }
    }

    /// The same without waiting for the disk.
    fn write_whole(&mut self, lines: &[&[u8]]) -> (usize, Option<io::Error>) {
        let mut written = 0;
        while written < lines.len() {
            match self.write_once(&lines[written..]) {
                Ok(0) => return (written, Some(io::Error::from(ErrorKind::WriteZero))),
                Ok(whole) => written += whole,
                Err(why) => return (written, Some(why)),
            }
        }
        (written, None)
    }

    /// Writes lines with one call, so that nothing of anybody else's comes between, and gives how many of them are whole. What
    /// was begun and not ended is written again, on a line of its own.
    fn write_once(&mut self, lines: &[&[u8]]) -> io::Result<usize> {
        // Two that come at once to a torn line would both end it. Where there are no locks, an empty line is all that
        // comes of it.
        let is_locked = self.file.lock().is_ok();
        let written = self.write_alone(lines);
        if is_locked {
            let _ = self.file.unlock();
        }
        written
    }

    fn write_alone(&mut self, lines: &[&[u8]]) -> io::Result<usize> {
        let begins_within_line = self.ends_within_line()?;
        let mut text = Vec::with_capacity(1 + lines.iter().map(|line| line.len()).sum::<usize>());
        if begins_within_line {
            text.push(b'\n');
        }
        let mut ends = Vec::with_capacity(lines.len());
        for line in lines {
            text.extend_from_slice(line);
            ends.push(text.len());
        }
        let bytes = loop {
            match self.file.write(&text) {
                Err(why) if why.kind() == ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        let whole = ends.iter().filter(|end| **end <= bytes).count();
        self.torn = bytes < text.len();
        Ok(whole)
    }

    /// Whether what is written next would go on with a line that somebody began: a process that ended, or a disk that was
    /// full.
    fn ends_within_line(&mut self) -> io::Result<bool> {
        let there = self.file.metadata()?;
        if !there.is_file() {
            return Ok(false);
        }
        check_still_there(&there)?;
        if !self.readable {
            return Ok(self.torn);
        }
        if there.len() == 0 {
            return Ok(false);
        }
        // Appending does not care for the place.
        self.file.seek(SeekFrom::Start(there.len() - 1))?;
        let mut last = [0];
        self.file.read_exact(&mut last)?;
        Ok(last != *b"\n")
    }

    fn sync(&self) -> io::Result<()> {
        // A device or a terminal has no disk to wait for.
        if self.file.metadata()?.is_file() { self.file.sync_data() } else { Ok(()) }
    }
}

/// Opening a pipe waits for somebody who reads it, and what is written to one is on no disk.
fn check_kind(there: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if there.file_type().is_fifo() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "it is a pipe"));
        }
    }
    if there.is_dir() {
        return Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder"));
    }
    Ok(())
}

/// What is appended to a file that was deleted is on the disk for nobody.
fn check_still_there(there: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if there.nlink() == 0 {
            return Err(io::Error::new(ErrorKind::NotFound, "it was deleted"));
        }
    }
    let _ = there;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a log has in it after these lines were appended to what was there.
    fn appended(before: &str, lines: &[&str]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        std::fs::write(&path, before).unwrap();
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        let (written, why) = LogFile::open(&path).unwrap().append(&lines);
        assert!(why.is_none() && written == lines.len(), "{written}, {why:?}");
        std::fs::read_to_string(&path).unwrap()
    }

    #[test]
    fn what_is_there_stays_and_a_torn_line_is_left_alone() {
        assert_eq!(appended("", &["1\n", "2\n"]), "1\n2\n");
        assert_eq!(appended("0\n", &["1\n"]), "0\n1\n");
        assert_eq!(appended("{\"ti", &["1\n", "2\n"]), "{\"ti\n1\n2\n");
    }

    #[test]
    fn a_line_that_another_process_tore_meanwhile_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let mut log = LogFile::open(&path).unwrap();
        assert_eq!(log.append(&[b"1\n"]).0, 1);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"ti").unwrap();
        assert_eq!(log.append(&[b"2\n"]).0, 1);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1\n{\"ti\n2\n");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told() {
        let (written, why) = LogFile::open(Path::new("/dev/full")).unwrap().append(&[b"1\n"]);
        assert_eq!((written, why.unwrap().kind()), (0, ErrorKind::StorageFull));
    }

    #[cfg(unix)]
    #[test]
    fn a_deleted_file_is_no_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let mut log = LogFile::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let (written, why) = log.append(&[b"1\n"]);
        assert_eq!((written, why.unwrap().to_string().as_str()), (0, "it was deleted"));
    }

    #[test]
    fn what_cannot_be_a_log_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(LogFile::open(folder.path()).is_err());
        assert!(LogFile::open(&folder.path().join("no").join("audit.jsonl")).is_err());
        assert!(LogFile::open(Path::new("")).is_err());
        #[cfg(unix)]
        {
            // Nobody reads it: opening it would wait for ever.
            let pipe = folder.path().join("pipe");
            let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
            assert!(made.success());
            assert!(LogFile::open(&pipe).err().unwrap().to_string().contains("pipe"));
        }
    }
}
