//! `emulator.json` and `ca.pem`: how other processes find a running emulator.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What `emulator.json` says. It is written when the emulator is ready, all at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Where ARM is.
    pub arm_endpoint: String,
    /// Where to sign in: the same listener.
    pub authority_host: String,
    /// Where the managed identity endpoint is, plain HTTP as the real one.
    pub imds_endpoint: String,
    /// The certificate authority to trust, a PEM file.
    pub ca_file: PathBuf,
    /// The tenant of the registrations.
    pub tenant_id: String,
    /// The application that may sign in, and the managed identity's client id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// A bearer token that is valid from the start, for the whole run.
    pub token: String,
    /// The subscription of the first registration.
    pub subscription_id: String,
    /// The resource group of the first registration.
    pub resource_group: String,
    /// The first registration's name.
    pub registration_name: String,
    /// Where the control API is.
    pub control_endpoint: String,
}

/// Writes a file all at once: whoever sees it sees all of it. Its readers are its owner's, since it may hold secrets.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&part)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&part, path)
}
