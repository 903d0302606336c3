//! Signing in, against the emulator's sign-in service and its endpoints of managed identities.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use azs_emulator::{Emulator, JournalQuery, Options};
use azs_registration::advice::Words;
use azs_registration::clock::SystemClock;
use azs_registration::cloud::{Cloud, CloudInput};
use azs_registration::credential::{
    ClientCertificate, Credential, Directory, EntraCredential, Environment, ManagedIdentityCredential, Proof,
};
use azs_registration::transport::{HttpClient, HttpClientOptions};
use azs_registration::{Category, Error};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

struct World {
    runtime: tokio::runtime::Runtime,
    emulator: Emulator,
    folder: tempfile::TempDir,
}

/// What signed in, or why not.
type Tried = Result<(), Error>;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rust/certificates").join(name)
}

fn options(certificate: &str) -> Options {
    let certificate = CertificateDer::from_pem_file(file(certificate)).unwrap();
    Options { client_certificates: vec![certificate], ..Options::default() }
}

impl World {
    fn with(options: Options) -> World {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let emulator = runtime.block_on(Emulator::start(options)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        emulator.write_manifest(folder.path()).unwrap();
        World { runtime, emulator, folder }
    }

    fn http(&self) -> HttpClientOptions {
        HttpClientOptions {
            user_agent: "tests".to_owned(),
            ca_certificate_path: Some(self.folder.path().join("ca.pem")),
            connect_timeout: Duration::from_secs(20),
            answer_timeout: Duration::from_secs(60),
        }
    }

    fn cloud(&self) -> Cloud {
        let endpoint = Some(self.emulator.arm_endpoint());
        let authority_host = Some(self.emulator.authority_host());
        Cloud::from_input(&CloudInput { arm_endpoint: endpoint, authority_host, ..CloudInput::default() })
            .unwrap()
    }

    fn try_with(&self, credential: &dyn Credential) -> Tried {
        self.runtime.block_on(credential.get(&SystemClock)).map(|token| {
            assert!(token.expires_on().is_some());
        })
    }

    fn entra(&self, tenant: &str, client: &str, proof: Proof) -> Tried {
        let transport = Arc::new(HttpClient::new(&self.http()).unwrap());
        let directory = Directory::Named(tenant.to_owned());
        self.try_with(&EntraCredential::new(&self.cloud(), &directory, client, proof, transport)?)
    }

    /// Signs the emulator's own application in.
    fn prove(&self, proof: Proof) -> Tried {
        let options = self.emulator.options();
        self.entra(&options.tenant_id, &options.client_id, proof)
    }

    fn managed(&self, environment: &Environment, client: Option<&str>) -> Tried {
        let transport = Arc::new(HttpClient::without_proxy(&self.http()).unwrap());
        self.try_with(&ManagedIdentityCredential::new(&self.cloud(), environment, client, transport)?)
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.imds_endpoint())
    }
}

fn secret(text: &str) -> Proof {
    Proof::Secret(text.to_owned().into())
}

fn certificate(name: &str, password: Option<&str>) -> Result<Box<ClientCertificate>, Error> {
    ClientCertificate::read(&file(name), password).map(Box::new)
}

/// The code and the kind of a refusal, which has advice.
fn refusal(tried: Tried) -> (String, Category, String) {
    let error = tried.unwrap_err();
    assert!(error.recommended_action(Words::Neutral).is_some(), "no advice for {error}");
    (error.code().to_owned(), error.category(), error.parts().message.clone())
}

#[test]
fn a_secret_signs_in() {
    let world = World::with(Options::default());
    let right = world.emulator.options().client_secret.clone();
    world.prove(secret(&right)).unwrap();
}

#[test]
fn what_is_wrong_with_a_secret_is_told_apart() {
    let world = World::with(Options::default());
    let options = world.emulator.options().clone();
    let (right, nobody) = (options.client_secret.as_str(), "11111111-1111-4111-8111-111111111111");
    let tries = [
        (world.prove(secret("wrong~secret")), "AADSTS7000215"),
        (world.entra(nobody, &options.client_id, secret(right)), "AADSTS90002"),
        (world.entra(&options.tenant_id, nobody, secret(right)), "AADSTS700016"),
    ];
    for (tried, expected) in tries {
        let (code, category, message) = refusal(tried);
        assert_eq!((code.as_str(), category), (expected, Category::Authentication));
        assert!(!message.contains("Trace ID") && !message.contains("AADSTS"), "{message}");
        assert!(!message.contains(right) && !message.contains("wrong~secret"), "{message}");
    }
}

