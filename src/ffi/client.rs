//! A client: one sign-in, with its runtime, connections and credential.

use std::mem::{offset_of, size_of};
use std::time::Duration;

use zeroize::Zeroizing;

use super::advice::words;
use super::error::{azs_error_handle, hand_out};
use super::guard::guard;
use super::read::{boolean, clear, read_struct, required, write_struct};
use super::status::{AZS_E_CONFIG, AZS_E_NULL, AZS_E_VALUE, AZS_OK};
use super::text::azs_str;
use crate::client::{Client, ClientOptions};
use crate::cloud::{Cloud, CloudInput};
use crate::credential::{AccessToken, SignIn, SignInInput, SignInKind, SuppliedToken};

/// `kind` of a credential: an access token for Azure Resource Manager.
pub const AZS_CREDENTIAL_KIND_TOKEN: i32 = 1;
/// `kind` of a credential: a signed assertion that the client changes for a token.
pub const AZS_CREDENTIAL_KIND_ASSERTION: i32 = 2;

/// How a client reaches Azure Resource Manager.
#[repr(C)]
pub struct azs_client_config {
    /// Bytes of this struct.
    pub size: u32,
    /// 1: the caller answers `AZS_EVENT_CREDENTIAL_NEEDED`. 0: a request without a valid token fails.
    pub can_supply_credential: u8,
    /// Azure Resource Manager's endpoint, https; NULL: that of the public cloud.
    pub arm_endpoint: azs_str,
    /// The sign-in endpoint, https; NULL: that of the public cloud.
    pub authority_host: azs_str,
    /// A file with certificates (PEM) that are trusted beside those of the system; NULL: none.
    pub ca_certificate_path: azs_str,
    /// The api-version to send; NULL: 2017-06-01.
    pub api_version: azs_str,
    /// What calls the library, for the User-Agent header, as `PowerShell/7.6`; NULL: nothing.
    pub caller: azs_str,
    /// How long a connection may take to be made, in milliseconds; 0: 20,000.
    pub connect_timeout_ms: u32,
    /// How long an answer may take, in milliseconds; 0: 90,000 (the resource provider has 60 s).
    pub answer_timeout_ms: u32,
    /// 1: the tenant of a customer subscription is not asked for by the sign-in challenge of Azure Resource Manager. Adds
    /// whose tenant nothing else tells then run one by one, and a replacement is seen only afterwards.
    pub no_tenant_discovery: u8,
    /// One of `AZS_WORDS_...`: in whose words the errors of the client and of its operations say what to do.
    pub advice_words: i32,
    /// A cloud by its name, as `AzureUSGovernment`; NULL: the public one, or that of the endpoint. Endpoints that are
    /// given go before those of the name.
    pub cloud: azs_str,
    /// What tokens are for; NULL: what the cloud's are for, or else its endpoint.
    pub audience: azs_str,
    /// How the client signs in by itself; NULL: the caller gives it tokens.
    pub sign_in: *const azs_sign_in,
}

/// `kind` of a sign-in: an application with a secret.
pub const AZS_SIGN_IN_SECRET: i32 = 1;
/// `kind` of a sign-in: an application with a certificate.
pub const AZS_SIGN_IN_CERTIFICATE: i32 = 2;
/// `kind` of a sign-in: an application with the token of another identity provider.
pub const AZS_SIGN_IN_FEDERATED_TOKEN: i32 = 3;
/// `kind` of a sign-in: the identity that Azure gives to this machine or service.
pub const AZS_SIGN_IN_MANAGED_IDENTITY: i32 = 4;
/// `kind` of a sign-in: whoever has signed in to the Azure CLI.
pub const AZS_SIGN_IN_AZURE_CLI: i32 = 5;

/// How a client signs in by itself. It gets tokens when it needs them, renews them in time, and asks nobody.
///
/// The texts are copied, and the copies of the secret are wiped when the client lets go of them; wiping the given bytes is
/// the caller's.
#[repr(C)]
pub struct azs_sign_in {
    /// Bytes of this struct.
    pub size: u32,
    /// `AZS_SIGN_IN_…`.
    pub kind: i32,
    /// The directory, by its id or a domain name; NULL: that of `registration_subscription_id`.
    pub tenant_id: azs_str,
    /// A subscription, or the id of a resource in it, whose directory is signed in to where `tenant_id` is NULL: Azure
    /// Resource Manager says which it is.
    pub registration_subscription_id: azs_str,
    /// The application's id; for a managed identity the client id of a user-assigned one, or NULL.
    pub application_id: azs_str,
    /// The application's secret.
    pub secret: azs_str,
    /// A file with the certificate and its private key, PFX or PEM.
    pub certificate_path: azs_str,
    /// The password of that file; NULL: none.
    pub certificate_password: azs_str,
    /// A file with a token of another identity provider. It is read for each sign-in.
    pub federated_token_file: azs_str,
    /// Where a virtual machine's managed identity is asked for, on this machine or link-local; NULL: the usual place. What
    /// App Service, Azure Automation and Azure Arc say in the environment goes before it.
    pub managed_identity_endpoint: azs_str,
}

