//! What to do about errors: every code is known, the words are those of whoever reads them, and the page for readers says the
//! same.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use azs_registration::Category;
use azs_registration::advice::{self, GROUPS, Known, Words};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What to do about a code, without what holds for any error of a category.
fn action(known: &Known, words: Words) -> Option<&'static str> {
    advice::recommended_action(known.code, Category::Input, words)
}

#[test]
fn a_code_is_there_once_and_in_the_order_of_its_group() {
    let mut codes: Vec<&str> = advice::all().map(|known| known.code).collect();
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all);
}

#[test]
fn no_place_is_left_open_and_each_reader_has_words_of_its_own() {
    let of_cmdlets = [
        "-Force",
        "-AzsRegistration",
        "-ApiVersion",
        "-CaCertificatePath",
        "-TimeoutSec",
        "-AuditLog",
        "Select-Object",
    ];
    let of_shells = ["azsreg", "--", "az provider"];
    // Nobody else can produce them.
    let only_cmdlets = ["ConnectedElsewhere", "NoReport", "NotConnected", "SubscriptionIdContradicts"];
    for known in advice::all().filter(|known| !only_cmdlets.contains(&known.code)) {
        let code = known.code;
        for words in [Words::Neutral, Words::PowerShell, Words::CommandLine, Words::Both] {
            let Some(said) = action(known, words) else { continue };
            assert!(!said.contains(['{', '}']) && !said.contains("  "), "{code}: {said}");
            assert!(
                said.ends_with(['.', ')']) || code == "MissingSubscriptionRegistration",
                "{code}: {said}"
            );
            let has = |others: &[&str]| others.iter().any(|other| said.contains(other));
            let foreign = match words {
                Words::Neutral => has(&of_cmdlets) || has(&of_shells[..1]) || said.contains(" --"),
                Words::PowerShell => has(&of_shells[..1]) || said.contains(" --"),
                Words::CommandLine => has(&of_cmdlets),
                Words::Both => false,
            };
            assert!(!foreign, "{code} in {words:?}: {said}");
        }
    }
}

#[test]
fn the_words_of_each_reader_are_filled_in() {
    let said = |words| advice::recommended_action("wouldreplace", Category::Conflict, words).unwrap();
    assert!(said(Words::PowerShell).ends_with("or use -Force."));
    assert!(said(Words::CommandLine).contains("with 'azsreg tenant list'."));
    assert!(said(Words::Neutral).ends_with("or use a request that may replace anything."));
}

#[test]
fn an_unknown_code_has_the_advice_of_its_category() {
    let said = |category| advice::recommended_action("NobodyKnows", category, Words::CommandLine);
    assert!(said(Category::Permission).unwrap().contains("customerSubscriptions/*"));
    assert!(said(Category::Authentication).unwrap().contains("--access-token-file"));
    assert!(said(Category::Internal).unwrap().contains("Report it"));
    assert_eq!(said(Category::Input), None);
}

// --- every code is known ---

/// Names of columns, parameters, outcomes, clouds and types, and what other libraries say, which are written as codes are.
const NO_CODES: &[&str] = &[
    "AccessToken",
    "ApiVersion",
    "ApplicationId",
    "ArmEndpoint",
    "AuditLog",
    "AuditMissing",
    "AuthorityHost",
    "AzureChina",
    "AzureChinaCloud",
    "AzureCloud",
    "AzureConnectedMachineAgent",
    "AzurePublicCloud",
    "AzureUSGovernment",
    "AzureUSGovernmentCloud",
    "CaCertificatePath",
    "CertificatePassword",
    "CertificatePath",
    "ClientCertificate",
    "ClientSecret",
    "CloudId",
    "CorrelationId",
    "CustomerSubscriptionId",
    "CustomerSubscriptionName",
    "ErrorCode",
    "ErrorMessage",
    "ExpectedCustomerSubscriptionId",
    "FederatedTokenFile",
    "ManagedIdentity",
    "ManagedIdentityEndpoint",
    "OldCustomerSubscriptionId",
    "OverTransport",
    "ProgramData",
    "RegistrationName",
    "RegistrationSubscriptionId",
    "ResourceGroupName",
    "ResourceId",
    "SignInTenantId",
    "SignedAssertion",
    "SubscriptionId",
    "TenantId",
    "TooLarge",
    "TooSmall",
    "WouldAdd",
    "WouldRemove",
    "WrongAlgorithm",
];

