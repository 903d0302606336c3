//! The command that undoes a move.

use azs_registration::resource_id::RegistrationId;
use azs_registration::tenants::{Finished, Outcome};
use clap::ValueEnum;

use crate::arguments::ConnectionArguments;
use crate::messages;
use crate::moved::{Moved, shown};

/// Warns of a move that nobody was asked about, or that may have happened, with the command that moves it back.
pub(crate) fn warn_of_move(finished: &Finished, connection: &ConnectionArguments) {
    if let Some((moved, back)) = said_of_move(finished, connection) {
        messages::warning(moved);
        messages::line(back);
    }
}

/// What moved, and how it is moved back.
fn said_of_move(finished: &Finished, connection: &ConnectionArguments) -> Option<(String, String)> {
    let moved = match finished.outcome {
        Outcome::Replaced | Outcome::TenantMismatch => "moved",
        Outcome::Unknown => "may have moved",
        _ => return None,
    };
    let from = Moved::of(finished)?;
    let new = finished.mapping.customer_subscription.as_ref()?;
    let registration = finished.mapping.registration.as_ref()?;
    let (old, tenant, name) = (&from.old.customer_subscription, from.tenant_shown(), registration.name());
    if !from.changes_tenant {
        let moved = format!("In registration '{name}' the usage of {tenant} {moved}: {old} -> {new}.");
        return Some((moved, command_back(&from, registration, connection)));
    }
    let now = shown(finished.mapping.tenant.as_deref());
    let moved = format!("In registration '{name}' customer subscription {new} {moved}: {tenant} -> {now}.");
    // Without its tenant the command would make the same mapping once more.
    let back = if from.tenant.is_some() {
        command_back(&from, registration, connection)
    } else {
        "  No command moves it back: the tenant that it was mapped to is not known.".to_owned()
    };
    Some((moved, back))
}

fn command_back(from: &Moved<'_>, registration: &RegistrationId, connection: &ConnectionArguments) -> String {
    let mut words = vec!["azsreg", "tenant", "add", "--force"];
    let id = registration.to_string();
    words.extend(["--registration-id", &id]);
    let tenant = from.tenant.map(|tenant| ["--tenant-id", tenant]);
    words.extend(tenant.iter().flatten());
    let auth = connection.sign_in.auth.and_then(|auth| Some(auth.to_possible_value()?.get_name().to_owned()));
    let given = [
        ("--auth", &auth),
        ("--access-token-file", &connection.sign_in.access_token_file),
        ("--sign-in-tenant-id", &connection.sign_in.sign_in_tenant_id),
        ("--client-id", &connection.sign_in.client_id),
        ("--client-secret-file", &connection.sign_in.client_secret_file),
        ("--client-certificate", &connection.sign_in.client_certificate),
        ("--federated-token-file", &connection.sign_in.federated_token_file),
        ("--managed-identity-endpoint", &connection.sign_in.managed_identity_endpoint),
        ("--cloud", &connection.cloud),
        ("--arm-endpoint", &connection.arm_endpoint),
        ("--authority-host", &connection.authority_host),
        ("--ca-certificate", &connection.ca_certificate),
        ("--api-version", &connection.api_version),
    ];
    for (option, value) in given {
        words.extend(value.iter().flat_map(|value| [option, value.as_str()]));
    }
    words.push(&from.old.customer_subscription);
    let command: Vec<String> = words.into_iter().map(quoted).collect();
    format!("  To move it back: {}", command.join(" "))
}

/// A word as POSIX shells and PowerShell take it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else if cfg!(windows) {
        format!("'{}'", word.replace('\'', "''"))
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use azs_registration::tenants::{Mapping, Old};
    use clap::Parser;

    use super::*;
    use crate::arguments::{Arguments, Command, TenantCommand};

    #[test]
    fn no_command_is_told_that_would_move_nothing_back() {
        let given = Arguments::parse_from(["azsreg", "tenant", "add", "new"]);
        let Command::Tenant(TenantCommand::Add(given)) = given.command else { unreachable!("it adds") };
        let registration = RegistrationId::new("dd8597b4-8739-4467-8b10-f8679f62bfbf", "group", "hub");
        let mapping = Mapping {
            registration: Some(Arc::new(registration.expect("sound names"))),
            customer_subscription: Some("new".to_owned()),
            tenant: Some("t".to_owned()),
            ..Mapping::default()
        };
        let mut finished = Finished::new(Outcome::Unknown, mapping);
        let mut said_of = |old: &str, tenant: Option<&str>| {
            finished.old =
                Some(Old { customer_subscription: old.to_owned(), tenant: tenant.map(str::to_owned) });
            said_of_move(&finished, &given.common.connection).expect("it may have moved")
        };
        let (moved, back) = said_of("new", None);
        assert!(
            moved.ends_with("subscription new may have moved: a tenant that nobody says -> tenant t."),
            "{moved}"
        );
        assert!(back.starts_with("  No command moves it back: "), "{back}");
        assert!(said_of("new", Some("u")).1.ends_with(" --tenant-id u new"));
        assert!(said_of("old", None).1.ends_with(" --tenant-id t old"));
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_read_them() {
        assert_eq!(quoted("/subscriptions/a-b_c.d"), "/subscriptions/a-b_c.d");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("(x)"), "'(x)'");
        assert_eq!(quoted(""), "''");
        let quote = if cfg!(windows) { "'it''s'" } else { r"'it'\''s'" };
        assert_eq!(quoted("it's"), quote);
    }
}