/// The least `size` that a caller built for this major version of the ABI can pass.
const SIGN_IN_SIZE_V1: usize = offset_of!(azs_sign_in, managed_identity_endpoint) + size_of::<azs_str>();

/// A client. Opaque; any thread may use it, several at once too.
pub struct azs_client {
    pub(super) client: Client,
}

/// The least `size` that a caller built for this major version of the ABI can pass: up to the last member of 1.0.
const CONFIG_SIZE_V1: usize = offset_of!(azs_client_config, advice_words) + size_of::<i32>();

/// Makes a client. Nothing is sent yet.
///
/// `client` receives the handle, to be given to `azs_client_free`. Where the configuration is refused the function
/// returns `AZS_E_CONFIG` and, if `error` is not NULL, puts a handle there that says why, to be given to
/// `azs_error_free`. Any thread.
///
/// A process that forks without calling exec must not use a client of its parent: its threads are gone.
///
/// # Safety
/// `config` points to a struct of at least its `size` bytes whose texts, and whose `sign_in` unless it is NULL, can be
/// read; `client`, and `error` unless
/// it is NULL, point to places for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_client_new(
    config: *const azs_client_config,
    client: *mut *mut azs_client,
    error: *mut *mut azs_error_handle,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises NULL or places for pointers.
        unsafe {
            let _ = clear(error);
            clear(client).ok_or(AZS_E_NULL)?;
        }
        // SAFETY: the caller promises a readable struct of `size` bytes.
        let config = unsafe { read_struct(config, CONFIG_SIZE_V1) }?;
        // SAFETY: the caller promises that the texts can be read.
        let options = unsafe { client_options(&config) }?;
        let words = words(config.advice_words)?;
        match options.and_then(Client::new) {
            Ok(made) => {
                // SAFETY: checked for NULL above.
                unsafe { client.write(Box::into_raw(Box::new(azs_client { client: made }))) };
                Ok(AZS_OK)
            }
            Err(refused) => {
                // SAFETY: NULL, or a place for a pointer.
                unsafe { hand_out(refused, words, error) };
                Err(AZS_E_CONFIG)
            }
        }
    })
}

/// Reads the texts of `config`. The outer error is a status, the inner one a refused configuration.
///
/// # Safety
/// The texts, and `sign_in` unless it is NULL, can be read.
unsafe fn client_options(config: &azs_client_config) -> Result<Result<ClientOptions, crate::Error>, i32> {
    // SAFETY: passed on to the caller, for all of them.
    let (cloud, ca, api_version, caller, sign_in) = unsafe {
        let cloud = CloudInput {
            name: config.cloud.copy()?,
            arm_endpoint: config.arm_endpoint.copy()?,
            authority_host: config.authority_host.copy()?,
            audience: config.audience.copy()?,
        };
        let sign_in = if config.sign_in.is_null() {
            None
        } else {
            Some(sign_in(&read_struct(config.sign_in, SIGN_IN_SIZE_V1)?)?)
        };
        (
            cloud,
            config.ca_certificate_path.copy()?,
            config.api_version.copy()?,
            config.caller.copy()?,
            sign_in,
        )
    };
    let may_ask = boolean(config.can_supply_credential)?;
    let no_discovery = boolean(config.no_tenant_discovery)?;
    let words = words(config.advice_words)?;
    if may_ask && sign_in.is_some() {
        return Err(AZS_E_VALUE);
    }
    let options = || {
        let sign_in = sign_in.unwrap_or_else(|| Ok(SignIn::Tokens(SuppliedToken::new(may_ask))))?;
        let mut options = ClientOptions::signing_in(Cloud::from_input(&cloud)?, sign_in);
        options.ca_certificate_path = ca.map(Into::into);
        options.caller = caller;
        options.advice_words = words;
        options.tenant_discovery = !no_discovery;
        if let Some(api_version) = api_version {
            options.api_version = api_version.parse()?;
        }
        if config.connect_timeout_ms > 0 {
            options.connect_timeout = Duration::from_millis(config.connect_timeout_ms.into());
        }
        if config.answer_timeout_ms > 0 {
            options.answer_timeout = Duration::from_millis(config.answer_timeout_ms.into());
        }
        Ok(options)
    };
    Ok(options())
}

