//! The command that undoes a move.

use azs_registration::tenants::{Finished, Outcome};
use clap::ValueEnum;

use crate::arguments::ConnectionArguments;
use crate::messages;

/// Warns of a move that nobody was asked about, or that may have happened, with the command that moves it back.
pub(crate) fn warn_of_move(finished: &Finished, connection: &ConnectionArguments) {
    let moved = match finished.outcome {
        Outcome::Replaced | Outcome::TenantMismatch => "moved",
        Outcome::Unknown => "may have moved",
        _ => return,
    };
    let (Some(old), Some(new), Some(registration)) =
        (&finished.old, &finished.mapping.customer_subscription, &finished.mapping.registration)
    else {
        return;
    };
    let tenant = old.tenant.as_deref().or(finished.mapping.tenant.as_deref());
    let tenant_shown = tenant.unwrap_or("(unknown)");
    let name = registration.name();
    if old.customer_subscription.eq_ignore_ascii_case(new) {
        let now = finished.mapping.tenant.as_deref().unwrap_or("(unknown)");
        messages::warning(format_args!(
            "In registration '{name}' customer subscription {new} {moved}: tenant {tenant_shown} -> {now}."
        ));
    } else {
        messages::warning(format_args!(
            "In registration '{name}' the usage of tenant {tenant_shown} {moved}: {} -> {new}.",
            old.customer_subscription
        ));
    }
    let mut words = vec!["azsreg", "tenant", "add", "--force"];
    let id = registration.to_string();
    words.extend(["--registration-id", &id]);
    let tenant = tenant.map(|tenant| ["--tenant-id", tenant]);
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
    words.push(&old.customer_subscription);
    let command: Vec<String> = words.into_iter().map(quoted).collect();
    messages::line(format_args!("  To move it back: {}", command.join(" ")));
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
    use super::*;

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