#[test]
fn each_form_of_a_certificate_signs_in() {
    let world = World::with(options("rsa-2048.pem"));
    for (name, password) in [
        ("rsa-2048.pem", None),
        ("pkcs1.pem", None),
        ("encrypted.pem", Some("password")),
        ("modern.pfx", Some("password")),
        ("legacy.pfx", Some("password")),
    ] {
        let read = certificate(name, password).unwrap_or_else(|error| panic!("{name}: {error}"));
        world.prove(Proof::Certificate(read)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn a_certificate_of_4096_bits_signs_in() {
    let world = World::with(options("rsa-4096.pem"));
    world.prove(Proof::Certificate(certificate("rsa-4096.pem", None).unwrap())).unwrap();
}

#[test]
fn what_the_service_says_of_a_certificate_is_told_apart() {
    let world = World::with(options("expired.pem"));
    let (code, _, message) =
        refusal(world.prove(Proof::Certificate(certificate("expired.pem", None).unwrap())));
    assert!(code == "AADSTS700027" && message.contains("expired"), "{code} {message}");
    let other = Proof::Certificate(certificate("rsa-2048.pem", None).unwrap());
    let (code, _, message) = refusal(world.prove(other));
    assert!(code == "AADSTS700027" && message.contains("not found"), "{code} {message}");
}

#[test]
fn each_file_that_holds_no_usable_certificate_has_an_error_of_its_own() {
    for (name, password, expected) in [
        ("no-such-file.pem", None, "CertificateNotReadable"),
        ("make.sh", None, "CertificateNotUnderstood"),
        ("certificate-alone.pem", None, "CertificateWithoutKey"),
        ("without-key.pfx", Some("password"), "CertificateWithoutKey"),
        ("old-encrypted.pem", Some("password"), "CertificateWithoutKey"),
        ("key-alone.pem", None, "CertificateMissing"),
        ("another-key.pem", None, "CertificateOfAnotherKey"),
        ("encrypted.pem", None, "CertificatePasswordMissing"),
        ("encrypted.pem", Some("wrong"), "CertificatePasswordWrong"),
        ("modern.pfx", None, "CertificatePasswordMissing"),
        ("modern.pfx", Some("wrong"), "CertificatePasswordWrong"),
        ("legacy.pfx", Some("wrong"), "CertificatePasswordWrong"),
        ("rsa-1024.pem", None, "CertificateKeySize"),
        ("ec.pem", None, "CertificateKeyNotRsa"),
    ] {
        let error = certificate(name, password).expect_err(name);
        assert_eq!(error.code(), expected, "{name}: {error}");
        assert_eq!(error.category(), Category::Input);
        assert!(error.parts().message.contains(name), "{error}");
        assert!(!error.parts().message.contains("wrong"), "{error}");
    }
}

#[test]
fn a_federated_token_is_read_anew_for_each_sign_in() {
    let world =
        World::with(Options { federated_tokens: vec!["a.new.token".to_owned()], ..Options::default() });
    let path = world.folder.path().join("token");
    let proof = || Proof::FederatedTokenFile(path.clone());
    assert_eq!(refusal(world.prove(proof())).0, "FederatedTokenNotReadable");
    std::fs::write(&path, "an.old.token").unwrap();
    assert_eq!(refusal(world.prove(proof())).1, Category::Authentication);
    std::fs::write(&path, "a.new.token\n").unwrap();
    world.prove(proof()).unwrap();
}

#[test]
fn a_virtual_machine_has_its_identity_next_to_it() {
    let world = World::with(Options::default());
    let endpoint = Some(world.at("metadata/identity/oauth2/token"));
    let environment = Environment { virtual_machine_endpoint: endpoint, ..Environment::default() };
    world.managed(&environment, None).unwrap();
    world.managed(&environment, Some(&world.emulator.options().client_id)).unwrap();
    let stranger = Some("11111111-1111-4111-8111-111111111111");
    let (code, category, message) = refusal(world.managed(&environment, stranger));
    assert_eq!((code.as_str(), category), ("ManagedIdentityRefused", Category::Authentication));
    assert!(message.contains("Identity not found"), "{message}");
    let asked = world.emulator.journal_of(&JournalQuery::method("GET"));
    assert!(asked.iter().all(|entry| entry.headers.get("metadata").is_some_and(|it| it == "true")));
}

#[test]
fn app_service_and_automation_want_their_header() {
    let world = World::with(Options::default());
    for is_automation in [false, true] {
        let environment = Environment {
            identity_endpoint: Some(world.at("msi/token")),
            identity_header: Some(world.emulator.options().identity_header.clone()),
            is_automation,
            ..Environment::default()
        };
        world.managed(&environment, None).unwrap();
        let wrong = Environment { identity_header: Some("wrong".to_owned()), ..environment };
        assert_eq!(refusal(world.managed(&wrong, None)).0, "ManagedIdentityRefused");
    }
}

#[test]
fn azure_arc_wants_to_see_a_file_of_its_own() {
    let keys = tempfile::tempdir().unwrap();
    let key_folder = Some(keys.path().to_owned());
    let world = World::with(Options { arc_key_folder: key_folder.clone(), ..Options::default() });
    let environment = Environment {
        identity_endpoint: Some(world.at("arc/metadata/identity/oauth2/token")),
        imds_endpoint: Some(world.at("")),
        arc_key_folder: key_folder,
        ..Environment::default()
    };
    world.managed(&environment, None).unwrap();
    // Whoever answers in the agent's place learns nothing of another file.
    let elsewhere = Environment { arc_key_folder: Some(PathBuf::from("elsewhere")), ..environment };
    let (code, _, message) = refusal(world.managed(&elsewhere, None));
    assert!(code == "ManagedIdentityRefused" && message.contains("not one of its own"), "{message}");
}

#[test]
fn a_managed_identity_is_never_asked_of_another_machine() {
    for given in [
        "http://10.0.0.4/metadata",
        "http://169.254.169.254.example.com/",
        "ftp://127.0.0.1/",
        "http://a@127.0.0.1/",
    ] {
        let environment =
            Environment { virtual_machine_endpoint: Some(given.to_owned()), ..Environment::default() };
        let error = environment.endpoint().expect_err(given);
        assert_eq!((error.code(), error.category()), ("ManagedIdentityNotValid", Category::Input));
    }
}

#[test]
fn where_no_managed_identity_is_it_says_so() {
    let world = World::with(Options::default());
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = Some(format!("http://{closed}/metadata/identity/oauth2/token"));
    let environment = Environment { virtual_machine_endpoint: endpoint, ..Environment::default() };
    let (code, _, message) = refusal(world.managed(&environment, None));
    assert_eq!(code, "ConnectionRefused");
    assert!(message.starts_with("No managed identity answers on this machine."), "{message}");
}

#[test]
fn the_directory_is_learned_from_the_subscription_of_the_registration() {
    let world = World::with(Options::default());
    let options = world.emulator.options().clone();
    let transport = Arc::new(HttpClient::new(&world.http()).unwrap());
    let of = |subscription: &str| Directory::OfSubscription(subscription.to_owned());
    let credential = |directory: Directory| {
        let (client, proof) = (&options.client_id, secret(&options.client_secret));
        EntraCredential::new(&world.cloud(), &directory, client, proof, transport.clone())
    };
    let resource = world.emulator.registration().resource_id();
    world.try_with(&credential(of(&resource)).unwrap()).unwrap();
    world.emulator.clear_journal();
    let own = credential(of(&world.emulator.registration().subscription_id)).unwrap();
    world.try_with(&own).unwrap();
    world.try_with(&own).unwrap();
    assert_eq!(world.emulator.journal_of(&JournalQuery::method("GET")).len(), 1, "it is asked for once");
    assert_eq!(credential(of("hub")).err().unwrap().code(), "SubscriptionIdNotValid");
    assert_eq!(
        credential(Directory::Named("a/b".to_owned())).err().unwrap().code(),
        "SignInTenantIdNotValid"
    );
}
