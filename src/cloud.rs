//! Which Azure is talked to.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::error::{Error, Result};

/// The api-version that all documentation of tenant registration uses.
pub const DEFAULT_API_VERSION: &str = "2017-06-01";

/// Endpoints of a cloud. The public cloud's are those of Azure PowerShell's AzureEnvironmentConstants.
#[derive(Debug, Clone)]
pub struct Cloud {
    arm_endpoint: Url,
    authority_host: Url,
}

impl Cloud {
    /// A cloud by its endpoints; where one is `None` that of the public cloud is taken. Both must be https, without
    /// user, path, query or fragment: the token goes there.
    pub fn new(arm_endpoint: Option<&str>, authority_host: Option<&str>) -> Result<Cloud> {
        Ok(Cloud {
            arm_endpoint: endpoint("ArmEndpoint", arm_endpoint.unwrap_or("https://management.azure.com/"))?,
            authority_host: endpoint(
                "AuthorityHost",
                authority_host.unwrap_or("https://login.microsoftonline.com/"),
            )?,
        })
    }

    /// Azure Resource Manager's endpoint.
    pub fn arm_endpoint(&self) -> &Url {
        &self.arm_endpoint
    }

    /// The sign-in endpoint.
    pub fn authority_host(&self) -> &Url {
        &self.authority_host
    }
}

fn endpoint(column: &'static str, given: &str) -> Result<Url> {
    let refuse = |why: &str| {
        let message =
            format!("{column} '{given}' {why}. Expected a URL such as https://management.azure.com/.");
        Error::input("EndpointNotValid", column, given, message)
    };
    if let Some((_, host)) = given.rsplit_once('@') {
        // The given text is not repeated: it most likely holds a password.
        let message = format!(
            "{column} contains a user name or password. Expected a URL such as https://management.azure.com/."
        );
        return Err(Error::input("EndpointNotValid", column, host, message));
    }
    let url = Url::parse(given.trim()).map_err(|why| refuse(&format!("is not a URL ({why})")))?;
    if url.scheme() != "https" {
        return Err(refuse("is not https: the access token would travel in clear"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(refuse("names no host"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("goes on after the host"));
    }
    Ok(url)
}

/// An api-version: a date, with or without a suffix such as `-preview` (Azure Resource Manager's RPC).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiVersion(String);

impl Default for ApiVersion {
    fn default() -> Self {
        ApiVersion(DEFAULT_API_VERSION.to_owned())
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ApiVersion {
    type Err = Error;

    fn from_str(given: &str) -> Result<ApiVersion> {
        const COLUMN: &str = "ApiVersion";
        let text = given.trim();
        let (date, suffix) = text.split_at_checked(10).unwrap_or((text, ""));
        // The articles ask for "the 2017-09-03 profile"; scripts of the time have 2017-03-09-profile.
        if date == "2017-09-03"
            || date == "2017-03-09"
            || suffix.ends_with("profile")
            || suffix.ends_with("hybrid")
        {
            let message = format!(
                "{COLUMN} '{text}' is the name of an API profile. A profile picks the versions of PowerShell modules and \
                 is never sent to Azure; the articles that name it send {DEFAULT_API_VERSION}. Leave {COLUMN} out."
            );
            return Err(Error::input("ApiVersionIsProfile", COLUMN, text, message));
        }
        let digits = |range: std::ops::Range<usize>| {
            date.get(range).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let dated = digits(0..4)
            && digits(5..7)
            && digits(8..10)
            && date.get(4..5) == Some("-")
            && date.get(7..8) == Some("-");
        if dated && ["", "-preview", "-privatepreview", "-alpha", "-beta", "-rc"].contains(&suffix) {
            return Ok(ApiVersion(text.to_owned()));
        }
        let message = format!(
            "{COLUMN} '{text}' is not an api-version. Expected a date such as {DEFAULT_API_VERSION}."
        );
        Err(Error::input("ApiVersionNotValid", COLUMN, text, message))
    }
}
