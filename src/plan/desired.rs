//! The desired state: the rows that an operator wants, collected one by one. Ids are kept as 16 bytes.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use uuid::Uuid;

use crate::error::{Category, Error, Result};
use crate::resource_id::{RegistrationId, ResourceId};
use crate::tenants::{Purpose, TargetInput};

/// A wanted mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The customer's subscription.
    pub customer: Uuid,
    /// The tenant, where somebody said it.
    pub tenant: Option<Uuid>,
    /// The row, counted from 1; 0 where it comes from none.
    pub row: u64,
}

/// The desired state of one registration.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    rows: Vec<Wanted>,
    /// Each way in which rows name a registration, with the first row that does. It is compared when the registration
    /// that the rows are compared with is known.
    registrations: Vec<TargetInput>,
    named: HashSet<[String; 4]>,
    /// The first row that was refused: a plan without it would remove what it wanted.
    refused: Option<Error>,
}

/// Stands in for the registration that is not known yet, so that everything else of a row can be checked.
static ANY_REGISTRATION: LazyLock<Option<Arc<RegistrationId>>> = LazyLock::new(|| {
    RegistrationId::new("00000000-0000-0000-0000-000000000000", "any", "any").ok().map(Arc::new)
});

impl Desired {
    /// Takes a row: a customer subscription, and its tenant where it is known. It is checked like a row to add. A row
    /// that is refused spoils the whole: comparing gives its error.
    pub fn want(&mut self, input: &TargetInput) -> Result<()> {
        match self.take(input) {
            Ok(()) => Ok(()),
            Err(error) => {
                self.refused.get_or_insert_with(|| error.clone());
                Err(error)
            }
        }
    }

    fn take(&mut self, input: &TargetInput) -> Result<()> {
        let target = input.resolve(ANY_REGISTRATION.as_ref(), Purpose::Add)?;
        let Some(customer) = &target.customer else {
            return Err(Error::new(Category::Input, "ValueMissing", "CustomerSubscriptionId is missing."));
        };
        let tenant = target.tenant.as_ref().map(|tenant| tenant.value());
        self.note_registration(input);
        self.rows.push(Wanted { customer: customer.value(), tenant, row: input.row });
        Ok(())
    }

    fn note_registration(&mut self, input: &TargetInput) {
        let id = input.resource_id.as_deref().and_then(|id| ResourceId::parse(id).ok());
        let named = TargetInput {
            resource_id: id.map(|id| id.registration.to_string()),
            registration_subscription_id: input.registration_subscription_id.clone(),
            resource_group_name: input.resource_group_name.clone(),
            registration_name: input.registration_name.clone(),
            row: input.row,
            ..TargetInput::default()
        };
        let part = |part: &Option<String>| part.as_deref().unwrap_or_default().trim().to_lowercase();
        let key = [
            part(&named.resource_id),
            part(&named.registration_subscription_id),
            part(&named.resource_group_name),
            part(&named.registration_name),
        ];
        if key.iter().any(|part| !part.is_empty()) && self.named.insert(key) {
            self.registrations.push(named);
        }
    }

    /// The rows, in the order in which they came.
    pub fn rows(&self) -> &[Wanted] {
        &self.rows
    }

    /// Whether the rows can be compared with what this registration holds.
    pub(super) fn check(&self, registration: &Arc<RegistrationId>) -> Result<()> {
        if let Some(refused) = &self.refused {
            return Err(refused.clone().preceded_by("Nothing was compared, because a row was refused."));
        }
        for named in &self.registrations {
            let of_row = named.resolve(Some(registration), Purpose::List)?.registration;
            if of_row.key() != registration.key() {
                let message = format!(
                    "The row is about registration {of_row}, and what is compared is {registration}. Nothing was compared."
                );
                let error = Error::new(Category::Input, "RegistrationDiffers", message);
                return Err(error.with_target(of_row.to_string()).with_row(named.row));
            }
        }
        Ok(())
    }
}
