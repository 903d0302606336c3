//! Access tokens: issued, known, expired.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// A token and when it expires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssuedToken {
    /// The bearer token.
    pub token: String,
    /// When it expires, in seconds since 1970.
    pub expires_on: u64,
}

/// What a token stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) tenant: String,
    /// The application it was issued to.
    pub(crate) client: String,
    pub(crate) expires: SystemTime,
}

/// The tokens issued so far. ARM accepts no other.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    grants: HashMap<String, Grant>,
}

/// A tenth of a century: the whole run.
const RUN: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

impl Tokens {
    /// A token that is valid for the whole run.
    pub(crate) fn issue_for_run(&mut self, tenant: &str, client: &str) -> String {
        self.issue(tenant, client, "https://management.azure.com/", RUN).token
    }

    /// A new token. Its form is that of the sign-in service, a JWT, for clients that look into it; the signature is
    /// random, because only the emulator itself checks tokens, by knowing them.
    pub(crate) fn issue(
        &mut self,
        tenant: &str,
        client: &str,
        audience: &str,
        lifetime: Duration,
    ) -> IssuedToken {
        let now = SystemTime::now();
        let expires = now + lifetime;
        let claims = json!({
            "aud": audience,
            "iss": format!("https://sts.windows.net/{tenant}/"),
            "iat": unix_seconds(now),
            "nbf": unix_seconds(now),
            "exp": unix_seconds(expires),
            "appid": client,
            "oid": Uuid::new_v5(&Uuid::NAMESPACE_OID, client.as_bytes()),
            "tid": tenant,
            "uti": Uuid::new_v4(),
            "ver": "1.0",
        });
        let token = [
            URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"RS256"}"#),
            URL_SAFE_NO_PAD.encode(claims.to_string()),
            URL_SAFE_NO_PAD.encode([Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat()),
        ]
        .join(".");
        self.grants
            .insert(token.clone(), Grant { tenant: tenant.to_owned(), client: client.to_owned(), expires });
        IssuedToken { token, expires_on: unix_seconds(expires) }
    }

    pub(crate) fn grant(&self, token: &str) -> Option<&Grant> {
        self.grants.get(token)
    }

    /// Whether a token is known and has not expired.
    pub(crate) fn is_valid(&self, token: &str) -> bool {
        self.grant(token).is_some_and(Grant::is_valid)
    }

    /// Takes over a token that was issued before.
    pub(crate) fn know(&mut self, token: String, grant: Grant) {
        self.grants.insert(token, grant);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Grant)> {
        self.grants.iter()
    }

    /// Expires every token issued so far.
    pub(crate) fn expire_all(&mut self, now: SystemTime) {
        self.grants.values_mut().for_each(|grant| grant.expires = grant.expires.min(now));
    }

    /// Makes a token valid for the whole run again.
    pub(crate) fn revive(&mut self, token: &str) {
        if let Some(grant) = self.grants.get_mut(token) {
            grant.expires = SystemTime::now() + RUN;
        }
    }
}

impl Grant {
    pub(crate) fn is_valid(&self) -> bool {
        SystemTime::now() < self.expires
    }
}

pub(crate) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}