/// Codes of faults of our own, which have one row together.
const FAULTS: &str = "(a fault of Azs.Registration)";

fn sources(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let (mut folders, mut found) = (vec![root().join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("obj") && !path.ends_with("bin") {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == ending) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 5, "{folder}");
    found
}

/// The texts in quotes that are written as codes are: several words, each with a capital.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).filter(|text| {
        text.starts_with(|c: char| c.is_ascii_uppercase())
            && text.chars().all(|c| c.is_ascii_alphanumeric())
            && text.chars().any(|c| c.is_ascii_lowercase())
            && text.chars().filter(char::is_ascii_uppercase).count() > 1
    })
}

fn codes_of_rust() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for (path, text) in sources("src", "rs").into_iter().chain(sources("cli/src", "rs")) {
        let is_elsewhere =
            path.starts_with(root().join("src/ffi")) || path.starts_with(root().join("src/advice"));
        if !is_elsewhere {
            let text = text.split("#[cfg(test)]").next().unwrap();
            codes.extend(quoted(text).map(str::to_owned));
        }
    }
    codes
}

/// In C#, what follows the kind of an error.
fn codes_of_csharp() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for (_, text) in sources("powershell", "cs") {
        for after in text.split("ErrorKind.").skip(1) {
            let Some((_, arguments)) = after.split_once(',') else { continue };
            let first = arguments.split([',', ';', ')']).next().unwrap();
            codes.extend(quoted(first).map(str::to_owned));
        }
    }
    codes
}

#[test]
fn every_code_that_the_sources_have_is_known() {
    let (rust, csharp) = (codes_of_rust(), codes_of_csharp());
    // What they are found by works.
    assert!(rust.contains("WouldReplace") && rust.contains("GuidNotValid") && rust.len() > 60, "{rust:?}");
    assert!(csharp.contains("NotConnected") && csharp.contains("UnexpectedStatus"), "{csharp:?}");
    let faults = advice::all().find(|known| known.code == FAULTS).unwrap().meaning;
    let is_known = |code: &str| advice::all().any(|known| known.code == code) || faults.contains(code);
    let unknown: Vec<&String> = rust
        .iter()
        .chain(&csharp)
        .filter(|code| !is_known(code) && !NO_CODES.contains(&code.as_str()))
        .collect();
    assert!(unknown.is_empty(), "not in src/advice/table.rs: {unknown:?}");
    let gone: Vec<&&str> = NO_CODES.iter().filter(|name| !rust.contains(**name)).collect();
    assert!(gone.is_empty(), "no source has them any more: {gone:?}");
}

// --- the page ---

fn page() -> String {
    let mut page = String::from(
        "# Errors\n\n\
         Each error begins with a code: Azure's own, or one of those below. In PowerShell it is also in `FullyQualifiedErrorId`, in\n\
         the JSON of `azsreg` in `error.code`. What to do is shown with the error, in the words of whoever shows it. Where nothing\n\
         stands below, the message of the error says what was expected, or there is nothing to do.\n\n\
         This page is made from `src/advice/table.rs`; a test compares it, and `AZS_WRITE_DOCS=1 cargo test --test library\n\
         the_page_says_the_same` writes it.\n",
    );
    for group in GROUPS {
        let _ = write!(page, "\n## {}\n\n| code | means | what to do |\n|---|---|---|\n", group.title);
        for known in group.codes {
            let code =
                if known.code.starts_with('(') { known.code.to_owned() } else { format!("`{}`", known.code) };
            let action = action(known, Words::Both).unwrap_or_default().replace('*', "\\*");
            let _ = writeln!(page, "| {code} | {} | {action} |", known.meaning);
        }
    }
    page
}

#[test]
fn the_page_says_the_same() {
    let path = root().join("docs/errors.md");
    let page = page();
    if std::env::var_os("AZS_WRITE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    // As the header is: whole, so that nothing else can be written into it by hand.
    let written = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    assert!(
        written == page,
        "docs/errors.md is not what src/advice/table.rs gives; AZS_WRITE_DOCS=1 writes it"
    );
}
