//! The switches: one field for each thing that the real service leaves open.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::throttle::Throttle;

/// How the emulated service behaves where its documentation is silent, or where its sources contradict each other.
///
/// The defaults are the documented behaviour; each field names the source. "Articles" are Microsoft's *Register
/// tenants for usage tracking in Azure Stack Hub* (2018 and 2021), "OpenAPI" is `CustomerSubscription.json` of
/// `Microsoft.AzureStack` 2017-06-01, "ARM's RPC" is the public resource provider contract of ARM.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Switches {
    /// What a successful PUT of a customer subscription answers (articles: 201 and no body; OpenAPI: 200 and the
    /// resource, in its example with blank ids).
    #[arg(long, value_enum, default_value_t)]
    pub put_answer: PutAnswer,
    /// What a DELETE of an existing customer subscription answers (articles: 204; OpenAPI: 200 or 204; ARM's RPC:
    /// 200 if it existed).
    #[arg(long, value_enum, default_value_t)]
    pub delete_answer: DeleteAnswer,
    /// What a DELETE of a customer subscription that is not there answers (ARM's RPC: 204).
    #[arg(long, value_enum, default_value_t)]
    pub delete_missing: DeleteMissing,
    /// How the list of a registration without tenants is answered (articles: "you won't receive a response"; OpenAPI:
    /// `value` is optional).
    #[arg(long, value_enum, default_value_t)]
    pub empty_list: EmptyList,
    /// Whether customer subscription ids that differ in case are different entries (2021 article: "case sensitive";
    /// ARM's RPC: names compare without case).
    #[arg(long)]
    pub case_sensitive: bool,
    /// Entries on one page of a list. The real service's number is not published.
    #[arg(long, default_value_t = 100, value_parser = page_size)]
    pub page_size: usize,
    /// What the `$skipToken` of a nextLink stands for. With `offset`, entries deleted while a list is read make the
    /// reader miss others. ARM's RPC calls the token opaque.
    #[arg(long, value_enum, default_value_t)]
    pub page_token: PageToken,
    /// List in the order of the ids instead of the order of adding. Neither is documented.
    #[arg(long)]
    pub ordered_by_id: bool,
    /// How a nextLink is written (ARM's RPC: a usual query; articles: a second `?` before `$skipToken`).
    #[arg(long, value_enum, default_value_t)]
    pub next_link_form: NextLinkForm,
    /// How the last page says that there is no other (OpenAPI: optional; ARM's RPC: null, not empty).
    #[arg(long, value_enum, default_value_t)]
    pub last_next_link: LastNextLink,
    /// How id, name and type of an entry are written (OpenAPI's examples, or the articles' sample).
    #[arg(long, value_enum, default_value_t)]
    pub item_form: ItemForm,
    /// Whose tenant an entry gets if the body of a PUT names one (OpenAPI: `properties.tenantId` is accepted; the
    /// articles send none, so the service can resolve it).
    #[arg(long, value_enum, default_value_t)]
    pub tenant_id: TenantIdRule,
    /// What becomes of the entry that a tenant had before (articles: "the first subscription is overwritten"; whether
    /// it leaves the list is not said).
    #[arg(long, value_enum, default_value_t)]
    pub overwritten: Overwritten,
    /// A CanNotDelete lock on the registrations, as RegisterWithAzure.psm1 sets it: a DELETE below them answers 409
    /// ScopeLocked.
    #[arg(long)]
    pub lock: bool,
    /// Entries carry an etag, and If-Match and If-None-Match are honoured as ARM's RPC lays down. Off by default: OpenAPI
    /// declares the property `etag`, but no such header.
    #[arg(long)]
    pub etag: bool,
    /// Error codes of the resource provider for chosen customer subscription ids. On the command line:
    /// `--rp-error ID=CODE`, or `ID=CODE*N` for N answers, after which the id is served as any other.
    #[arg(skip)]
    pub rp_errors: BTreeMap<String, RpError>,
    /// Delay of list answers in milliseconds.
    #[arg(long, default_value_t)]
    pub list_delay_ms: u64,
    /// Delay in milliseconds before a write takes effect, and before a read looks.
    #[arg(long, default_value_t)]
    pub delay_ms: u64,
    /// Delay in milliseconds between the effect of a write and its answer.
    #[arg(long, default_value_t)]
    pub answer_delay_ms: u64,
    /// Lists show what there was this many milliseconds ago. What happened before the switch was on shows at once.
    #[arg(long, default_value_t)]
    pub list_lag_ms: u64,
    /// What lags by [`Switches::list_lag_ms`].
    #[arg(long, value_enum, default_value_t)]
    pub lagging: Lagging,
    /// A write takes effect this many milliseconds after its answer.
    #[arg(long, default_value_t)]
    pub effect_delay_ms: u64,
    /// With an accepted (202) PUT: how many polls find the operation still running.
    #[arg(long, default_value_t = 1)]
    pub operation_polls: u32,
    /// With an accepted (202) PUT: the seconds that Retry-After names. ARM's RPC says 10 or more; less keeps tests quick.
    #[arg(long, default_value_t)]
    pub operation_retry_after_seconds: u64,
    /// Whether requests are throttled: `off`, `arm` (its article on request limits), or numbers of one's own as
    /// `reads=50/100,writes=20/50,deletes=20/50`: what a full bucket holds, and what comes back each second.
    #[arg(long, default_value = "off", value_parser = Throttle::parse)]
    pub throttle: Throttle,
}

