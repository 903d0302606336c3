//! Access tokens and where they come from.

mod azure_cli;
mod directory;
mod entra;
mod managed_identity;
mod principal;
mod refreshing;
mod sign_in;
mod supplied;

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use zeroize::Zeroizing;

pub use azure_cli::AzureCliCredential;
pub use directory::Directory;
pub use entra::{ClientCertificate, EntraCredential, Proof};
pub use managed_identity::{Endpoint, Environment, ManagedIdentityCredential};
pub use principal::Principal;
pub use refreshing::RefreshingToken;
pub use sign_in::{SignIn, SignInInput, SignInKind};
pub use supplied::SuppliedToken;

use crate::clock::{BoxFuture, Clock};
use crate::error::Result;

/// An access token. Its text is wiped when it is dropped, and is in no output of this type.
pub struct AccessToken {
    text: Zeroizing<String>,
    expires_on: Option<u64>,
    principal: Option<Arc<Principal>>,
}

impl AccessToken {
    /// A token and its expiry in seconds since 1970-01-01 UTC, 0 where that is unknown. `None` where the text cannot
    /// be a token: it is empty, or has characters that no header may hold.
    pub fn new(text: String, expires_on: u64) -> Option<AccessToken> {
        let text = Zeroizing::new(text);
        let plausible = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        plausible.then(|| {
            let principal = Principal::of(&text).map(Arc::new);
            AccessToken { text, expires_on: (expires_on > 0).then_some(expires_on), principal }
        })
    }

    /// Its expiry in seconds since 1970-01-01 UTC, where it is known.
    pub fn expires_on(&self) -> Option<u64> {
        self.expires_on
    }

    /// Who it was issued to, where it says so.
    pub fn principal(&self) -> Option<&Arc<Principal>> {
        self.principal.as_ref()
    }

    /// The Authorization header, marked as sensitive. `None` cannot be, for the text was checked.
    fn header(&self) -> Option<HeaderValue> {
        let line = Zeroizing::new(format!("Bearer {}", self.text.as_str()));
        let mut value = HeaderValue::from_str(&line).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("expires_on", &self.expires_on).finish_non_exhaustive()
    }
}

/// Why a credential is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// There is none yet.
    Missing,
    /// It has expired.
    Expired,
    /// The service answered 401 to it.
    Rejected {
        /// The claims that the service asks for.
        claims: Option<String>,
    },
}

/// An Authorization header, and which of the source's tokens it holds.
pub struct Authorization {
    /// The header's value, marked as sensitive.
    pub header: HeaderValue,
    /// Which token it is: a newer token has a greater number.
    pub generation: u64,
    /// Who the token was issued to, where it says so.
    pub principal: Option<Arc<Principal>>,
}

impl Authorization {
    /// That of a token, which is the source's `generation`th.
    fn with(token: &AccessToken, generation: u64) -> Option<Authorization> {
        Some(Authorization { header: token.header()?, generation, principal: token.principal().cloned() })
    }
}

/// Something that signs in: each time it is asked, for a token that it has not given before.
pub trait Credential: Send + Sync {
    /// Signs in once. The clock is for what is signed with a time, and for the expiry.
    fn get<'a>(&'a self, clock: &'a dyn Clock) -> BoxFuture<'a, Result<AccessToken>>;
}

/// Where tokens come from.
pub trait TokenSource: Send + Sync {
    /// A token that is worth trying. Waits where the source can get one, and fails where it cannot.
    fn authorization(&self, now_unix: u64) -> BoxFuture<'_, Result<Authorization>>;

    /// Says that the service answered 401 to this token, with the claims that it asks for.
    /// Returns whether another one can be had: if not, the answer of the service is the error to report.
    fn rejected(&self, generation: u64, claims: Option<String>) -> bool;

    /// What somebody has to supply now for waiting requests to go on.
    fn needed(&self) -> Option<Reason>;

    /// Nobody can supply anything any more: what waits fails.
    fn close(&self);

    /// Takes a token from the caller; `false` where the source takes none.
    fn supply(&self, token: AccessToken) -> bool;
}
