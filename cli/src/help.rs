//! The longer texts of the help. Somebody without any other page works from them.
//!
//! A paragraph is one line, which clap wraps to the terminal; commands to copy are kept short.

use crate::exit_code;

pub(crate) const ABOUT: &str = "\
Adds, lists, gets and removes the tenants of an Azure Stack Hub registration.

An Azure Stack Hub reports its usage through its registration, an object in global Azure. Each tenant's usage is charged \
to the customer subscription that is mapped to the tenant in the registration, and to the registration's own subscription \
where none is.";

pub(crate) const SHORT_END: &str = "--help says more, with examples, what is asked when, and the exit codes.";

pub(crate) const OVERVIEW: &str = "\
Examples:
  umask 077; az account get-access-token --query accessToken --output tsv > token.txt
  export AZSREG_ACCESS_TOKEN_FILE=token.txt
  export AZSREG_SUBSCRIPTION=dd8597b4-8739-4467-8b10-f8679f62bfbf
  export AZSREG_RESOURCE_GROUP=azurestack
  export AZSREG_REGISTRATION=azurestack-8f4ba54b-7a44-4d0e-9a1c-6d0f5c1f2b7e

  azsreg tenant list
  azsreg tenant add e09a4e93-29a7-4eba-a6d4-76202383f07f
  azsreg tenant get e09a4e93-29a7-4eba-a6d4-76202383f07f --output json
  azsreg tenant remove e09a4e93-29a7-4eba-a6d4-76202383f07f

'azsreg tenant add --help' and so on have all options and more examples.

";

pub(crate) const ADD_ABOUT: &str = "\
Maps the tenants of customer subscriptions to them, so that their usage is charged there. What is mapped as wanted \
already is left alone.";

pub(crate) const ADD: &str = r#"Examples:
  Map a tenant (with the registration and the token file in the environment):
    azsreg tenant add e09a4e93-29a7-4eba-a6d4-76202383f07f
  Map two, and name the registration:
    azsreg tenant add \
      --registration azurestack-8f4ba54b-7a44-4d0e-9a1c-6d0f5c1f2b7e \
      --resource-group azurestack \
      --subscription dd8597b4-8739-4467-8b10-f8679f62bfbf \
      e09a4e93-29a7-4eba-a6d4-76202383f07f 0b9c2f5e-6f0d-4b53-a2c5-54a4e4a2d9a1
  See first what it would do:
    azsreg tenant add --dry-run e09a4e93-29a7-4eba-a6d4-76202383f07f
  Map the tenants of a file:
    azsreg tenant add --input-file tenants.csv

What is asked:
  Nothing for a tenant without a mapping.
  A tenant has one subscription only, so adding another one moves its usage: that is asked on a terminal, with No as the default.
  In scripts (standard input or standard error is no terminal) nothing is moved and the exit code is 3, unless --force is given; then a warning tells what was moved, with the command that moves it back.
  --dry-run looks at each id by itself. Its exit code is 0 also where a move would be asked about.

"#;

pub(crate) const LIST_ABOUT: &str = "\
Lists the mappings of a registration, in Azure's order. A registration without any gives no table, and [] as JSON.";

pub(crate) const LIST: &str = r#"Examples:
  azsreg tenant list
  azsreg tenant list --tenant-id dbab3982-796f-4d03-9908-044c08aef8a2
  azsreg tenant list --output json | jq -r '.[].customerSubscriptionId'

What is asked:
  Nothing. If the list ends early (exit code other than 0), what was read until then has been written.

"#;

pub(crate) const GET_ABOUT: &str = "\
Gets the mappings of customer subscriptions, in whatever spelling the registration has them. One that is not mapped is an \
error.";

pub(crate) const GET: &str = r#"Examples:
  azsreg tenant get e09a4e93-29a7-4eba-a6d4-76202383f07f
  azsreg tenant get --output json \
    e09a4e93-29a7-4eba-a6d4-76202383f07f 0b9c2f5e-6f0d-4b53-a2c5-54a4e4a2d9a1

What is asked:
  Nothing.

"#;

