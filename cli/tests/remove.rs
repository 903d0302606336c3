//! `azsreg tenant remove` with nobody to be asked.

use azs_emulator::{Fault, MappingSeed};

use crate::support::*;

#[test]
fn nothing_is_sent_without_a_confirmation() {
    let stage = Stage::new().seed(&[OLD]);
    let ran = stage.run(&["tenant", "remove", OLD, "--output", "json"]).ends_with(3);
    ran.says(&format!("customer subscription {OLD} in registration '{REGISTRATION}'"))
        .says("needs a confirmation, and nobody can be asked")
        .says("--force")
        .writes("");
    stage.assert_nothing_was_sent();
    assert_eq!(stage.stored(), [OLD]);
}

#[test]
fn force_removes_and_says_where_the_usage_goes() {
    let stage = Stage::new().seed(&[OLD, OTHER]);
    let ran = stage.run(&["tenant", "remove", "--force", OLD]).ends_with(0);
    ran.says(&format!(
        "the usage of tenant {TENANT} is charged to its subscription {SUBSCRIPTION} from now on."
    ))
    .writes(&format!("{}{OLD}  {TENANT}  Removed\n", heading("OUTCOME")));
    assert_eq!(stage.stored(), [OTHER]);
}

#[test]
fn what_is_not_mapped_is_no_error() {
    let stage = Stage::new();
    let ran = stage.run(&["tenant", "remove", "--force", OLD, "-o", "json"]).ends_with(0);
    assert_eq!(ran.json()[0]["outcome"], "NotFound");
    assert_eq!(ran.stderr, "");
    stage.assert_nothing_was_changed();
}

#[test]
fn a_tenant_finds_its_mapping() {
    let stage = Stage::new().seed(&[OLD, OTHER]);
    let ran =
        stage.run(&["tenant", "remove", "--force", "--tenant-id", OTHER_TENANT, "-o", "json"]).ends_with(0);
    assert_eq!(ran.json()[0]["customerSubscriptionId"], OTHER);
    assert_eq!(ran.json()[0]["outcome"], "Removed");
    assert_eq!(stage.stored(), [OLD]);
}

#[test]
fn beside_an_id_the_tenant_must_match() {
    let stage = Stage::new().seed(&[OLD]);
    let ran = stage.run(&["tenant", "remove", "--force", OLD, "--tenant-id", OTHER_TENANT]).ends_with(1);
    ran.says("TenantMismatch");
    stage.assert_nothing_was_changed();
}

#[test]
fn a_dry_run_says_what_would_be_removed_and_changes_nothing() {
    let stage = Stage::new().seed(&[OLD, OTHER]);
    let ran = stage.run(&["tenant", "remove", "--dry-run", OLD, NEW]).ends_with(0);
    ran.says("Nothing was changed (--dry-run).").writes(&format!(
        "{}{OLD}  {TENANT}  WouldRemove\n{NEW}  -{:35}  NotFound\n",
        heading("OUTCOME"),
        ""
    ));
    let ran =
        stage.run(&["tenant", "remove", "--dry-run", "--tenant-id", OTHER_TENANT, "-o", "json"]).ends_with(0);
    assert_eq!(ran.json()[0]["outcome"], "WouldRemove");
    assert_eq!(ran.json()[0]["customerSubscriptionId"], OTHER);
    let ran = stage.run(&["tenant", "remove", "--dry-run", OLD, "--tenant-id", OTHER_TENANT]).ends_with(1);
    ran.says("TenantMismatch");
    stage.assert_nothing_was_changed();
}

#[test]
fn a_tenant_with_two_mappings_is_not_guessed_at() {
    let stage = Stage::new();
    let seeds = [MappingSeed::new(OLD), MappingSeed::with_tenant(OTHER, TENANT)];
    stage.emulator.switches(|switches| switches.overwritten = azs_emulator::Overwritten::Stays);
    stage.emulator.seed(stage.emulator.registration(), seeds);
    stage.run(&["tenant", "remove", "--force", "--tenant-id", TENANT]).ends_with(1).says("TenantAmbiguous: ");
    stage
        .run(&["tenant", "remove", "--dry-run", "--tenant-id", TENANT])
        .says("warning: The tenant has more than one mapping");
    stage.assert_nothing_was_changed();
}

#[test]
fn a_lock_is_explained() {
    let stage = Stage::with(|switches| switches.lock = true).seed(&[OLD]);
    stage
        .run(&["tenant", "remove", "--force", OLD])
        .ends_with(1)
        .says("  ScopeLocked: ")
        .says("  What to do: A lock on the registration forbids removing");
    assert_eq!(stage.stored(), [OLD]);
}

#[test]
fn who_may_not_remove_gets_its_own_exit_code() {
    let stage = Stage::new().seed(&[OLD]);
    stage.emulator.add_fault(Fault::status(403).method("DELETE"));
    let ran = stage.run(&["tenant", "remove", "--force", OLD]).ends_with(4);
    ran.says("  AuthorizationFailed: ").says("customerSubscriptions/*");
}

#[test]
fn the_audit_log_has_a_line_for_each_change_that_was_attempted() {
    let stage = Stage::new().seed(&[OLD]);
    let log = stage.path("audit.jsonl");
    let arguments = ["--audit-log", text(&log), "--force"];
    stage.run(&[&["tenant", "add", NEW, OTHER], &arguments[..]].concat()).ends_with(0);
    stage.run(
        &[&["tenant", "remove", OTHER, "7c7c7c7c-1111-4222-8333-444444444444"], &arguments[..]].concat(),
    );
    let written = std::fs::read_to_string(&log).unwrap();
    let outcomes: Vec<String> = written
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["outcome"].to_string())
        .collect();
    assert_eq!(outcomes.len(), 3, "{written}");
    assert_eq!(outcomes[2], "\"Removed\"");

    let ran = stage.run(&["tenant", "add", OTHER, "--audit-log", "no/such/folder/log"]).ends_with(2);
    ran.says("AuditLogNotWritable: ").says("  Given with: --audit-log");
    assert_eq!(stage.sent(&["PUT"]).len(), 2);
}
