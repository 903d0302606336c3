//! `azsreg tenant add` with nobody to be asked.

use azs_emulator::{Fault, RpError};
use serde_json::json;

use crate::support::*;

#[test]
fn a_fresh_tenant_is_added_without_a_question() {
    let stage = Stage::new();
    let ran = stage.run(&["tenant", "add", NEW]).ends_with(0);
    assert_eq!(ran.stderr, "");
    ran.writes(&format!("{}{NEW}  {TENANT}  Added\n", heading("OUTCOME")));
    assert_eq!(stage.stored(), [NEW]);
}

#[test]
fn the_json_of_an_addition_has_every_member() {
    let stage = Stage::new();
    let ran = stage.run(&["tenant", "add", NEW, "--output", "json"]).ends_with(0);
    let expected = json!([{
        "registrationSubscriptionId": SUBSCRIPTION,
        "resourceGroupName": "azurestack",
        "registrationName": REGISTRATION,
        "customerSubscriptionId": NEW,
        "tenantId": TENANT,
        "resourceId": resource_id(NEW),
        "outcome": "Added",
        "oldCustomerSubscriptionId": null,
        "row": null,
        "auditMissing": false,
        "error": null,
    }]);
    assert_eq!(ran.json(), expected);
}

#[test]
fn several_are_added_in_the_given_order_whether_ids_or_resource_ids() {
    let stage = Stage::new();
    let ran = stage.run(&["tenant", "add", &resource_id(OTHER), NEW]).ends_with(0);
    ran.writes(&format!("{}{OTHER}  {OTHER_TENANT}  Added\n{NEW}  {TENANT}  Added\n", heading("OUTCOME")));
    let mut stored = stage.stored();
    stored.sort();
    assert_eq!(stored, [OTHER, NEW]);
}

#[test]
fn what_is_mapped_already_is_left_alone() {
    let stage = Stage::new().seed(&[NEW]);
    let ran = stage.run(&["tenant", "add", NEW]).ends_with(0);
    ran.writes(&format!("{}{NEW}  {TENANT}  Unchanged\n", heading("OUTCOME")));
    stage.assert_nothing_was_changed();
}

#[test]
fn ids_go_out_in_lower_case_unless_told_otherwise() {
    let stage = Stage::new();
    stage.run(&["tenant", "add", &NEW.to_uppercase()]).ends_with(0);
    stage.run(&["tenant", "add", "--preserve-case", &OTHER.to_uppercase()]).ends_with(0);
    assert_eq!(stage.stored(), [NEW.to_owned(), OTHER.to_uppercase()]);
}

#[test]
fn a_bill_is_not_moved_where_nobody_can_be_asked() {
    let stage = Stage::new().seed(&[OLD]);
    let ran = stage.run(&["tenant", "add", NEW]).ends_with(3);
    let ran = ran
        .says(&format!("WouldReplace: customer subscription {NEW} in registration '{REGISTRATION}'"))
        .says(&format!(
            "the usage of tenant {TENANT} is charged to subscription {OLD}; it would move to {NEW}"
        ))
        .says("What to do: ")
        .says("--force");
    ran.writes(&format!("{}{NEW}  {TENANT}  WouldReplace\n  charged to {OLD}\n", heading("OUTCOME")));
    stage.assert_nothing_was_changed();
    assert_eq!(stage.stored(), [OLD]);
}

#[test]
fn the_json_of_a_refused_move_names_both_subscriptions() {
    let stage = Stage::new().seed(&[OLD]);
    let ran = stage.run(&["tenant", "add", NEW, OTHER, "-o", "json"]).ends_with(3);
    let results = ran.json();
    assert_eq!(results[0]["outcome"], "WouldReplace");
    assert_eq!(results[0]["customerSubscriptionId"], NEW);
    assert_eq!(results[0]["oldCustomerSubscriptionId"], OLD);
    assert_eq!(results[0]["tenantId"], TENANT);
    assert_eq!(results[0]["error"]["code"], "WouldReplace");
    assert!(results[0]["error"]["recommendedAction"].as_str().unwrap().contains("--force"));
    // The others are not held up by it.
    assert_eq!(results[1]["outcome"], "Added");
    assert_eq!(stage.stored(), [OLD, OTHER]);
}

