//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::help;
use crate::sign_in::SignInArguments;

/// Adds, lists, gets and removes the tenants of an Azure Stack Hub registration
#[derive(Debug, Parser)]
#[command(
    name = "azsreg",
    version,
    long_about = help::ABOUT,
    after_help = help::SHORT_END,
    after_long_help = help::end(help::OVERVIEW),
    max_term_width = 110,
    arg_required_else_help = true,
    subcommand_required = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The tenants of a registration: which customer subscription the usage of each is charged to
    #[command(subcommand, arg_required_else_help = true, after_long_help = help::end(help::OVERVIEW))]
    Tenant(TenantCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Map the tenants of customer subscriptions to them, so that their usage is charged there
    #[command(long_about = help::ADD_ABOUT, after_help = help::SHORT_END, after_long_help = help::end_with_rows(help::ADD))]
    Add(AddArguments),
    /// List the mappings of a registration
    #[command(long_about = help::LIST_ABOUT, after_help = help::SHORT_END, after_long_help = help::end(help::LIST))]
    List(ListArguments),
    /// Get the mappings of customer subscriptions
    #[command(long_about = help::GET_ABOUT, after_help = help::SHORT_END, after_long_help = help::end(help::GET))]
    Get(GetArguments),
    /// Remove mappings; the usage is charged to the registration's own subscription from then on
    #[command(
        long_about = help::REMOVE_ABOUT,
        after_help = help::SHORT_END,
        after_long_help = help::end_with_rows(help::REMOVE)
    )]
    Remove(RemoveArguments),
}

#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    /// Ids of customer subscriptions, or their full resource ids
    #[arg(value_name = "CUSTOMER-SUBSCRIPTION", required_unless_present = "input_file")]
    pub(crate) customers: Vec<String>,
    #[command(flatten)]
    pub(crate) rows: RowArguments,
    /// The tenant of the customer subscription; refused if Azure says another one
    #[arg(long, value_name = "GUID", value_parser = not_blank)]
    pub(crate) tenant_id: Option<String>,
    /// Move usage that is charged to another subscription now, without asking
    #[arg(long)]
    pub(crate) force: bool,
    /// Send the ids in the given spelling, not in lower case
    #[arg(long)]
    pub(crate) preserve_case: bool,
    /// Say what would be done, and change nothing
    #[arg(long, visible_alias = "what-if")]
    pub(crate) dry_run: bool,
    /// Append a line (JSON) for each change that was attempted to this file
    #[arg(long, value_name = "FILE", value_parser = not_blank)]
    pub(crate) audit_log: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Only the mappings of this tenant
    #[arg(long, value_name = "GUID", value_parser = not_blank)]
    pub(crate) tenant_id: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonArguments,
}

