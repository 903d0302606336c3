//! Finding registrations: those of a subscription, or of one of its resource groups.

mod scope;

use std::future::Future;
use std::sync::Arc;

use http::Method;

pub use scope::{Scope, ScopeInput};

use crate::engine::{Call, Engine, Run};
use crate::error::{Category, Error, Result};
use crate::guid::Guid;
use crate::paging::Paging;
use crate::resource_id::{RegistrationId, ResourceId};
use crate::tenants::{Finished, Mapping, Outcome};
use crate::wire::RegistrationItem;

/// A registration as the service lists it; `None` where it did not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Subscription, resource group and name.
    pub id: RegistrationId,
    /// The service's `name`, as it came. In an example of the OpenAPI files it is not that of the id.
    pub name: Option<String>,
    /// Where it is: `global`.
    pub location: Option<String>,
    /// The Azure Stack Hub that it is of: the portal's CloudDeploymentID. Azure uses none of them twice.
    pub cloud_id: Option<String>,
    /// The application that the Azure Stack Hub connects to Azure with.
    pub object_id: Option<String>,
    /// How it is charged: Capacity, PayAsYouUse, Development, Custom or Ruggedized. Only pay-as-you-use may have tenants.
    pub billing_model: Option<String>,
    /// The service's `etag`.
    pub etag: Option<String>,
    /// Who made it. Only 2020-06-01-preview has this and the next three.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Option<String>,
    /// Who changed it last.
    pub last_modified_by: Option<String>,
    /// When it was changed last.
    pub last_modified_at: Option<String>,
}

/// Where the registrations of a list go.
pub trait Items: Send {
    /// Takes one. Waits while there is no room. `false`: nothing more is wanted.
    fn take(&mut self, registration: Registration) -> impl Future<Output = bool> + Send;
}

/// The workflow of one client.
#[derive(Clone)]
pub struct Registrations {
    engine: Arc<Engine>,
}

impl Registrations {
    /// The workflow over an engine.
    pub fn new(engine: Arc<Engine>) -> Registrations {
        Registrations { engine }
    }

    /// Lists the registrations of a scope: those of one Azure Stack Hub where the scope names its cloud id.
    pub async fn list(
        &self,
        run: &Run,
        input: &ScopeInput,
        default: Option<&Arc<RegistrationId>>,
        items: &mut impl Items,
    ) -> Finished {
        let run = &run.for_item();
        let mut count = 0;
        let end = match input.resolve(default) {
            Ok(scope) => self.read(run, &scope, items, &mut count).await,
            Err(error) => Err(error),
        };
        let mut finished = match end {
            Ok(()) => Finished::new(Outcome::Read, Mapping::default()),
            Err(error) => {
                let cancelled = error.category() == Category::Cancelled;
                let outcome = if cancelled { Outcome::Cancelled } else { Outcome::Failed };
                Finished::with_error(outcome, Mapping::default(), error)
            }
        };
        finished.item_count = count;
        finished.http_requests = run.requests();
        finished
    }

    async fn read(&self, run: &Run, scope: &Scope, items: &mut impl Items, count: &mut u64) -> Result<()> {
        let first = Call::new(&self.engine, Method::GET, &scope.path_segments(), scope.to_string());
        let mut pages = Paging::from(first);
        let mut unsaid = 0;
        while let Some(page) = pages.next::<RegistrationItem>(&self.engine, run).await? {
            let page: Vec<Registration> =
                page.into_iter().map(|item| registration(scope, item)).collect::<Result<_>>()?;
            for registration in page {
                if let Some(wanted) = &scope.cloud {
                    let cloud = registration.cloud_id.as_deref().and_then(Guid::parse);
                    unsaid += u64::from(cloud.is_none());
                    if cloud.is_none_or(|cloud| cloud.value() != wanted.value()) {
                        continue;
                    }
                }
                if !items.take(registration).await {
                    return Err(crate::engine::cancelled());
                }
                *count += 1;
            }
        }
        // A cloud id is used only once, so one that was found is found whatever the others do not say.
        if let (Some(wanted), 0, 1..) = (&scope.cloud, *count, unsaid) {
            let message = format!(
                "No registration is said to be of cloud id {wanted}, but {unsaid} of those listed do not say theirs, so it \
                 cannot be told whether one of them is."
            );
            return Err(
                Error::new(Category::Conflict, "CloudIdNotSaid", message).with_target(scope.to_string())
            );
        }
        Ok(())
    }
}

/// An item of the list. What cannot be told apart from another registration is an error, for skipping it would be
/// silent.
fn registration(scope: &Scope, item: RegistrationItem) -> Result<Registration> {
    let refuse = |shown: &str, why: &str| {
        let message = format!("The list has '{shown}', {why}.");
        Error::new(Category::InvalidAnswer, "AnswerNotUnderstood", message).with_target(scope.to_string())
    };
    let id = match (item.id.as_deref(), item.name.as_deref(), &scope.resource_group) {
        (Some(id), _, _) => match ResourceId::parse(id) {
            Ok(ResourceId { registration, customer_subscription: None }) => registration,
            _ => return Err(refuse(id, "which is not the id of a registration")),
        },
        (None, Some(name), Some(group)) => RegistrationId::new(scope.subscription.spelling(), group, name)
            .map_err(|_| refuse(name, "which is not the name of a registration"))?,
        (None, name, _) => {
            return Err(refuse(name.unwrap_or_default(), "without the resource group that it is in"));
        }
    };
    if !scope.holds(&id) {
        return Err(refuse(&id.to_string(), "which was not asked for"));
    }
    Ok(Registration {
        id,
        name: item.name,
        location: item.location,
        cloud_id: item.cloud_id,
        object_id: item.object_id,
        billing_model: item.billing_model,
        etag: item.etag,
        created_by: item.created_by,
        created_at: item.created_at,
        last_modified_by: item.last_modified_by,
        last_modified_at: item.last_modified_at,
    })
}
