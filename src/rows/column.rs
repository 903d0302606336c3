//! The names that columns have.

/// The names of the columns that say something by themselves, for messages.
pub const EXPECTED: &str = "CustomerSubscriptionId, TenantId, ResourceId, RegistrationName, ResourceGroupName, RegistrationSubscriptionId";

/// A column that a row is read from. All others are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Id of a customer subscription or of a registration.
    ResourceId,
    /// The same, as Azure's own objects name it. Any table may have a column of that name: it counts where it holds a path.
    Id,
    /// Subscription of the registration.
    RegistrationSubscriptionId,
    /// Resource group of the registration.
    ResourceGroupName,
    /// Name of the registration.
    RegistrationName,
    /// The customer's subscription.
    CustomerSubscriptionId,
    /// The same by the name that older cmdlets gave it; it counts where the newer one is not there or blank.
    CustomerSubscriptionName,
    /// The tenant.
    TenantId,
    /// The same where it is one level down, as in resources of the REST interface; it counts as the older name does.
    PropertiesTenantId,
    /// It can mean two things, and may only repeat the registration's.
    SubscriptionId,
}

impl Column {
    /// All of them, in the order of the numbers that they have in [`Cells`](super::Cells).
    pub const ALL: [Column; 10] = [
        Column::ResourceId,
        Column::Id,
        Column::RegistrationSubscriptionId,
        Column::ResourceGroupName,
        Column::RegistrationName,
        Column::CustomerSubscriptionId,
        Column::CustomerSubscriptionName,
        Column::TenantId,
        Column::PropertiesTenantId,
        Column::SubscriptionId,
    ];

    /// The column's name. A full stop stands between an object and its member.
    pub fn name(self) -> &'static str {
        match self {
            Column::ResourceId => "ResourceId",
            Column::Id => "Id",
            Column::RegistrationSubscriptionId => "RegistrationSubscriptionId",
            Column::ResourceGroupName => "ResourceGroupName",
            Column::RegistrationName => "RegistrationName",
            Column::CustomerSubscriptionId => "CustomerSubscriptionId",
            Column::CustomerSubscriptionName => "CustomerSubscriptionName",
            Column::TenantId => "TenantId",
            Column::PropertiesTenantId => "Properties.tenantId",
            Column::SubscriptionId => "SubscriptionId",
        }
    }

    /// The column of that name, in any casing.
    pub fn named(name: &str) -> Option<Column> {
        Column::ALL.into_iter().find(|column| column.name().eq_ignore_ascii_case(name))
    }
}
