//! C programs over the ABI, against the emulator: with a library that is itself built with AddressSanitizer, then with
//! the one that ships.
//!
//! A sanitized program over a plain library does not see what goes wrong inside Rust, so the library is built for it. A
//! planted fault, in a crate of its own, shows that the sanitizers would see one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::{Context, End};
use crate::emulator::Emulator;
use crate::{Fallible, place, tools};

/// The one platform that the library is built with AddressSanitizer for.
pub(super) const SANITIZED_TARGET: &str = "x86_64-unknown-linux-gnu";
/// How long a program may take. Its cases have an alarm of their own, which says more.
const TIME_LIMIT: Duration = Duration::from_secs(300);
/// How many programs run at once: several mostly wait.
const AT_ONCE: usize = 2;

/// Subscriptions of one tenant; the same ones are in test_common.h.
const SISTERS: [&str; 4] = [
    "--registration",
    "51570001-0000-4000-8000-000000000001/sisters/azurestack-sister-1",
    "--registration",
    "51570002-0000-4000-8000-000000000002/sisters/azurestack-sister-2",
];
const BAD: &str = "bad00000-0000-4000-8000-000000000003=BadCustomerSubscriptionId";
const FLAKY: &str = "f1a00000-0000-4000-8000-000000000004=MetadataResolverBadGatewayError*1";

/// How many mappings the long list has, and how many where AddressSanitizer makes it long.
const LONG_LIST: &str = "100000";
const SHORTER_LIST: &str = "20000";

/// A program, what it is called with, and the options of its emulator.
struct Run {
    program: &'static str,
    /// Separated by blanks.
    arguments: Option<String>,
    emulator: Vec<&'static str>,
}

/// The runs, the longest ones first, so that they do not come alone at the end. `sends_all`: whether a report as long as to
/// need a file is made of changes that the service took, too.
fn runs(mappings: u32, long_list: &'static str, sends_all: bool) -> Vec<Run> {
    let run = |program, arguments: Option<&str>, emulator| Run {
        program,
        arguments: arguments.map(str::to_owned),
        emulator,
    };
    let paged = [&["--page-size", "2", "--rp-error", BAD], &SISTERS[..]].concat();
    let reported = [&["--rp-error", BAD], &SISTERS[..]].concat();
    let mut runs = vec![
        run("in_flight", Some("never"), vec!["--answer-delay-ms", "30000"]),
        run("long_list", Some(long_list), vec!["--generate", long_list, "--page-size", "200"]),
        run("many", Some(&mappings.to_string()), vec![]),
        run("states", None, vec![]),
        run("connection", None, vec![]),
        run("in_flight", Some("soon"), vec!["--answer-delay-ms", "2000"]),
        run("credential", None, vec!["--rp-error", FLAKY]),
        run("report", Some("10050"), reported),
        run("tenants", None, paged.clone()),
        run("desired_state", None, paged),
        run("arguments", None, vec![]),
        run("audit", None, vec![]),
        run("configuration", None, vec![]),
        run("rows", None, vec![]),
    ];
    if sends_all {
        runs.insert(0, run("report", Some("10050 sent"), vec![]));
    }
    runs
}

/// The programs that are linked to the library as it ships, too: what its other compilation could change.
const ON_SHIPPED_LIBRARY: [&str; 10] = [
    "tenants",
    "desired_state",
    "many",
    "long_list",
    "arguments",
    "audit",
    "states",
    "connection",
    "report",
    "rows",
];

/// A library to link to.
struct Library {
    folder: PathBuf,
    name: &'static str,
    sanitized: bool,
    /// Whether leaks can be found here, too.
    leaks: bool,
}

/// What passed and what failed.
#[derive(Default)]
struct Tally {
    passed: u32,
    failed: u32,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    fn check(&mut self, claim: &str, shown: Fallible) {
        match shown {
            Ok(()) => {
                eprintln!("ok: {claim}");
                self.passed += 1;
            }
            Err(why) => {
                eprintln!("FAILED: {claim}: {why}");
                self.failed += 1;
            }
        }
    }
}

pub(super) fn programs(context: &Context) -> Fallible<End> {
    if cfg!(windows) {
        return Ok(End::Skipped("the C programs use POSIX threads and sockets".to_owned()));
    }
    let cc = match tools::cc() {
        Ok(cc) => cc,
        Err(why) => return Ok(End::Skipped(why)),
    };
    fs::create_dir_all(folder())?;
    let mut tally = Tally::default();
    headers(&cc, &mut tally);

    let full = context.full;
    let shipped = Library {
        folder: place::module_library().parent().ok_or("the library has no folder")?.to_owned(),
        name: "azs_registration",
        sanitized: false,
        leaks: false,
    };
    let shipped_runs = runs(if full { 10_000 } else { 1_500 }, LONG_LIST, true).into_iter();
    match sanitizer(&cc) {
        Ok(()) => {
            let leaks = planted(&cc, &mut tally)?;
            let library = sanitized_library(leaks)?;
            eprintln!(
                "-- the library with AddressSanitizer{}",
                if leaks { " and LeakSanitizer" } else { "" }
            );
            let (mappings, long_list) = if full { (3_000, LONG_LIST) } else { (300, SHORTER_LIST) };
            tally.add(&run_all(&cc, &library, runs(mappings, long_list, full)));
            eprintln!("-- the library that ships");
            let again = shipped_runs.filter(|run| ON_SHIPPED_LIBRARY.contains(&run.program)).collect();
            tally.add(&run_all(&cc, &shipped, again));
        }
        Err(why) => {
            eprintln!("-- the library that ships, without AddressSanitizer: {why}");
            tally.add(&run_all(&cc, &shipped, shipped_runs.collect()));
        }
    }
    Ok(End::Ran { passed: tally.passed, failed: tally.failed })
}

