//! The throw-away certificate authority and the listener's certificate.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use uuid::Uuid;

/// What a TLS listener shows its clients, and the authority that they are to trust.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity {
    pub(crate) ca_pem: String,
    certificate_pem: String,
    key_pem: String,
}

impl Identity {
    /// Makes an authority and a certificate for the loopback names. The authority's key is forgotten at once.
    pub(crate) fn make() -> io::Result<Self> {
        let ca_key = KeyPair::generate().map_err(io::Error::other)?;
        let mut ca = CertificateParams::default();
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // Each run's authority has a name of its own: clients that keep several must not mix them up.
        ca.distinguished_name.push(DnType::CommonName, format!("azs-emulator {}", Uuid::new_v4().simple()));
        set_validity(&mut ca);
        let ca_certificate = ca.self_signed(&ca_key).map_err(io::Error::other)?;

        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let leaf_key = KeyPair::generate().map_err(io::Error::other)?;
        let mut leaf = CertificateParams::new(names).map_err(io::Error::other)?;
        leaf.is_ca = IsCa::ExplicitNoCa;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        leaf.distinguished_name.push(DnType::CommonName, "localhost");
        set_validity(&mut leaf);
        let leaf_certificate =
            leaf.signed_by(&leaf_key, &Issuer::from_params(&ca, &ca_key)).map_err(io::Error::other)?;

        Ok(Self {
            ca_pem: ca_certificate.pem(),
            certificate_pem: leaf_certificate.pem(),
            key_pem: leaf_key.serialize_pem(),
        })
    }

    /// What a listener with this identity needs.
    pub(crate) fn server_config(&self) -> io::Result<Arc<ServerConfig>> {
        let certificate =
            CertificateDer::from_pem_slice(self.certificate_pem.as_bytes()).map_err(io::Error::other)?;
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes()).map_err(io::Error::other)?;
        // The provider is named: with several in one process, rustls would otherwise refuse to choose.
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// From yesterday, for clocks that differ, to a month ahead.
fn set_validity(certificate: &mut CertificateParams) {
    let now = OffsetDateTime::now_utc();
    certificate.not_before = now - Duration::from_secs(24 * 3600);
    certificate.not_after = now + Duration::from_secs(30 * 24 * 3600);
}
