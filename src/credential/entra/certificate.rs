//! The certificate of an application with its private key, from a PFX or PEM file.
//!
//! azure_identity's own certificate credential links OpenSSL, which a portable library must not.

use std::path::Path;

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::SecretDocument;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PSS_SHA256;
use rustls::pki_types::pem::{PemObject, SectionKind};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use crate::error::{Category, Error, Result};

/// The column that errors name.
const COLUMN: &str = "CertificatePath";

/// A certificate and the key that belongs to it.
pub struct ClientCertificate {
    /// SHA-256 of the certificate.
    thumbprint: [u8; 32],
    key: KeyPair,
}

impl std::fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientCertificate").finish_non_exhaustive()
    }
}

impl ClientCertificate {
    /// Reads a file in PFX (PKCS#12) or PEM form. The password is that of the PFX, or of the encrypted key in PEM.
    pub fn read(path: &Path, password: Option<&str>) -> Result<ClientCertificate> {
        let file = File { shown: path.display().to_string(), password };
        let bytes = std::fs::read(path).map(Zeroizing::new);
        let bytes =
            bytes.map_err(|why| file.refuse("CertificateNotReadable", &format!("cannot be read ({why})")))?;
        let is_pem = bytes.windows(11).any(|window| window == b"-----BEGIN ");
        let (certificates, key) = if is_pem { file.read_pem(&bytes)? } else { file.read_pfx(&bytes)? };
        file.pair(&certificates, &key)
    }

    pub(super) fn thumbprint(&self) -> &[u8] {
        &self.thumbprint
    }

    /// The signature of RSASSA-PSS with SHA-256.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature).map_err(|_| {
            Error::new(
                Category::Internal,
                "InternalFault",
                "The assertion could not be signed with the certificate's key.",
            )
        })?;
        Ok(signature)
    }
}

/// A file that is read.
struct File<'a> {
    shown: String,
    password: Option<&'a str>,
}

/// Certificates and a private key, in DER.
type Parts = (Vec<Vec<u8>>, Key);

/// A private key in DER.
enum Key {
    Pkcs8(Zeroizing<Vec<u8>>),
    Pkcs1(Zeroizing<Vec<u8>>),
}

