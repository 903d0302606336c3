//! What an emulator starts with.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_rustls::rustls::pki_types::CertificateDer;
use uuid::Uuid;

use crate::faults::Fault;
use crate::switches::Switches;

/// The subscription of the OpenAPI examples: the registrations' unless a seed names another.
pub(crate) const SUBSCRIPTION: &str = "dd8597b4-8739-4467-8b10-f8679f62bfbf";
/// The resource group that RegisterWithAzure.psm1 makes by default.
pub(crate) const RESOURCE_GROUP: &str = "azurestack";
/// A made-up cloud id.
const CLOUD_ID: &str = "8f4ba54b-7a44-4d0e-9a1c-6d0f5c1f2b7e";
/// Microsoft's own sample tenant is nobody's here: this one is made up.
const TENANT: &str = "5d2a9c1e-43f6-4b8e-9e57-1c0de8ba7f10";
const CLIENT: &str = "c0ffee00-6a3b-4d52-8c1f-2f9d7be0a411";

/// What an emulator starts with, and goes back to on a reset.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port of the TLS listener; 0 takes a free one.
    pub port: u16,
    /// The tenant that the registrations' subscriptions belong to.
    pub tenant_id: String,
    /// The application that signs in with [`Options::client_secret`], also the managed identity's client id.
    pub client_id: String,
    /// Its secret, made anew for each emulator by default.
    pub client_secret: String,
    /// Certificates that the application may sign in with.
    pub client_certificates: Vec<CertificateDer<'static>>,
    /// Tokens of another identity provider that the application may sign in with.
    pub federated_tokens: Vec<String>,
    /// What a request to the managed identity endpoint of App Service shows as `X-IDENTITY-HEADER`; Azure Arc's agent
    /// writes it into its file.
    pub identity_header: String,
    /// Where Azure Arc's agent writes its file; `None`: there is no agent.
    pub arc_key_folder: Option<PathBuf>,
    /// How long a token of the sign-in service is valid.
    pub token_lifetime: Duration,
    /// The registrations; the first is the one that `emulator.json` names.
    pub registrations: Vec<RegistrationSeed>,
    /// The switches at the start.
    pub switches: Switches,
    /// The faults at the start.
    pub faults: Vec<Fault>,
    /// How many requests the journal keeps, the last ones; it goes on counting those that it drops.
    pub journal_entries: usize,
    /// So many generated customer subscriptions in the first registration at the start, those of
    /// [`MappingSeed::generate`].
    pub generate: u64,
    /// A file that keeps the state, made if need be. An emulator that starts with the file of one that has ended, however
    /// it did, goes on with its customer subscriptions, directory, tokens, certificates and client secret, and with its
    /// ports unless told others. What [`Options::registrations`] names is added, [`Options::generate`] is for a new file
    /// only.
    pub state: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            tenant_id: TENANT.to_owned(),
            client_id: CLIENT.to_owned(),
            client_secret: format!("emulator~{}", Uuid::new_v4().simple()),
            client_certificates: Vec::new(),
            federated_tokens: Vec::new(),
            identity_header: Uuid::new_v4().simple().to_string(),
            arc_key_folder: None,
            // Within the 60 to 90 minutes that the service gives.
            token_lifetime: Duration::from_secs(3599),
            registrations: vec![RegistrationSeed::default()],
            switches: Switches::default(),
            faults: Vec::new(),
            journal_entries: 100_000,
            generate: 0,
            state: None,
        }
    }
}

impl Options {
    /// Whether an emulator can start with them: there is at least one registration, and the switches can be served.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.registrations.is_empty() {
            return Err("an emulator needs a registration".to_owned());
        }
        self.switches.check()
    }
}

/// A registration to start with or to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "RegistrationForm")]
pub struct RegistrationSeed {
    /// The subscription it is in.
    pub subscription_id: String,
    /// Its resource group.
    pub resource_group: String,
    /// Its name, `azurestack-` and the cloud id by default.
    pub name: String,
    /// Its billing model. With `Capacity`, customer subscriptions are not allowed.
    pub billing_model: String,
    /// Its cloud id; derived from the name by default.
    pub cloud_id: String,
}

