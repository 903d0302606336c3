//! Which Azure is talked to.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::error::{Error, Result};

/// The api-version that all documentation of tenant registration uses.
pub const DEFAULT_API_VERSION: &str = "2017-06-01";

/// Endpoints of a cloud.
#[derive(Debug, Clone)]
pub struct Cloud {
    arm_endpoint: Url,
    authority_host: Url,
    audience: String,
}

/// A cloud that is known by name. The endpoints and audiences are those of Azure PowerShell's
/// AzureEnvironmentConstants.
struct Known {
    name: &'static str,
    /// What the Azure CLI and scripts of older modules call it.
    other_names: &'static [&'static str],
    arm_endpoint: &'static str,
    authority_host: &'static str,
    audience: &'static str,
}

const KNOWN: [Known; 3] = [
    Known {
        name: "AzureCloud",
        other_names: &["AzurePublicCloud", "Public"],
        arm_endpoint: "https://management.azure.com/",
        authority_host: "https://login.microsoftonline.com/",
        audience: "https://management.core.windows.net/",
    },
    Known {
        name: "AzureUSGovernment",
        other_names: &["AzureUSGovernmentCloud"],
        arm_endpoint: "https://management.usgovcloudapi.net/",
        authority_host: "https://login.microsoftonline.us/",
        audience: "https://management.core.usgovcloudapi.net/",
    },
    Known {
        name: "AzureChinaCloud",
        other_names: &["AzureChina"],
        arm_endpoint: "https://management.chinacloudapi.cn/",
        authority_host: "https://login.chinacloudapi.cn/",
        audience: "https://management.core.chinacloudapi.cn/",
    },
];

/// What a caller says about the cloud. Nothing: the public cloud.
#[derive(Debug, Clone, Default)]
pub struct CloudInput {
    /// The name of a cloud.
    pub name: Option<String>,
    /// Azure Resource Manager's endpoint.
    pub arm_endpoint: Option<String>,
    /// The sign-in endpoint.
    pub authority_host: Option<String>,
    /// What tokens are for.
    pub audience: Option<String>,
}

impl Cloud {
    /// The names of the clouds that are known.
    pub fn names() -> impl Iterator<Item = &'static str> {
        KNOWN.iter().map(|known| known.name)
    }

    /// A cloud by its endpoints; where one is `None` that of the public cloud is taken. Both must be https, without
    /// user, path, query or fragment: the token goes there.
    pub fn new(arm_endpoint: Option<&str>, authority_host: Option<&str>) -> Result<Cloud> {
        Cloud::from_input(&CloudInput {
            arm_endpoint: arm_endpoint.map(str::to_owned),
            authority_host: authority_host.map(str::to_owned),
            ..CloudInput::default()
        })
    }

    /// A cloud by its name, by its endpoints, or by both: what is given goes before what the name stands for. The
    /// endpoints of a known cloud stand for the rest of it too.
    pub fn from_input(input: &CloudInput) -> Result<Cloud> {
        let by_name = input.name.as_deref().map(known).transpose()?;
        let given = input.arm_endpoint.as_deref().map(|given| endpoint("ArmEndpoint", given)).transpose()?;
        let by_endpoint =
            given.as_ref().and_then(|url| KNOWN.iter().find(|it| it.arm_endpoint == url.as_str()));
        let known = by_name.or(by_endpoint);
        let arm_endpoint = match given {
            Some(url) => url,
            None => endpoint("ArmEndpoint", known.unwrap_or(&KNOWN[0]).arm_endpoint)?,
        };
        let authority_host = input.authority_host.as_deref();
        let authority_host =
            endpoint("AuthorityHost", authority_host.unwrap_or(known.unwrap_or(&KNOWN[0]).authority_host))?;
        let audience = match (&input.audience, known) {
            (Some(given), _) => audience(given)?,
            (None, Some(known)) => known.audience.to_owned(),
            // Azure Resource Manager takes tokens for its own address.
            (None, None) => arm_endpoint.to_string(),
        };
        Ok(Cloud { arm_endpoint, authority_host, audience })
    }

    /// Azure Resource Manager's endpoint.
    pub fn arm_endpoint(&self) -> &Url {
        &self.arm_endpoint
    }

    /// The sign-in endpoint.
    pub fn authority_host(&self) -> &Url {
        &self.authority_host
    }

    /// What tokens for Azure Resource Manager are for.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// The scope to ask for. An audience that ends in a slash keeps it: the one in the token has to be the same.
    pub(crate) fn scope(&self) -> String {
        format!("{}/.default", self.audience)
    }
}

fn known(name: &str) -> Result<&'static Known> {
    let name = name.trim();
    let is_called = |known: &&Known| {
        std::iter::once(&known.name).chain(known.other_names).any(|other| other.eq_ignore_ascii_case(name))
    };
    KNOWN.iter().find(is_called).ok_or_else(|| {
        let names: Vec<_> = Cloud::names().collect();
        let message = format!(
            "Cloud '{name}' is not known. Expected {}; any other cloud is given by its Azure Resource Manager endpoint.",
            names.join(", ")
        );
        Error::input("CloudNotKnown", "Cloud", name, message)
    })
}

fn audience(given: &str) -> Result<String> {
    let given = given.trim();
    if Url::parse(given).is_err() || given.contains(char::is_whitespace) {
        let message = format!(
            "Audience '{given}' is not a URI. Expected one such as https://management.core.windows.net/."
        );
        return Err(Error::input("AudienceNotValid", "Audience", given, message));
    }
    Ok(given.to_owned())
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
