//! What a state file holds, line by line.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::certificate::Identity;
use crate::mappings::Change;
use crate::options::RegistrationSeed;
use crate::registrations::RegistrationScope;
use crate::tokens::Grant;

/// A line of a state file. Read in order they give the state.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Record {
    /// The first line: who this emulator is.
    Start(Start),
    /// A registration was added.
    Registration(RegistrationSeed),
    /// The customer subscriptions of a registration changed.
    Mappings { registration: RegistrationScope, change: Change },
    /// The directory was told the tenant of a subscription, or that there is none.
    Subscription { subscription: Uuid, tenant: Option<String> },
    /// A token was issued.
    Token { token: String, grant: Grant },
    /// All tokens were expired.
    TokensExpired { at: SystemTime },
}

/// What clients know an emulator by.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Start {
    pub(crate) identity: Identity,
    pub(crate) client_secret: String,
    /// The token of `emulator.json`.
    pub(crate) token: String,
    /// The ports of the TLS listener and of the managed identity endpoint.
    pub(crate) port: u16,
    pub(crate) imds_port: u16,
}
