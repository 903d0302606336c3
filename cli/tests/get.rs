//! `azsreg tenant get`.

use crate::support::*;

#[test]
fn a_mapping_is_shown_in_the_spelling_of_the_registration() {
    let stored = NEW.to_uppercase();
    let stage = Stage::with(|switches| switches.case_sensitive = true).seed(&[&stored]);
    stage.emulator.set_tenant_of(NEW, Some(TENANT));
    let ran = stage.run(&["tenant", "get", NEW]).ends_with(0);
    assert_eq!(ran.stderr, "");
    ran.writes(&format!("{}{stored}  {TENANT}\n", heading("")));
}

#[test]
fn several_can_be_got_and_a_missing_one_fails_alone() {
    let stage = Stage::new().seed(&[OLD, OTHER]);
    let ran = stage.run(&["tenant", "get", OLD, NEW, &resource_id(OTHER), "-o", "json"]).ends_with(1);
    let found = ran.json();
    assert_eq!(found.as_array().unwrap().len(), 2);
    assert_eq!(found[0]["customerSubscriptionId"], OLD);
    assert_eq!(found[1]["resourceId"], resource_id(OTHER));
    ran.says(&format!("Failed: customer subscription {NEW} in registration '{REGISTRATION}'"))
        .says("CustomerSubscriptionNotFound: ");
}

#[test]
fn the_tenant_must_be_the_expected_one() {
    let stage = Stage::new().seed(&[OLD]);
    stage.run(&["tenant", "get", OLD, "--tenant-id", TENANT]).ends_with(0);
    let ran = stage.run(&["tenant", "get", OLD, "--tenant-id", OTHER_TENANT]).ends_with(1);
    ran.says("TenantMismatch: ").writes("");
}

#[test]
fn options_win_over_the_environment_and_resource_ids_over_both() {
    let stage = Stage::new().seed(&[OLD]);
    let with = |arguments: &[&str]| {
        let mut command = stage.azsreg(arguments);
        command.env("AZSREG_RESOURCE_GROUP", "another").env("AZSREG_REGISTRATION", " ");
        stage.end(command)
    };
    with(&["tenant", "get", &resource_id(OLD)]).ends_with(0);
    with(&["tenant", "get", OLD, "--registration-id", &registration_id()]).ends_with(0);
    with(&["tenant", "get", OLD, "-g", "AzureStack", "--registration", REGISTRATION]).ends_with(0);
    with(&["tenant", "get", OLD])
        .ends_with(2)
        .says("Which registration is meant? Missing: --registration-name (AZSREG_REGISTRATION).");
}