impl File<'_> {
    fn refuse(&self, code: &str, why: &str) -> Error {
        let message = format!("{COLUMN} '{}' {why}.", self.shown);
        Error::input(code, COLUMN, &self.shown, message)
    }

    fn wrong_password(&self) -> Error {
        match self.password {
            None => self.refuse("CertificatePasswordMissing", "is encrypted, and no password was given"),
            Some(_) => {
                self.refuse("CertificatePasswordWrong", "was not opened by the password that was given")
            }
        }
    }

    fn read_pfx(&self, bytes: &[u8]) -> Result<Parts> {
        let read =
            KeyStore::from_pkcs12(bytes, self.password.unwrap_or_default(), Pkcs12ImportPolicy::Relaxed);
        let store = read.map_err(|why| match why {
            p12_keystore::error::Error::MacError(_) => self.wrong_password(),
            why => self.refuse(
                "CertificateNotUnderstood",
                &format!("is neither PEM nor a PFX that could be read ({why}). Expected a PFX file, or PEM with the \
                          certificate and its private key"),
            ),
        })?;
        let Some((_, chain)) = store.private_key_chain() else {
            return Err(self.refuse(
                "CertificateWithoutKey",
                "holds no private key. Export the certificate with its key",
            ));
        };
        let certificates = chain.certs().iter().map(|it| it.as_der().to_vec()).collect();
        Ok((certificates, Key::Pkcs8(Zeroizing::new(chain.key().as_der().to_vec()))))
    }

    fn read_pem(&self, bytes: &[u8]) -> Result<Parts> {
        let not_pem = |why: &dyn std::fmt::Display| {
            self.refuse("CertificateNotUnderstood", &format!("is no PEM that could be read ({why})"))
        };
        if std::str::from_utf8(bytes).is_ok_and(|text| text.contains("Proc-Type: 4,ENCRYPTED")) {
            let why = "has a private key in OpenSSL's old encrypted form. Convert it: openssl pkcs8 -topk8 -in FILE";
            return Err(self.refuse("CertificateWithoutKey", why));
        }
        let certificates: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes)
            .map(|section| section.map(|certificate| certificate.as_ref().to_vec()))
            .collect();
        let certificates = certificates.map_err(|why| not_pem(&why))?;
        let mut key = None;
        for section in <(SectionKind, Vec<u8>) as PemObject>::pem_slice_iter(bytes) {
            let (kind, der) = section.map_err(|why| not_pem(&why))?;
            let found = match kind {
                SectionKind::PrivateKey => Key::Pkcs8(Zeroizing::new(der)),
                SectionKind::RsaPrivateKey => Key::Pkcs1(Zeroizing::new(der)),
                SectionKind::EcPrivateKey => return Err(self.not_rsa()),
                _ => continue,
            };
            key = Some(found);
        }
        let key = match key {
            Some(key) => key,
            None => self.encrypted_key(bytes)?,
        };
        Ok((certificates, key))
    }

    /// The key of a section that is encrypted, which the other reader passes over.
    fn encrypted_key(&self, bytes: &[u8]) -> Result<Key> {
        const LABEL: &str = "ENCRYPTED PRIVATE KEY";
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let (begin, end) = (format!("-----BEGIN {LABEL}-----"), format!("-----END {LABEL}-----"));
        let section =
            text.find(&begin).zip(text.find(&end)).and_then(|(from, to)| text.get(from..to + end.len()));
        let Some(section) = section else {
            let why = "holds no private key. Put the certificate and its key into one PEM file";
            return Err(self.refuse("CertificateWithoutKey", why));
        };
        let broken = |why: &dyn std::fmt::Display| {
            self.refuse(
                "CertificateNotUnderstood",
                &format!("has an encrypted key that could not be read ({why})"),
            )
        };
        let (_, document) = SecretDocument::from_pem(section).map_err(|why| broken(&why))?;
        let encrypted =
            EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|why| broken(&why))?;
        let Some(password) = self.password else { return Err(self.wrong_password()) };
        let key = encrypted.decrypt(password).map_err(|_| self.wrong_password())?;
        Ok(Key::Pkcs8(Zeroizing::new(key.as_bytes().to_vec())))
    }

    fn not_rsa(&self) -> Error {
        self.refuse(
            "CertificateKeyNotRsa",
            "has a key that is not RSA, which Microsoft Entra ID takes for applications",
        )
    }

    /// The certificate that belongs to the key.
    fn pair(&self, certificates: &[Vec<u8>], key: &Key) -> Result<ClientCertificate> {
        let read = match key {
            Key::Pkcs8(der) => {
                KeyPair::from_pkcs8(PrivatePkcs8KeyDer::from(der.as_slice()).secret_pkcs8_der())
            }
            Key::Pkcs1(der) => KeyPair::from_der(der),
        };
        let key = read.map_err(|why| match why.to_string().as_str() {
            "WrongAlgorithm" => self.not_rsa(),
            "TooSmall" => self.refuse(
                "CertificateKeySize",
                "has an RSA key of less than 2,048 bits. It is no longer safe; make a new certificate",
            ),
            "TooLarge" => self.refuse(
                "CertificateKeySize",
                "has an RSA key of more than 4,096 bits. Make a certificate with 2,048 to 4,096 bits",
            ),
            _ => self.refuse(
                "CertificateNotUnderstood",
                &format!("has a private key that could not be read ({why})"),
            ),
        })?;
        if certificates.is_empty() {
            return Err(self.refuse("CertificateMissing", "holds a private key and no certificate"));
        }
        // The public key stands in its certificate in the same form, and in no other.
        let public: &[u8] = key.public().as_ref();
        let of_key = certificates.iter().find(|der| der.windows(public.len()).any(|window| window == public));
        let Some(certificate) = of_key else {
            return Err(self.refuse(
                "CertificateOfAnotherKey",
                "holds a private key that belongs to none of its certificates",
            ));
        };
        let mut thumbprint = [0; 32];
        thumbprint.copy_from_slice(digest(&SHA256, certificate).as_ref());
        Ok(ClientCertificate { thumbprint, key })
    }
}