#[derive(Debug, Args)]
pub(crate) struct GetArguments {
    /// Ids of customer subscriptions, or their full resource ids
    #[arg(value_name = "CUSTOMER-SUBSCRIPTION", required = true)]
    pub(crate) customers: Vec<String>,
    /// The tenant that the mapping is expected to have
    #[arg(long, value_name = "GUID", value_parser = not_blank)]
    pub(crate) tenant_id: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonArguments,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArguments {
    /// Ids of customer subscriptions, or their full resource ids
    #[arg(value_name = "CUSTOMER-SUBSCRIPTION", required_unless_present_any = ["tenant_id", "input_file"])]
    pub(crate) customers: Vec<String>,
    #[command(flatten)]
    pub(crate) rows: RowArguments,
    /// The tenant whose mapping is removed; beside an id, the tenant that it must have
    #[arg(long, value_name = "GUID", value_parser = not_blank)]
    pub(crate) tenant_id: Option<String>,
    /// Remove without asking
    #[arg(long)]
    pub(crate) force: bool,
    /// Say what would be done, and change nothing
    #[arg(long, visible_alias = "what-if")]
    pub(crate) dry_run: bool,
    /// Append a line (JSON) for each change that was attempted to this file
    #[arg(long, value_name = "FILE", value_parser = not_blank)]
    pub(crate) audit_log: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonArguments,
}

#[derive(Debug, Args)]
pub(crate) struct RowArguments {
    /// File of rows (CSV with a header, or JSON lines) instead of ids; - reads standard input
    #[arg(long, short = 'i', value_name = "FILE", value_parser = not_blank, conflicts_with = "customers")]
    pub(crate) input_file: Option<String>,
    /// How the rows are written [default: as the first character shows]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) input_format: Option<RowFormat>,
    /// Go on with the ids or rows that are right; without it one that is wrong refuses all
    #[arg(long)]
    pub(crate) skip_invalid: bool,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// Comma, semicolon or tab separated values, with a header
    Csv,
    /// A JSON object on each line
    Jsonl,
}

#[derive(Debug, Args)]
pub(crate) struct CommonArguments {
    #[command(flatten)]
    pub(crate) registration: RegistrationArguments,
    #[command(flatten)]
    pub(crate) connection: ConnectionArguments,
    /// What standard output gets
    #[arg(long, short, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) output: Format,
    /// Do not show how far the work has come
    #[arg(long, help_heading = "Output")]
    pub(crate) no_progress: bool,
    /// Say on standard error what is being done
    #[arg(long, short, help_heading = "Output")]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Registration")]
pub(crate) struct RegistrationArguments {
    /// The subscription of the registration [env: AZSREG_SUBSCRIPTION]
    #[arg(long, visible_alias = "subscription", value_name = "GUID", value_parser = not_blank)]
    pub(crate) registration_subscription_id: Option<String>,
    /// Its resource group [env: AZSREG_RESOURCE_GROUP]
    #[arg(long, short = 'g', value_name = "NAME", value_parser = not_blank)]
    pub(crate) resource_group: Option<String>,
    /// Its name, usually azurestack-CLOUDID [env: AZSREG_REGISTRATION]
    #[arg(long, visible_alias = "registration", value_name = "NAME", value_parser = not_blank)]
    pub(crate) registration_name: Option<String>,
    /// All three as the resource id of the registration
    #[arg(long, value_name = "ID", value_parser = not_blank)]
    pub(crate) registration_id: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArguments {
    #[command(flatten)]
    pub(crate) sign_in: SignInArguments,
    /// The cloud: AzureCloud, AzureUSGovernment or AzureChinaCloud [env: AZSREG_CLOUD] [default: AzureCloud]
    #[arg(long, value_name = "NAME", value_parser = not_blank, help_heading = "Connection")]
    pub(crate) cloud: Option<String>,
    /// Azure Resource Manager's endpoint, where it is not that of the cloud [env: AZSREG_ARM_ENDPOINT]
    #[arg(long, value_name = "URL", value_parser = not_blank)]
    pub(crate) arm_endpoint: Option<String>,
    /// The sign-in endpoint of that cloud
    #[arg(long, value_name = "URL", value_parser = not_blank)]
    pub(crate) authority_host: Option<String>,
    /// File of certificates (PEM) to trust beside the system's, such as a proxy's [env: AZSREG_CA_CERTIFICATE]
    #[arg(long, value_name = "FILE", value_parser = not_blank)]
    pub(crate) ca_certificate: Option<String>,
    /// The api-version to send instead of 2017-06-01
    #[arg(long, value_name = "DATE", value_parser = not_blank)]
    pub(crate) api_version: Option<String>,
    /// Do not ask Azure, without signing in, which tenant a customer subscription belongs to
    #[arg(long)]
    pub(crate) no_tenant_discovery: bool,
    /// Requests that may be on their way at once; Azure's answers decide how many there are [default: 5]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) throttle_limit: Option<u16>,
    /// How long sending and sending again may take for one item, and an answer at most [default: 120, 90 an answer]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: Option<u64>,
}

/// What standard output gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people
    #[default]
    Table,
    /// One array of objects
    Json,
    /// One object on each line
    Jsonl,
    /// Comma separated values, with a header
    Csv,
}

/// An empty shell variable must not turn into an option that was not given.
pub(crate) fn not_blank(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("it is empty".to_owned()) } else { Ok(text.to_owned()) }
}

/// The option that a value came with, which the library knows by its PowerShell name.
pub(crate) fn option_of_column(column: &str) -> Option<&'static str> {
    Some(match column {
        "RegistrationSubscriptionId" => "--registration-subscription-id, or AZSREG_SUBSCRIPTION",
        "ResourceGroupName" => "--resource-group, or AZSREG_RESOURCE_GROUP",
        "RegistrationName" => "--registration-name, or AZSREG_REGISTRATION",
        "ResourceId" => "--registration-id, or CUSTOMER-SUBSCRIPTION as a resource id",
        "CustomerSubscriptionId" => "CUSTOMER-SUBSCRIPTION",
        "TenantId" => "--tenant-id",
        "ArmEndpoint" => "--arm-endpoint",
        "AuthorityHost" => "--authority-host",
        "CaCertificatePath" => "--ca-certificate",
        "ApiVersion" => "--api-version",
        "AuditLog" => "--audit-log",
        "Cloud" => "--cloud, or AZSREG_CLOUD",
        "SignInTenantId" => "--sign-in-tenant-id, or AZURE_TENANT_ID",
        "ApplicationId" => "--client-id, or AZURE_CLIENT_ID",
        "ClientSecret" => "AZURE_CLIENT_SECRET, or --client-secret-file",
        "CertificatePath" => "--client-certificate, or AZURE_CLIENT_CERTIFICATE_PATH",
        "CertificatePassword" => "AZURE_CLIENT_CERTIFICATE_PASSWORD",
        "FederatedTokenFile" => "--federated-token-file, or AZURE_FEDERATED_TOKEN_FILE",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