#[test]
fn force_moves_a_bill_and_says_how_to_move_it_back() {
    let stage = Stage::new().seed(&[OLD]);
    let ran = stage.run(&["tenant", "add", "--force", NEW]).ends_with(0);
    assert_eq!(stage.stored(), [NEW]);
    let ran = ran.says(&format!(
        "warning: In registration '{REGISTRATION}' the usage of tenant {TENANT} moved: {OLD} -> {NEW}."
    ));
    let back = ran.stderr.lines().find_map(|line| line.strip_prefix("  To move it back: azsreg ")).unwrap();
    let words: Vec<String> = back.split(' ').map(str::to_owned).collect();
    ran.writes(&format!("{}{NEW}  {TENANT}  Replaced\n  charged before to {OLD}\n", heading("OUTCOME")));

    // The command is whole: it needs no environment but the token's place.
    let mut command = stage.bare_azsreg(&words.iter().map(String::as_str).collect::<Vec<_>>());
    command.env("AZSREG_ACCESS_TOKEN_FILE", stage.path("token"));
    stage.end(command).ends_with(0);
    assert_eq!(stage.stored(), [OLD]);
}

#[test]
fn a_move_that_only_the_answer_shows_is_warned_of() {
    let stage = Stage::with(|switches| switches.put_answer = azs_emulator::PutAnswer::OkBody).seed(&[OLD]);
    // Without the sign-in challenge nobody knows beforehand whose subscription it is.
    stage
        .emulator
        .add_fault(Fault::status(500).path_contains("/subscriptions/e09a4e93-29a7-4eba-a6d4-76202383f07f?"));
    stage
        .run(&["tenant", "add", NEW])
        .ends_with(0)
        .says(&format!("the usage of tenant {TENANT} moved: {OLD} -> {NEW}"))
        .says("To move it back: azsreg tenant add --force");
}

#[test]
fn the_named_tenant_must_be_the_subscriptions() {
    let stage = Stage::new();
    let ran = stage.run(&["tenant", "add", NEW, "--tenant-id", OTHER_TENANT]).ends_with(1);
    ran.says(&format!("TenantMismatch: customer subscription {NEW} in registration '{REGISTRATION}'"));
    stage.assert_nothing_was_changed();
}

#[test]
fn an_error_of_the_resource_provider_is_told_with_ids_and_advice() {
    let stage = Stage::with(|switches| {
        switches.rp_errors.insert(NEW.to_owned(), RpError::new("InvalidCSPSubscription"));
    });
    let ran = stage.run(&["tenant", "add", NEW, OTHER]).ends_with(1);
    let ran = ran
        .says(&format!("Failed: customer subscription {NEW} in registration '{REGISTRATION}'"))
        .says("  InvalidCSPSubscription: ")
        .says("  HTTP status 400, request id ")
        .says(", correlation id ")
        .says("  What to do: The id is not that of a Cloud Solution Provider subscription");
    ran.writes(&format!(
        "{}{NEW}  {TENANT}  Failed (InvalidCSPSubscription)\n{OTHER}  {OTHER_TENANT}  Added\n",
        heading("OUTCOME")
    ));
}

#[test]
fn what_cannot_be_told_is_unknown_and_exit_code_1() {
    let stage = Stage::new();
    // Cut before the effect, and nothing can be read afterwards.
    stage
        .emulator
        .add_fault(Fault::status(400).method("GET").path_contains(format!("customerSubscriptions/{NEW}")));
    stage.emulator.add_fault(
        Fault::new(azs_emulator::FaultAction::ResetBeforeEffect { effect_after_ms: None }).method("PUT"),
    );
    let ran = stage.run(&["tenant", "add", NEW, "--output", "jsonl", "--timeout", "5"]).ends_with(1);
    assert_eq!(ran.json()["outcome"], "Unknown", "{ran:#?}");
    ran.says(&format!("Unknown: customer subscription {NEW} in registration '{REGISTRATION}'"));
}

#[test]
fn a_dry_run_says_what_would_be_done_and_changes_nothing() {
    let stage = Stage::new().seed(&[OLD]);
    let ran = stage.run(&["tenant", "add", "--dry-run", NEW, OLD, OTHER]).ends_with(0);
    let ran = ran.says("Nothing was changed (--dry-run).");
    ran.writes(&format!(
        "{}{NEW}  {TENANT}  WouldReplace\n  charged to {OLD}\n{OLD}  {TENANT}  Unchanged\n{OTHER}  -{:35}  WouldAdd\n",
        heading("OUTCOME"),
        "",
    ));
    stage.assert_nothing_was_changed();

    // --force does not make it any more real.
    let ran = stage.run(&["tenant", "add", "--what-if", "--force", NEW, "-o", "json"]).ends_with(0);
    assert_eq!(ran.json()[0]["outcome"], "WouldReplace");
    assert_eq!(ran.json()[0]["error"], serde_json::Value::Null);
    stage.assert_nothing_was_changed();
}

