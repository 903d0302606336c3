//! The access token: from a file or standard input, never from the command line, where every process can read it.

use std::env;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use azs_registration::credential::AccessToken;
use zeroize::Zeroizing;

use crate::arguments::ConnectionArguments;
use crate::failure::{Failure, Result};

/// Names the file where no option does.
pub(crate) const VARIABLE: &str = "AZSREG_ACCESS_TOKEN_FILE";

/// Tokens have a few kilobytes; this is what a header can hold.
const LARGEST: usize = 64 << 10;

const HOW_TO: &str = "Expected the token alone, as \
    `az account get-access-token --query accessToken --output tsv` prints it";

/// Where the token is read from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TokenPlace {
    File(String),
    StandardInput,
}

impl TokenPlace {
    /// What the options or the environment name.
    pub(crate) fn of(arguments: &ConnectionArguments) -> Result<TokenPlace> {
        let named = match &arguments.sign_in.access_token_file {
            Some(file) => Some(file.clone()),
            None => env::var_os(VARIABLE)
                .filter(|value| !value.is_empty())
                .map(|value| {
                    value.into_string().map_err(|_| Failure::Token(format!("{VARIABLE} is not Unicode.")))
                })
                .transpose()?,
        };
        match named.as_deref() {
            None => Err(Failure::Token(format!(
                "No access token is given. Name a file that holds one with --access-token-file or {VARIABLE}, or pipe \
                 it in with --access-token-file -. {HOW_TO}. --auth names other ways to sign in."
            ))),
            Some("-") => Ok(TokenPlace::StandardInput),
            Some(file) => Ok(TokenPlace::File(file.to_owned())),
        }
    }

    /// Reads the token.
    pub(crate) fn read(&self) -> Result<AccessToken> {
        match self {
            TokenPlace::StandardInput if io::stdin().is_terminal() => Err(Failure::Token(
                "Standard input is a terminal, where the token would be seen. Pipe it in, or name a file."
                    .to_owned(),
            )),
            TokenPlace::StandardInput => {
                let input = standard_input().and_then(read_whole);
                understand(&input.map_err(|why| unreadable("Standard input", &why))?, "Standard input")
            }
            TokenPlace::File(name) => {
                let what = shown(name);
                let bytes = File::open(Path::new(name)).and_then(read_whole);
                understand(&bytes.map_err(|why| unreadable(&what, &why))?, &what)
            }
        }
    }
}

/// The secret of an application, which a file holds alone.
pub(crate) fn read_secret(name: &str) -> Result<Zeroizing<String>> {
    let unusable = |why: String| Failure::Token(format!("The secret file '{name}' {why}."));
    let bytes = File::open(Path::new(name)).and_then(read_whole);
    let bytes = bytes.map_err(|why| unusable(format!("cannot be read: {why}")))?;
    let text = unmarked(&bytes);
    match std::str::from_utf8(text.trim_ascii()) {
        Ok("") => Err(unusable("is empty".to_owned())),
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(unusable("holds something else than a text".to_owned())),
    }
}

/// The file's name, unless it is a token itself, given in the wrong place.
fn shown(name: &str) -> String {
    if name.starts_with("eyJ") && name.contains('.') {
        "What --access-token-file names (a token, it seems, where the name of a file is expected)".to_owned()
    } else {
        format!("The access token file '{name}'")
    }
}

fn unreadable(what: &str, why: &io::Error) -> Failure {
    Failure::Token(format!("{what} cannot be read: {why}."))
}

/// Standard input without the buffer of std, which nobody would wipe.
fn standard_input() -> io::Result<File> {
    #[cfg(unix)]
    let owned = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned()?;
    #[cfg(windows)]
    let owned = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned()?;
    Ok(File::from(owned))
}

fn read_whole(file: File) -> io::Result<Zeroizing<Vec<u8>>> {
    // Room for all of it at once: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST + 64));
    file.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > LARGEST {
        return Err(io::Error::other(format!("it holds more than {} KB, which no token has", LARGEST >> 10)));
    }
    Ok(bytes)
}

fn understand(bytes: &[u8], what: &str) -> Result<AccessToken> {
    let bytes = unmarked(bytes);
    let text = bytes.trim_ascii();
    if text.is_empty() {
        return Err(Failure::Token(format!("{what} is empty. {HOW_TO}.")));
    }
    // The text goes into the token, which wipes it; bytes that are no text are not repeated in the message.
    let token = std::str::from_utf8(text).ok().and_then(|text| AccessToken::new(text.to_owned(), 0));
    token.ok_or_else(|| Failure::Token(format!("{what} holds something else than a token. {HOW_TO}.")))
}

/// The text that a shell wrote, without what marks its encoding.
fn unmarked(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    match bytes {
        // `>` in Windows PowerShell writes UTF-16.
        [0xff, 0xfe, rest @ ..] => narrow(rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => Zeroizing::new(rest.to_vec()),
        bytes => Zeroizing::new(bytes.to_vec()),
    }
}

/// UTF-16 (little endian) as ASCII; what is none becomes a character that no token has.
fn narrow(utf16: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut narrow = Zeroizing::new(Vec::with_capacity(utf16.len() / 2 + 1));
    for pair in utf16.chunks(2) {
        narrow.push(if matches!(pair, [_, 0]) { pair[0] } else { 0 });
    }
    narrow
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_token(bytes: &[u8]) -> bool {
        understand(bytes, "It").is_ok()
    }

    #[test]
    fn tokens_are_read_as_shells_write_them() {
        assert!(is_token(b"abc.def"));
        assert!(is_token(b"abc.def\n"));
        assert!(is_token(b"\xef\xbb\xbfabc.def\r\n"));
        assert!(is_token(b"\xff\xfea\0b\0\r\0\n\0"));
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_repeated() {
        for bytes in [
            &b""[..],
            b" \n",
            b"two words",
            b"{\"accessToken\": \"sec\"}",
            b"\xff\xfes\x01e\0c\0",
            b"sec\xfe",
        ] {
            let Err(Failure::Token(message)) = understand(bytes, "It") else { panic!("{bytes:?} was taken") };
            assert!(!message.contains("sec") && !message.contains("words"), "{message}");
        }
    }
}
