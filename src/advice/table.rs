//! The codes of errors: what each means, and what to do about it.
//!
//! Sources: the resource provider's codes from "Tenant registration error messages in Azure Stack Hub"
//! (azure-stack-registration-errors), Azure Resource Manager's from "Troubleshoot common Azure deployment errors"
//! and its RPC, locks from "Lock your resources".

use super::sign_in::SIGN_IN;

/// Codes that come from one side.
#[derive(Debug)]
pub struct Group {
    /// Whose they are, as a heading.
    pub title: &'static str,
    /// The codes, in the order of their names.
    pub codes: &'static [Known],
}

/// A code that is known.
#[derive(Debug)]
pub struct Known {
    /// The code; in brackets what has no code of its own.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do about it, with places; `None` where the message says it, or there is nothing to do.
    pub(super) action: Option<&'static str>,
}

/// A code with something to do about it.
pub(super) const fn advised(code: &'static str, meaning: &'static str, action: &'static str) -> Known {
    Known { code, meaning, action: Some(action) }
}

/// A code whose message says what is expected, from case to case.
pub(super) const fn explained(code: &'static str, meaning: &'static str) -> Known {
    Known { code, meaning, action: None }
}

/// All codes.
pub const GROUPS: &[Group] = &[
    Group { title: "The resource provider's", codes: RESOURCE_PROVIDER },
    Group { title: "Azure Resource Manager's", codes: RESOURCE_MANAGER },
    Group { title: "The way to Azure", codes: NETWORK },
    Group { title: "What the service answered", codes: ANSWERS },
    Group { title: "Mappings and registrations", codes: MAPPINGS },
    Group { title: "Values", codes: VALUES },
    Group { title: "Files and rows", codes: ROWS },
    Group { title: "Signing in", codes: SIGN_IN },
    Group { title: "Tokens, and what was asked for", codes: OPERATIONS },
    Group { title: "Errors without a known code", codes: UNKNOWN },
];

const RESOURCE_PROVIDER: &[Known] = &[
    advised(
        "BadCustomerSubscriptionId",
        "The customer's subscription is not of the same Cloud Solution Provider as the registration's, or not known in this \
         spelling.",
        "The customer's subscription and the registration's must belong to the same Cloud Solution Provider. Check \
         the id in Partner Center; its letters may have to be written exactly as there.",
    ),
    advised(
        "CustomerSubscriptionNotFound",
        "The subscription is not mapped in the registration.",
        "List the mappings{ with list} and compare the id.",
    ),
    advised(
        "CustomerSubscriptionsNotAllowed",
        "The registration's billing model cannot hold tenants.",
        "The registration uses the Capacity billing model. Register the Azure Stack Hub again with the billing model \
         PayAsYouUse.",
    ),
    advised(
        "InvalidCSPSubscription",
        "The id is not that of a Cloud Solution Provider subscription.",
        "The id is not that of a Cloud Solution Provider subscription; most likely it is mistyped. Compare it with \
         Partner Center.",
    ),
    advised(
        "InvalidCustomerSubscriptionId",
        "The id is not that of an Azure subscription.",
        "The id is not that of an Azure subscription. Compare it with Partner Center.",
    ),
    advised(
        "MetadataResolverBadGatewayError",
        "A service behind Azure failed; it was tried again.",
        "A service behind Azure failed. {Again} later; if that does not help, open a support request with the correlation id.",
    ),
    advised(
        "RegistrationNotFound",
        "There is no such registration where it was looked for.",
        "Compare the subscription, resource group and name of the registration with the portal (All resources, Show \
         hidden types), and check that you are signed in to global Azure, not to the Azure Stack Hub.",
    ),
    advised(
        "UnauthorizedCspRegistration",
        "The registration is not approved for multi-tenancy.",
        "Mail azstCSP@microsoft.com with the registration's subscription id, resource group and name; the approval takes one \
         to two business days.",
    ),
];

