//! What the cells of one row come to, together with what was said beside the row.

use super::column::{Column, EXPECTED};
use crate::error::{Category, Error, Result};
use crate::tenants::TargetInput;

/// What separates the cells of files, where one of them read as a single column.
const DELIMITERS: [char; 4] = [';', '\t', '|', ','];

/// The cells of a row by column. One that is there and says nothing is an empty text: it is a gap, and not the same as a
/// column that is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells([Option<String>; Column::ALL.len()]);

/// What was said beside the rows.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Said for all rows: a row may repeat it, and is refused where it says something else.
    pub command_line: &'a TargetInput,
    /// Said for this row by other means than its columns, as by a script block. It goes before the column.
    pub bound: &'a TargetInput,
}

/// What a row is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// A mapping, or all mappings of a registration.
    Mapping,
    /// A registration alone: what the row says of a mapping in it is passed over.
    Registration,
}

impl Cells {
    /// Sets a cell.
    pub fn set(&mut self, column: Column, value: impl Into<String>) {
        self.0[column as usize] = Some(value.into());
    }

    /// A cell; `None` where the row has no such column.
    pub fn get(&self, column: Column) -> Option<&str> {
        self.0[column as usize].as_deref()
    }

    /// What the row is about.
    ///
    /// `found` are the names of all its columns, for the message of a row that has none of those expected; `object` is the
    /// type of the object that they belong to, where there is one. `row` is its number, counted from 1.
    pub fn target<N: AsRef<str>>(
        &self,
        kind: RowKind,
        given: Given<'_>,
        row: u64,
        found: &[N],
        object: Option<&str>,
    ) -> Result<TargetInput> {
        let own = match kind {
            RowKind::Mapping => self.own(),
            RowKind::Registration => self.own_registration(),
        };
        let bound = self.without_gaps(given.bound);
        if !says_anything(&own) && !binds_anything(given.command_line, &bound) {
            return Err(self.says_nothing(kind, found, object).with_row(row));
        }
        let target = combine(given.command_line, &bound, own).map_err(|error| error.with_row(row))?;
        if kind == RowKind::Mapping {
            refuse_gap(&target).map_err(|error| error.with_row(row))?;
        }
        Ok(TargetInput { row, ..target })
    }

    /// What the row says by itself, whichever names it has for it.
    fn own(&self) -> TargetInput {
        let text = |column| self.get(column).map(str::to_owned);
        // The other name counts where the first says nothing; a gap stays one.
        let either = |first, other| {
            let (first, other) = (self.get(first), self.get(other));
            let value = if !is_blank(first) {
                first
            } else if is_blank(other) {
                first.or(other)
            } else {
                other
            };
            value.map(str::to_owned)
        };
        let id = self.get(Column::Id).filter(|id| id.contains('/'));
        TargetInput {
            resource_id: match self.get(Column::ResourceId) {
                given if is_blank(given) => id.or(given).map(str::to_owned),
                given => given.map(str::to_owned),
            },
            registration_subscription_id: text(Column::RegistrationSubscriptionId),
            resource_group_name: text(Column::ResourceGroupName),
            registration_name: text(Column::RegistrationName),
            customer_subscription_id: either(
                Column::CustomerSubscriptionId,
                Column::CustomerSubscriptionName,
            ),
            tenant_id: either(Column::TenantId, Column::PropertiesTenantId),
            // What else says whose it is, is judged with all values at hand.
            subscription_id: text(Column::SubscriptionId),
            row: 0,
        }
    }

    /// What the row says of its registration; blanks as if they were not there.
    fn own_registration(&self) -> TargetInput {
        let own = self.own();
        let filled = |text: Option<String>| text.filter(|text| !is_blank(Some(text)));
        TargetInput {
            resource_id: filled(own.resource_id),
            registration_subscription_id: filled(own.registration_subscription_id),
            resource_group_name: filled(own.resource_group_name),
            registration_name: filled(own.registration_name),
            subscription_id: filled(own.subscription_id),
            ..TargetInput::default()
        }
    }

    /// What is bound, without what came from an empty cell: another column may hold the value.
    fn without_gaps(&self, bound: &TargetInput) -> TargetInput {
        let kept = |value: &Option<String>, column| {
            let gap = is_blank(value.as_deref()) && self.get(column).is_some_and(|cell| is_blank(Some(cell)));
            if gap { None } else { value.clone() }
        };
        TargetInput {
            resource_id: kept(&bound.resource_id, Column::ResourceId),
            customer_subscription_id: kept(&bound.customer_subscription_id, Column::CustomerSubscriptionId),
            tenant_id: kept(&bound.tenant_id, Column::TenantId),
            ..bound.clone()
        }
    }

