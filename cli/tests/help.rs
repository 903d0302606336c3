//! The help is enough to work from.

use crate::support::program;

fn help(arguments: &[&str]) -> String {
    let output = program().args(arguments).env("COLUMNS", "100").output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_command_explains_itself() {
    for (command, asked) in [
        (&["tenant", "add", "--help"][..], "with No as the default"),
        (&["tenant", "list", "--help"], "Nothing."),
        (&["tenant", "get", "--help"], "Nothing."),
        (&["tenant", "remove", "--help"], "before anything is sent"),
    ] {
        let text = help(command);
        for part in [
            "Examples:",
            "What is asked:",
            asked,
            "Access token:",
            "--access-token-file",
            "AZSREG_SUBSCRIPTION",
            "AZSREG_RESOURCE_GROUP",
            "AZSREG_REGISTRATION",
            "AZSREG_ACCESS_TOKEN_FILE",
            "--arm-endpoint",
            "--ca-certificate",
            "recommendedAction",
            "Exit codes:",
        ] {
            assert!(text.contains(part), "{command:?} does not say {part:?}:\n{text}");
        }
    }
}

#[test]
fn the_exit_codes_end_the_help() {
    let text = help(&["--help"]);
    let (_, codes) = text.split_once("Exit codes:\n").unwrap();
    let codes: Vec<&str> = codes.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(codes[..6], ["0", "1", "2", "3", "4", "130"]);
}

#[test]
fn the_help_fits_the_width_of_a_table() {
    for arguments in [&["--help"][..], &["tenant", "add", "--help"], &["tenant", "remove", "-h"]] {
        for line in help(arguments).lines() {
            assert!(line.chars().count() <= 120, "{line}");
        }
    }
}

#[test]
fn no_option_takes_a_token() {
    assert!(!help(&["tenant", "add", "--help"]).contains("--access-token "));
}
