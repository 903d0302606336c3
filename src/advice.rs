//! What an operator can do about an error: one table for all callers.
//!
//! Sources: the resource provider's codes from "Tenant registration error messages in Azure Stack Hub"
//! (azure-stack-registration-errors), Azure Resource Manager's from "Troubleshoot common Azure deployment errors"
//! and its RPC, locks from "Lock your resources".

use crate::error::Category;

/// Code and advice, in the order of their names within each group.
const BY_CODE: &[(&str, &str)] = &[
    // The resource provider's.
    (
        "BadCustomerSubscriptionId",
        "The customer's subscription and the registration's must belong to the same Cloud Solution Provider. Check \
         the id in Partner Center; its letters may have to be written exactly as there.",
    ),
    (
        "CustomerSubscriptionNotFound",
        "The subscription is not mapped in this registration. List the mappings and compare the id.",
    ),
    (
        "CustomerSubscriptionsNotAllowed",
        "The registration uses the Capacity billing model, which cannot hold tenants. Register the Azure Stack Hub \
         again with -BillingModel PayAsYouUse.",
    ),
    (
        "InvalidCSPSubscription",
        "The id is not that of a Cloud Solution Provider subscription; most likely it is mistyped. Compare it with \
         Partner Center.",
    ),
    (
        "InvalidCustomerSubscriptionId",
        "The id is not that of an Azure subscription. Compare it with Partner Center.",
    ),
    (
        "MetadataResolverBadGatewayError",
        "A service behind Azure failed. Run the same command again later; if that does not help, open a support \
         request with the correlation id.",
    ),
    (
        "RegistrationNotFound",
        "Compare the subscription, resource group and name of the registration with the portal (All resources, Show \
         hidden types), and check that you are signed in to global Azure, not to the Azure Stack Hub.",
    ),
    (
        "UnauthorizedCspRegistration",
        "The registration is not approved for multi-tenancy. Mail azstCSP@microsoft.com with the registration's \
         subscription id, resource group and name; the approval takes one to two business days.",
    ),
    // Azure Resource Manager's.
    (
        "AnotherOperationInProgress",
        "Another operation works on the registration. Run the same command again later.",
    ),
    (
        "AuthorizationFailed",
        "The account needs Microsoft.AzureStack/registrations/customerSubscriptions/* on the registration, as Owner \
         and Contributor have; the role Azure Stack Registration Owner does not include it. A role given just now can \
         take minutes to work.",
    ),
    ("ExpiredAuthenticationToken", "The access token has expired. Get a new one and sign in with it."),
    ("InvalidAuthenticationToken", "Get a new access token for Azure Resource Manager and sign in with it."),
    (
        "InvalidAuthenticationTokenTenant",
        "The token is of another directory than the registration's subscription. Sign in to the directory of the \
         account that registered the Azure Stack Hub.",
    ),
    ("InvalidResourceType", "The api-version does not know customer subscriptions. Use 2017-06-01."),
    (
        "LinkedAuthorizationFailed",
        "The account may not use another resource that the change touches. The message names it; ask its owner for \
         the role.",
    ),
    (
        "MissingSubscriptionRegistration",
        "The subscription does not use the resource provider yet. Run: Register-AzResourceProvider -ProviderNamespace \
         Microsoft.AzureStack",
    ),
    (
        "NoRegisteredProviderFound",
        "The api-version is not offered in this cloud. Use 2017-06-01, or one of those that the message lists.",
    ),
    (
        "RequestDisallowedByPolicy",
        "A policy of the subscription forbids the change. Its owner can exempt the registration.",
    ),
    ("ResourceGroupNotFound", "Compare the resource group's name and its subscription with the portal."),
    (
        "ResourceNotFound",
        "Compare the names with the portal, and check that you are signed in to the right cloud.",
    ),
    (
        "ScopeLocked",
        "A lock on the registration forbids removing (registering an Azure Stack Hub makes one by the name of \
         RegistrationResourceLock). Somebody with Microsoft.Authorization/locks/* has to take it away for the removal \
         and put it back.",
    ),
    (
        "SubscriptionNotFound",
        "Compare the registration's subscription id, and check that the account sees it in this cloud and directory.",
    ),
    (
        "TooManyRequests",
        "Azure Resource Manager limits the requests. Wait a few minutes, then run the same command again.",
    ),
    // This library's own.
    (
        "CertificateNotTrusted",
        "Give the certificate of the authority that signed it (a proxy that looks into TLS has its own) as CA \
         certificate file, or add it to the system's trust store.",
    ),
    (
        "CertificateOutOfDate",
        "Check this machine's date and time. If they are right, whoever runs the endpoint, or a proxy that looks into TLS, \
         has to renew the certificate.",
    ),
    (
        "CertificateWrongName",
        "Check the endpoint's spelling, and that this machine's DNS leads to the right address; a proxy that looks into \
         TLS may show its own certificate.",
    ),
    (
        "TlsNotSpoken",
        "Check the endpoint's port. A proxy or a sign-in page of the network may answer in its place.",
    ),
    (
        "ProxyFailed",
        "Check the address and the sign-in of the proxy (HTTPS_PROXY, or the system's settings), and that it lets this \
         machine through to the endpoint. NO_PROXY names hosts that are reached without it.",
    ),
    (
        "AuditLogNotWritable",
        "Give it a file on a disk with room that the account may write to, or leave the audit log out. Then run the same \
         command again: what is done is left as it is.",
    ),
    ("AnotherCloud", "Connect to the cloud that the change was sent to, and look again."),
    (
        "AnotherRowFirst",
        "Apply the other differences, then compare again: what is left depends on what they came to.",
    ),
    (
        "CloudIdNotSaid",
        "List the registrations without the cloud id and look at their names, which usually end in it.",
    ),
    (
        "ConnectionRefused",
        "Check the endpoint and its port, and that a firewall or proxy lets this machine out.",
    ),
    (
        "AnswerNotUnderstood",
        "Most likely something between this machine and Azure answered, as a proxy with a sign-in page. Look at the \
         beginning of the answer in the message.",
    ),
    (
        "NameNotResolved",
        "Check the endpoint's spelling and this machine's DNS; behind a proxy, set HTTPS_PROXY.",
    ),
    (
        "RedirectRefused",
        "The token is never sent to another address. Check the endpoint, and what a proxy does.",
    ),
    (
        "TenantMismatch",
        "The customer's subscription belongs to another tenant than the one named. Compare both in Partner Center.",
    ),
    (
        "RowsContradict",
        "Find out in Partner Center which of both subscriptions is to be charged, and take the other row out.",
    ),
    (
        "RowContradictsParameter",
        "Leave the parameter or option out to take the row's own value, or give only the columns that are wanted, as with \
         Select-Object CustomerSubscriptionId, TenantId.",
    ),
    ("ListingFailed", "Run the command again; it begins with what is still there."),
    ("TenantAmbiguous", "List the mappings of the tenant and name the customer subscription that is meant."),
    (
        "TenantNotSaid",
        "List the mappings, find out in Partner Center whose subscriptions those without a tenant are, and name the customer \
         subscription that is meant; to add in any case, use -Force (azsreg: --force).",
    ),
    (
        "NothingWanted",
        "Look whether the file or pipeline that the rows come from is the right one. To remove every mapping, list them and \
         remove what the list gives.",
    ),
    ("RegistrationDiffers", "Compare the rows of each registration with that registration."),
    (
        "SpellingAmbiguous",
        "List the mappings, find out in Partner Center which one is right, and remove the other by its ResourceId.",
    ),
    ("TokenExpired", "The access token has expired. Get a new one and sign in with it."),
    ("TokenMissing", "Sign in with an access token for Azure Resource Manager first."),
    (
        "WouldReplace",
        "Look at the mapping as it is now. To go on in any case, confirm the question, or repeat the command with -Force \
         (azsreg: --force).",
    ),
    (
        "WouldReplaceTwo",
        "Find out in Partner Center which tenant the subscription belongs to, and remove the wrong mapping first. To replace \
         both in any case, use -Force (azsreg: --force).",
    ),
];

/// What to do about an error with this code, or of this category where the code is unknown.
pub fn recommended_action(code: &str, category: Category) -> Option<&'static str> {
    let by_code =
        BY_CODE.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, advice)| *advice);
    by_code.or(match category {
        Category::Authentication => Some("Sign in again with a new access token."),
        Category::Permission => {
            BY_CODE.iter().find(|(known, _)| *known == "AuthorizationFailed").map(|(_, a)| *a)
        }
        Category::Throttled => BY_CODE.iter().find(|(known, _)| *known == "TooManyRequests").map(|(_, a)| *a),
        Category::Service => {
            Some("Azure failed. Run the same command again later; it repeats nothing that was done.")
        }
        Category::Connection | Category::Timeout | Category::InvalidAnswer => {
            Some("Check the network and a proxy on the way, then run the same command again.")
        }
        Category::Internal => {
            Some("This is a fault of Azs.Registration. Report it with the message and its context.")
        }
        _ => None,
    })
}

/// All codes that the table knows, for the documentation.
pub fn known_codes() -> impl Iterator<Item = (&'static str, &'static str)> {
    BY_CODE.iter().copied()
}
