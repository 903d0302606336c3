//! The places in advice, and what stands there for whom.

use super::Words;

pub(super) struct Place {
    pub(super) name: &'static str,
    neutral: &'static str,
    powershell: &'static str,
    command_line: &'static str,
    both: &'static str,
}

impl Place {
    pub(super) fn text(&self, words: Words) -> &'static str {
        match words {
            Words::Neutral => self.neutral,
            Words::PowerShell => self.powershell,
            Words::CommandLine => self.command_line,
            Words::Both => self.both,
        }
    }
}

pub(super) const PLACES: &[Place] = &[
    Place {
        name: "{force}",
        neutral: "a request that may replace anything",
        powershell: "-Force",
        command_line: "--force",
        both: "-Force (azsreg: --force)",
    },
    Place {
        name: "{ with list}",
        neutral: "",
        powershell: " with Get-AzsRegistrationTenant",
        command_line: " with 'azsreg tenant list'",
        both: " with Get-AzsRegistrationTenant (azsreg tenant list)",
    },
    Place {
        name: "{sign in}",
        neutral: "sign in with it",
        powershell: "sign in with it (Connect-AzsRegistrationAccount)",
        command_line: "put it into the file that --access-token-file names",
        both: "sign in with it (Connect-AzsRegistrationAccount; azsreg: --access-token-file)",
    },
    Place {
        name: "{Again}",
        neutral: "Submit the same request again",
        powershell: "Run the same command again",
        command_line: "Run the same command again",
        both: "Run the same command again",
    },
    Place {
        name: "{again}",
        neutral: "submit the same request again",
        powershell: "run the same command again",
        command_line: "run the same command again",
        both: "run the same command again",
    },
    Place {
        name: "{Register the provider}",
        neutral: "Register the resource provider Microsoft.AzureStack for it",
        powershell: "Run: Register-AzResourceProvider -ProviderNamespace Microsoft.AzureStack",
        command_line: "Run: az provider register --namespace Microsoft.AzureStack",
        both: "Run: Register-AzResourceProvider -ProviderNamespace Microsoft.AzureStack (or: az provider register --namespace \
               Microsoft.AzureStack)",
    },
    Place {
        name: "{api version}",
        neutral: "the api-version 2017-06-01",
        powershell: "-ApiVersion 2017-06-01, or leave it out",
        command_line: "--api-version 2017-06-01, or leave it out",
        both: "the api-version 2017-06-01, or leave it out",
    },
    Place {
        name: "{as CA}",
        neutral: "as CA certificate file",
        powershell: "with -CaCertificatePath",
        command_line: "with --ca-certificate",
        both: "with -CaCertificatePath (azsreg: --ca-certificate)",
    },
    Place {
        name: "{audit log}",
        neutral: "the audit log",
        powershell: "-AuditLog",
        command_line: "--audit-log",
        both: "-AuditLog (azsreg: --audit-log)",
    },
    Place {
        name: "{timeout}",
        neutral: "a longer time for each item",
        powershell: "a longer -TimeoutSec",
        command_line: "a longer --timeout",
        both: "a longer -TimeoutSec (azsreg: --timeout)",
    },
    Place {
        name: "{resource id}",
        neutral: "resource id",
        powershell: "ResourceId",
        command_line: "resource id",
        both: "ResourceId",
    },
    Place {
        name: "{parameter}",
        neutral: "value that is said for all rows",
        powershell: "parameter",
        command_line: "option",
        both: "parameter or option",
    },
    Place {
        name: "{ as by Select-Object}",
        neutral: "",
        powershell: ", as with Select-Object CustomerSubscriptionId, TenantId",
        command_line: "",
        both: ", as with Select-Object CustomerSubscriptionId, TenantId",
    },
];
