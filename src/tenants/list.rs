//! Lists: page by page, each read whole before its first item is given.

use std::future::Future;
use std::sync::Arc;

use http::Method;
use tokio::time::Instant;

use super::listings::{FailedListing, Listing};
use super::{Finished, Mapping, Outcome, RequestTurn, Target, Tenants};
use crate::changes::at_once;
use crate::engine::{Call, Run, Wait};
use crate::error::{Category, Error, Result};
use crate::guid::Guid;
use crate::paging::Paging;
use crate::resource_id::RegistrationId;
use crate::wire::MappingItem;

/// Where the items of a list go.
pub trait Items: Send {
    /// Takes one mapping. Waits while there is no room, unless `hurried` is ready: then it takes it in any case.
    /// `false`: nothing more is wanted.
    fn take(
        &mut self,
        mapping: Mapping,
        hurried: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = bool> + Send;

    /// Keeps what holds removals back until the caller has been told that the list failed.
    fn hold(&mut self, failed: FailedListing);
}

impl Tenants {
    /// Lists the mappings of a registration: those of one tenant, or of one customer subscription, where the target
    /// names it.
    pub async fn list(
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
        let wanted = target.tenant.as_ref();
        let (mut count, mut unsaid) = (0, 0);
        let mut pages = match self.pages(run, &target.registration).await {
            Ok(pages) => pages,
            Err(error) => return read_failed(error, target),
        };
        let end = 'pages: loop {
            match pages.next(run).await {
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
                Ok(Some(page)) => {
                    for mut mapping in page {
                        let customer = mapping.customer().map(|customer| customer.value());
                        if target.customer.as_ref().is_some_and(|wanted| customer != Some(wanted.value())) {
                            continue;
                        }
                        if let Some(wanted) = &wanted {
                            self.learn_tenant(&run.with_new_patience(), &mut mapping).await;
                            unsaid += u64::from(mapping.tenant.is_none());
                            if mapping.tenant_guid().as_ref().map(Guid::value) != Some(wanted.value()) {
                                continue;
                            }
                        }
                        if !items.take(mapping, pages.listing.hurried()).await {
                            break 'pages Err(crate::engine::cancelled());
                        }
                        count += 1;
                    }
                }
            }
        };
        match &end {
            Err(error) if error.category() != Category::Cancelled => items.hold(pages.listing.fail()),
            _ => drop(pages),
        }
        let mut finished = match end {
            Ok(()) if unsaid > 0 => read_failed(tenants_unsaid(&target.registration, unsaid), target),
            Ok(()) => Finished::new(Outcome::Read, target.mapping()),
            Err(error) => read_failed(error, target),
        };
        finished.item_count = count;
        finished.http_requests = run.requests();
        finished.row = target.row;
        finished
    }

    /// The pages of a registration's mappings.
    pub(crate) async fn pages(&self, run: &Run, registration: &Arc<RegistrationId>) -> Result<Pages> {
        let mut begin = std::pin::pin!(self.listings.begin(registration.key()));
        let listing = match at_once(begin.as_mut()).await {
            Some(listing) => listing,
            None => {
                let _wait = run.waiting(Wait::Listing, None);
                run.unless_stopped(begin).await?
            }
        };
        let mut segments = registration.path_segments();
        segments.push("customerSubscriptions");
        let first = Call::new(&self.engine, Method::GET, &segments, registration.to_string());
        let paging = Paging::from(first);
        let answered_at = self.engine.clock.now();
        Ok(Pages { listing, tenants: self.clone(), registration: registration.clone(), paging, answered_at })
    }

    /// Reads the registration itself: an error says that it cannot be used.
    pub(crate) async fn check_registration(&self, run: &Run, registration: &RegistrationId) -> Result<()> {
        let call =
            Call::new(&self.engine, Method::GET, &registration.path_segments(), registration.to_string());
        match self.engine.get(run, &call).await {
            Ok(_) => Ok(()),
            Err(error) if error.says_absent() => {
                let message = format!(
                    "There is no registration '{}' in resource group '{}' of subscription {}. The service says: {error}",
                    registration.name(),
                    registration.resource_group(),
                    registration.subscription(),
                );
                let mut parts = error.parts().clone();
                parts.code = "RegistrationNotFound".to_owned();
                parts.message = message;
                Err(Error::from_parts(parts))
            }
            Err(error) => Err(error),
        }
    }
}

/// The error where mappings without a tenant leave open which of them was asked for.
pub(super) fn tenants_unsaid(registration: &RegistrationId, count: u64) -> Error {
    let message = format!(
        "Registration '{}' lists {count} mapping(s) whose tenant neither the service nor the subscription's sign-in \
         challenge says, so it cannot be told whether they are the tenant's.",
        registration.name()
    );
    Error::new(Category::Conflict, "TenantNotSaid", message)
}

/// How a read that failed ends.
pub(super) fn read_failed(error: Error, target: &Target) -> Finished {
    let outcome = if error.category() == Category::Cancelled { Outcome::Cancelled } else { Outcome::Failed };
    Finished::with_error(outcome, target.mapping(), error.with_row(target.row))
}

/// The pages of a registration's mappings, one after the other.
pub(crate) struct Pages {
    /// Removals wait for its end.
    listing: Listing,
    tenants: Tenants,
    registration: Arc<RegistrationId>,
    paging: Paging,
    /// When the last page was answered: what it says is as old as that.
    answered_at: Instant,
}

impl Pages {
    /// When the last page was answered.
    pub(super) fn answered_at(&self) -> Instant {
        self.answered_at
    }

    /// The next page; `None` at the end. A page may be empty and still have another behind it.
    pub(crate) async fn next(&mut self, run: &Run) -> Result<Option<Vec<Mapping>>> {
        let first = self.paging.is_at_first();
        let page = self.paging.next::<MappingItem>(&self.tenants.engine, run).await;
        if !matches!(page, Ok(None)) {
            self.answered_at = self.tenants.engine.clock.now();
        }
        let page = match page {
            Ok(page) => page,
            // An empty collection may be answered with 404, and so may a registration that is not there.
            Err(error) if first && error.says_absent() => {
                self.tenants.check_registration(run, &self.registration).await?;
                return Ok(Some(Vec::new()));
            }
            Err(error) => return Err(error),
        };
        let registration = &self.registration;
        Ok(page.map(|items| items.into_iter().map(|it| Mapping::from_item(registration, it)).collect()))
    }
}
