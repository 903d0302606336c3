//! How the service in memory behaves where the real one's documentation is silent: the emulator's switches, as far as
//! they matter to what a write comes to.

use std::collections::BTreeMap;
use std::time::Duration;

use uuid::Uuid;

/// What a PUT is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PutAnswer {
    CreatedEmpty,
    OkBody,
    OkBlankIds,
    CreatedBody,
    NoContent,
    /// 202 with `Location`.
    Accepted,
    /// 202 with `Azure-AsyncOperation`.
    AcceptedAsyncOperation,
}

/// What a DELETE of a mapping is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeleteAnswer {
    NoContent,
    OkEmpty,
    OkBody,
}

/// What the list of a registration without mappings is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EmptyList {
    EmptyArray,
    NoValue,
    EmptyBody,
    NoContent,
    NotFound,
}

/// An error of ARM or of the resource provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArmError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
}

/// How many requests of one kind the service takes: a bucket of tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BucketSize {
    pub(crate) capacity: f64,
    pub(crate) refill_per_second: f64,
}

/// The buckets of reads, writes and deletes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BucketSizes {
    pub(crate) reads: BucketSize,
    pub(crate) writes: BucketSize,
    pub(crate) deletes: BucketSize,
}

impl BucketSizes {
    /// ARM's own, for one subscription and one principal (article on request limits).
    pub(crate) const ARM: BucketSizes = BucketSizes {
        reads: BucketSize { capacity: 250.0, refill_per_second: 25.0 },
        writes: BucketSize { capacity: 200.0, refill_per_second: 10.0 },
        deletes: BucketSize { capacity: 200.0, refill_per_second: 10.0 },
    };
}

/// How the service behaves.
#[derive(Debug, Clone)]
pub(crate) struct Behaviour {
    pub(crate) put_answer: PutAnswer,
    pub(crate) delete_answer: DeleteAnswer,
    /// Whether a DELETE of what is not there is answered with 404, else 204.
    pub(crate) delete_missing_not_found: bool,
    pub(crate) empty_list: EmptyList,
    pub(crate) page_size: usize,
    /// Whether page tokens count items, else they name the last one.
    pub(crate) offset_token: bool,
    /// Whether the tenant of the body counts, else always that of the directory.
    pub(crate) tenant_honoured: bool,
    /// Whether a tenant's overwritten mapping stays in the list.
    pub(crate) overwritten_stays: bool,
    /// Whether entries carry an etag and If-Match is honoured.
    pub(crate) etag: bool,
    /// Whether items of lists say their tenant.
    pub(crate) list_says_tenant: bool,
    /// Whether the mapping itself says it.
    pub(crate) get_says_tenant: bool,
    /// Lists show what was so long ago.
    pub(crate) list_lag: Duration,
    /// How often a poll finds an accepted write still running, and the pause that it asks for.
    pub(crate) polls: u32,
    pub(crate) poll_pause: u64,
    /// How long after its 202 an accepted write takes effect.
    pub(crate) accepted_takes: Duration,
    /// Whether accepted writes end as failed, without effect.
    pub(crate) accepted_fails: bool,
    /// What a PUT of these is refused with.
    pub(crate) refused: BTreeMap<Uuid, ArmError>,
    /// From this time on everything with a token is refused.
    pub(crate) scope_error: Option<(Duration, ArmError)>,
    pub(crate) buckets: BucketSizes,
    /// Tenants of subscriptions; the second: whether the sign-in challenge says it.
    pub(crate) directory: BTreeMap<Uuid, (Uuid, bool)>,
}

impl Default for Behaviour {
    /// As documented: the emulator's defaults.
    fn default() -> Behaviour {
        Behaviour {
            put_answer: PutAnswer::CreatedEmpty,
            delete_answer: DeleteAnswer::NoContent,
            delete_missing_not_found: false,
            empty_list: EmptyList::EmptyArray,
            page_size: 100,
            offset_token: true,
            tenant_honoured: true,
            overwritten_stays: false,
            etag: false,
            list_says_tenant: true,
            get_says_tenant: true,
            list_lag: Duration::ZERO,
            polls: 1,
            poll_pause: 0,
            accepted_takes: Duration::ZERO,
            accepted_fails: false,
            refused: BTreeMap::new(),
            scope_error: None,
            buckets: BucketSizes::ARM,
            directory: BTreeMap::new(),
        }
    }
}
