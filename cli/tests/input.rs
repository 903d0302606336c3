//! `azsreg tenant add` and `remove` with rows from a file or standard input.

use std::fmt::Write as _;
use std::io::Write;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::support::*;

const NOBODY: &str = "11111111-2222-4333-8444-000000000001";

impl Stage {
    fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Starts `azsreg` with a pipe to write rows to.
    fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.azsreg(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs `azsreg` with standard input.
    fn pipe(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
        let mut child = self.start(arguments);
        // Whoever refuses the beginning does not read the rest.
        let _ = child.stdin.take().unwrap().write_all(input.as_ref());
        self.read(child.wait_with_output().unwrap())
    }
}

impl Ran {
    /// Outcome and customer subscription of each result of `--output jsonl`.
    fn results(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let lines = self.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.map(|line| (text(&line["outcome"]), text(&line["customerSubscriptionId"]))).collect()
    }
}

fn outcomes(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(outcome, id)| ((*outcome).to_owned(), (*id).to_owned())).collect()
}

#[test]
fn rows_of_a_file_are_added_in_any_of_the_formats() {
    let utf16: Vec<u8> =
        format!("\u{feff}Kunde\tCustomerSubscriptionId\tTenantId\r\nMüller\t{NEW}\t{TENANT}\r\n")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
    for (name, content) in [
        ("comma.csv", format!("CustomerSubscriptionId,TenantId\n{NEW},{TENANT}\n").into_bytes()),
        (
            "semicolon.csv",
            format!("\u{feff}sep=;\r\nTenantId;CustomerSubscriptionId\r\n\"{TENANT}\";\"{NEW}\"\r\n")
                .into_bytes(),
        ),
        ("utf16.txt", utf16),
        (
            "lines.jsonl",
            format!("{{\"customerSubscriptionId\":\"{NEW}\",\"tenantId\":\"{TENANT}\"}}\n").into_bytes(),
        ),
        ("id.csv", format!("ResourceId\n{}\n", resource_id(NEW)).into_bytes()),
    ] {
        let stage = Stage::new();
        stage.file(name, content);
        let ran = stage.run(&["tenant", "add", "--input-file", name]).ends_with(0);
        assert_eq!(ran.stderr, "", "{name}");
        assert_eq!(stage.stored(), [NEW], "{name}");
    }
}

#[test]
fn results_have_the_order_and_the_numbers_of_the_rows() {
    let stage = Stage::new();
    stage.file("rows.csv", format!("CustomerSubscriptionId\n\n{OTHER}\n{NEW}\n{OTHER}\n"));
    let ran = stage.run(&["tenant", "add", "-i", "rows.csv", "-o", "jsonl"]).ends_with(0);
    assert_eq!(ran.results(), outcomes(&[("Added", OTHER), ("Added", NEW), ("Unchanged", OTHER)]));
    let rows: Vec<u64> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["row"].as_u64().unwrap())
        .collect();
    assert_eq!(rows, [1, 2, 3]);
}

/// A file with two wrong rows among right ones.
fn mixed() -> String {
    format!("CustomerSubscriptionId,TenantId\n{NEW},\njunk,\n{OTHER},\n{NOBODY},{TENANT},x\n")
}

#[test]
fn one_wrong_row_of_a_file_refuses_all_and_each_wrong_one_is_told() {
    let stage = Stage::new().seed(&[NEW]);
    stage.file("rows.csv", mixed());
    for command in [&["tenant", "add"][..], &["tenant", "remove", "--force"], &["tenant", "add", "--dry-run"]]
    {
        let ran = stage.run(&[command, &["-i", "rows.csv"]].concat()).ends_with(2);
        ran.says("error: GuidNotValid: Row 2 (line 3): CustomerSubscriptionId 'junk' is not a GUID. Expected 8-4-4-4-12 hex digits")
            .says("error: CellCountDiffers: Row 4 (line 5): it has 3 cells, and the header has 2 cells. Expected as many.")
            .says("error: 2 of 4 rows are wrong, and nothing was sent. --skip-invalid goes on with those that are right.")
            .does_not_say("Given with:")
            .writes("");
    }
    stage.assert_nothing_was_sent();
}

