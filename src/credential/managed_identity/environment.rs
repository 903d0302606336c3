//! Where the token of a managed identity comes from: the services say it in environment variables.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use http::HeaderValue;
use url::{Host, Url};

use crate::error::{Error, Result};

/// The endpoint of a virtual machine, which is the same on each of them.
const VIRTUAL_MACHINE: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// What the service says about its endpoint.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `IDENTITY_ENDPOINT`.
    pub identity_endpoint: Option<String>,
    /// `IDENTITY_HEADER`.
    pub identity_header: Option<String>,
    /// `IMDS_ENDPOINT`, which Azure Arc sets beside the first.
    pub imds_endpoint: Option<String>,
    /// Whether this is a sandbox of Azure Automation (`AUTOMATION_ASSET_ENDPOINT`).
    pub is_automation: bool,
    /// Where Azure Arc's agent writes its files.
    pub arc_key_folder: Option<PathBuf>,
    /// The endpoint of a virtual machine, where it is not the usual one.
    pub virtual_machine_endpoint: Option<String>,
}

/// An endpoint and what it wants to see.
#[derive(Debug, Clone)]
pub enum Endpoint {
    /// A virtual machine's.
    VirtualMachine(Url),
    /// App Service's or Azure Functions'.
    AppService {
        /// Where it is.
        url: Url,
        /// What shows that the request comes from the service.
        header: HeaderValue,
    },
    /// That of a sandbox of Azure Automation.
    Automation {
        /// Where it is.
        url: Url,
        /// What shows that the request comes from the sandbox.
        header: HeaderValue,
    },
    /// Azure Arc's, on a server outside of Azure.
    Arc {
        /// Where it is.
        url: Url,
        /// Where its agent writes the files that it wants to see.
        key_folder: Option<PathBuf>,
    },
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Environment {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        Environment {
            identity_endpoint: variable("IDENTITY_ENDPOINT"),
            identity_header: variable("IDENTITY_HEADER"),
            imds_endpoint: variable("IMDS_ENDPOINT"),
            is_automation: variable("AUTOMATION_ASSET_ENDPOINT").is_some(),
            arc_key_folder: if cfg!(windows) {
                variable("ProgramData")
                    .map(|data| Path::new(&data).join("AzureConnectedMachineAgent").join("Tokens"))
            } else {
                Some(PathBuf::from("/var/opt/azcmagent/tokens"))
            },
            virtual_machine_endpoint: None,
        }
    }

    /// The endpoint that it names.
    pub fn endpoint(&self) -> Result<Endpoint> {
        match (&self.identity_endpoint, &self.identity_header, &self.imds_endpoint) {
            (Some(endpoint), Some(header), _) => {
                let url = nearby("IDENTITY_ENDPOINT", endpoint)?;
                let mut header = HeaderValue::from_str(header).map_err(|_| {
                    let message =
                        "The environment variable IDENTITY_HEADER has characters that no header may hold.";
                    Error::input("ManagedIdentityNotValid", "ManagedIdentity", "IDENTITY_HEADER", message)
                })?;
                header.set_sensitive(true);
                Ok(if self.is_automation {
                    Endpoint::Automation { url, header }
                } else {
                    Endpoint::AppService { url, header }
                })
            }
            (Some(endpoint), None, Some(_)) => {
                let url = nearby("IDENTITY_ENDPOINT", endpoint)?;
                Ok(Endpoint::Arc { url, key_folder: self.arc_key_folder.clone() })
            }
            _ => {
                let given = self.virtual_machine_endpoint.as_deref().unwrap_or(VIRTUAL_MACHINE);
                Ok(Endpoint::VirtualMachine(nearby("ManagedIdentityEndpoint", given)?))
            }
        }
    }
}

/// A URL on this machine or on its link: the only ones that may be reached without TLS.
fn nearby(name: &str, given: &str) -> Result<Url> {
    let refuse = |why: &str| {
        let message = format!(
            "{name} '{given}' {why}. The token of a managed identity comes from this machine or from a link-local address."
        );
        Error::input("ManagedIdentityNotValid", "ManagedIdentity", given, message)
    };
    let url = Url::parse(given.trim()).map_err(|why| refuse(&format!("is not a URL ({why})")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("is not a plain http or https address"));
    }
    let is_near = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_link_local(),
        Some(Host::Ipv6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.is_loopback() || address.is_link_local(),
            None => IpAddr::V6(address).is_loopback() || (address.segments()[0] & 0xffc0) == 0xfe80,
        },
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    };
    if is_near { Ok(url) } else { Err(refuse("is on another machine")) }
}