/// [`Switches::put_answer`].
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PutAnswer {
    /// 201 Created without a body (articles).
    #[default]
    CreatedEmpty,
    /// 200 with the resource (OpenAPI).
    OkBody,
    /// 200 with the resource, its id, name and type blank (OpenAPI's example).
    OkBlankIds,
    /// 201 with the resource for a new entry, 200 with it for an existing one (ARM's RPC).
    CreatedBody,
    /// 204 without a body: not documented for PUT, accepted by tolerant clients.
    NoContent,
    /// 202 with `Location`, whose polling ends with the answer of `created-body` (ARM's RPC, asynchronous operations).
    Accepted,
    /// 202 with `Azure-AsyncOperation`, whose polling ends with the status Succeeded (ARM's RPC).
    AcceptedAsyncOperation,
}

/// [`Switches::delete_answer`].
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeleteAnswer {
    /// 204 (articles).
    #[default]
    NoContent,
    /// 200 without a body (OpenAPI).
    OkEmpty,
    /// 200 with `{}` (OpenAPI's example, read literally).
    OkBody,
}

/// [`Switches::delete_missing`].
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeleteMissing {
    /// 204 (ARM's RPC: did not exist).
    #[default]
    NoContent,
    /// 404 with the code CustomerSubscriptionNotFound.
    NotFound,
}

/// [`Switches::empty_list`].
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmptyList {
    /// 200 with `{"value":[]}` (ARM's RPC).
    #[default]
    EmptyArray,
    /// 200 with `{}`: OpenAPI does not require `value`.
    NoValue,
    /// 200 without a body (articles, read literally).
    EmptyBody,
    /// 204.
    NoContent,
    /// 404 with the code CustomerSubscriptionNotFound.
    NotFound,
}

/// [`Switches::page_token`].
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageToken {
    /// The number of entries to pass over.
    #[default]
    Offset,
    /// The last entry of the page before.
    Key,
}

/// [`Switches::next_link_form`].
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NextLinkForm {
    /// `…?api-version=2017-06-01&$skipToken=…`.
    #[default]
    Standard,
    /// `…?api-version=2017-06-01?$skipToken=…`, as in the articles' sample.
    Article,
}

/// [`Switches::last_next_link`].
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastNextLink {
    /// No `nextLink` at all.
    #[default]
    Absent,
    /// `"nextLink": null`.
    Null,
    /// `"nextLink": ""`.
    Empty,
}

/// [`Switches::item_form`].
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemForm {
    /// Id with a leading slash, name `registration/id`, type `Microsoft.AzureStack/registrations/customerSubscriptions`.
    #[default]
    Openapi,
    /// Id with a leading blank and no slash, name a blank and the id, type `Microsoft.AzureStack\customerSubscriptions`.
    Article,
    /// Name and type are empty strings; the id is there.
    #[value(alias = "blank-ids")]
    #[serde(alias = "blank-ids")]
    BlankNames,
    /// The fixed parts of id and type in odd casing.
    OddCase,
}

