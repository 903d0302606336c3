//! Signing in without a token file, as Azure's own tools do.

use std::time::Duration;

use azs_emulator::Options;

use crate::support::*;

/// `azsreg tenant list` that signs in so, with these variables.
fn list(stage: &Stage, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let authority_host = stage.emulator.authority_host();
    let mut all = vec!["tenant", "list", "--authority-host", &authority_host];
    all.extend(arguments);
    let mut command = stage.azsreg(&all);
    command.env_remove("AZSREG_ACCESS_TOKEN_FILE").envs(variables.iter().copied());
    stage.end(command)
}

#[test]
fn a_secret_comes_from_a_variable_or_a_file() {
    let stage = Stage::new().seed(&[OLD]);
    let options = stage.emulator.options().clone();
    let client = ("AZURE_CLIENT_ID", options.client_id.as_str());
    let secret = ("AZURE_CLIENT_SECRET", options.client_secret.as_str());
    let auth = ["--auth", "client-secret"];
    // The directory is that of the registration's subscription.
    let ran = list(&stage, &auth, &[client, secret]).ends_with(0);
    assert!(ran.stdout.contains(OLD));
    std::fs::write(stage.path("secret"), format!("{}\r\n", options.client_secret)).unwrap();
    let tenant = options.tenant_id.as_str();
    list(
        &stage,
        &["--client-secret-file", "secret", "--client-id", client.1],
        &[("AZSREG_AUTH", "client-secret"), ("AZURE_TENANT_ID", tenant)],
    )
    .ends_with(0);
    let wrong = ("AZURE_CLIENT_SECRET", "wrong~secret");
    let ran = list(&stage, &auth, &[client, wrong]).ends_with(4).says("AADSTS7000215");
    assert!(!ran.stderr.contains("wrong~secret"), "{ran:?}");
}

#[test]
fn what_a_sign_in_misses_is_said_before_anything_is_sent() {
    let stage = Stage::new();
    let client = ("AZURE_CLIENT_ID", "11111111-1111-4111-8111-111111111111");
    for (auth, variables, said) in [
        ("client-secret", vec![], "ApplicationId is missing"),
        ("client-secret", vec![client], "ClientSecret is missing"),
        ("client-certificate", vec![client], "CertificatePath is missing"),
        ("workload-identity", vec![client], "FederatedTokenFile is missing"),
    ] {
        list(&stage, &["--auth", auth], &variables).ends_with(2).says(said);
    }
    list(&stage, &[], &[("AZSREG_AUTH", "magic")]).ends_with(2).says("managed-identity");
    list(&stage, &["--cloud", "AzureGermanCloud"], &[]).ends_with(2).says("AzureUSGovernment");
    list(&stage, &[], &[]).ends_with(4).says("--auth");
    stage.assert_nothing_was_sent();
}

#[test]
fn a_managed_identity_needs_no_secret() {
    let stage = Stage::new().seed(&[OLD]);
    let endpoint = format!("{}metadata/identity/oauth2/token", stage.emulator.imds_endpoint());
    let managed = ["--auth", "managed-identity", "--managed-identity-endpoint", &endpoint];
    // It never goes through a proxy.
    list(&stage, &managed, &[("HTTP_PROXY", "http://127.0.0.1:1"), ("http_proxy", "http://127.0.0.1:1")])
        .ends_with(0);
    let header = stage.emulator.options().identity_header.clone();
    let service = format!("{}msi/token", stage.emulator.imds_endpoint());
    let variables = [("IDENTITY_ENDPOINT", service.as_str()), ("IDENTITY_HEADER", header.as_str())];
    list(&stage, &["--auth", "managed-identity"], &variables).ends_with(0);
}

#[cfg(unix)]
#[test]
fn the_azure_cli_is_asked_for_the_directory_of_the_subscription() {
    use std::os::unix::fs::PermissionsExt;

    let stage = Stage::new().seed(&[OLD]);
    let az = stage.path("az");
    let answer = format!(
        "echo \"$@\" > '{}'\necho '{{\"accessToken\": \"{}\", \"expires_on\": 4102444800, \"tokenType\": \"Bearer\"}}'\n",
        stage.path("asked").display(),
        stage.emulator.token()
    );
    let install = |script: &str| {
        std::fs::write(&az, format!("#!/bin/sh\n{script}")).unwrap();
        std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    let folder = az.parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let with_az = |stage: &Stage| list(stage, &["--auth", "azure-cli"], &[("PATH", &path)]);
    install(&answer);
    with_az(&stage).ends_with(0);
    let asked = std::fs::read_to_string(stage.path("asked")).unwrap();
    assert!(asked.contains("account get-access-token"), "{asked}");
    assert!(asked.contains(&format!("--tenant {}", stage.emulator.options().tenant_id)), "{asked}");
    install("echo \"ERROR: Please run 'az login' to setup account.\" >&2\nexit 1\n");
    with_az(&stage).ends_with(4).says("az login");
}

#[test]
fn a_batch_outlives_several_tokens() {
    let options = Options { token_lifetime: Duration::from_secs(3), ..Options::default() };
    let stage = Stage::starting(options);
    let options = stage.emulator.options().clone();
    // Each answer takes its time: two at once, for longer than a token lives.
    stage.emulator.switches(|switches| switches.answer_delay_ms = 500);
    let customers: Vec<String> =
        (0..24).map(|number| format!("22222222-0000-4000-8000-{number:012}")).collect();
    let authority_host = stage.emulator.authority_host();
    let mut arguments = vec!["tenant", "add", "--auth", "client-secret", "--authority-host", &authority_host];
    arguments.extend(["--throttle-limit", "2", "--no-tenant-discovery", "--force"]);
    arguments.extend(customers.iter().map(String::as_str));
    let mut command = stage.azsreg(&arguments);
    command.env_remove("AZSREG_ACCESS_TOKEN_FILE");
    command.env("AZURE_CLIENT_ID", &options.client_id).env("AZURE_CLIENT_SECRET", &options.client_secret);
    stage.end(command).ends_with(0);
    assert_eq!(stage.stored().len(), customers.len());
    let sign_ins = stage.sent(&["POST"]).len();
    assert!(sign_ins > 1, "{sign_ins}");
    let refused = stage.emulator.journal().into_iter().filter(|entry| entry.status == Some(401)).count();
    // The challenge that says the directory is one.
    assert_eq!(refused, 1, "no token was used when it had expired");
}