#[test]
fn a_dry_run_makes_no_audit_log() {
    let stage = Stage::new().seed(&[OLD]);
    stage.run(&["tenant", "add", "--dry-run", NEW, "--audit-log", "audit"]).ends_with(0);
    stage.run(&["tenant", "remove", "--dry-run", OLD, "--audit-log", "audit"]).ends_with(0);
    assert!(!stage.path("audit").exists());
    stage.run(&["tenant", "add", OTHER, "--audit-log", "audit"]).ends_with(0);
    assert!(stage.path("audit").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_change_without_its_line_in_the_audit_log_is_no_success() {
    let stage = Stage::new();
    let ran = stage.run(&["tenant", "add", NEW, "--audit-log", "/dev/full"]).ends_with(1);
    ran.says("audit")
        .writes(&format!("{}{NEW}  {TENANT}  Added, not in the audit log\n", heading("OUTCOME")));
    let ran = stage.run(&["tenant", "add", OTHER, "--audit-log", "/dev/full", "-o", "json"]).ends_with(1);
    assert_eq!(ran.json()[0]["outcome"], "Added", "{ran:#?}");
    assert_eq!(ran.json()[0]["auditMissing"], true, "{ran:#?}");
}

#[test]
fn each_move_is_told_however_many_there_are() {
    let [third, fourth] = [3, 4].map(|number| format!("7c7c7c7c-1111-4222-8333-{number:012}"));
    let stage = Stage::new();
    stage.emulator.set_tenant_of(&third, Some(OTHER_TENANT));
    stage.emulator.set_tenant_of(&fourth, Some(TENANT));
    stage.put(&[OLD, OTHER]);
    let ran = stage.run(&["tenant", "add", NEW, &third]).ends_with(3).does_not_say("with the same cause");
    ran.says(&format!("charged to subscription {OLD}; it would move to {NEW}"))
        .says(&format!("charged to subscription {OTHER}; it would move to {third}"));
}

#[test]
fn a_dry_run_meets_the_errors_that_can_be_met() {
    let stage = Stage::new();
    let ran = stage.run(&["tenant", "add", "--dry-run", NEW, "--tenant-id", OTHER_TENANT]).ends_with(1);
    ran.says("TenantMismatch");
    stage.run(&["tenant", "add", "--dry-run", NEW, "--registration-name", "nowhere"]).ends_with(1);
    stage.assert_nothing_was_changed();
}

#[test]
fn a_cause_that_many_items_have_is_said_once() {
    let customers: Vec<String> =
        (0..5).map(|number| format!("aaaaaaaa-1111-4222-8333-{number:012}")).collect();
    let stage = Stage::with(|switches| {
        for customer in &customers {
            switches.rp_errors.insert(customer.clone(), RpError::new("InvalidCSPSubscription"));
        }
    });
    let mut arguments = vec!["tenant", "add", "--output", "json"];
    arguments.extend(customers.iter().map(String::as_str));
    let ran = stage.run(&arguments).ends_with(1);
    let ran = ran.says("Failed: InvalidCSPSubscription, and 4 more with the same cause.\n");
    assert_eq!(ran.stderr.matches("What to do: ").count(), 1, "{ran:#?}");
    let results = ran.json();
    let codes = results.as_array().unwrap().iter().map(|result| result["error"]["code"].as_str().unwrap());
    assert_eq!(codes.collect::<Vec<_>>(), ["InvalidCSPSubscription"; 5]);
}

#[test]
fn however_many_there_are_the_results_keep_the_order_of_the_input() {
    let stage = Stage::new();
    // More than are worked off at a time.
    let customers: Vec<String> =
        (0..1_300).map(|number| format!("aaaaaaaa-1111-4222-8333-{number:012}")).collect();
    let mut arguments = vec!["tenant", "add", "--dry-run", "--output", "json", "--throttle-limit", "64"];
    arguments.extend(customers.iter().map(String::as_str));
    let results = stage.run(&arguments).ends_with(0).json();
    let named = results.as_array().unwrap().iter();
    let named = named.map(|result| result["customerSubscriptionId"].as_str().unwrap());
    assert_eq!(named.collect::<Vec<_>>(), customers);
}

#[test]
fn where_nobody_reads_the_results_no_more_is_changed() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::Stdio;

    let stage = Stage::with(|switches| switches.answer_delay_ms = 50);
    let customers: Vec<String> =
        (0..60).map(|number| format!("33333333-0000-4000-8000-{number:012}")).collect();
    let mut arguments = vec!["tenant", "add", "--throttle-limit", "1", "--output", "jsonl"];
    arguments.extend(customers.iter().map(String::as_str));
    let mut command = stage.azsreg(&arguments);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("Added"), "{first}");
    // Its reader is gone now, as after `head`.
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{said}");
    assert!(said.contains("The results could not be written any more: "), "{said}");
    let stored = stage.stored().len();
    assert!(said.contains(&format!(": {stored} done, ")) && stored < customers.len(), "{stored}: {said}");
}
