//! A client: one sign-in, with its runtime, connections and credential.

use std::mem::{offset_of, size_of};
use std::time::Duration;

use super::advice::words;
use super::error::{azs_error_handle, hand_out};
use super::guard::guard;
use super::read::{boolean, clear, read_struct, required};
use super::status::{AZS_E_CONFIG, AZS_E_NULL, AZS_E_VALUE, AZS_OK};
use super::text::azs_str;
use crate::client::{Client, ClientOptions};
use crate::cloud::Cloud;
use crate::credential::{AccessToken, SuppliedToken};

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
}

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
/// `config` points to a struct of at least its `size` bytes whose texts can be read; `client`, and `error` unless
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
/// The texts can be read.
unsafe fn client_options(config: &azs_client_config) -> Result<Result<ClientOptions, crate::Error>, i32> {
    // SAFETY: passed on to the caller, for all of them.
    let (arm, authority, ca, api_version, caller) = unsafe {
        (
            config.arm_endpoint.copy()?,
            config.authority_host.copy()?,
            config.ca_certificate_path.copy()?,
            config.api_version.copy()?,
            config.caller.copy()?,
        )
    };
    let may_ask = boolean(config.can_supply_credential)?;
    let no_discovery = boolean(config.no_tenant_discovery)?;
    let words = words(config.advice_words)?;
    Ok(Cloud::new(arm.as_deref(), authority.as_deref()).and_then(|cloud| {
        let mut options = ClientOptions::new(cloud, SuppliedToken::new(may_ask));
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
    }))
}

/// Gives the client a credential, for all its operations, waiting or to come. It may be called again at any time, from
/// any thread, and replaces the one before.
///
/// `kind` is `AZS_CREDENTIAL_KIND_TOKEN` (no client takes an assertion yet); `expires_on` its expiry in seconds since 1970-01-01 UTC, or 0 where that is
/// unknown. The bytes are copied, and the copy is wiped when the client lets go of it; wiping the given bytes is the
/// caller's.
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
        client.client.set_token(AccessToken::new(token, expires_on).ok_or(AZS_E_VALUE)?);
        Ok(AZS_OK)
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
