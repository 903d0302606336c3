//! The calls of the control API.

use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{PREFIX, seeding};
use crate::emulator::StateFilter;
use crate::faults::Fault;
use crate::journal::JournalQuery;
use crate::one_or_many::OneOrMany;
use crate::options::{MappingSeed, RegistrationSeed};
use crate::outage::Outage;
use crate::reply::Reply;
use crate::request::ServiceRequest;
use crate::service::Service;
use crate::switches::Switches;

/// How long a waiting call waits unless it says otherwise.
const WAIT: u64 = 5000;

/// Answers a call of the control API, a request below [`PREFIX`].
pub(crate) async fn answer(service: &Arc<Service>, request: &ServiceRequest) -> Reply {
    let call = request.path.strip_prefix(PREFIX).unwrap_or_default();
    let reply = dispatch(service, request, call.trim_end_matches('/')).await;
    reply.unwrap_or_else(|message| Reply::json(StatusCode::BAD_REQUEST, &json!({ "error": message })))
}

async fn dispatch(service: &Arc<Service>, request: &ServiceRequest, call: &str) -> Result<Reply, String> {
    match (request.method.as_str(), call) {
        ("GET", "switches") => Ok(ok(&service.world().switches)),
        ("PATCH", "switches") => patch_switches(service, request),
        ("GET", "faults") => Ok(ok(&service.world().faults.counted())),
        ("POST", "faults") => add_faults(service, request),
        ("DELETE", "faults") => {
            service.world().faults.clear();
            Ok(done())
        }
        ("GET", "journal") => Ok(ok(&service.journal.select(&journal_query(request)?))),
        ("DELETE", "journal") => {
            service.journal.clear();
            Ok(done())
        }
        ("GET", "journal/counts") => Ok(ok(&service.journal.counts())),
        ("GET", "journal/wait") => wait_for_requests(service, request).await,
        ("GET", "state") => Ok(state(service, request)),
        ("GET", "state/settled") => wait_for_effects(service, request).await,
        ("POST", "mappings") => add_mappings(service, request),
        ("DELETE", "mappings") => {
            seeding::clear(&mut service.world(), &filter(request));
            Ok(done())
        }
        ("POST", "registrations") => add_registrations(service, request),
        ("POST", "subscriptions") => set_tenants(service, request),
        ("POST", "tokens") => issue_token(service, request),
        ("POST", "tokens/expire") => {
            service.world().expire_tokens();
            Ok(done())
        }
        ("GET", "outage") => Ok(outage(service)),
        ("POST", "outage") => begin_outage(service, request),
        ("DELETE", "outage") => {
            service.outages.end();
            Ok(done())
        }
        ("POST", "reset") => {
            service.reset();
            Ok(done())
        }
        _ => Ok(Reply::json(
            StatusCode::NOT_FOUND,
            &json!({ "error": format!("there is no control call {} {call}", request.method) }),
        )),
    }
}

fn patch_switches(service: &Service, request: &ServiceRequest) -> Result<Reply, String> {
    let patch: Value = read(request)?;
    if !patch.is_object() {
        return Err("expected a JSON object of switches".to_owned());
    }
    let mut world = service.world();
    let mut merged = serde_json::to_value(&world.switches).map_err(|error| error.to_string())?;
    merge(&mut merged, patch);
    let switches: Switches = serde_json::from_value(merged).map_err(|error| error.to_string())?;
    switches.check()?;
    world.switches = switches;
    Ok(ok(&world.switches))
}

/// JSON merge patch (RFC 7386): null removes.
fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                if value.is_null() {
                    target.remove(&name);
                } else {
                    merge(target.entry(name).or_insert(Value::Null), value);
                }
            }
        }
        (target, patch) => *target = patch,
    }
}

fn add_faults(service: &Service, request: &ServiceRequest) -> Result<Reply, String> {
    let OneOrMany(faults) = read::<OneOrMany<Fault>>(request)?;
    let mut world = service.world();
    faults.into_iter().for_each(|fault| world.faults.add(fault));
    Ok(ok(&world.faults.counted()))
}

async fn wait_for_requests(service: &Service, request: &ServiceRequest) -> Result<Reply, String> {
    let query = journal_query(request)?;
    let count = number(request, "count")?.unwrap_or(1);
    let wanted = usize::try_from(count).map_err(|error| error.to_string())?;
    let received = service.journal.wait(&query, wanted, timeout(request)?).await;
    Ok(ok(&json!({ "count": received, "reached": received >= wanted })))
}

async fn wait_for_effects(service: &Service, request: &ServiceRequest) -> Result<Reply, String> {
    // Reached or not, the caller learns the number.
    let _ = tokio::time::timeout(timeout(request)?, service.settled()).await;
    let outstanding = service.outstanding_effects();
    Ok(ok(&json!({ "outstandingEffects": outstanding, "reached": outstanding == 0 })))
}