/// Where the programs are put.
fn folder() -> PathBuf {
    place::target().join("c-tests")
}

/// The programs' sources, below the repository: a failed check names its file so, on every machine.
fn sources() -> PathBuf {
    Path::new("tests").join("c")
}

/// The header alone, in C and in C++.
fn headers(cc: &Path, tally: &mut Tally) {
    let parse = |compiler: &Path, language: &str, standard: &str| {
        let mut command = Command::new(compiler);
        command.args([standard, "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", language]);
        tools::run(command.arg(place::root().join("include").join("azs_registration.h")))
    };
    tally.check("the header stands alone in C99", parse(cc, "c", "-std=c99"));
    match ["c++", "g++", "clang++"].into_iter().find_map(tools::on_path) {
        Some(compiler) => {
            tally.check("the header stands alone in C++11", parse(&compiler, "c++", "-std=c++11"));
        }
        None => eprintln!("not checked: the header in C++: there is no c++ on PATH"),
    }
}

/// Whether programs can be built and run with AddressSanitizer here; if not, why.
pub(super) fn sanitizer(cc: &Path) -> Result<(), String> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        return Err(format!("the library is built with it for {SANITIZED_TARGET} alone"));
    }
    fs::create_dir_all(folder()).map_err(|why| why.to_string())?;
    let source = folder().join("probe.c");
    let probe = folder().join("probe");
    fs::write(&source, "int main(void) { return 0; }\n").map_err(|why| why.to_string())?;
    let built = Command::new(cc).args(["-fsanitize=address", "-o"]).arg(&probe).arg(&source).output();
    if !built.is_ok_and(|output| output.status.success()) {
        return Err("the C compiler cannot link it".to_owned());
    }
    // Leaks are another question.
    let ran = Command::new(&probe).env("ASAN_OPTIONS", "detect_leaks=0").output();
    if ran.is_ok_and(|output| output.status.success()) {
        Ok(())
    } else {
        Err("programs that are linked with it do not run".to_owned())
    }
}

/// A cargo that builds with AddressSanitizer. The compiler of the workspace does so where it takes unstable options.
fn sanitizing_cargo() -> Command {
    let mut cargo = sanitizing();
    cargo.args(["rustc", "--quiet", "--lib", "--crate-type", "cdylib", "--locked"]);
    // With a target named, build scripts and macros are spared.
    cargo.args(["--target", SANITIZED_TARGET]);
    cargo
}

/// The environment of such a cargo.
pub(super) fn sanitizing() -> Command {
    let mut cargo = tools::cargo();
    cargo
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Zsanitizer=address -Cdebuginfo=1")
        .env("CARGO_TARGET_DIR", sanitized_target())
        // It would come before RUSTFLAGS.
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    cargo
}

fn sanitized_target() -> PathBuf {
    place::target().join("asan")
}

pub(super) fn sanitized_folder() -> PathBuf {
    sanitized_target().join(SANITIZED_TARGET).join("debug")
}

fn sanitized_library(leaks: bool) -> Fallible<Library> {
    let began = Instant::now();
    tools::run(sanitizing_cargo().args(["--package", "azs-registration"]))?;
    eprintln!("built with AddressSanitizer in {:.0} s", began.elapsed().as_secs_f64());
    Ok(Library { folder: sanitized_folder(), name: "azs_registration", sanitized: true, leaks })
}

/// Shows that the sanitizers see faults of Rust code behind the C ABI. Gives whether leaks are among them: where a
/// process may not be traced, as in some containers, they are not.
fn planted(cc: &Path, tally: &mut Tally) -> Fallible<bool> {
    let crate_folder = sources().join("planted");
    tools::run(sanitizing_cargo().arg("--manifest-path").arg(crate_folder.join("Cargo.toml")))?;
    let library = Library { folder: sanitized_folder(), name: "azs_planted", sanitized: true, leaks: true };
    let program = folder().join("planted");
    compile(cc, &crate_folder.join("planted.c"), &program, &library)?;
    let run = |fault: &str| -> Fallible<(ExitStatus, String)> {
        let output = folder().join(format!("planted-{fault}.txt"));
        let mut command = command(&program, &library);
        run_limited(command.arg(fault), &output)
    };
    let seen = |fault: &str, report: &str| -> Fallible {
        let (status, output) = run(fault)?;
        let found = !status.success() && output.contains(report) && output.contains("azs_planted");
        if found { Ok(()) } else { Err(format!("no report of '{report}' ({status}): {output}").into()) }
    };
    tally.check(
        "a planted use after free in Rust is reported",
        seen("use-after-free", "AddressSanitizer: heap-use-after-free"),
    );
    let (status, output) = run("nothing")?;
    if output.contains("LeakSanitizer has encountered a fatal error") {
        eprintln!("not checked: leaks: LeakSanitizer cannot trace the process here");
        return Ok(false);
    }
    let nothing = if status.success() && output.is_empty() { Ok(()) } else { Err(output.into()) };
    tally.check("nothing is reported of a program without a fault", nothing);
    tally.check("a planted leak in Rust is reported", seen("leak", "LeakSanitizer: detected memory leaks"));
    Ok(true)
}