#[test]
fn the_right_rows_go_on_where_that_is_asked_for() {
    let stage = Stage::new();
    stage.file("rows.csv", mixed());
    let ran = stage.run(&["tenant", "add", "-i", "rows.csv", "--skip-invalid", "-o", "jsonl"]).ends_with(1);
    assert_eq!(
        ran.results(),
        outcomes(&[("Added", NEW), ("Failed", "junk"), ("Added", OTHER), ("Failed", "-")])
    );
    ran.says("GuidNotValid: Row 2 (line 3): ").says("CellCountDiffers: Row 4 (line 5): ");
    let mut stored = stage.stored();
    stored.sort();
    assert_eq!(stored, [OTHER, NEW]);
}

#[test]
fn ids_of_the_command_line_follow_the_same_rule() {
    let stage = Stage::new();
    let ran = stage.run(&["tenant", "add", NEW, "junk", OTHER, "rubbish"]).ends_with(2);
    ran.says("'junk' is not a GUID")
        .says("'rubbish' is not a GUID")
        .says("2 of 4 ids are wrong, and nothing was sent.")
        .writes("");
    stage.assert_nothing_was_sent();

    let ran = stage.run(&["tenant", "add", NEW, "junk", OTHER, "--skip-invalid", "-o", "jsonl"]).ends_with(1);
    assert_eq!(ran.results(), outcomes(&[("Added", NEW), ("Failed", "junk"), ("Added", OTHER)]));
    let ran = stage
        .run(&["tenant", "remove", "--force", "junk", NEW, "--skip-invalid", "-o", "jsonl"])
        .ends_with(1);
    assert_eq!(ran.results(), outcomes(&[("Failed", "junk"), ("Removed", NEW)]));
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_refuses_all() {
    let stage = Stage::new();
    for (content, said) in [
        (&b""[..], "InputEmpty: It is empty."),
        (
            b"Kunde;Abo\nx;y\n",
            "ColumnsNotFound: Line 1: none of the expected columns was found. Found: 'Kunde', 'Abo'.",
        ),
        (
            b"CustomerSubscriptionId\ne09a4e93-29a7-4eba-a6d4-76202383f07f\n\xe4\n",
            "EncodingNotKnown: Line 3: there are bytes (0xE4) that are not UTF-8.",
        ),
        (
            b"CustomerSubscriptionId,Remark\ne09a4e93-29a7-4eba-a6d4-76202383f07f,\"x\n",
            "QuoteNotClosed: Line 2: ",
        ),
        (
            b"CustomerSubscriptionId,Name\ne09a4e93-29a7-4eba-a6d4-76202383f07f,\"Acme\n\
              0b9c2f5e-6f0d-4b53-a2c5-54a4e4a2d9a1,\"Foo\n",
            "TextAfterQuote: Line 2: text follows the closing quote of a cell in the row that begins here and ends in line 3.",
        ),
        (b"[{\"tenantId\":\"x\"}]", "JsonNotLines: Line 1 begins an array."),
    ] {
        stage.file("rows", content);
        // Also where wrong rows would be passed over: what follows is not known.
        for more in [&[][..], &["--skip-invalid"]] {
            let ran = stage.run(&[&["tenant", "add", "-i", "rows"][..], more].concat()).ends_with(2);
            ran.says("'rows' cannot be used:").says(said).says("What to do: ").writes("");
        }
    }
    stage
        .run(&["tenant", "add", "-i", "nowhere.csv"])
        .ends_with(2)
        .says("--input-file 'nowhere.csv' cannot be read: ");
    stage.run(&["tenant", "add", "-i", "."]).ends_with(2).says("is a directory");
    stage.assert_nothing_was_sent();
}

#[test]
fn a_file_without_rows_is_told_and_is_no_failure() {
    let stage = Stage::new();
    stage.file("rows.csv", "CustomerSubscriptionId\n");
    for command in [&["tenant", "add"][..], &["tenant", "remove"]] {
        let ran = stage.run(&[command, &["-i", "rows.csv", "-o", "json"]].concat()).ends_with(0);
        ran.says("There are no rows in 'rows.csv'.").writes("[]\n");
    }
    stage.assert_nothing_was_sent();
}

#[test]
fn rows_of_a_pipe_are_worked_on_up_to_the_first_wrong_one() {
    let stage = Stage::new();
    let ran = stage.pipe(&["tenant", "add", "-i", "-", "-o", "jsonl"], mixed()).ends_with(1);
    assert_eq!(ran.results(), outcomes(&[("Added", NEW), ("Failed", "junk")]));
    ran.says("Row 2 of standard input is wrong: what follows it was not read, and is not done.");
    assert_eq!(stage.stored(), [NEW]);

    let ran =
        stage.pipe(&["tenant", "add", "-i", "-", "--skip-invalid", "-o", "jsonl"], mixed()).ends_with(1);
    assert_eq!(
        ran.results(),
        outcomes(&[("Unchanged", NEW), ("Failed", "junk"), ("Added", OTHER), ("Failed", "-")])
    );
    ran.does_not_say("was not read");
}

#[test]
fn a_pipe_whose_first_row_is_wrong_sends_nothing() {
    let stage = Stage::new();
    let csv = format!("CustomerSubscriptionId\njunk\n{NEW}\n");
    let ran = stage.pipe(&["tenant", "add", "-i", "-"], csv).ends_with(2);
    ran.says("Standard input cannot be used:").says("Row 1 (line 2): ").writes("");
    stage.pipe(&["tenant", "add", "-i", "-"], "").ends_with(2).says("InputEmpty");
    stage.assert_nothing_was_sent();
}

#[test]
fn a_pipe_that_turns_out_to_be_no_text_ends_there() {
    let stage = Stage::new();
    let mut csv = format!("CustomerSubscriptionId\n{NEW}\n").into_bytes();
    csv.extend(b"\xff\xff\n");
    let ran = stage.pipe(&["tenant", "add", "-i", "-", "-o", "jsonl", "--skip-invalid"], csv).ends_with(1);
    assert_eq!(ran.results(), outcomes(&[("Added", NEW)]));
    ran.says("EncodingNotKnown: Line 3: ")
        .says("What follows in standard input was not read, and is not done.");
}

#[test]
fn what_azsreg_writes_is_what_it_reads() {
    let stage = Stage::new().seed(&[NEW, OTHER]);
    for format in ["csv", "jsonl"] {
        let list = stage.run(&["tenant", "list", "-o", format]).ends_with(0).stdout;
        assert!(list.contains(TENANT) && list.contains(OTHER_TENANT), "{list}");
        let removed =
            stage.pipe(&["tenant", "remove", "-i", "-", "--force", "-o", format], list).ends_with(0).stdout;
        assert_eq!((stage.stored().len(), removed.matches("Removed").count()), (0, 2), "{removed}");
        let added = stage.pipe(&["tenant", "add", "-i", "-", "-o", format], removed).ends_with(0).stdout;
        assert_eq!(added.matches("Added").count(), 2, "{added}");
    }
    let empty = Stage::new().run(&["tenant", "list", "-o", "csv"]).ends_with(0).stdout;
    assert_eq!(
        empty,
        "CustomerSubscriptionId,TenantId,RegistrationName,ResourceGroupName,RegistrationSubscriptionId,ResourceId\n"
    );
}

#[test]
fn the_csv_of_a_result_says_why_it_failed() {
    let stage = Stage::new();
    stage.file("rows.csv", format!("CustomerSubscriptionId,TenantId\n{NEW},{OTHER_TENANT}\n"));
    let ran = stage.run(&["tenant", "add", "-i", "rows.csv", "-o", "csv"]).ends_with(1);
    let (header, row) = ran.stdout.split_once('\n').unwrap();
    assert!(
        header.ends_with(
            ",ResourceId,Outcome,OldCustomerSubscriptionId,Row,AuditMissing,ErrorCode,ErrorMessage"
        ),
        "{header}"
    );
    assert!(row.contains(",TenantMismatch,,1,false,TenantMismatch,\"Row 1: "), "{row}");
}

#[test]
fn a_row_may_name_its_registration_and_must_not_contradict_the_options() {
    let stage = Stage::new();
    stage.file(
        "rows.csv",
        format!("CustomerSubscriptionId,RegistrationName\n{NEW},{REGISTRATION}\n{OTHER},\n"),
    );
    let name = ["--registration-name", "another"];
    let ran = stage.run(&[&["tenant", "add", "-i", "rows.csv"], &name[..]].concat()).ends_with(2);
    ran.says(&format!("RowContradictsParameter: Row 1 (line 2): RegistrationName is '{REGISTRATION}', but the command line says 'another'."))
        .says("1 of 2 rows are wrong");
    stage.assert_nothing_was_sent();

    // The environment is no command line: it fills in what rows leave open, also a part of it.
    stage.file("named.csv", format!("CustomerSubscriptionId,RegistrationName\n{NEW},{REGISTRATION}\n"));
    let mut command = stage.azsreg(&["tenant", "add", "-i", "named.csv"]);
    command.env("AZSREG_REGISTRATION", "another");
    stage.end(command).ends_with(0);
    let mut command = stage.azsreg(&["tenant", "remove", "-i", "named.csv", "--force"]);
    command.env_remove("AZSREG_REGISTRATION");
    stage.end(command).ends_with(0);
    assert!(stage.stored().is_empty());
}

#[test]
fn an_option_that_says_the_tenant_holds_for_all_rows() {
    let stage = Stage::new().seed(&[NEW, OTHER]);
    let list = stage.run(&["tenant", "list", "-o", "jsonl"]).ends_with(0).stdout;
    stage.file("rows.jsonl", list);
    let ran =
        stage.run(&["tenant", "remove", "-i", "rows.jsonl", "--force", "--tenant-id", TENANT]).ends_with(2);
    ran.says("RowContradictsParameter: Row 2 (line 2): TenantId");
    assert_eq!(stage.stored().len(), 2);
}

#[test]
fn rows_that_contradict_each_other_are_refused_at_their_turn() {
    let stage = Stage::new();
    stage.file("rows.csv", format!("CustomerSubscriptionId\n{OLD}\n{NEW}\n"));
    let ran = stage.run(&["tenant", "add", "-i", "rows.csv", "-o", "jsonl"]).ends_with(1);
    assert_eq!(ran.results(), outcomes(&[("Added", OLD), ("Failed", NEW)]));
    ran.says("RowsContradict: Row 2: ");
}

#[test]
fn more_rows_than_are_begun_at_once_are_worked_on_to_the_end() {
    let stage = Stage::new();
    let mut csv = String::from("CustomerSubscriptionId\n");
    for number in 0..1100 {
        writeln!(csv, "{}", &format!("11111111-2222-4333-8444-{number:012}")).unwrap();
    }
    let ran = stage.pipe(&["tenant", "remove", "-i", "-", "--force", "-o", "jsonl"], csv).ends_with(0);
    let results = ran.results();
    assert_eq!(results.len(), 1100);
    for (number, (outcome, id)) in results.iter().enumerate() {
        assert_eq!(
            (outcome.as_str(), id.as_str()),
            ("NotFound", format!("11111111-2222-4333-8444-{number:012}").as_str())
        );
    }
}

#[test]
fn nobody_to_ask_is_told_with_the_name_of_the_input() {
    let stage = Stage::new().seed(&[NEW]);
    stage.file("rows.csv", format!("CustomerSubscriptionId\n{NEW}\n"));
    let ran = stage.run(&["tenant", "remove", "-i", "rows.csv"]).ends_with(3);
    ran.says("Removing the mappings of 'rows.csv' needs a confirmation, and nobody can be asked");
    stage.assert_nothing_was_sent();
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    let stage = Stage::new();
    for (arguments, said) in [
        (&["tenant", "add", NEW, "-i", "rows.csv"][..], "cannot be used with"),
        (&["tenant", "add", NEW, "--input-format", "csv"], "--input-file"),
        (
            &["tenant", "add", "-i", "-", "--access-token-file", "-"],
            "cannot hold both the access token and the rows",
        ),
        (&["tenant", "add", "-i", ""], "it is empty"),
        (&["tenant", "add", "-i", "x", "--input-format", "xml"], "[possible values: csv, jsonl]"),
    ] {
        stage.run(arguments).ends_with(2).says(said).writes("");
    }
    stage.assert_nothing_was_sent();
}

#[cfg(unix)]
#[test]
fn an_interruption_does_not_wait_for_a_pipe_that_nobody_writes_to() {
    use rustix::process::{Pid, Signal, kill_process};
    let stage = Stage::new();
    let mut child = stage.start(&["tenant", "add", "-i", "-", "-o", "jsonl"]);
    let mut input = child.stdin.take().unwrap();
    write!(input, "CustomerSubscriptionId\n{NEW}\n{OTHER}\n").unwrap();
    stage.wait_for("PUT", 2);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let ran = stage.read(child.wait_with_output().unwrap()).ends_with(130);
    ran.says("What follows in standard input was not read, and is not done.").says("Interrupted: 2 done");
    drop(input);
}