pub(crate) const REMOVE_ABOUT: &str = "\
Removes mappings. From then on the tenants' usage is charged to the subscription of the registration. What is not mapped is \
no error: the outcome is NotFound.";

pub(crate) const REMOVE: &str = r#"Examples:
  azsreg tenant remove e09a4e93-29a7-4eba-a6d4-76202383f07f
  azsreg tenant remove --tenant-id dbab3982-796f-4d03-9908-044c08aef8a2
  azsreg tenant remove --force \
    e09a4e93-29a7-4eba-a6d4-76202383f07f 0b9c2f5e-6f0d-4b53-a2c5-54a4e4a2d9a1
  azsreg tenant list --output jsonl | grep dbab3982 |
    azsreg tenant remove --force --input-file -

What is asked:
  Each removal, on a terminal, before anything is sent, with No as the default.
  In scripts (standard input or standard error is no terminal) nothing is sent and the exit code is 3, unless --force is given.

"#;

const ROWS: &str = r#"Input:
  --input-file takes CSV (comma, semicolon or tab; the first line names the columns) or JSON lines, in UTF-8 or UTF-16, instead of ids. What --output csv and jsonl write can be read.
  Columns: CustomerSubscriptionId, TenantId, ResourceId, RegistrationName, ResourceGroupName, RegistrationSubscriptionId; one of them at least, others are passed over. What a row leaves open comes from the options and the environment; what it says twice has to agree.
  Ids and files are checked before anything is sent: one that is wrong refuses all of them, and each is told. What comes on standard input is worked on up to the first row that is wrong. --skip-invalid goes on with those that are right, and gives the others as Failed.

"#;

/// The text of a command that takes rows, with what is the same for all commands after it.
pub(crate) fn end_with_rows(text: &str) -> String {
    end(&format!("{text}{ROWS}"))
}

const TOKEN: &str = r#"Access token:
  A token for Azure Resource Manager, alone in a file (--access-token-file, or AZSREG_ACCESS_TOKEN_FILE), or on standard input (--access-token-file -). No option takes the token itself, for other users of the machine can read command lines.
    az account get-access-token --query accessToken --output tsv |
      azsreg tenant list --access-token-file -

"#;

const VARIABLES: &str = r#"Environment:
  AZSREG_SUBSCRIPTION        the registration's subscription (*)
  AZSREG_RESOURCE_GROUP      its resource group (*)
  AZSREG_REGISTRATION        its name (*)
  AZSREG_ACCESS_TOKEN_FILE   the file that holds the access token
  AZSREG_ARM_ENDPOINT        Azure Resource Manager's endpoint
  AZSREG_CA_CERTIFICATE      the file of certificates to trust beside the system's
  HTTPS_PROXY, NO_PROXY      the proxy on the way to Azure
  (*) where neither an option nor a resource id says it

"#;

const OUTPUT: &str = r#"Output:
  Results go to standard output, everything else to standard error.
  The objects of json and jsonl always have all members, null where there is no value: registrationSubscriptionId, resourceGroupName, registrationName, customerSubscriptionId, tenantId, resourceId; those of add and remove also outcome, oldCustomerSubscriptionId (where the usage was charged before), row (its number in the input), auditMissing (whether the audit log lacks its line) and error, with code, message, httpStatus, recommendedAction, requestId, correlationId.
  What many items fail of is said once, with how many more there are; each of them has its own row or object.
  How far the work has come is shown at the foot of a terminal, and as a line every 10 s where standard error is none; --no-progress turns it off.
  Results keep the order of the input. An item that takes long holds back those after it; up to 1,024 are worked off meanwhile.
  After Ctrl+C they come as they end.
  Outcomes: Added, Replaced, Unchanged, Removed, NotFound; Failed, Unknown (it cannot be told whether it took effect), NotStarted, WouldReplace (needs a confirmation), TenantMismatch, ChangedByAnother; with --dry-run also WouldAdd and WouldRemove.

"#;

/// A text with what is the same for all commands after it.
pub(crate) fn end(text: &str) -> String {
    format!("{text}{TOKEN}{VARIABLES}{OUTPUT}{}", exit_code::table())
}
