//! The text of a file, whatever its encoding.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::{Category, Error, Result};

/// How many bytes are read and decoded at once.
const CHUNK: usize = 16 << 10;

/// How many bytes the encoding is told from: the first two letters of a header, or of JSON, are ASCII.
const SNIFFED: usize = 4;

const SAVE_AS_UTF8: &str =
    "Save the file as UTF-8 (Excel: CSV UTF-8; PowerShell: -Encoding utf8), then run the same command again.";

/// Decodes what it reads, without holding more than a piece of it: UTF-8, or UTF-16 with a byte order mark or where zeros
/// in every other byte show it. Bytes that are none in the encoding, and NUL characters, are errors with their line.
pub(super) struct Text<R> {
    source: R,
    decoder: Decoder,
    encoding: &'static Encoding,
    raw: Vec<u8>,
    raw_at: usize,
    decoded: Vec<u8>,
    decoded_at: usize,
    /// The line of the next decoded character.
    line: u64,
    source_ended: bool,
    /// The decoder has given its last.
    finished: bool,
    ended: bool,
    /// What is wrong after the decoded text.
    fault: Option<Error>,
}

impl<R: Read> Text<R> {
    /// Reads the beginning and tells the encoding.
    pub(super) fn new(mut source: R) -> Result<Text<R>> {
        let mut raw = Vec::with_capacity(CHUNK);
        source.by_ref().take(SNIFFED as u64).read_to_end(&mut raw).map_err(|why| not_readable(&why))?;
        let (encoding, mark) = sniff(&raw)?;
        Ok(Text {
            source_ended: raw.len() < SNIFFED,
            source,
            decoder: encoding.new_decoder_without_bom_handling(),
            encoding,
            raw,
            raw_at: mark,
            decoded: Vec::with_capacity(CHUNK),
            decoded_at: 0,
            line: 1,
            finished: false,
            ended: false,
            fault: None,
        })
    }

    /// The next piece of text; empty at the end. The pieces begin and end between characters.
    pub(super) fn piece(&mut self) -> Result<&[u8]> {
        while self.decoded_at == self.decoded.len() && !self.ended {
            if let Some(fault) = self.fault.take() {
                self.ended = true;
                return Err(fault);
            }
            if self.finished {
                self.ended = true;
            } else {
                self.decode()?;
            }
        }
        Ok(&self.decoded[self.decoded_at..])
    }

    fn decode(&mut self) -> Result<()> {
        if self.raw_at == self.raw.len() && !self.source_ended {
            self.raw.resize(CHUNK, 0);
            self.raw_at = 0;
            let read = loop {
                match self.source.read(&mut self.raw) {
                    Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                    read => break read,
                }
            };
            let read = read.map_err(|why| {
                self.ended = true;
                not_readable(&why)
            })?;
            self.raw.truncate(read);
            self.source_ended = read == 0;
        }
        self.decoded.resize(CHUNK, 0);
        self.decoded_at = 0;
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.raw[self.raw_at..],
            &mut self.decoded,
            self.source_ended,
        );
        self.raw_at += read;
        self.decoded.truncate(written);
        if let Some(nul) = self.decoded.iter().position(|byte| *byte == 0) {
            self.decoded.truncate(nul);
            self.count_lines();
            self.fault = Some(self.nul());
            return Ok(());
        }
        self.count_lines();
        match result {
            DecoderResult::Malformed(length, after) => {
                let from = self.raw_at.checked_sub(usize::from(length) + usize::from(after));
                let byte = from.and_then(|from| self.raw.get(from)).copied();
                self.fault = Some(self.malformed(byte));
            }
            DecoderResult::InputEmpty => self.finished = self.source_ended,
            DecoderResult::OutputFull => {}
        }
        Ok(())
    }

    fn count_lines(&mut self) {
        self.line += self.decoded.iter().filter(|byte| **byte == b'\n').count() as u64;
    }

    fn malformed(&self, byte: Option<u8>) -> Error {
        let (line, name) = (self.line, self.encoding.name());
        let shown = byte.map(|byte| format!(" (0x{byte:02X})")).unwrap_or_default();
        let message = format!(
            "Line {line}: there are bytes{shown} that are not {name}. Expected UTF-8, or UTF-16 with a byte order mark."
        );
        Error::new(Category::Input, "EncodingNotKnown", message).with_action(SAVE_AS_UTF8)
    }

    fn nul(&self) -> Error {
        let message = format!(
            "Line {}: there is a NUL character. The file is no text, or is in an encoding that cannot be told. Expected \
             UTF-8, or UTF-16 with a byte order mark.",
            self.line
        );
        Error::new(Category::Input, "EncodingNotKnown", message).with_action(SAVE_AS_UTF8)
    }

    /// Says how much of the piece was taken.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.decoded_at = (self.decoded_at + bytes).min(self.decoded.len());
    }

    /// Reads a line without its end, or as much of it as shows that it is longer than `most`. `false`: there is none.
    pub(super) fn read_line(&mut self, line: &mut Vec<u8>, most: usize) -> Result<bool> {
        line.clear();
        loop {
            let piece = self.piece()?;
            if piece.is_empty() {
                return Ok(!line.is_empty());
            }
            let end = piece.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            line.extend_from_slice(&piece[..end.unwrap_or(piece.len())]);
            let Some(end) = end else {
                let all = piece.len();
                self.consume(all);
                if line.len() > most {
                    return Ok(true);
                }
                continue;
            };
            let is_return = piece[end] == b'\r';
            self.consume(end + 1);
            if is_return && self.piece()?.first() == Some(&b'\n') {
                self.consume(1);
            }
            return Ok(true);
        }
    }
}

fn not_readable(why: &io::Error) -> Error {
    Error::new(Category::Input, "InputNotReadable", format!("Reading failed: {why}."))
}

/// The encoding that the first bytes show, and the length of the byte order mark.
fn sniff(start: &[u8]) -> Result<(&'static Encoding, usize)> {
    let other = |what: &str, action: &'static str| {
        let message = format!("It is {what}. Expected text: CSV, or JSON lines.");
        Err(Error::new(Category::Input, "EncodingNotKnown", message).with_action(action))
    };
    match start {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => other("UTF-32", SAVE_AS_UTF8),
        [b'P', b'K', 3, 4, ..] => {
            other("an Excel workbook or another ZIP archive", "Save the sheet as CSV UTF-8.")
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => other("an old Excel workbook", "Save the sheet as CSV UTF-8."),
        [0x1f, 0x8b, ..] => other("compressed with gzip", "Unpack it first."),
        [0xff, 0xfe, ..] => Ok((UTF_16LE, 2)),
        [0xfe, 0xff, ..] => Ok((UTF_16BE, 2)),
        [0xef, 0xbb, 0xbf, ..] => Ok((UTF_8, 3)),
        _ if is_utf16(start, 1) => Ok((UTF_16LE, 0)),
        _ if is_utf16(start, 0) => Ok((UTF_16BE, 0)),
        _ => Ok((UTF_8, 0)),
    }
}

/// Whether the text begins as UTF-16 of ASCII does: with zeros at these places alone.
fn is_utf16(start: &[u8], zeros: usize) -> bool {
    start.len() == SNIFFED && start.iter().enumerate().all(|(at, byte)| (at % 2 == zeros) == (*byte == 0))
}
