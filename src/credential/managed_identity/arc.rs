//! What Azure Arc wants to see: the content of a file that it has just written, where only administrators of the server
//! can read it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use crate::error::{Category, Error, Result};

/// The agent's files are smaller.
const LARGEST_FILE: u64 = 4096;

/// The Authorization header that answers its challenge.
pub(super) fn proof(challenge: &HeaderMap, folder: Option<&Path>) -> Result<HeaderValue> {
    let path = challenge
        .get(WWW_AUTHENTICATE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once("realm="))
        .map(|(_, path)| PathBuf::from(path.trim().trim_matches('"')))
        .ok_or_else(|| refuse("Azure Arc's agent named no file to prove with".to_owned()))?;
    let shown = path.display();
    // Whoever answers in the agent's place must not learn what is in any other file.
    if !is_of_agent(&path, folder) {
        return Err(refuse(format!("Azure Arc's agent named a file that is not one of its own, '{shown}'")));
    }
    let mut secret = Zeroizing::new(String::new());
    let unreadable = |why: &dyn std::fmt::Display| {
        refuse(format!(
            "The file '{shown}' of Azure Arc's agent cannot be read ({why}); its tokens are for administrators and for members of \
             the group himds"
        ))
    };
    let file = File::open(&path).map_err(|why| unreadable(&why))?;
    file.take(LARGEST_FILE + 1).read_to_string(&mut secret).map_err(|why| unreadable(&why))?;
    if secret.len() as u64 > LARGEST_FILE {
        return Err(refuse(format!("The file '{shown}' of Azure Arc's agent is larger than one of its own")));
    }
    let line = Zeroizing::new(format!("Basic {}", secret.trim()));
    let mut value = HeaderValue::from_str(&line)
        .map_err(|_| refuse(format!("The file '{shown}' holds no key of Azure Arc's agent")))?;
    value.set_sensitive(true);
    Ok(value)
}

fn refuse(message: String) -> Error {
    Error::new(Category::Authentication, "ManagedIdentityRefused", format!("{message}."))
}

/// Whether a file is where the agent writes its own, and of their kind.
fn is_of_agent(path: &Path, folder: Option<&Path>) -> bool {
    path.parent().is_some_and(|parent| Some(parent) == folder)
        && path.extension().is_some_and(|it| it == "key")
}
