//! The program: its options, what it writes, and how it ends.

use std::path::Path;
use std::process::Stdio;

use azs_emulator::Manifest;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::{SOON, connect};

fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_azs-emulator"));
    command.arg("--dir").arg(directory).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// The line that says that it is ready.
async fn ready(child: &mut Child) -> String {
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    tokio::time::timeout(SOON, output.read_line(&mut line)).await.unwrap().unwrap();
    line
}

fn manifest(directory: &Path) -> Manifest {
    serde_json::from_slice(&std::fs::read(directory.join("emulator.json")).unwrap()).unwrap()
}

async fn reachable(manifest: &Manifest) -> bool {
    let ca = std::fs::read_to_string(&manifest.ca_file).unwrap();
    let port = manifest.arm_endpoint.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
    connect(&ca, port, &[b"h2"]).await.is_ok()
}

async fn exit_code(child: &mut Child) -> Option<i32> {
    tokio::time::timeout(SOON, child.wait()).await.unwrap().unwrap().code()
}

#[tokio::test]
async fn it_says_where_it_is_when_it_is_ready() {
    let directory = TempDir::new().unwrap();
    let place = directory.path().join("made/by/it");
    let mut child = program(&place, &[]).spawn().unwrap();
    let line = ready(&mut child).await;
    let manifest = manifest(&place);
    assert!(line.starts_with("azs-emulator is ready: ") && line.contains(&manifest.arm_endpoint), "{line}");
    assert!(reachable(&manifest).await);
    assert_eq!(manifest.arm_endpoint, manifest.authority_host);
    assert_eq!(manifest.control_endpoint, format!("{}emulator/", manifest.arm_endpoint));
    assert!(manifest.imds_endpoint.starts_with("http://127.0.0.1:"));
    assert!(manifest.registration_name.starts_with("azurestack-"));
    let written: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place.join("emulator.json")).unwrap()).unwrap();
    for key in ["tenantId", "clientId", "clientSecret", "token", "subscriptionId", "resourceGroup"] {
        assert!(written[key].as_str().is_some_and(|value| !value.is_empty()), "{key}");
    }
    let files: Vec<_> = std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files.len(), 2, "{files:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn it_ends_well_on_a_signal() {
    for signal in ["-TERM", "-INT"] {
        let directory = TempDir::new().unwrap();
        let mut child = program(directory.path(), &[]).spawn().unwrap();
        ready(&mut child).await;
        let id = child.id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().await.unwrap().success());
        assert_eq!(exit_code(&mut child).await, Some(0), "{signal}");
        assert!(!reachable(&manifest(directory.path())).await);
    }
}

#[tokio::test]
async fn it_ends_with_its_parent_when_told_to() {
    let directory = TempDir::new().unwrap();
    let mut child = program(directory.path(), &["--exit-with-parent"]).stdin(Stdio::piped()).spawn().unwrap();
    ready(&mut child).await;
    assert!(child.try_wait().unwrap().is_none());
    drop(child.stdin.take());
    assert_eq!(exit_code(&mut child).await, Some(0));
}

#[tokio::test]
async fn switches_and_registrations_come_from_the_command_line() {
    let directory = TempDir::new().unwrap();
    let subscription = "22222222-3333-4444-8555-666666666666";
    let named = format!("{subscription}/rg/hub2");
    let arguments = [
        "--put-answer",
        "ok-body",
        "--delete-answer",
        "ok-body",
        "--delete-missing",
        "not-found",
        "--empty-list",
        "no-value",
        "--case-sensitive",
        "--page-size",
        "7",
        "--page-token",
        "key",
        "--ordered-by-id",
        "--next-link-form",
        "article",
        "--last-next-link",
        "null",
        "--item-form",
        "blank-ids",
        "--tenant-id",
        "resolved",
        "--overwritten",
        "stays",
        "--lock",
        "--etag",
        "--list-delay-ms",
        "1",
        "--delay-ms",
        "2",
        "--answer-delay-ms",
        "3",
        "--effect-delay-ms",
        "4",
        "--operation-polls",
        "5",
        "--operation-retry-after-seconds",
        "6",
        "--list-lag-ms",
        "7",
        "--lagging",
        "all",
        "--throttle",
        "reads=50/100,writes=20/50,deletes=20/0.5",
        "--rp-error",
        "a=InvalidCSPSubscription",
        "--rp-error",
        "b=MetadataResolverBadGatewayError*2",
        "--registration",
        "hub1",
        "--registration",
        &named,
    ];
    let mut child = program(directory.path(), &arguments).spawn().unwrap();
    ready(&mut child).await;
    let manifest = manifest(directory.path());
    let switches = control(&manifest, "switches").await;
    let expected = serde_json::json!({
        "putAnswer": "ok-body", "deleteAnswer": "ok-body", "deleteMissing": "not-found", "emptyList": "no-value",
        "caseSensitive": true, "pageSize": 7, "pageToken": "key", "orderedById": true, "nextLinkForm": "article",
        "lastNextLink": "null", "itemForm": "blank-names", "tenantId": "resolved", "overwritten": "stays",
        "lock": true, "etag": true, "listDelayMs": 1, "delayMs": 2, "answerDelayMs": 3, "effectDelayMs": 4, "listLagMs": 7, "lagging": "all",
        "operationPolls": 5, "operationRetryAfterSeconds": 6,
        "throttle": {
            "reads": { "capacity": 50, "refillPerSecond": 100.0 },
            "writes": { "capacity": 20, "refillPerSecond": 50.0 },
            "deletes": { "capacity": 20, "refillPerSecond": 0.5 },
        },
        "rpErrors": {
            "a": { "code": "InvalidCSPSubscription" },
            "b": { "code": "MetadataResolverBadGatewayError", "times": 2 },
        },
    });
    assert_eq!(switches, expected);
    let state = control(&manifest, "state").await;
    let mut ids: Vec<String> = state["registrations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            format!("{}/{}/{}", entry["subscriptionId"], entry["resourceGroup"], entry["name"])
                .replace('"', "")
        })
        .collect();
    ids.sort();
    let own = &manifest.subscription_id;
    let expected =
        [named, format!("{own}/azurestack/{}", manifest.registration_name), format!("{own}/azurestack/hub1")];
    assert_eq!(ids, expected);
}

