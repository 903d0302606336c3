//! The limits of requests: what an empty bucket answers.

use hyper::StatusCode;
use hyper::header::RETRY_AFTER;

use super::ArmError;
use crate::request::ServiceRequest;
use crate::service::Service;
use crate::throttle::{Kind, Taken};
use crate::world::World;

/// Takes a request out of its bucket, or refuses it. `left` becomes what the bucket still holds, where there is one.
pub(crate) fn check(
    service: &Service,
    request: &ServiceRequest,
    subscription: &str,
    principal: &str,
    left: &mut Option<u32>,
) -> Result<(), ArmError> {
    if request.late {
        return Ok(());
    }
    let kind = Kind::of(&request.method);
    let taken = {
        let mut world = service.world();
        let World { throttles, switches, .. } = &mut *world;
        throttles.take(switches.throttle, subscription, principal, kind)
    };
    match taken {
        None => Ok(()),
        Some(Taken::Left(number)) => {
            *left = Some(number);
            Ok(())
        }
        Some(Taken::Empty { retry_after }) => {
            *left = Some(0);
            Err(throttled(subscription, principal, kind, retry_after))
        }
    }
}

/// The code is that of issue 105248 of MicrosoftDocs/azure-docs; the wording follows the article on request limits.
fn throttled(subscription: &str, principal: &str, kind: Kind, retry_after: u64) -> ArmError {
    let message = format!(
        "Number of '{kind}' requests for subscription '{subscription}' actor '{principal}' exceeded. Please try again \
         after '{retry_after}' seconds after additional tokens are available."
    );
    ArmError::new(StatusCode::TOO_MANY_REQUESTS, "SubscriptionRequestsThrottled", message)
        .with_header(RETRY_AFTER, retry_after.to_string())
}