const RESOURCE_MANAGER: &[Known] = &[
    advised(
        "AnotherOperationInProgress",
        "Another operation works on the registration.",
        "Another operation works on the registration. {Again} later.",
    ),
    advised(
        "AuthorizationFailed",
        "The account may not do this.",
        "The account needs Microsoft.AzureStack/registrations/customerSubscriptions/* on the registration, as Owner \
         and Contributor have; the role Azure Stack Registration Owner does not include it. A role given just now can \
         take minutes to work.",
    ),
    advised(
        "ExpiredAuthenticationToken",
        "The access token has expired.",
        "Get a new access token and {sign in}.",
    ),
    advised(
        "InvalidAuthenticationToken",
        "The access token is not for Azure Resource Manager, or is damaged.",
        "Get a new access token for Azure Resource Manager and {sign in}.",
    ),
    advised(
        "InvalidAuthenticationTokenTenant",
        "The access token is of another directory than the registration's subscription.",
        "Get an access token from the directory of the account that registered the Azure Stack Hub, and {sign in}.",
    ),
    advised(
        "InvalidResourceType",
        "The api-version does not know customer subscriptions.",
        "Use {api version}.",
    ),
    advised(
        "LinkedAuthorizationFailed",
        "The account may not use another resource that the change touches.",
        "The message names the resource; ask its owner for the role.",
    ),
    advised(
        "MissingSubscriptionRegistration",
        "The registration's subscription does not use the resource provider.",
        "The subscription does not use the resource provider yet. {Register the provider}",
    ),
    advised(
        "NoRegisteredProviderFound",
        "The api-version is not offered in this cloud.",
        "Use {api version}, or one of those that the message lists.",
    ),
    advised(
        "NotFound",
        "The service answered 404 without saying what is missing.",
        "Compare the subscription, resource group and name of the registration with the portal, and check that you are signed \
         in to the right cloud.",
    ),
    advised(
        "ParentResourceNotFound",
        "The registration is not there.",
        "Compare the subscription, resource group and name of the registration with the portal (All resources, Show \
         hidden types).",
    ),
    advised(
        "RequestDisallowedByPolicy",
        "A policy of the subscription forbids the change.",
        "The owner of the subscription can exempt the registration from the policy.",
    ),
    advised(
        "ResourceGroupNotFound",
        "There is no such resource group in the subscription.",
        "Compare the resource group's name and its subscription with the portal.",
    ),
    advised(
        "ResourceNotFound",
        "There is no such resource.",
        "Compare the names with the portal, and check that you are signed in to the right cloud.",
    ),
    advised(
        "ScopeLocked",
        "A lock forbids the change.",
        "A lock on the registration forbids removing (registering an Azure Stack Hub makes one by the name of \
         RegistrationResourceLock). Somebody with Microsoft.Authorization/locks/* has to take it away for the removal \
         and put it back.",
    ),
    advised(
        "SubscriptionNotFound",
        "The registration's subscription is not seen by the account.",
        "Compare the registration's subscription id, and check that the account sees it in this cloud and directory.",
    ),
    advised(
        "TooManyRequests",
        "Azure Resource Manager limits the requests, also after waiting.",
        "Azure Resource Manager limits the requests. Wait a few minutes, then {again}.",
    ),
];

const NETWORK: &[Known] = &[
    advised(
        "CertificateNotTrusted",
        "The certificate that the endpoint shows is signed by nobody who is trusted here.",
        "Give the certificate of the authority that signed it (a proxy that looks into TLS has its own) {as CA}, or add it to \
         the system's trust store.",
    ),
    advised(
        "CertificateOutOfDate",
        "The certificate has expired, or does not hold yet.",
        "Check this machine's date and time. If they are right, whoever runs the endpoint, or a proxy that looks into TLS, \
         has to renew the certificate.",
    ),
    advised(
        "CertificateWrongName",
        "The certificate is for another name.",
        "Check the endpoint's spelling, and that this machine's DNS leads to the right address; a proxy that looks into \
         TLS may show its own certificate.",
    ),
    advised(
        "ConnectionFailed",
        "No connection could be made. Nothing was sent.",
        "Check the network and a proxy on the way, then {again}.",
    ),
    advised(
        "ConnectionLost",
        "The connection broke before an answer came. The message says whether the request may have been received.",
        "Check the network and a proxy on the way, then {again}: what is done is left as it is.",
    ),
    advised(
        "ConnectionRefused",
        "Nobody listens at the endpoint.",
        "Check the endpoint and its port, and that a firewall or proxy lets this machine out.",
    ),
    advised(
        "ConnectionTimeout",
        "No connection was made in time. Nothing was sent.",
        "Check the network and a proxy on the way, then {again}.",
    ),
    advised(
        "NameNotResolved",
        "The endpoint's name is not known to DNS.",
        "Check the endpoint's spelling and this machine's DNS; behind a proxy, set HTTPS_PROXY.",
    ),
    advised(
        "ProxyFailed",
        "The proxy made no connection.",
        "Check the address and the sign-in of the proxy (HTTPS_PROXY, or the system's settings), and that it lets this \
         machine through to the endpoint. NO_PROXY names hosts that are reached without it.",
    ),
    advised(
        "TlsNotSpoken",
        "What answers does not speak TLS.",
        "Check the endpoint's port. A proxy or a sign-in page of the network may answer in its place.",
    ),
];