/// [`Switches::tenant_id`].
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TenantIdRule {
    /// The body's tenant counts; without one the directory's does.
    #[default]
    Honoured,
    /// The directory's tenant counts, whatever the body says.
    Resolved,
}

/// [`Switches::overwritten`].
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overwritten {
    /// It leaves the list.
    #[default]
    Goes,
    /// It stays in the list, though the tenant's usage goes elsewhere.
    Stays,
}

/// [`Switches::lagging`].
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lagging {
    /// The lists of customer subscriptions; a GET of one shows it as it is.
    #[default]
    Lists,
    /// A GET of one too.
    All,
}

/// An error of the resource provider for one customer subscription id; see [`Switches::rp_errors`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RpError {
    /// The error code, for example `BadCustomerSubscriptionId` (Microsoft's *Tenant registration error messages*).
    pub code: String,
    /// The HTTP status. Without it the emulator takes the one that it assumes for the code: none is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How many answers are still to fail; counts down, and the rule goes at zero. Without it: every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// The method that fails; PUT without it, as the codes are documented for adding tenants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

impl RpError {
    /// An error for every PUT, with the status that the emulator assumes for the code.
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into(), status: None, times: None, method: None }
    }

    /// An error for the next `times` PUTs.
    pub fn times(code: impl Into<String>, times: u32) -> Self {
        Self { times: Some(times), ..Self::new(code) }
    }

    /// Reads `ID=CODE` or `ID=CODE*N`, the form of the command line.
    pub fn parse(text: &str) -> Result<(String, Self), String> {
        let (id, rest) = text.split_once('=').ok_or("expected ID=CODE or ID=CODE*N")?;
        match rest.split_once('*') {
            None => Ok((id.to_owned(), Self::new(rest))),
            Some((code, times)) => {
                let times = times.parse().map_err(|_| format!("'{times}' is no number of answers"))?;
                Ok((id.to_owned(), Self::times(code, times)))
            }
        }
    }
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            put_answer: PutAnswer::default(),
            delete_answer: DeleteAnswer::default(),
            delete_missing: DeleteMissing::default(),
            empty_list: EmptyList::default(),
            case_sensitive: false,
            page_size: 100,
            page_token: PageToken::default(),
            ordered_by_id: false,
            next_link_form: NextLinkForm::default(),
            last_next_link: LastNextLink::default(),
            item_form: ItemForm::default(),
            tenant_id: TenantIdRule::default(),
            overwritten: Overwritten::default(),
            lock: false,
            etag: false,
            rp_errors: BTreeMap::new(),
            list_delay_ms: 0,
            delay_ms: 0,
            answer_delay_ms: 0,
            list_lag_ms: 0,
            lagging: Lagging::default(),
            effect_delay_ms: 0,
            operation_polls: 1,
            operation_retry_after_seconds: 0,
            throttle: Throttle::Off,
        }
    }
}

impl Switches {
    /// Whether the values can be served: a page holds at least one entry, and so does a bucket.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.page_size == 0 {
            return Err("pageSize must be at least 1".to_owned());
        }
        self.throttle.check()
    }

    pub(crate) fn list_lag(&self) -> Duration {
        Duration::from_millis(self.list_lag_ms)
    }

    /// The rule of [`Switches::rp_errors`] for a request, if there is one; counts it down.
    pub(crate) fn take_rp_error(&mut self, customer_subscription: &str, method: &str) -> Option<RpError> {
        let key = self
            .rp_errors
            .iter()
            .find(|(id, rule)| {
                id.eq_ignore_ascii_case(customer_subscription)
                    && rule.method.as_deref().unwrap_or("PUT").eq_ignore_ascii_case(method)
            })
            .map(|(id, _)| id.clone())?;
        let rule = self.rp_errors.get_mut(&key)?;
        let taken = rule.clone();
        if let Some(times) = &mut rule.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.rp_errors.remove(&key);
            }
        }
        Some(taken)
    }
}

fn page_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("expected a number from 1".to_owned()),
        Ok(size) => Ok(size),
    }
}
