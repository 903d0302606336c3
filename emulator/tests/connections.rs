//! What happens to whole connections: half-open ones, ordered ends, outages.

use std::time::Duration;

use azs_emulator::{Emulator, Fault, FaultAction, Outage};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;

use crate::support::{
    CUSTOMER, OTHER, SOON, VERSION, collection, connect, control, list, put, start, stored,
};

const WHILE: Duration = Duration::from_millis(300);

fn port(emulator: &Emulator) -> u16 {
    emulator.arm_endpoint().trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap()
}

fn list_request(emulator: &Emulator) -> Request<Empty<Bytes>> {
    Request::builder()
        .uri(format!("{}{}?{VERSION}", emulator.arm_endpoint().trim_end_matches('/'), collection(emulator)))
        .header("host", "localhost")
        .header("authorization", format!("Bearer {}", emulator.token()))
        .body(Empty::new())
        .unwrap()
}

async fn status(response: Response<hyper::body::Incoming>) -> u16 {
    let status = response.status().as_u16();
    response.into_body().collect().await.unwrap();
    status
}

async fn open_http1(emulator: &Emulator) -> http1::SendRequest<Empty<Bytes>> {
    let stream = connect(emulator.ca_pem(), port(emulator), &[b"http/1.1"]).await.unwrap();
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn open_http2(emulator: &Emulator) -> http2::SendRequest<Empty<Bytes>> {
    let stream = connect(emulator.ca_pem(), port(emulator), &[b"h2"]).await.unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

#[tokio::test]
async fn a_half_open_connection_answers_nothing_ever_again_and_others_do() {
    let emulator = start().await;
    emulator.add_fault(Fault::new(FaultAction::HalfOpen { after_effect: false }).method("GET").nth(2));
    let mut sender = open_http2(&emulator).await;
    assert_eq!(status(sender.send_request(list_request(&emulator)).await.unwrap()).await, 200);
    for _ in 0..3 {
        let silent = tokio::time::timeout(WHILE, sender.send_request(list_request(&emulator))).await;
        assert!(silent.is_err());
    }
    assert!(!sender.is_closed());
    assert_eq!(list(&emulator).send().await.status, 200);
    // What comes after on the dead connection is not even read.
    assert_eq!(emulator.journal().len(), 3);
}

#[tokio::test]
async fn a_connection_can_die_after_the_effect_or_before() {
    let emulator = start().await;
    for (id, after_effect) in [(CUSTOMER, false), (OTHER, true)] {
        let action = FaultAction::HalfOpen { after_effect };
        emulator.add_fault(Fault::new(action).method("PUT").path_contains(id));
        assert!(tokio::time::timeout(WHILE, put(&emulator, id).try_send()).await.is_err());
    }
    assert_eq!(stored(&emulator), [OTHER]);
}

#[tokio::test]
async fn goaway_ends_an_http2_connection_after_the_answer() {
    let emulator = start().await;
    emulator.add_fault(Fault::new(FaultAction::Goaway).method("GET").nth(2));
    emulator.switches(|switches| switches.list_delay_ms = 100);
    let mut sender = open_http2(&emulator).await;
    for _ in 0..2 {
        assert!(!sender.is_closed());
        assert_eq!(status(sender.send_request(list_request(&emulator)).await.unwrap()).await, 200);
    }
    let closed = async {
        while !sender.is_closed() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SOON, closed).await.unwrap();
}

#[tokio::test]
async fn goaway_is_connection_close_on_http11() {
    let emulator = start().await;
    emulator.add_fault(Fault::new(FaultAction::Goaway).nth(2));
    emulator.add_fault(Fault::status(503).nth(2));
    let mut sender = open_http1(&emulator).await;
    let first = sender.send_request(list_request(&emulator)).await.unwrap();
    assert_eq!(first.headers().get("connection"), None);
    first.into_body().collect().await.unwrap();
    sender.ready().await.unwrap();
    let second = sender.send_request(list_request(&emulator)).await.unwrap();
    assert_eq!((second.status().as_u16(), &second.headers()["connection"]), (503, &"close".parse().unwrap()));
    second.into_body().collect().await.unwrap();
    assert!(tokio::time::timeout(SOON, sender.ready()).await.unwrap().is_err());
}

#[tokio::test]
async fn an_outage_refuses_new_connections_and_cuts_those_there_are() {
    let emulator = start().await;
    let mut sender = open_http2(&emulator).await;
    assert_eq!(status(sender.send_request(list_request(&emulator)).await.unwrap()).await, 200);
    emulator.begin_outage(Outage::Refuse, None);
    let cut = async { while sender.send_request(list_request(&emulator)).await.is_ok() {} };
    tokio::time::timeout(SOON, cut).await.unwrap();
    for _ in 0..3 {
        assert!(list(&emulator).try_send().await.is_err());
    }
    emulator.end_outage();
    assert_eq!(list(&emulator).send().await.status, 200);
}

#[tokio::test]
async fn an_outage_ends_by_itself_when_told_to() {
    let emulator = start().await;
    let answer =
        control(&emulator, "POST", "outage").json(&json!({ "kind": "refuse", "ms": 500 })).send().await;
    assert_eq!(answer.json()["kind"], "refuse");
    // New control connections meet it too.
    assert!(control(&emulator, "GET", "outage").try_send().await.is_err());
    let over = async {
        while list(&emulator).try_send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, over).await.unwrap();
    assert_eq!(control(&emulator, "GET", "outage").send().await.json(), json!(null));
}

#[tokio::test]
async fn a_connection_of_the_control_api_outlives_an_outage_and_can_end_it() {
    let emulator = start().await;
    let mut sender = open_http2(&emulator).await;
    let call = |method: &str| {
        Request::builder()
            .method(method)
            .uri(format!("{}outage", emulator.control_endpoint()))
            .body(Empty::<Bytes>::new())
            .unwrap()
    };
    assert_eq!(status(sender.send_request(call("GET")).await.unwrap()).await, 200);
    emulator.begin_outage(Outage::Refuse, None);
    assert!(list(&emulator).try_send().await.is_err());
    assert_eq!(status(sender.send_request(call("GET")).await.unwrap()).await, 200);
    assert_eq!(status(sender.send_request(call("DELETE")).await.unwrap()).await, 204);
    assert_eq!(list(&emulator).send().await.status, 200);
}

#[tokio::test]
async fn an_outage_can_accept_and_say_nothing() {
    let emulator = start().await;
    let mut sender = open_http2(&emulator).await;
    emulator.begin_outage(Outage::AcceptOnly, None);
    let silent = tokio::time::timeout(WHILE, connect(emulator.ca_pem(), port(&emulator), &[b"h2"])).await;
    assert!(silent.is_err());
    assert_eq!(status(sender.send_request(list_request(&emulator)).await.unwrap()).await, 200);
    emulator.reset();
    assert_eq!(list(&emulator).send().await.status, 200);
}

#[tokio::test]
async fn mistakes_of_an_outage_are_refused() {
    let emulator = start().await;
    for mistake in [json!({ "kind": "strike" }), json!({}), json!({ "kind": "refuse", "seconds": 1 })] {
        assert_eq!(control(&emulator, "POST", "outage").json(&mistake).send().await.status, 400, "{mistake}");
    }
    assert_eq!(list(&emulator).send().await.status, 200);
}