const ANSWERS: &[Known] = &[
    advised(
        "AnswerNotUnderstood",
        "The answer is not Azure Resource Manager's, or says something that it should not.",
        "Most likely something between this machine and Azure answered, as a proxy with a sign-in page. Look at the \
         beginning of the answer in the message.",
    ),
    advised(
        "AnswerTimeout",
        "No answer came in time. The request may have been received.",
        "Check the network and a proxy on the way, then {again}: what is done is left as it is.",
    ),
    advised(
        "AnswerTooLarge",
        "The answer is larger than any of Azure Resource Manager's.",
        "Most likely something between this machine and Azure answered. Check the endpoint, and what a proxy does.",
    ),
    advised(
        "AnswerTruncated",
        "The answer broke off. The request was received.",
        "{Again}: what is done is left as it is.",
    ),
    advised(
        "AnswerUnclear",
        "It cannot be told from the answers whether the change took effect.",
        "Look at the mappings{ with list} in two minutes, then {again}: what is done is left as it is.",
    ),
    advised(
        "LinkRefused",
        "The next page of a list is said to be at another address, which gets no token.",
        "The token is never sent to another address. Check the endpoint, and what a proxy does.",
    ),
    advised(
        "OperationFailed",
        "The service took the change and failed later.",
        "Look at the mappings{ with list}, then {again}; if it fails again, open a support request with the correlation id.",
    ),
    advised(
        "OperationNotEnded",
        "The service took the change and did not end it in time.",
        "It may still take effect. Look at the mappings{ with list} in some minutes; {timeout} waits longer.",
    ),
    advised(
        "OperationNotShown",
        "The service says that the change succeeded, and does not show it.",
        "Look at the mappings{ with list} in some minutes. If it is still not there, {again}.",
    ),
    advised(
        "PagesLoop",
        "The pages of a list lead back to one that was read.",
        "{Again}; if it fails again, open a support request with the correlation id.",
    ),
    advised(
        "RedirectRefused",
        "The answer is a redirect to another address, which gets no token.",
        "The token is never sent to another address. Check the endpoint, and what a proxy does.",
    ),
];

const MAPPINGS: &[Known] = &[
    advised(
        "AnotherCloud",
        "A change in doubt is to be looked up, and it was sent to another cloud.",
        "Connect to the cloud that the change was sent to, and look again.",
    ),
    advised(
        "AnotherRowFirst",
        "A difference depends on others that are not decided.",
        "Apply the other differences, then compare again: what is left depends on what they came to.",
    ),
    advised(
        "ChangedByAnother",
        "Somebody else changed the mapping meanwhile. It was left as found.",
        "Look at the mapping as it is now{ with list}, and find out who else changes the registration; then {again} if it is \
         still wanted.",
    ),
    advised(
        "CloudIdNotSaid",
        "No registration says that it has this cloud id, and some do not say theirs.",
        "List the registrations without the cloud id and look at their names, which usually end in it.",
    ),
    advised(
        "ListingFailed",
        "What was to be removed came from a list that failed.",
        "{Again}; it begins with what is still there.",
    ),
    advised(
        "NothingWanted",
        "All mappings were to be removed, because no row is wanted.",
        "Look whether the file or pipeline that the rows come from is the right one. To remove every mapping, list them and \
         remove what the list gives.",
    ),
    advised(
        "RegistrationBusy",
        "The removal waited for a list of the same registration that does not end.",
        "Read the list to its end first, then {again}.",
    ),
    advised("RegistrationClosed", "The removal belongs to a list that nobody reads any more.", "{Again}."),
    advised(
        "RegistrationDiffers",
        "A row names another registration than the one that it is compared with.",
        "Compare the rows of each registration with that registration.",
    ),
    advised(
        "RowsContradict",
        "Two rows want different subscriptions for one tenant.",
        "Find out in Partner Center which of both subscriptions is to be charged, and take the other row out.",
    ),
    advised(
        "SpellingAmbiguous",
        "The registration lists the subscription in two spellings.",
        "List the mappings{ with list}, find out in Partner Center which one is right, and remove the other by its {resource id}.",
    ),
    advised(
        "TenantAmbiguous",
        "The tenant has more than one mapping.",
        "List the mappings of the tenant{ with list} and name the customer subscription that is meant.",
    ),
    advised(
        "TenantMismatch",
        "The subscription belongs to another tenant than the one named.",
        "The customer's subscription belongs to another tenant than the one named. Compare both in Partner Center.",
    ),
    advised(
        "TenantNotSaid",
        "The service does not say the tenant of a mapping that could be replaced or meant.",
        "List the mappings{ with list}, find out in Partner Center whose subscriptions those without a tenant are, and name the \
         customer subscription that is meant; to add in any case, use {force}.",
    ),
    advised(
        "WouldReplace",
        "The change would replace another mapping. Nothing was sent.",
        "Look at the mapping as it is now{ with list}. To go on in any case, confirm the question, or use {force}.",
    ),
    advised(
        "WouldReplaceTwo",
        "The change would replace two mappings. Nothing was sent.",
        "Find out in Partner Center which tenant the subscription belongs to, and remove the wrong mapping first. To replace \
         both in any case, use {force}.",
    ),
];

