//! Where the token comes from, and where it must not go.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use crate::support::*;

#[test]
fn the_token_comes_from_standard_input() {
    let stage = Stage::new().seed(&[OLD]);
    let mut command = stage.azsreg(&["tenant", "list", "--access-token-file", "-"]);
    command.env_remove("AZSREG_ACCESS_TOKEN_FILE");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(format!("{}\r\n", stage.emulator.token()).as_bytes()).unwrap();
    drop(input);
    let ran = stage.read(child.wait_with_output().unwrap()).ends_with(0);
    assert!(ran.stdout.contains(OLD));
}

#[test]
fn the_option_wins_over_the_environment() {
    let stage = Stage::new();
    let mut command = stage.azsreg(&["tenant", "list", "--access-token-file", text(&stage.path("token"))]);
    command.env("AZSREG_ACCESS_TOKEN_FILE", "nowhere");
    stage.end(command).ends_with(0);
}

#[test]
fn a_token_that_cannot_be_had_is_exit_code_4_and_nothing_is_sent() {
    let stage = Stage::new();
    std::fs::write(stage.path("empty"), "\n").unwrap();
    std::fs::write(stage.path("json"), format!("{{\"accessToken\": \"{}\"}}", stage.emulator.token()))
        .unwrap();
    std::fs::write(stage.path("large"), "x".repeat(100_000)).unwrap();
    for (file, said) in [
        ("nowhere", "The access token file 'nowhere' cannot be read: "),
        ("empty", "The access token file 'empty' is empty. Expected the token alone"),
        ("json", "The access token file 'json' holds something else than a token."),
        ("large", "it holds more than 64 KB"),
        ("-", "Standard input is empty."),
    ] {
        stage.run(&["tenant", "list", "--access-token-file", file]).ends_with(4).says(said).writes("");
    }
    let mut command = stage.azsreg(&["tenant", "list"]);
    command.env_remove("AZSREG_ACCESS_TOKEN_FILE");
    stage.end(command).ends_with(4).says("No access token is given.").says("--access-token-file");
    stage.assert_nothing_was_sent();
}

#[test]
fn a_token_in_the_wrong_place_is_not_repeated() {
    let stage = Stage::new();
    let token = stage.emulator.token().to_owned();
    // Stage::read looks for it in all that is written.
    stage.run(&["tenant", "list", "--access-token-file", &token]).ends_with(4).says("a token, it seems");
    stage.run(&["tenant", "list", "--access-token", &token]).ends_with(2);
    stage.run(&["tenant", "list", &format!("--access-token={token}")]).ends_with(2);
    stage.assert_nothing_was_sent();
}

#[test]
fn no_output_has_the_token_however_much_is_asked_for() {
    let stage = Stage::new().seed(&[OLD]);
    for arguments in [
        &["tenant", "list", "--verbose"][..],
        &[
            "tenant",
            "add",
            "--verbose",
            "--force",
            &NEW.to_uppercase(),
            "12345678-1234-1234-1234-123456789012",
        ],
        &["tenant", "get", "-v", "-o", "json", OLD],
        &["tenant", "remove", "-v", "--force", NEW],
    ] {
        stage.run(arguments).says("verbose: All requests have the correlation id ");
    }
    stage.emulator.expire_tokens();
    stage.run(&["tenant", "add", "--verbose", NEW]).ends_with(4);
}

#[test]
fn what_is_done_is_told_where_it_is_asked_for() {
    let stage = Stage::new();
    let upper = NEW.to_uppercase();
    let line = format!("verbose: Customer subscription {upper} goes out as {NEW}.");
    stage.run(&["tenant", "add", "--verbose", &upper]).ends_with(0).says(&line);
    stage.run(&["tenant", "remove", "--force", NEW]).ends_with(0).does_not_say("verbose");
    stage.run(&["tenant", "add", &upper]).ends_with(0).does_not_say("goes out as");
}

#[test]
fn an_expired_token_is_exit_code_4() {
    let stage = Stage::new();
    let expired =
        stage.emulator.issue_token(&stage.emulator.options().tenant_id.clone(), Duration::ZERO).token;
    std::fs::write(stage.path("expired"), &expired).unwrap();
    for arguments in [&["tenant", "list"][..], &["tenant", "add", NEW, OTHER]] {
        let mut command = stage.azsreg(arguments);
        command.env("AZSREG_ACCESS_TOKEN_FILE", stage.path("expired"));
        let ran = stage.end(command).ends_with(4);
        let ran = ran.says("  ExpiredAuthenticationToken: ").says("HTTP status 401").says("What to do: ");
        assert!(!ran.stdout.contains(&expired) && !ran.stderr.contains(&expired));
    }
    stage.assert_nothing_was_changed();
}

#[test]
fn a_batch_ends_with_the_first_refusal_of_who_asks() {
    let stage = Stage::new();
    stage.emulator.add_fault(azs_emulator::Fault::status(403).method("PUT"));
    let ran = stage.run(&["tenant", "add", NEW, OTHER, "-o", "json", "--throttle-limit", "1"]).ends_with(4);
    assert_eq!(ran.json()[0]["outcome"], "Failed");
    assert_eq!(ran.json()[1]["outcome"], "NotStarted");
    assert_eq!(stage.sent(&["PUT"]).len(), 1);
}