/// A GET of the control API.
async fn control(manifest: &Manifest, call: &str) -> serde_json::Value {
    let text = sent(manifest, &format!("GET /emulator/{call}"), "").await;
    serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// What a request is answered, written by hand: the client of the other tests wants an emulator in this process.
async fn sent(manifest: &Manifest, line: &str, body: &str) -> String {
    use tokio::io::AsyncWriteExt;
    let ca = std::fs::read_to_string(&manifest.ca_file).unwrap();
    let port = manifest.arm_endpoint.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
    let mut stream = connect(&ca, port, &[b"http/1.1"]).await.unwrap();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        manifest.token,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    // The other side may leave without a TLS goodbye.
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn the_defaults_of_the_command_line_are_those_of_the_library() {
    let directory = TempDir::new().unwrap();
    let mut child = program(directory.path(), &[]).spawn().unwrap();
    ready(&mut child).await;
    let switches = control(&manifest(directory.path()), "switches").await;
    assert_eq!(switches, serde_json::to_value(azs_emulator::Switches::default()).unwrap());
}

#[tokio::test]
async fn faults_and_generated_entries_come_from_the_command_line() {
    let directory = TempDir::new().unwrap();
    let one = r#"{"match":{"method":"PUT"},"action":{"kind":"hang"}}"#;
    let list = r#"[{"action":{"kind":"delay","ms":1}},{"action":{"kind":"goaway"}}]"#;
    let arguments = ["--generate", "5", "--fault", one, "--fault", list];
    let mut child = program(directory.path(), &arguments).spawn().unwrap();
    ready(&mut child).await;
    let manifest = manifest(directory.path());
    let faults = control(&manifest, "faults").await;
    let kinds: Vec<_> = faults.as_array().unwrap().iter().map(|rule| &rule["action"]["kind"]).collect();
    assert_eq!(kinds, ["hang", "delay", "goaway"]);
    let state = control(&manifest, "state").await;
    assert_eq!(state["registrations"][0]["mappings"].as_array().unwrap().len(), 5);
}

#[cfg(unix)]
#[tokio::test]
async fn it_goes_on_after_it_was_killed() {
    let directory = TempDir::new().unwrap();
    let state = directory.path().join("state");
    let arguments = ["--state", state.to_str().unwrap()];
    let mut before: Option<Manifest> = None;
    for round in 0..3 {
        let mut child = program(directory.path(), &arguments).spawn().unwrap();
        ready(&mut child).await;
        let manifest = manifest(directory.path());
        if let Some(before) = &before {
            assert_eq!(
                (&manifest.token, &manifest.arm_endpoint, &manifest.client_secret),
                (&before.token, &before.arm_endpoint, &before.client_secret)
            );
        }
        let state = control(&manifest, "state").await;
        assert_eq!(state["registrations"][0]["mappings"].as_array().unwrap().len(), round);
        let put = format!(
            "PUT /subscriptions/{}/resourceGroups/{}/providers/Microsoft.AzureStack/registrations/{}/\
             customerSubscriptions/{}?api-version=2017-06-01",
            manifest.subscription_id,
            manifest.resource_group,
            manifest.registration_name,
            uuid::Uuid::new_v4()
        );
        assert!(sent(&manifest, &put, "{}").await.starts_with("HTTP/1.1 201"));
        let id = child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-KILL", &id]).status().await.unwrap().success());
        assert_eq!(exit_code(&mut child).await, None);
        before = Some(manifest);
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_and_nothing_is_written() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let directory = TempDir::new().unwrap();
    let mut child = program(directory.path(), &["--port", &port]).spawn().unwrap();
    assert_eq!(exit_code(&mut child).await, Some(1));
    let mut error = String::new();
    child.stderr.take().unwrap().read_to_string(&mut error).await.unwrap();
    assert!(error.starts_with("azs-emulator: "), "{error}");
    assert!(!directory.path().join("emulator.json").exists());
}

#[tokio::test]
async fn mistakes_on_the_command_line_are_refused() {
    for arguments in [
        &["--put-answer", "perhaps"][..],
        &["--page-size", "0"],
        &["--registration", "a/b"],
        &["--registration", "no-guid/rg/name"],
        &["--throttle", "hard"],
        &["--generate", "many"],
        &["--fault", r#"{"action":{"kind":"flood"}}"#],
        &["--rp-error", "nothing"],
        &["--rp-error", "a=B*many"],
    ] {
        let directory = TempDir::new().unwrap();
        let mut child = program(directory.path(), arguments).spawn().unwrap();
        assert_eq!(exit_code(&mut child).await, Some(2), "{arguments:?}");
    }
}
