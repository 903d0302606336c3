//! What an application shows instead of a secret: a JSON web token that its certificate's key has signed, or one that
//! another identity provider has written.
//!
//! Format: "Microsoft identity platform application authentication certificate credentials" (certificate-credentials).

use std::path::{Path, PathBuf};

use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::certificate::ClientCertificate;
use super::over_transport::carry;
use crate::error::{Category, Error};

/// How long an assertion is valid: Microsoft's page says five to ten minutes.
const LIFETIME: u64 = 600;

/// How far the clocks may be apart.
const CLOCK_SKEW: u64 = 60;

/// An assertion that was signed.
pub(super) struct SignedAssertion(Zeroizing<String>);

impl SignedAssertion {
    /// Signs that the application asks for a token there, now.
    pub(super) fn new(
        certificate: &ClientCertificate,
        audience: &str,
        client: &str,
        now_unix: u64,
    ) -> azure_core::Result<SignedAssertion> {
        let header = json!({
            "alg": "PS256",
            "typ": "JWT",
            "x5t#S256": URL_SAFE_NO_PAD.encode(certificate.thumbprint()),
        });
        let claims = json!({
            "aud": audience,
            "iss": client,
            "sub": client,
            "jti": Uuid::new_v4().to_string(),
            "nbf": now_unix.saturating_sub(CLOCK_SKEW),
            "exp": now_unix + LIFETIME,
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = certificate.sign(signed.as_bytes()).map_err(carry)?;
        Ok(SignedAssertion(Zeroizing::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))))
    }
}

/// Neither assertion is to be seen.
impl std::fmt::Debug for SignedAssertion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignedAssertion")
    }
}

#[async_trait::async_trait]
impl ClientAssertion for SignedAssertion {
    async fn secret(&self, _options: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        Ok(self.0.to_string())
    }
}

/// The token of another identity provider, in a file.
#[derive(Debug)]
pub(super) struct FileAssertion(PathBuf);

impl FileAssertion {
    pub(super) fn new(path: &Path) -> FileAssertion {
        FileAssertion(path.to_owned())
    }
}

#[async_trait::async_trait]
impl ClientAssertion for FileAssertion {
    async fn secret(&self, _options: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let shown = self.0.display();
        let refuse = |why: String| {
            let message = format!("FederatedTokenFile '{shown}' {why}.");
            carry(Error::new(Category::Authentication, "FederatedTokenNotReadable", message))
        };
        let text = Zeroizing::new(
            std::fs::read_to_string(&self.0).map_err(|why| refuse(format!("cannot be read ({why})")))?,
        );
        let token = text.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refuse("does not hold a token and nothing else".to_owned()));
        }
        Ok(token.to_owned())
    }
}
