//! The program `azs-emulator`: starts an emulator, says where it is, and ends on a signal.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use azs_emulator::{Emulator, Fault, Options, RegistrationSeed, RpError, Switches};
use clap::Parser;
use tokio::sync::oneshot;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// An emulator of the ARM and sign-in endpoints that tenant registrations of Azure Stack Hub use.
#[derive(Debug, Parser)]
#[command(name = "azs-emulator", version)]
struct Arguments {
    /// Where to write ca.pem and, when ready, emulator.json. Made if need be, never removed.
    #[arg(long)]
    dir: PathBuf,
    /// The port of the TLS listener; a free one by default.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Another registration, as NAME or SUBSCRIPTION/RESOURCE-GROUP/NAME. May be repeated.
    #[arg(long, value_name = "NAME", value_parser = RegistrationSeed::parse)]
    registration: Vec<RegistrationSeed>,
    /// An error of the resource provider for a customer subscription id: ID=CODE, or ID=CODE*N for N answers. May be
    /// repeated.
    #[arg(long, value_name = "ID=CODE[*N]", value_parser = RpError::parse)]
    rp_error: Vec<(String, RpError)>,
    /// How many requests the journal keeps, the last ones; it goes on counting those that it drops.
    #[arg(long, value_name = "N", default_value_t = Options::default().journal_entries)]
    journal_entries: usize,
    /// So many generated customer subscriptions in the first registration at the start.
    #[arg(long, value_name = "N", default_value_t)]
    generate: u64,
    /// A file that keeps the state: started with it again, the emulator goes on where it ended, however it did.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// A fault, or a list of them, in the JSON of the control API. May be repeated.
    #[arg(long, value_name = "JSON", value_parser = Faults::parse)]
    fault: Vec<Faults>,
    /// A certificate (PEM) that the application may sign in with, beside its secret. May be repeated.
    #[arg(long, value_name = "FILE", value_parser = certificate)]
    client_certificate: Vec<CertificateDer<'static>>,
    /// A token of another identity provider that the application may sign in with. May be repeated.
    #[arg(long, value_name = "TOKEN")]
    federated_token: Vec<String>,
    /// What a request to the managed identity endpoint of App Service shows as X-IDENTITY-HEADER; a new one by default.
    #[arg(long, value_name = "TEXT")]
    identity_header: Option<String>,
    /// The folder that Azure Arc's agent writes its file to; without it there is no agent.
    #[arg(long, value_name = "DIR")]
    arc_key_folder: Option<PathBuf>,
    /// How long a token of the sign-in service is valid.
    #[arg(long, value_name = "SECONDS", default_value_t = Options::default().token_lifetime.as_secs())]
    token_lifetime: u64,
    /// End when standard input is closed, so that a harness that dies leaves no process behind.
    #[arg(long)]
    exit_with_parent: bool,
    #[command(flatten)]
    switches: Switches,
}

/// What one `--fault` gives.
#[derive(Clone, Debug)]
struct Faults(Vec<Fault>);

impl Faults {
    fn parse(text: &str) -> Result<Self, String> {
        Fault::parse(text).map(Self)
    }
}

/// Reads a certificate for the command line.
fn certificate(path: &str) -> Result<CertificateDer<'static>, String> {
    CertificateDer::from_pem_file(path).map_err(|error| error.to_string())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed too; the exit code says it all the same.
            let _ = writeln!(io::stderr(), "azs-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    let mut options = Options {
        port: arguments.port,
        switches: arguments.switches,
        faults: arguments.fault.into_iter().flat_map(|Faults(faults)| faults).collect(),
        journal_entries: arguments.journal_entries,
        generate: arguments.generate,
        state: arguments.state,
        client_certificates: arguments.client_certificate,
        federated_tokens: arguments.federated_token,
        identity_header: arguments.identity_header.unwrap_or(Options::default().identity_header),
        arc_key_folder: arguments.arc_key_folder,
        token_lifetime: Duration::from_secs(arguments.token_lifetime),
        ..Options::default()
    };
    options.registrations.extend(arguments.registration);
    options.switches.rp_errors.extend(arguments.rp_error);
    let emulator = Emulator::start(options).await?;
    // Before anybody can know of this process: a signal that comes early must end it as well as a late one.
    let signalled = signals()?;
    let parent = if arguments.exit_with_parent { Some(watch_input()) } else { None };
    emulator.write_manifest(&arguments.dir)?;
    let place = arguments.dir.join("emulator.json");
    // A reader that is gone needs no line.
    let _ =
        writeln!(io::stdout(), "azs-emulator is ready: {} ({})", emulator.arm_endpoint(), place.display());
    let _ = io::stdout().flush();
    tokio::select! {
        () = signalled => {}
        () = closed(parent) => {}
    }
    emulator.stop().await;
    Ok(())
}

/// Reads standard input to its end on a thread of its own: a blocking read cannot be called off.
fn watch_input() -> oneshot::Receiver<()> {
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        loop {
            match io::stdin().read(&mut buffer) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        // The program may be ending already.
        let _ = sender.send(());
    });
    receiver
}

async fn closed(parent: Option<oneshot::Receiver<()>>) {
    match parent {
        Some(parent) => {
            // An error means that the thread is gone, and with it the watch: end as well.
            let _ = parent.await;
        }
        None => std::future::pending().await,
    }
}

/// From now on signals that ask for an end are waited for by the future returned.
#[cfg(unix)]
fn signals() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// From now on signals that ask for an end are waited for by the future returned.
#[cfg(windows)]
fn signals() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
    let (mut c, mut stop, mut close) = (ctrl_c()?, ctrl_break()?, ctrl_close()?);
    Ok(async move {
        tokio::select! {
            _ = c.recv() => {}
            _ = stop.recv() => {}
            _ = close.recv() => {}
        }
    })
}
