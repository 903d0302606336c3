//! The listener's certificate and protocols.

use std::net::Ipv6Addr;

use crate::support::{SOON, connect, list, start};

fn port(emulator: &azs_emulator::Emulator) -> u16 {
    emulator.arm_endpoint().trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_clients_first_choice_of_protocol_is_taken() {
    let emulator = start().await;
    let stream = connect(emulator.ca_pem(), port(&emulator), &[b"h2", b"http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let stream = connect(emulator.ca_pem(), port(&emulator), &[b"http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
}

#[tokio::test]
async fn both_versions_of_http_are_served() {
    let emulator = start().await;
    assert_eq!(list(&emulator).send().await.status, 200);
    assert_eq!(list(&emulator).http2().send().await.status, 200);
    let versions: Vec<String> = emulator.journal().into_iter().map(|entry| entry.http_version).collect();
    assert_eq!(versions, ["HTTP/1.1", "HTTP/2.0"]);
}

#[tokio::test]
async fn another_emulators_authority_is_not_trusted() {
    let (one, other) = (start().await, start().await);
    assert_ne!(one.ca_pem(), other.ca_pem());
    let error = connect(other.ca_pem(), port(&one), &[b"http/1.1"]).await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}

/// Basic constraints of a certificate that is no authority: the extension is there, critical, and its value empty.
#[tokio::test]
async fn the_certificate_is_no_authority_and_names_the_loopback_addresses() {
    let emulator = start().await;
    let stream = connect(emulator.ca_pem(), port(&emulator), &[b"http/1.1"]).await.unwrap();
    let leaf = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
    let holds = |bytes: &[u8]| leaf.windows(bytes.len()).any(|window| window == bytes);
    // SEQUENCE { OID 2.5.29.19, BOOLEAN true, OCTET STRING { SEQUENCE {} } }
    assert!(holds(&[0x06, 0x03, 0x55, 0x1d, 0x13, 0x01, 0x01, 0xff, 0x04, 0x02, 0x30, 0x00]));
    assert!(holds(b"\x82\x09localhost"));
    assert!(holds(&[0x87, 0x04, 127, 0, 0, 1]));
    assert!(holds(&[&[0x87, 0x10][..], &Ipv6Addr::LOCALHOST.octets()].concat()));
}

#[tokio::test]
async fn several_emulators_run_side_by_side_and_a_stopped_one_is_gone() {
    let (one, other) = (start().await, start().await);
    let address = ("127.0.0.1", port(&one));
    assert_eq!(list(&one).send().await.status, 200);
    tokio::time::timeout(SOON, one.stop()).await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    assert_eq!(list(&other).send().await.status, 200);
}

#[tokio::test]
async fn a_stop_drops_open_connections_and_frees_the_port() {
    use tokio::io::AsyncReadExt;
    let emulator = start().await;
    let port = port(&emulator);
    let mut open = connect(emulator.ca_pem(), port, &[b"http/1.1"]).await.unwrap();
    tokio::time::timeout(SOON, emulator.stop()).await.unwrap();
    // Without a TLS goodbye: rustls calls that an error, which is what a killed server looks like.
    assert!(tokio::time::timeout(SOON, open.read(&mut [0; 1])).await.unwrap().is_err());
    let again = azs_emulator::Options { port, ..Default::default() };
    let emulator = azs_emulator::Emulator::start(again).await.unwrap();
    assert_eq!(list(&emulator).send().await.status, 200);
}
