//! Desired state: what a registration should hold, compared with what it holds. Nothing is ever written.
//!
//! The differences carry the expectations of the changes that apply them, so that what was reviewed is what happens, or
//! nothing.

mod desired;
mod differences;
mod listed;
mod spelled;

use std::future::Future;

use tokio::task::JoinSet;

pub use desired::{Desired, Wanted};
pub use differences::{CompareOptions, Difference, DifferenceKind, Why, differences};
pub use listed::{Listed, Pair};
pub use spelled::{Side, SpelledDifference};

use crate::engine::Run;
use crate::error::{Category, Error, Result};
use crate::guid::Guid;
use crate::tenants::{Finished, Outcome, RequestTurn, Target, Tenants};

/// Where the differences go.
pub trait Items: Send {
    /// Takes one. Waits while there is no room. `false`: nothing more is wanted.
    fn take(&mut self, difference: SpelledDifference) -> impl Future<Output = bool> + Send;
}

/// Compares what is wanted with what the registration holds. Nothing is given before everything has been read: half a
/// list would plan to add what is there, and to remove nothing that should go.
pub async fn compare(
    tenants: &Tenants,
    turn: RequestTurn,
    run: &Run,
    target: &Target,
    desired: &Desired,
    options: CompareOptions,
    items: &mut impl Items,
) -> Finished {
    let run = &run.for_item();
    let mut count = 0;
    let planned = async {
        turn.begin(run).await?;
        plan(tenants, run, target, desired, options).await
    };
    let end = match planned.await {
        Ok((listed, found)) => {
            let mut end = Ok(());
            for difference in &found {
                let told = SpelledDifference::of(difference, &listed, &target.registration);
                if !items.take(told).await {
                    end = Err(crate::engine::cancelled());
                    break;
                }
                count += 1;
            }
            end
        }
        Err(error) => Err(error),
    };
    let mut finished = match end {
        Ok(()) => Finished::new(Outcome::Read, target.mapping()),
        Err(error) => {
            let cancelled = error.category() == Category::Cancelled;
            let outcome = if cancelled { Outcome::Cancelled } else { Outcome::Failed };
            Finished::with_error(outcome, target.mapping(), error.with_row(target.row))
        }
    };
    finished.item_count = count;
    finished.http_requests = run.requests();
    finished.row = target.row;
    finished
}

/// How many tenants are asked for side by side; the operation's throttle limit decides how many requests that are.
const MOST_ASKED_AT_ONCE: usize = 256;

/// Reads what there is, and compares.
async fn plan(
    tenants: &Tenants,
    run: &Run,
    target: &Target,
    desired: &Desired,
    options: CompareOptions,
) -> Result<(Listed, Vec<Difference>)> {
    let extra = [("CustomerSubscriptionId", &target.customer), ("TenantId", &target.tenant)];
    if let Some((column, Some(given))) = extra.into_iter().find(|(_, given)| given.is_some()) {
        let message =
            format!("{column} '{given}' is not part of a registration. Expected a registration alone.");
        return Err(Error::input("ValueNotExpected", column, given.spelling(), message));
    }
    desired.check(&target.registration)?;
    if options.prune && desired.rows().is_empty() {
        let message =
            "No row is wanted, so that everything that is mapped would be removed. Nothing was compared.";
        return Err(Error::new(Category::Input, "NothingWanted", message));
    }
    // Before anything is asked for: rows that contradict each other do so whatever is listed.
    differences(desired.rows(), &Listed::default(), options)?;
    let listed = read(tenants, run, target).await?;
    let mut rows = desired.rows().to_vec();
    let mut asked = JoinSet::new();
    let mut answers = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        if asked.len() >= MOST_ASKED_AT_ONCE {
            answers.extend(asked.join_next().await);
        }
        let Some(customer) = Guid::parse(&row.customer.hyphenated().to_string()) else { continue };
        if row.tenant.is_none() && !listed.has(row.customer) {
            let (tenants, run) = (tenants.clone(), run.with_new_patience());
            asked.spawn(async move { (place, tenants.challenged_tenant(&run, &customer).await) });
        }
    }
    while let Some(answer) = asked.join_next().await {
        answers.push(answer);
    }
    for answer in answers {
        let (place, tenant) = answer.map_err(|_| {
            Error::new(Category::Internal, "InternalFault", "The library failed while it asked for a tenant.")
        })?;
        if let Some(row) = rows.get_mut(place) {
            row.tenant = tenant?;
        }
    }
    let found = differences(&rows, &listed, options)?;
    Ok((listed, found))
}

/// Reads the registration, then all that it holds.
async fn read(tenants: &Tenants, run: &Run, target: &Target) -> Result<Listed> {
    // What is wrong with the registration is said in its own words.
    tenants.check_registration(run, &target.registration).await?;
    let mut listed = Listed::default();
    let mut pages = tenants.pages(run, &target.registration).await?;
    while let Some(page) = pages.next(run).await? {
        for mut mapping in page {
            tenants.learn_tenant(&run.with_new_patience(), &mut mapping).await;
            // Cancelled while it asked whose a mapping is: not knowing it would look like knowing that nobody says.
            if run.stop.is_cancelled() {
                return Err(crate::engine::cancelled());
            }
            let tenant = mapping.tenant_guid().map(|tenant| tenant.value());
            listed.push(mapping.customer_subscription.as_deref().unwrap_or_default(), tenant);
        }
    }
    Ok(listed)
}