fn state(service: &Service, request: &ServiceRequest) -> Reply {
    let registrations = seeding::state(&service.world(), &filter(request));
    ok(&json!({ "registrations": registrations, "outstandingEffects": service.outstanding_effects() }))
}

/// The outage to begin.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutageWish {
    kind: Outage,
    #[serde(default)]
    ms: Option<u64>,
}

fn begin_outage(service: &Service, request: &ServiceRequest) -> Result<Reply, String> {
    let wish: OutageWish = read(request)?;
    service.outages.begin(wish.kind, wish.ms.map(Duration::from_millis));
    Ok(outage(service))
}

fn outage(service: &Service) -> Reply {
    ok(&service
        .outages
        .now()
        .map(|(kind, left)| json!({ "kind": kind, "leftMs": left.map(|left| left.as_millis()) })))
}

/// What to seed: a list, or a number of generated ones.
#[derive(Deserialize)]
#[serde(untagged)]
enum Mappings {
    Generated { generate: u64 },
    Named(OneOrMany<MappingSeed>),
}

fn add_mappings(service: &Service, request: &ServiceRequest) -> Result<Reply, String> {
    let seeds = match read(request)? {
        Mappings::Generated { generate } => MappingSeed::generate(0..generate).collect(),
        Mappings::Named(OneOrMany(seeds)) => seeds,
    };
    let filter = match request.parameter("registration") {
        Some(text) => StateFilter::parse(&text),
        None => StateFilter::of(&service.options.registrations[0]),
    };
    let count = seeds.len();
    if seeding::seed(&mut service.world(), &filter, seeds) == 0 {
        return Err("there is no such registration".to_owned());
    }
    Ok(ok(&json!({ "seeded": count })))
}

fn add_registrations(service: &Service, request: &ServiceRequest) -> Result<Reply, String> {
    let OneOrMany(seeds) = read::<OneOrMany<RegistrationSeed>>(request)?;
    let mut world = service.world();
    let ids: Vec<String> = seeds.iter().map(RegistrationSeed::resource_id).collect();
    seeds.into_iter().for_each(|seed| world.add_registration(seed));
    Ok(ok(&json!({ "ids": ids })))
}

/// The tenant of a subscription; without one there is no such subscription.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SubscriptionTenant {
    subscription_id: Uuid,
    #[serde(default)]
    tenant_id: Option<String>,
}

fn set_tenants(service: &Service, request: &ServiceRequest) -> Result<Reply, String> {
    let OneOrMany(tenants) = read::<OneOrMany<SubscriptionTenant>>(request)?;
    let mut world = service.world();
    tenants.into_iter().for_each(|entry| world.set_tenant_of(entry.subscription_id, entry.tenant_id));
    Ok(done())
}

/// The token to issue.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct TokenWish {
    lifetime_seconds: Option<u64>,
    tenant_id: Option<String>,
}

fn issue_token(service: &Service, request: &ServiceRequest) -> Result<Reply, String> {
    let wish: TokenWish = if request.body.is_empty() { TokenWish::default() } else { read(request)? };
    let options = &service.options;
    let tenant = wish.tenant_id.as_ref().unwrap_or(&options.tenant_id);
    let lifetime = Duration::from_secs(wish.lifetime_seconds.unwrap_or(3600));
    let audience = service.addresses.arm_url("/");
    Ok(ok(&service.world().issue_token(tenant, &options.client_id, &audience, lifetime)))
}

fn journal_query(request: &ServiceRequest) -> Result<JournalQuery, String> {
    Ok(JournalQuery {
        method: request.parameter("method"),
        path_contains: request.parameter("pathContains"),
        since: number(request, "since")?.unwrap_or(0),
        answered: request.parameter("answered").is_some_and(|value| value == "true"),
    })
}

fn filter(request: &ServiceRequest) -> StateFilter {
    request.parameter("registration").map(|text| StateFilter::parse(&text)).unwrap_or_default()
}

fn timeout(request: &ServiceRequest) -> Result<Duration, String> {
    Ok(Duration::from_millis(number(request, "timeoutMs")?.unwrap_or(WAIT)))
}

fn number(request: &ServiceRequest, name: &str) -> Result<Option<u64>, String> {
    request
        .parameter(name)
        .map(|text| text.parse().map_err(|_| format!("{name} is no number: '{text}'")))
        .transpose()
}

fn read<T: DeserializeOwned>(request: &ServiceRequest) -> Result<T, String> {
    serde_json::from_slice(&request.body).map_err(|error| error.to_string())
}

fn ok(body: &impl serde::Serialize) -> Reply {
    Reply::json(StatusCode::OK, body)
}

fn done() -> Reply {
    Reply::empty(StatusCode::NO_CONTENT)
}