const VALUES: &[Known] = &[
    advised(
        "ApiVersionIsProfile",
        "The name of an API profile was given as api-version.",
        "Use {api version}.",
    ),
    advised("ApiVersionNotValid", "The api-version is not a date as they have.", "Use {api version}."),
    explained("AudienceNotValid", "What tokens are to be for is not a URI."),
    advised(
        "CaCertificateNotFound",
        "There is no such file of certificates.",
        "Give the path of a PEM file with the certificate of the authority to trust.",
    ),
    advised(
        "CaCertificateNotValid",
        "The file holds no certificate in PEM.",
        "Give the path of a PEM file with the certificate of the authority to trust: it has a line with BEGIN CERTIFICATE.",
    ),
    explained("CallerNotValid", "The name of the calling program cannot be sent as a header."),
    explained("CorrelationIdNotValid", "The correlation id is not a GUID."),
    explained("CustomerSubscriptionNotValid", "A wanted customer subscription is not a GUID."),
    explained("CloudNotKnown", "The cloud is none that is known by name."),
    explained("EndpointNotValid", "The endpoint is not an https address."),
    explained("GuidNotValid", "A value is not a GUID."),
    explained("RegistrationMissing", "Nothing says which registration is meant."),
    explained("RegistrationNameNotValid", "A registration cannot have that name."),
    explained("ResourceGroupNameNotValid", "A resource group cannot have that name."),
    explained(
        "ResourceIdNotValid",
        "The resource id is not that of a registration or a customer subscription.",
    ),
    advised(
        "SubscriptionIdContradicts",
        "-SubscriptionId and -RegistrationSubscriptionId mean the same and differ.",
        "Give one of them. The customer's subscription is -CustomerSubscriptionId.",
    ),
    explained("ValueMissing", "A value that is needed is not given."),
    explained("ValueNotExpected", "A value is given that means nothing here."),
    advised(
        "ParameterBlank",
        "A parameter was given without a value.",
        "Give a value, or leave the parameter out. The variable behind it may never have been set.",
    ),
];

const ROWS: &[Known] = &[
    explained("CellCountDiffers", "A row has more or fewer cells than the header."),
    explained("ColumnMisspelt", "The name of a column is nearly that of an expected one."),
    explained("ColumnTwice", "Two columns have the same name."),
    explained("ColumnsNotFound", "No column has an expected name."),
    explained("EncodingNotKnown", "The file is not in UTF-8 or UTF-16."),
    explained("HeaderMissing", "The first line holds values instead of the names of columns."),
    explained("HeaderNotUnderstood", "The first line cannot be read as names of columns."),
    explained("InputEmpty", "There is no row and no header."),
    explained("InputNotReadable", "The file cannot be read."),
    explained("JsonNotLines", "The file is JSON, and not one object in each line."),
    explained("JsonNotValid", "A line is not a JSON object."),
    explained("QuoteNotClosed", "A quote in the file is not closed."),
    advised(
        "RowContradictsItself",
        "The resource id of a row says something else than its other columns.",
        "Correct the row, or leave one of both out.",
    ),
    advised(
        "RowContradictsParameter",
        "A row says something else than what was said for all rows.",
        "Leave the {parameter} out to take the row's own value, or give only the columns that are wanted{ as by Select-Object}.",
    ),
    explained("RowNotReadable", "A property of the object from the pipeline cannot be read."),
    explained("RowNotUnderstood", "A row says nothing that could be worked with."),
    explained("RowTooLong", "A row is longer than rows are."),
    explained("SeparatorAmbiguous", "It cannot be told what separates the cells."),
    explained("TextAfterQuote", "In a file, text follows the closing quote of a cell."),
    advised(
        "SubscriptionIdAmbiguous",
        "A column SubscriptionId may mean the customer's subscription or the registration's.",
        "Rename the column to CustomerSubscriptionId, or to RegistrationSubscriptionId.",
    ),
    explained("TypeNotExpected", "A value in a line of JSON is not a text."),
];