    /// The refusal of a row that has nothing to work with.
    fn says_nothing<N: AsRef<str>>(&self, kind: RowKind, found: &[N], object: Option<&str>) -> Error {
        const CODE: &str = "RowNotUnderstood";
        if kind == RowKind::Registration {
            return Error::new(
                Category::Input,
                CODE,
                "the object from the pipeline does not name a registration.",
            )
            .with_action(
                "Pipe in an object with ResourceId, or with RegistrationSubscriptionId, ResourceGroupName and \
                 RegistrationName.",
            );
        }
        let names = shown(found, object);
        let own = self.own();
        if parts(&own).into_iter().chain([&own.subscription_id]).any(Option::is_some) {
            // A gap in the file is no wish for everything.
            let message = format!(
                "none of the expected columns has a value. Found: {names}. Expected a value in at least one of: {EXPECTED}."
            );
            return Error::new(Category::Input, CODE, message)
                .with_action("Fill the cells, or take the row out.");
        }
        let message = format!(
            "none of the expected columns was found. Found: {names}. Expected at least one of: {EXPECTED}."
        );
        let is_one_column = matches!(found, [name] if name.as_ref().contains(DELIMITERS));
        Error::new(Category::Input, CODE, message).with_action(if is_one_column {
            "The file seems to have another delimiter than the comma. Read it with Import-Csv -Delimiter."
        } else {
            "Name the columns as expected, or say which property to take, as in -CustomerSubscriptionId { $_.Subscription }."
        })
    }
}

/// The names that were found, as messages list them.
pub(super) fn shown<N: AsRef<str>>(found: &[N], object: Option<&str>) -> String {
    let names: Vec<&str> = found.iter().map(AsRef::as_ref).collect();
    let names = match (names.is_empty(), object) {
        (true, None) => return "nothing ($null)".to_owned(),
        (true, Some(_)) => "no columns".to_owned(),
        (false, _) => format!("'{}'", names.join("', '")),
    };
    object.map_or(names.clone(), |object| format!("{names} ({object})"))
}

fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

/// The values that a command line can give as well.
fn parts(target: &TargetInput) -> [&Option<String>; 6] {
    [
        &target.resource_id,
        &target.registration_subscription_id,
        &target.resource_group_name,
        &target.registration_name,
        &target.customer_subscription_id,
        &target.tenant_id,
    ]
}

fn says_anything(own: &TargetInput) -> bool {
    parts(own).into_iter().chain([&own.subscription_id]).any(|value| !is_blank(value.as_deref()))
}

/// Whether something else than a column gave a value that the command line did not.
fn binds_anything(command_line: &TargetInput, bound: &TargetInput) -> bool {
    let pairs = parts(command_line).into_iter().zip(parts(bound));
    pairs.into_iter().any(|(given, bound)| given.is_none() && !is_blank(bound.as_deref()))
}

fn combine(command_line: &TargetInput, bound: &TargetInput, own: TargetInput) -> Result<TargetInput> {
    let value = |column: &'static str,
                 given: &Option<String>,
                 bound: &Option<String>,
                 own: Option<String>|
     -> Result<Option<String>> {
        let Some(given) = given else { return Ok(bound.clone().or(own)) };
        match own {
            // A blank cell says nothing; a value that only repeats the command line does no harm.
            Some(own)
                if !own.trim().is_empty() && own.trim().to_lowercase() != given.trim().to_lowercase() =>
            {
                Err(contradiction(column, given, &own))
            }
            _ => Ok(Some(given.clone())),
        }
    };
    Ok(TargetInput {
        resource_id: value("ResourceId", &command_line.resource_id, &bound.resource_id, own.resource_id)?,
        registration_subscription_id: value(
            "RegistrationSubscriptionId",
            &command_line.registration_subscription_id,
            &bound.registration_subscription_id,
            own.registration_subscription_id,
        )?,
        resource_group_name: value(
            "ResourceGroupName",
            &command_line.resource_group_name,
            &bound.resource_group_name,
            own.resource_group_name,
        )?,
        registration_name: value(
            "RegistrationName",
            &command_line.registration_name,
            &bound.registration_name,
            own.registration_name,
        )?,
        customer_subscription_id: value(
            "CustomerSubscriptionId",
            &command_line.customer_subscription_id,
            &bound.customer_subscription_id,
            own.customer_subscription_id,
        )?,
        tenant_id: value("TenantId", &command_line.tenant_id, &bound.tenant_id, own.tenant_id)?,
        subscription_id: own.subscription_id,
        row: 0,
    })
}

fn contradiction(column: &'static str, given: &str, own: &str) -> Error {
    let message = format!("{column} is '{}', but the command line says '{}'.", own.trim(), given.trim());
    Error::input("RowContradictsParameter", column, own, message)
}

/// Refuses an empty resource id: all mappings of the registration, for a gap in the file, would be a surprise.
fn refuse_gap(target: &TargetInput) -> Result<()> {
    let gap = target.resource_id.is_some() && is_blank(target.resource_id.as_deref());
    if !gap || target.customer_subscription_id.is_some() {
        return Ok(());
    }
    let message = "ResourceId is empty, and nothing else names the customer subscription.";
    Err(Error::input("ValueMissing", "ResourceId", "", message).with_action(
        "Fill the cell, or take the row out. To work on all tenants of a registration, leave the column out.",
    ))
}
