//! Changes by another client, made up beside a request.

use serde::{Deserialize, Serialize};

use super::FaultAction;
use crate::arm;
use crate::options::MappingSeed;
use crate::registrations::RegistrationScope;
use crate::request::ServiceRequest;
use crate::service::Service;

/// When another client's changes are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeTime {
    /// When the request has been received, before its effect.
    #[default]
    Before,
    /// After its effect, before its answer.
    After,
}

/// A change that another client makes in the registration that the request is about; in the first one if it is about
/// none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WriterChange {
    /// It adds or overwrites a customer subscription.
    Put(MappingSeed),
    /// It removes the customer subscription of this id.
    Delete(String),
}

/// Makes the changes that are due at this time.
pub(super) fn write(service: &Service, request: &ServiceRequest, met: &[FaultAction], time: ChangeTime) {
    for action in met {
        if let FaultAction::AnotherWriter { when, changes } = action
            && *when == time
        {
            let scope = arm::registration_of(request)
                .or_else(|| service.options.registrations.first().map(RegistrationScope::of));
            scope.iter().for_each(|scope| make(service, scope, changes));
        }
    }
}

fn make(service: &Service, scope: &RegistrationScope, changes: &[WriterChange]) {
    let mut world = service.world();
    for change in changes {
        match change {
            WriterChange::Put(seed) if world.registrations.get(scope).is_some() => {
                world.seed(std::slice::from_ref(scope), [seed.clone()]);
            }
            // A registration that is not there has nothing to change.
            WriterChange::Put(_) => {}
            WriterChange::Delete(id) => world.delete(scope, id),
        }
    }
}
