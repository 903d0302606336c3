//! Reading customer subscriptions: the list and one of them.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::StatusCode;
use hyper::header::ETAG;
use serde_json::{Map, Value, json};

use super::ArmError;
use super::provider_errors::{CUSTOMER_SUBSCRIPTION_NOT_FOUND, REGISTRATION_NOT_FOUND, provider_error};
use super::resource::customer_subscription_resource;
use crate::mappings::{Mappings, Page};
use crate::registrations::RegistrationScope;
use crate::reply::Reply;
use crate::request::ServiceRequest;
use crate::service::Service;
use crate::switches::{EmptyList, Lagging, LastNextLink, NextLinkForm, PageToken, Switches};
use crate::world::World;

/// The list, page by page (OpenAPI: CustomerSubscriptions_List).
pub(crate) async fn list(
    service: &Service,
    request: &ServiceRequest,
    scope: &RegistrationScope,
    version: &str,
) -> Result<Reply, ArmError> {
    let delay = {
        let switches = &service.world().switches;
        Duration::from_millis(switches.delay_ms.saturating_add(switches.list_delay_ms))
    };
    tokio::time::sleep(delay).await;
    let mut world = service.world();
    let World { switches, registrations, .. } = &mut *world;
    let registration =
        registrations.get_mut(scope).ok_or_else(|| provider_error(REGISTRATION_NOT_FOUND, scope, ""))?;
    let seed = registration.seed.clone();
    let mappings = registration.seen(switches.list_lag());
    let token = request.parameter("$skipToken");
    if mappings.len() == 0 && token.is_none() {
        return empty_list(switches.empty_list, scope);
    }
    let page = page(mappings, token.as_deref(), switches)?;
    let items: Vec<Value> =
        page.items.iter().map(|mapping| customer_subscription_resource(&seed, mapping, switches)).collect();
    let mut body = Map::new();
    body.insert("value".to_owned(), Value::Array(items));
    match (page.next, switches.last_next_link) {
        (Some(token), _) => {
            let separator = match switches.next_link_form {
                NextLinkForm::Standard => '&',
                NextLinkForm::Article => '?',
            };
            let link = format!("{}?api-version={version}{separator}$skipToken={token}", request.path);
            body.insert("nextLink".to_owned(), json!(service.addresses.arm_url(&link)));
        }
        (None, LastNextLink::Absent) => {}
        (None, LastNextLink::Null) => {
            body.insert("nextLink".to_owned(), Value::Null);
        }
        (None, LastNextLink::Empty) => {
            body.insert("nextLink".to_owned(), json!(""));
        }
    }
    Ok(Reply::json(StatusCode::OK, &Value::Object(body)))
}

/// One customer subscription (OpenAPI: CustomerSubscriptions_Get).
pub(crate) async fn get(service: &Service, scope: &RegistrationScope, id: &str) -> Result<Reply, ArmError> {
    let delay = Duration::from_millis(service.world().switches.delay_ms);
    tokio::time::sleep(delay).await;
    let mut world = service.world();
    if let Some(error) = world.switches.take_rp_error(id, "GET") {
        return Err(super::write::chosen_error(&error, scope, id));
    }
    let World { switches, registrations, .. } = &mut *world;
    let registration =
        registrations.get_mut(scope).ok_or_else(|| provider_error(REGISTRATION_NOT_FOUND, scope, id))?;
    let seed = registration.seed.clone();
    let lag = match switches.lagging {
        Lagging::Lists => Duration::ZERO,
        Lagging::All => switches.list_lag(),
    };
    let mapping = registration
        .seen(lag)
        .get(id, switches)
        .ok_or_else(|| provider_error(CUSTOMER_SUBSCRIPTION_NOT_FOUND, scope, id))?;
    let resource = customer_subscription_resource(&seed, mapping, switches);
    let mut reply = Reply::json(StatusCode::OK, &resource);
    if switches.etag {
        reply.set_header(ETAG, &mapping.etag());
    }
    Ok(reply)
}

fn empty_list(form: EmptyList, scope: &RegistrationScope) -> Result<Reply, ArmError> {
    match form {
        EmptyList::EmptyArray => Ok(Reply::json(StatusCode::OK, &json!({ "value": [] }))),
        EmptyList::NoValue => Ok(Reply::json(StatusCode::OK, &json!({}))),
        EmptyList::EmptyBody => Ok(Reply::empty(StatusCode::OK)),
        EmptyList::NoContent => Ok(Reply::empty(StatusCode::NO_CONTENT)),
        EmptyList::NotFound => {
            Err(provider_error(CUSTOMER_SUBSCRIPTION_NOT_FOUND, scope, "No customer subscription"))
        }
    }
}

/// A page, and its token in the opaque form. A token of either kind is read, whatever the switch says by now.
fn page(mappings: &Mappings, token: Option<&str>, switches: &Switches) -> Result<Page, ArmError> {
    let (kind, key) = match token {
        None => (switches.page_token, None),
        Some(token) => {
            let (kind, key) = read_token(token).ok_or_else(|| invalid_token(token))?;
            (kind, Some(key))
        }
    };
    let (size, ordered) = (switches.page_size.max(1), switches.ordered_by_id);
    let mut page = match kind {
        PageToken::Offset => {
            let offset = key.as_deref().map_or(Some(0), |key| key.parse().ok());
            let offset = offset.ok_or_else(|| invalid_token(token.unwrap_or_default()))?;
            mappings.page_from_offset(offset, size, ordered)
        }
        PageToken::Key => mappings
            .page_after_key(key.as_deref(), size, ordered)
            .ok_or_else(|| invalid_token(token.unwrap_or_default()))?,
    };
    page.next = page.next.map(|key| {
        let kind = if kind == PageToken::Offset { "offset" } else { "key" };
        URL_SAFE_NO_PAD.encode(format!("{kind}:{key}"))
    });
    Ok(page)
}

fn read_token(token: &str) -> Option<(PageToken, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    match text.split_once(':')? {
        ("offset", key) => Some((PageToken::Offset, key.to_owned())),
        ("key", key) => Some((PageToken::Key, key.to_owned())),
        _ => None,
    }
}

/// ARM's RPC has no code for it: this one is the emulator's.
fn invalid_token(token: &str) -> ArmError {
    ArmError::bad_request("InvalidSkipToken", format!("The skip token '{token}' is invalid."))
}