/// A registration as JSON gives it: whatever is left out goes by the name, or is the default.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RegistrationForm {
    name: String,
    subscription_id: Option<String>,
    resource_group: Option<String>,
    billing_model: Option<String>,
    cloud_id: Option<String>,
}

impl TryFrom<RegistrationForm> for RegistrationSeed {
    type Error = String;

    fn try_from(form: RegistrationForm) -> Result<Self, String> {
        let named = Self::named(form.name);
        let subscription_id = form.subscription_id.unwrap_or(named.subscription_id);
        Uuid::parse_str(&subscription_id).map_err(|_| format!("'{subscription_id}' is no GUID"))?;
        Ok(Self {
            subscription_id,
            resource_group: form.resource_group.unwrap_or(named.resource_group),
            billing_model: form.billing_model.unwrap_or(named.billing_model),
            cloud_id: form.cloud_id.unwrap_or(named.cloud_id),
            name: named.name,
        })
    }
}

impl Default for RegistrationSeed {
    fn default() -> Self {
        Self {
            subscription_id: SUBSCRIPTION.to_owned(),
            resource_group: RESOURCE_GROUP.to_owned(),
            name: format!("azurestack-{CLOUD_ID}"),
            billing_model: "PayAsYouUse".to_owned(),
            cloud_id: CLOUD_ID.to_owned(),
        }
    }
}

impl RegistrationSeed {
    /// A pay-as-you-use registration in the default subscription and resource group.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        let cloud_id = name
            .get(..11)
            .filter(|prefix| prefix.eq_ignore_ascii_case("azurestack-"))
            .and_then(|_| Uuid::parse_str(&name[11..]).ok())
            .unwrap_or_else(|| Uuid::new_v5(&Uuid::NAMESPACE_URL, name.to_lowercase().as_bytes()));
        Self { name, cloud_id: cloud_id.to_string(), ..Self::default() }
    }

    /// Reads `NAME` or `SUBSCRIPTION/RESOURCE-GROUP/NAME`, the form of the command line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err("expected NAME or SUBSCRIPTION/RESOURCE-GROUP/NAME".to_owned());
        }
        match parts[..] {
            [name] => Ok(Self::named(name)),
            [subscription, resource_group, name] => {
                Uuid::parse_str(subscription).map_err(|_| format!("'{subscription}' is no GUID"))?;
                Ok(Self {
                    subscription_id: subscription.to_owned(),
                    resource_group: resource_group.to_owned(),
                    ..Self::named(name)
                })
            }
            _ => Err("expected NAME or SUBSCRIPTION/RESOURCE-GROUP/NAME".to_owned()),
        }
    }

    /// The ARM id of the registration.
    pub fn resource_id(&self) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.AzureStack/registrations/{}",
            self.subscription_id, self.resource_group, self.name
        )
    }
}

/// A customer subscription to put into a registration, past the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MappingSeed {
    /// Its id, in the spelling to store.
    pub customer_subscription_id: String,
    /// Its tenant; the directory's without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
}

impl MappingSeed {
    /// A customer subscription with the tenant that the directory has for it.
    pub fn new(customer_subscription_id: impl Into<String>) -> Self {
        Self { customer_subscription_id: customer_subscription_id.into(), tenant_id: None }
    }

    /// A customer subscription with this tenant.
    pub fn with_tenant(customer_subscription_id: impl Into<String>, tenant_id: impl Into<String>) -> Self {
        Self { tenant_id: Some(tenant_id.into()), ..Self::new(customer_subscription_id) }
    }

    /// So many customer subscriptions, the same ones each time for the same range.
    pub fn generate(numbers: std::ops::Range<u64>) -> impl Iterator<Item = Self> {
        numbers.map(|number| {
            let name = format!("customer subscription {number}");
            Self::new(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string())
        })
    }
}
