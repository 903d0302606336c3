//! `azsreg tenant list`.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use azs_emulator::{Fault, MappingSeed};
use serde_json::json;

use crate::support::*;

#[test]
fn the_table_has_the_registration_above_and_a_row_for_each_mapping() {
    let stage = Stage::new().seed(&[OLD, OTHER]);
    let ran = stage.run(&["tenant", "list"]).ends_with(0);
    assert_eq!(ran.stderr, "");
    let ran = ran.writes(&format!("{}{OLD}  {TENANT}\n{OTHER}  {OTHER_TENANT}\n", heading("")));
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 120));
}

#[test]
fn the_json_is_one_array_of_mappings() {
    let stage = Stage::new().seed(&[OLD, OTHER]);
    let ran = stage.run(&["tenant", "list", "--output", "json"]).ends_with(0);
    let item = |customer: &str, tenant: &str| {
        json!({
            "registrationSubscriptionId": SUBSCRIPTION,
            "resourceGroupName": "azurestack",
            "registrationName": REGISTRATION,
            "customerSubscriptionId": customer,
            "tenantId": tenant,
            "resourceId": resource_id(customer),
        })
    };
    assert_eq!(ran.json(), json!([item(OLD, TENANT), item(OTHER, OTHER_TENANT)]));

    let lines = stage.run(&["tenant", "list", "--output", "jsonl"]).ends_with(0);
    let lines: Vec<serde_json::Value> =
        lines.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, [item(OLD, TENANT), item(OTHER, OTHER_TENANT)]);
}

#[test]
fn an_empty_list_is_no_table_and_an_empty_array() {
    let stage = Stage::new();
    let ran = stage.run(&["tenant", "list"]).ends_with(0);
    ran.says(&format!("No tenants in registration '{REGISTRATION}'")).writes("");
    let ran = stage.run(&["tenant", "list", "--output", "json"]).ends_with(0);
    assert_eq!(ran.stderr, "");
    ran.writes("[]\n");
    stage.run(&["tenant", "list", "--output", "jsonl"]).ends_with(0).writes("");
}

#[test]
fn a_tenant_can_be_picked() {
    let stage = Stage::new().seed(&[OLD, OTHER]);
    let ran = stage.run(&["tenant", "list", "--tenant-id", &OTHER_TENANT.to_uppercase()]).ends_with(0);
    ran.writes(&format!("{}{OTHER}  {OTHER_TENANT}\n", heading("")));
    let nobody = "00000000-1111-2222-3333-444444444444";
    let ran = stage.run(&["tenant", "list", "--tenant-id", nobody]).ends_with(0);
    ran.says(&format!("No mapping of tenant {nobody} in registration '{REGISTRATION}'")).writes("");
}

#[test]
fn every_page_is_read() {
    let stage = Stage::with(|switches| switches.page_size = 7);
    stage.emulator.seed(stage.emulator.registration(), MappingSeed::generate(0..100));
    let ran = stage.run(&["tenant", "list", "-o", "json"]).ends_with(0);
    assert_eq!(ran.json().as_array().unwrap().len(), 100);
}

#[test]
fn a_list_that_breaks_off_is_still_an_array_and_fails() {
    let stage = Stage::with(|switches| switches.page_size = 1).seed(&[OLD, OTHER]);
    stage.emulator.add_fault(Fault::status(400).path_contains("skipToken"));
    let ran = stage.run(&["tenant", "list", "-o", "json"]).ends_with(1);
    assert_eq!(ran.json().as_array().unwrap().len(), 1);
    ran.says(&format!("Failed: registration '{REGISTRATION}'")).says("BadRequest: ");
}

#[test]
fn a_registration_that_is_not_there_is_named() {
    let stage = Stage::new();
    let ran = stage.run(&["tenant", "list", "--registration-name", "nowhere", "-o", "json"]).ends_with(1);
    ran.says("Failed: registration 'nowhere' (resource group 'azurestack'")
        .says("  RegistrationNotFound: ")
        .says("HTTP status 404")
        .says("  What to do: Compare the subscription, resource group and name")
        .writes("[]\n");
}

#[test]
fn a_reader_that_leaves_ends_the_list_quietly() {
    let stage = Stage::with(|switches| switches.page_size = 100);
    stage.emulator.seed(stage.emulator.registration(), MappingSeed::generate(0..3000));
    let mut command = stage.azsreg(&["tenant", "list"]);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("Registration "), "{first:?}");
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((said.as_str(), child.wait().unwrap().code()), ("", Some(0)));
    assert!(stage.sent(&["GET"]).len() < 30, "the list was read to its end for nobody");
}

#[test]
fn what_a_service_says_cannot_steer_the_terminal() {
    let stage = Stage::new();
    let action = azs_emulator::FaultAction::Status(azs_emulator::FaultStatus {
        status: 400,
        retry_after_seconds: None,
        code: Some("Odd".to_owned()),
        message: Some("\u{1b}[2J\u{9b}31mred".to_owned()),
        after_effect: false,
    });
    stage.emulator.add_fault(Fault::new(action));
    let ran = stage.run(&["tenant", "list"]).ends_with(1).says("Odd: \u{fffd}[2J\u{fffd}31mred");
    ran.does_not_say("\u{1b}").does_not_say("\u{9b}");
}

#[test]
fn a_disk_that_is_full_is_an_error() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let stage = Stage::new().seed(&[OLD]);
    let mut command = stage.azsreg(&["tenant", "list"]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command.stdin(Stdio::null()).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    stage
        .read(output.wait_with_output().unwrap())
        .ends_with(1)
        .says("error: The results could not be written: ");
}

#[test]
fn where_azure_is_can_come_from_the_environment() {
    let stage = Stage::new().seed(&[OLD]);
    let mut command = stage.bare_azsreg(&[
        "tenant",
        "list",
        "--registration-id",
        &stage.emulator.registration().resource_id(),
    ]);
    command.env("AZSREG_ARM_ENDPOINT", stage.emulator.arm_endpoint());
    command.env("AZSREG_CA_CERTIFICATE", stage.path("ca.pem"));
    command.env("AZSREG_ACCESS_TOKEN_FILE", stage.path("token"));
    let ran = stage.end(command).ends_with(0);
    assert!(ran.stdout.contains(OLD), "{ran:?}");
}
