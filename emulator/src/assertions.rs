//! Client assertions: what an application shows instead of a secret.
//!
//! Source of the form and the error codes: Microsoft's pages *Microsoft identity platform application authentication
//! certificate credentials* and on AADSTS error codes.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::StatusCode;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::Value;
use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::service::Service;
use crate::sign_in::Refusal;
use crate::tokens::unix_seconds;

/// How far the clocks may be apart.
const CLOCK_SKEW: u64 = 300;

/// Checks the assertion of a client that asks this endpoint.
pub(crate) fn check(
    service: &Service,
    assertion: &str,
    client: &str,
    audiences: &[String],
) -> Result<(), Refusal> {
    let options = &service.options;
    if options.federated_tokens.iter().any(|token| token == assertion) {
        return Ok(());
    }
    let parts: Vec<&str> = assertion.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { return Err(malformed()) };
    let (read_header, read_claims) = (json(header)?, json(claims)?);
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);

    let certificate =
        options.client_certificates.iter().find(|certificate| is_named(certificate, &read_header));
    let Some(certificate) = certificate else {
        // What no certificate has signed comes from another identity provider, as far as the service can tell.
        if text(&read_header, "x5t#S256").is_none() && text(&read_header, "x5t").is_none() {
            let issuer = text(&read_claims, "iss").unwrap_or_default();
            let message = format!(
                "No matching federated identity record found for presented assertion issuer '{issuer}'."
            );
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, "invalid_request", 700_211, message));
        }
        return Err(not_valid("The key was not found."));
    };
    let algorithm: &'static dyn VerificationAlgorithm = match text(&read_header, "alg").as_deref() {
        Some("PS256") => &RSA_PSS_2048_8192_SHA256,
        Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(malformed()),
    };
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| malformed())?;
    if !parsed.validity().is_valid() {
        return Err(not_valid("The key used is expired."));
    }
    let signed = &assertion.as_bytes()[..header.len() + 1 + claims.len()];
    let key = UnparsedPublicKey::new(algorithm, &parsed.public_key().subject_public_key.data);
    key.verify(signed, &signature).map_err(|_| not_valid("Invalid signature."))?;

    let now = unix_seconds(SystemTime::now());
    let time = |name: &str| read_claims.get(name).and_then(Value::as_u64);
    let begun = time("nbf").is_none_or(|from| from <= now + CLOCK_SKEW);
    if !begun || time("exp").is_none_or(|until| until + CLOCK_SKEW < now) {
        let message = "Client assertion is not within its valid time range.".to_owned();
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "invalid_client", 700_024, message));
    }
    let says_client = |name| text(&read_claims, name).is_some_and(|said| said.eq_ignore_ascii_case(client));
    if !says_client("iss") || !says_client("sub") {
        let message =
            "Client assertion application identifier doesn't match 'client_id' parameter.".to_owned();
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "invalid_client", 700_021, message));
    }
    if !text(&read_claims, "aud").is_some_and(|said| audiences.contains(&said)) {
        let message = "Client assertion audience claim does not match Realm issuer.".to_owned();
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "invalid_client", 700_023, message));
    }
    Ok(())
}

/// Whether the header names a certificate by its thumbprint.
fn is_named(certificate: &CertificateDer<'_>, header: &Value) -> bool {
    let named = |name: &str, algorithm| {
        header.get(name).and_then(Value::as_str)
            == Some(&URL_SAFE_NO_PAD.encode(digest(algorithm, certificate)))
    };
    named("x5t#S256", &SHA256) || named("x5t", &SHA1_FOR_LEGACY_USE_ONLY)
}

fn json(part: &str) -> Result<Value, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed())?;
    serde_json::from_slice(&bytes).map_err(|_| malformed())
}

fn malformed() -> Refusal {
    Refusal::new(
        StatusCode::UNAUTHORIZED,
        "invalid_client",
        50_027,
        "JWT token is invalid or malformed.".to_owned(),
    )
}

fn not_valid(reason: &str) -> Refusal {
    let message = format!("Client assertion contains an invalid signature. [Reason - {reason}]");
    Refusal::new(StatusCode::UNAUTHORIZED, "invalid_client", 700_027, message)
}
