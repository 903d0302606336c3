//! What is refused before anything is sent.

use crate::support::*;

/// Commands that are wrong, and what is said about each.
const WRONG: &[(&[&str], &str)] = &[
    (&["tenant", "add", "12345"], "GuidNotValid: CustomerSubscriptionId '12345' is not a GUID."),
    (&["tenant", "add", ""], "CustomerSubscriptionId is empty."),
    (&["tenant", "add", NEW, "{cspSubscriptionId}"], "is still a placeholder"),
    (&["tenant", "add", NEW, "--tenant-id", "x"], "Given with: --tenant-id"),
    (
        &["tenant", "add", NEW, OTHER, "--tenant-id", TENANT],
        "--tenant-id goes with one customer subscription",
    ),
    (&["tenant", "add"], "<CUSTOMER-SUBSCRIPTION>..."),
    (&["tenant", "add", "/subscriptions/x"], "ResourceIdNotValid: "),
    (&["tenant", "add", NEW, "--subscription", "nonsense"], "Given with: --registration-subscription-id"),
    (&["tenant", "add", NEW, "-g", "a/b"], "Given with: --resource-group"),
    (&["tenant", "add", NEW, "--registration", "a?b"], "Given with: --registration-name"),
    (&["tenant", "get", "-o", "json", "zzz"], "GuidNotValid"),
    (&["tenant", "remove", "--force"], "CUSTOMER-SUBSCRIPTION"),
    // An empty shell variable is no wish for all of them.
    (&["tenant", "list", "--tenant-id", ""], "it is empty"),
    (&["tenant", "list", "--registration-id", "azurestack"], "Given with: --registration-id"),
    (&["tenant", "list", "--api-version", "2017-09-03-profile"], "ApiVersionIsProfile"),
    (&["tenant", "list", "--timeout", "0"], "0 is not in 1..=86400"),
    (&["tenant", "list", "--output", "xml"], "[possible values: table, json, jsonl, csv]"),
    (&["tenant", "list", "--authority-host", "http://localhost/"], "Given with: --authority-host"),
    (&["tenant"], "Usage: azsreg tenant <COMMAND>"),
];

#[test]
fn wrong_input_ends_with_2_before_anything_is_sent() {
    let stage = Stage::new();
    for (arguments, said) in WRONG {
        let ran = stage.run(arguments);
        assert!(ran.stderr.contains(said), "{arguments:?}: {said:?} is not in {ran:#?}");
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{arguments:?}: {ran:#?}");
    }
    stage.assert_nothing_was_sent();
}

#[test]
fn ids_that_contradict_the_options_are_refused() {
    let stage = Stage::new();
    let customer = resource_id(NEW);
    for arguments in [
        ["tenant", "add", &customer, "-g", "another"],
        ["tenant", "get", &customer, "--registration", "another"],
        ["tenant", "list", "--registration-id", &registration_id(), "-ganother"],
    ] {
        stage.run(&arguments).ends_with(2).says("RowContradictsItself: ").says("another");
    }
    stage
        .run(&["tenant", "list", "--registration-id", &customer])
        .ends_with(2)
        .says("is the id of a customer");
    stage.assert_nothing_was_sent();
}

#[test]
fn a_clear_text_endpoint_is_refused() {
    let stage = Stage::new();
    let mut command = stage.bare_azsreg(&["tenant", "list", "--registration-id", &registration_id()]);
    command.args(["--arm-endpoint", "http://localhost:1/", "--access-token-file"]).arg(stage.path("token"));
    stage.end(command).ends_with(2).says("Given with: --arm-endpoint");
}

#[test]
fn certificates_must_be_there() {
    let stage = Stage::new();
    let mut command = stage.bare_azsreg(&["tenant", "list", "--registration-id", &registration_id()]);
    command.args(["--ca-certificate", "nowhere.pem", "--access-token-file"]).arg(stage.path("token"));
    stage.end(command).ends_with(2).says("CaCertificateNotValid: ").says("Given with: --ca-certificate");
}

#[test]
fn a_certificate_that_is_not_trusted_is_said_to_be_one() {
    let stage = Stage::new();
    let mut command = stage.bare_azsreg(&["tenant", "list", "--registration-id", &registration_id()]);
    command
        .args(["--arm-endpoint", &stage.emulator.arm_endpoint(), "--access-token-file"])
        .arg(stage.path("token"));
    stage
        .end(command)
        .ends_with(1)
        .says("CertificateNotTrusted: The certificate of localhost")
        .says("What to do: Give the certificate of the authority that signed it");
    stage.assert_nothing_was_sent();
}

#[test]
fn an_endpoint_where_nobody_is_fails_at_once() {
    let stage = Stage::new();
    let mut command = stage.bare_azsreg(&["tenant", "list", "--registration-id", &registration_id()]);
    command.args(["--arm-endpoint", "https://localhost:1/", "--access-token-file"]).arg(stage.path("token"));
    stage.end(command).ends_with(1).says("ConnectionRefused: ");
}