/// Reads how the client signs in. The errors are those of `client_options`.
///
/// # Safety
/// The texts can be read.
unsafe fn sign_in(given: &azs_sign_in) -> Result<Result<SignIn, crate::Error>, i32> {
    // SAFETY: passed on to the caller, for all of them.
    let input = unsafe {
        SignInInput {
            directory: given.tenant_id.copy()?,
            registration_subscription_id: given.registration_subscription_id.copy()?,
            application: given.application_id.copy()?,
            secret: given.secret.copy()?.map(Zeroizing::new),
            certificate_path: given.certificate_path.copy()?.map(Into::into),
            certificate_password: given.certificate_password.copy()?.map(Zeroizing::new),
            federated_token_file: given.federated_token_file.copy()?.map(Into::into),
            managed_identity_endpoint: given.managed_identity_endpoint.copy()?,
        }
    };
    let kind = match given.kind {
        AZS_SIGN_IN_SECRET => SignInKind::Secret,
        AZS_SIGN_IN_CERTIFICATE => SignInKind::Certificate,
        AZS_SIGN_IN_FEDERATED_TOKEN => SignInKind::FederatedToken,
        AZS_SIGN_IN_MANAGED_IDENTITY => SignInKind::ManagedIdentity,
        AZS_SIGN_IN_AZURE_CLI => SignInKind::AzureCli,
        _ => return Err(AZS_E_VALUE),
    };
    Ok(SignIn::from_input(kind, input))
}

/// Which Azure a client talks to.
#[repr(C)]
pub struct azs_cloud {
    /// Bytes of this struct, set by the caller.
    pub size: u32,
    /// Azure Resource Manager's endpoint.
    pub arm_endpoint: azs_str,
    /// The sign-in endpoint.
    pub authority_host: azs_str,
    /// What tokens are for.
    pub audience: azs_str,
}

/// The least `size` that a caller built for this major version of the ABI can pass.
const CLOUD_SIZE_V1: usize = offset_of!(azs_cloud, audience) + size_of::<azs_str>();

/// Fills in which Azure the client talks to: as much of the struct as its `size` says. The texts belong to the client, and
/// end with it. Any thread.
///
/// # Safety
/// `client` is a handle from `azs_client_new` that was not freed; `cloud` points to a struct of at least its `size` bytes
/// that can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_client_cloud(client: *const azs_client, cloud: *mut azs_cloud) -> i32 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let of = unsafe { required(client) }?.client.cloud();
        let filled = azs_cloud {
            size: 0,
            arm_endpoint: azs_str::view(of.arm_endpoint().as_str()),
            authority_host: azs_str::view(of.authority_host().as_str()),
            audience: azs_str::view(of.audience()),
        };
        // SAFETY: the caller promises a struct that can be written.
        unsafe { write_struct(filled, cloud, CLOUD_SIZE_V1) }?;
        Ok(AZS_OK)
    })
}

/// Gives the client a credential, for all its operations, waiting or to come. It may be called again at any time, from
/// any thread, and replaces the one before.
///
/// `kind` is `AZS_CREDENTIAL_KIND_TOKEN` (no client takes an assertion yet); `expires_on` its expiry in seconds since 1970-01-01 UTC, or 0 where that is
/// unknown. The bytes are copied, and the copy is wiped when the client lets go of it; wiping the given bytes is the
/// caller's. A client that signs in by itself takes none: `AZS_E_VALUE`.
///
/// # Safety
/// `client` is a handle from `azs_client_new` that was not freed; the text can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_client_set_credential(
    client: *mut azs_client,
    kind: i32,
    credential: azs_str,
    expires_on: i64,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let client = unsafe { required(client) }?;
        if kind != AZS_CREDENTIAL_KIND_TOKEN {
            return Err(AZS_E_VALUE);
        }
        let expires_on = u64::try_from(expires_on).map_err(|_| AZS_E_VALUE)?;
        // SAFETY: the caller promises that the text can be read.
        let token = unsafe { credential.copy() }?.ok_or(AZS_E_NULL)?;
        let taken = client.client.set_token(AccessToken::new(token, expires_on).ok_or(AZS_E_VALUE)?);
        if taken { Ok(AZS_OK) } else { Err(AZS_E_VALUE) }
    })
}

/// Frees a client. NULL is fine. Operations made from it stay usable, and writes in flight end as they would have;
/// only a credential cannot be given any more, so that requests which wait for one fail.
/// Never blocks on the network. Any thread.
///
/// # Safety
/// `client` is NULL, or a handle from `azs_client_new` that was not freed and that no other call is using.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_client_free(client: *mut azs_client) {
    let _ = guard(|| {
        if !client.is_null() {
            // SAFETY: it came from Box::into_raw, and the caller gives it up.
            unsafe { Box::from_raw(client) }.client.close_credential();
        }
        Ok(AZS_OK)
    });
}