const OPERATIONS: &[Known] = &[
    advised(
        "AuditLogNotWritable",
        "A line of the audit log could not be written, so nothing more is changed.",
        "Give {audit log} a file on a disk with room that the account may write to, or leave it out. Then {again}: what is done \
         is left as it is.",
    ),
    explained("Cancelled", "It was interrupted."),
    advised(
        "ConnectedElsewhere",
        "The report is of a command that worked at another endpoint.",
        "Connect to that endpoint with Connect-AzsRegistrationAccount, and ask again.",
    ),
    advised(
        "ConfirmationRequired",
        "Somebody has to agree to the change, and nobody can be asked. Nothing was sent.",
        "If the change is wanted, use {force}.",
    ),
    explained("Declined", "Somebody was asked about the change, and said No."),
    explained("EntryNotFound", "The report has no such entry."),
    advised(
        "HttpClientFailed",
        "The connections could not be set up.",
        "Check the proxy settings of this machine, and its trust store.",
    ),
    advised(
        "InvalidAccessToken",
        "The access token is empty, or holds what no token holds.",
        "Give the token itself, without blanks or line ends round it and without the word Bearer.",
    ),
    advised(
        "ListIncomplete",
        "Fewer mappings arrived than the library handed out.",
        "This is a fault of Azs.Registration. Do not work with that list. Report it with the message and its context.",
    ),
    advised(
        "NativeLibraryNotLoaded",
        "The module's native library could not be loaded.",
        "Install the module again, for this operating system and processor. The message has every path that was tried.",
    ),
    advised(
        "NeverEnded",
        "It was not told what became of the item.",
        "Look at the mappings{ with list}, then {again}: what is done is left as it is.",
    ),
    advised(
        "NotConnected",
        "The runspace is not connected.",
        "Run Connect-AzsRegistrationAccount first. Each runspace connects on its own, those of ForEach-Object -Parallel and of \
         jobs too.",
    ),
    advised(
        "NoReport",
        "No command of the runspace has changed anything yet.",
        "Run New-AzsRegistrationTenant or Remove-AzsRegistrationTenant. Each runspace has a report of its own.",
    ),
    explained("NotStarted", "Not started, because of an interruption or of an earlier error."),
    advised(
        "OneRegistrationExpected",
        "Several registrations came where one can be the default.",
        "Pipe in the registration that commands are to take where they name none.",
    ),
    advised(
        "ReportNotReadable",
        "The temporary file that holds the rest of a long report cannot be read.",
        "{Again}: what is done stays done, and comes as Unchanged.",
    ),
    advised(
        "RuntimeFailed",
        "The system gave no thread.",
        "The machine, or what the account may use of it, is exhausted. End other programs, then {again}.",
    ),
    advised("TokenExpired", "The access token has expired.", "Get a new access token and {sign in}."),
    advised(
        "TokenMissing",
        "There is no access token.",
        "Get an access token for Azure Resource Manager and {sign in}.",
    ),
];

const UNKNOWN: &[Known] = &[
    advised("(401)", "Azure did not accept who asks.", "Get a new access token and {sign in}."),
    advised("(5xx)", "Azure failed.", "Azure failed. {Again} later; it repeats nothing that was done."),
    advised(
        "(no answer)",
        "No answer came, or one that is not Azure Resource Manager's.",
        "Check the network and a proxy on the way, then {again}.",
    ),
    advised(
        "(a fault of Azs.Registration)",
        "The library, the module or azsreg failed: InternalFault, InternalError, UnexpectedStatus.",
        "This is a fault of Azs.Registration. Report it with the message and its context.",
    ),
];