/// Runs programs over a library, some at once; what each of them says is shown when it has ended.
fn run_all(cc: &Path, library: &Library, runs: Vec<Run>) -> Tally {
    let waiting = Mutex::new(runs.into_iter());
    let tally = Mutex::new(Tally::default());
    let work = || {
        while let Some(run) = lock(&waiting).next() {
            let shown = name_of(&run);
            let began = Instant::now();
            let (counted, output) = match run_one(cc, library, &run) {
                Ok((status, output)) => count(status, output),
                Err(why) => (Tally { passed: 0, failed: 1 }, format!("FAILED: {why}\n")),
            };
            let seconds = began.elapsed().as_secs_f64();
            let (passed, failed) = (counted.passed, counted.failed);
            eprint!("{shown}: {passed} passed, {failed} failed ({seconds:.0} s)\n{}", indented(&output));
            lock(&tally).add(&counted);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    tally.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn name_of(run: &Run) -> String {
    format!("{}.c{}", run.program, run.arguments.as_ref().map_or_else(String::new, |it| format!(" {it}")))
}

fn indented(output: &str) -> String {
    output.lines().map(|line| format!("  {line}\n")).collect()
}

/// Counts the cases of a program. One that ends badly without naming a case (a report of a sanitizer, a signal) counts
/// as a failed one.
fn count(status: ExitStatus, mut output: String) -> (Tally, String) {
    let lines_with = |beginning| output.lines().filter(|line| line.starts_with(beginning)).count() as u32;
    let mut tally = Tally { passed: lines_with("ok: "), failed: lines_with("FAILED: ") };
    if !status.success() && tally.failed == 0 {
        tally.failed = 1;
        output += &format!("FAILED: the program ended with {status}\n");
    }
    (tally, output)
}

/// Compiles a program, gives it an emulator and runs it.
fn run_one(cc: &Path, library: &Library, run: &Run) -> Fallible<(ExitStatus, String)> {
    let kind = if library.sanitized { "asan" } else { "plain" };
    let arguments = run.arguments.as_deref().unwrap_or_default();
    let variant = if arguments.is_empty() { "all".to_owned() } else { arguments.replace(' ', "-") };
    let program = folder().join(format!("{}-{variant}-{kind}", run.program));
    compile(cc, &sources().join(format!("{}.c", run.program)), &program, library)?;
    let emulator = Emulator::start(&run.emulator)?;
    let mut command = command(&program, library);
    emulator.describe_to(&mut command);
    run_limited(command.args(arguments.split_whitespace()), &program.with_extension("txt"))
}

fn compile(cc: &Path, source: &Path, program: &Path, library: &Library) -> Fallible {
    let mut command = Command::new(cc);
    command.current_dir(place::root());
    command.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-g", "-pthread"]);
    if library.sanitized {
        command.args(["-fsanitize=address", "-fno-omit-frame-pointer"]);
    }
    command.arg("-Iinclude").arg(source).arg("-o").arg(program);
    let mut rpath = OsString::from("-Wl,-rpath,");
    rpath.push(&library.folder);
    command.arg("-L").arg(&library.folder).arg(format!("-l{}", library.name)).arg(rpath);
    tools::run(&mut command)
}

fn command(program: &Path, library: &Library) -> Command {
    let mut command = Command::new(program);
    // The machine's proxy has nothing to do with an emulator on the same machine.
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    if library.sanitized {
        let options = "exitcode=99:detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=";
        command.env("ASAN_OPTIONS", format!("{options}{}", u8::from(library.leaks)));
        command.env_remove("LSAN_OPTIONS");
    }
    command
}

/// Runs a program with a time limit, and gives what it said on both streams.
fn run_limited(command: &mut Command, output: &Path) -> Fallible<(ExitStatus, String)> {
    let file = File::create(output)?;
    let mut running = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .map_err(|why| format!("{} cannot be started: {why}", tools::shown(command)))?;
    let end = Instant::now() + TIME_LIMIT;
    let status = loop {
        if let Some(status) = running.try_wait()? {
            break status;
        }
        if Instant::now() > end {
            running.kill()?;
            break running.wait()?;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    Ok((status, String::from_utf8_lossy(&fs::read(output)?).into_owned()))
}
