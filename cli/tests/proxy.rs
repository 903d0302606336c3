//! A proxy on the way that lets nothing through: what `azsreg` says about it. A proxy comes from the environment, so that
//! these are tried with a process of their own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};

use crate::support::*;

const SIGN_IN: &str = "operator:geheim-5309";

/// A proxy that answers each CONNECT with the same, and what comes through it with a page.
fn proxy(answer: &'static str, page: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // It ends with the tests.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut lines = stream.by_ref().lines();
            assert!(lines.next().unwrap().unwrap().starts_with("CONNECT localhost:"));
            assert!(lines.any(|line| line.is_ok_and(|line| line.is_empty())));
            // Where it goes on, the client begins to speak TLS.
            let _ = stream.get_mut().write_all(answer.as_bytes());
            if stream.fill_buf().is_ok_and(|hello| !hello.is_empty()) {
                let _ = stream.get_mut().write_all(page.as_bytes());
            }
        }
    });
    address
}

/// What an add says whose way leads through this proxy. Nothing reaches the service.
fn through(proxy: &str) -> Ran {
    let stage = Stage::new();
    let mut command = stage.azsreg(&["tenant", "add", NEW]);
    command.env("HTTPS_PROXY", format!("http://{SIGN_IN}@{proxy}/"));
    let mut ran = stage.end(command);
    stage.assert_nothing_was_sent();
    let place = stage.emulator.arm_endpoint();
    ran.stderr = ran.stderr.replace(place.trim_start_matches("https://").trim_end_matches('/'), "HOST");
    ran.does_not_say("geheim").does_not_say("tunnel error").does_not_say("client error").says("What to do: ")
}

const UNSENT: &str = "so GET azurestack-8f4ba54b-7a44-4d0e-9a1c-6d0f5c1f2b7e was not sent";

#[test]
fn a_proxy_that_wants_a_sign_in() {
    let answer = "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"here\"\r\n\
                  content-length: 0\r\n\r\n";
    let ran = through(&proxy(answer, "").to_string());
    ran.says(&format!(
        "  ProxyFailed: The proxy made no connection to HOST, {UNSENT}: it wants another sign-in (407)."
    ))
    .says("HTTPS_PROXY");
}

#[test]
fn a_proxy_that_refuses() {
    let answer =
        "HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\ncontent-length: 20\r\n\r\n<html>Blocked</html>";
    let ran = through(&proxy(answer, "").to_string());
    ran.says(&format!("The proxy made no connection to HOST, {UNSENT}: it refused to make one."))
        .says("HTTPS_PROXY");
}

#[test]
fn a_proxy_that_shows_a_page() {
    let page = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<!DOCTYPE html><html>Please sign in</html>";
    let ran = through(&proxy("HTTP/1.1 200 Connection established\r\n\r\n", page).to_string());
    ran.says(&format!("  TlsNotSpoken: What answers at HOST does not speak TLS, {UNSENT}")).says("proxy");
}

#[test]
fn a_proxy_that_is_not_there() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sentence = format!("The proxy made no connection to HOST, {UNSENT}: it was not reached itself (");
    through(&nobody.to_string()).says(&sentence).says("HTTPS_PROXY");
    through("proxy.azs.invalid:3128").says(&sentence).says("HTTPS_PROXY");
}
