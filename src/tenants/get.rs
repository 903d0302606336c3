//! One mapping, in whatever spelling the service keeps it.

use std::sync::Arc;

use http::Method;

use super::list::{Items, read_failed};
use super::{Finished, Mapping, Outcome, RequestTurn, Target, Tenants};
use crate::engine::{Call, Run};
use crate::error::{Category, Error, Result};
use crate::guid::Guid;
use crate::resource_id::RegistrationId;
use crate::wire::MappingItem;

impl Tenants {
    /// Gets one mapping and hands it to `items`.
    pub async fn get(
        &self,
        turn: RequestTurn,
        run: &Run,
        target: &Target,
        items: &mut impl Items,
    ) -> Finished {
        let run = &run.for_item();
        if let Err(error) = turn.begin(run).await {
            return read_failed(error, target);
        }
        let Some(customer) = &target.customer else { return read_failed(no_customer(), target) };
        let mut finished = match self.find(run, &target.registration, customer).await {
            Ok(Some(mapping)) if differs(target.tenant.as_ref(), mapping.tenant.as_deref()) => {
                let error =
                    mismatch(target.tenant.as_ref(), mapping.tenant.as_deref(), "Nothing was handed out.");
                Finished::with_error(Outcome::TenantMismatch, mapping, error.with_row(target.row))
            }
            Ok(Some(mapping)) => {
                let finished = Finished { item_count: 1, ..Finished::new(Outcome::Read, mapping.clone()) };
                match items.take(mapping, std::future::ready(())).await {
                    true => finished,
                    false => read_failed(crate::engine::cancelled(), target),
                }
            }
            Ok(None) => read_failed(not_mapped(target, customer), target),
            Err(error) => read_failed(error, target),
        };
        finished.http_requests = run.requests();
        finished.row = target.row;
        finished
    }

    /// Looks one mapping up: by the given spelling, then by any other that the service has.
    pub(super) async fn find(
        &self,
        run: &Run,
        registration: &Arc<RegistrationId>,
        customer: &Guid,
    ) -> Result<Option<Mapping>> {
        if let Some(found) = self.read_one(run, registration, customer.spelling()).await? {
            return Ok(Some(found));
        }
        // The article calls the id case sensitive, so a "not there" may only be about the letters. The listing also tells a
        // registration that is not there from a mapping that is not there.
        let mut pages = self.pages(run, registration).await?;
        while let Some(page) = pages.next(run).await? {
            let same = |mapping: &Mapping| {
                mapping.customer().is_some_and(|stored| stored.value() == customer.value())
            };
            if let Some(found) = page.into_iter().find(same) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Reads one mapping in exactly this spelling.
    pub(super) async fn read_one(
        &self,
        run: &Run,
        registration: &Arc<RegistrationId>,
        spelling: &str,
    ) -> Result<Option<Mapping>> {
        let call = self.call_one(Method::GET, registration, spelling);
        let answer = match self.engine.get(run, &call).await {
            Ok(answer) => answer,
            Err(error) if error.says_absent() => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(object) = answer.object() else {
            let message = format!("{call} was answered with {} and no mapping.", answer.status);
            return Err(answer.not_understood("AnswerNotUnderstood", message));
        };
        let mut mapping = Mapping::from_item(registration, MappingItem::read(object));
        // Ids may be blank: then it is what was asked for. Another subscription's mapping is not.
        match (mapping.customer(), &mapping.customer_subscription) {
            (Some(answered), _) if answered.spelling().eq_ignore_ascii_case(spelling) => {}
            (None, None) => mapping.customer_subscription = Some(spelling.to_owned()),
            (_, answered) => {
                let answered = answered.as_deref().unwrap_or_default();
                let message = format!("{call} was answered with the mapping of '{answered}'.");
                return Err(answer.not_understood("AnswerNotUnderstood", message));
            }
        }
        Ok(Some(mapping))
    }

    /// A request to one mapping.
    pub(super) fn call_one(&self, method: Method, registration: &RegistrationId, spelling: &str) -> Call {
        let mut segments = registration.path_segments();
        segments.extend(["customerSubscriptions", spelling]);
        Call::new(&self.engine, method, &segments, registration.customer_subscription(spelling))
    }
}

impl Mapping {
    /// The customer's subscription as a GUID, where it is one.
    pub(super) fn customer(&self) -> Option<Guid> {
        self.customer_subscription.as_deref().and_then(Guid::parse)
    }

    /// The tenant as a GUID, where it is one.
    pub(crate) fn tenant_guid(&self) -> Option<Guid> {
        self.tenant.as_deref().and_then(Guid::parse)
    }
}

/// Whether a named tenant and a found one contradict each other.
pub(super) fn differs(named: Option<&Guid>, found: Option<&str>) -> bool {
    matches!((named, found), (Some(named), Some(found)) if !named.spelling().eq_ignore_ascii_case(found))
}

/// The error for a tenant that is not the named one.
pub(super) fn mismatch(named: Option<&Guid>, found: Option<&str>, consequence: &str) -> Error {
    let named = named.map(Guid::to_string).unwrap_or_default();
    let message = format!(
        "The customer's subscription belongs to tenant {}, not to the named tenant {named}. {consequence}",
        found.unwrap_or("(unknown)")
    );
    Error::new(Category::Conflict, "TenantMismatch", message)
}

fn not_mapped(target: &Target, customer: &Guid) -> Error {
    let message = format!(
        "Customer subscription {customer} is not mapped in registration '{}'.",
        target.registration.name()
    );
    Error::new(Category::NotFound, "CustomerSubscriptionNotFound", message)
}

fn no_customer() -> Error {
    Error::new(Category::Input, "ValueMissing", "CustomerSubscriptionId is missing.")
}
