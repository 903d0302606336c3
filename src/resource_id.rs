//! Resource ids of registrations and customer subscriptions, as operators paste them.
//!
//! The shape is the OpenAPI file's (CustomerSubscription.json); the rules for names are those of Azure Resource
//! Manager's RPC, "Arguments for CRUD".

use std::fmt;

use crate::error::{Error, Result};
use crate::guid::Guid;

/// The form that a customer subscription's id must have, for messages.
pub const EXPECTED_FORM: &str = "/subscriptions/{registration's subscription}/resourceGroups/{resource group}/providers/\
                                 Microsoft.AzureStack/registrations/{registration}/customerSubscriptions/{customer's \
                                 subscription}";

pub(crate) const PROVIDER: &str = "Microsoft.AzureStack";

/// A registration: the object in Azure that an Azure Stack Hub's usage is charged through.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistrationId {
    subscription: Guid,
    resource_group: String,
    name: String,
}

/// What a registration is compared by: Azure Resource Manager compares all three parts without case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RegistrationKey(String);

/// A parsed id: a registration, or a customer subscription below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceId {
    /// The registration.
    pub registration: RegistrationId,
    /// The customer subscription, where the id names one.
    pub customer_subscription: Option<Guid>,
}

impl RegistrationId {
    /// Checks the three names.
    pub fn new(subscription: &str, resource_group: &str, name: &str) -> Result<RegistrationId> {
        Ok(RegistrationId {
            subscription: parse_guid("RegistrationSubscriptionId", subscription)?,
            resource_group: check_resource_group(resource_group)?.to_owned(),
            name: check_registration_name(name)?.to_owned(),
        })
    }

    /// Subscription of the registration.
    pub fn subscription(&self) -> &Guid {
        &self.subscription
    }

    /// Resource group of the registration.
    pub fn resource_group(&self) -> &str {
        &self.resource_group
    }

    /// Name of the registration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What to compare it by.
    pub fn key(&self) -> RegistrationKey {
        RegistrationKey(self.to_string().to_lowercase())
    }

    /// The id of a customer subscription below it, in the given spelling.
    pub fn customer_subscription(&self, spelling: &str) -> String {
        format!("{self}/customerSubscriptions/{spelling}")
    }

    /// The path below the endpoint, with the segments percent-encoded.
    pub(crate) fn path_segments(&self) -> Vec<&str> {
        vec![
            "subscriptions",
            self.subscription.spelling(),
            "resourceGroups",
            &self.resource_group,
            "providers",
            PROVIDER,
            "registrations",
            &self.name,
        ]
    }
}

impl fmt::Display for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (subscription, group, name) = (&self.subscription, &self.resource_group, &self.name);
        write!(
            f,
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/{PROVIDER}/registrations/{name}"
        )
    }
}

impl fmt::Debug for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl ResourceId {
    /// Reads an id with or without leading slash, with blanks round it, in any casing of the fixed parts. Everything
    /// else is refused, with the part that is wrong and the form that is expected.
    pub fn parse(given: &str) -> Result<ResourceId> {
        let refuse = |why: String| {
            Error::input(
                "ResourceIdNotValid",
                "ResourceId",
                given.trim(),
                format!(
                    "'{}' is not the resource id of a customer subscription: {why}. Expected {EXPECTED_FORM}.",
                    given.trim()
                ),
            )
        };
        let text = given.trim();
        if text.is_empty() {
            return Err(refuse("it is empty".to_owned()));
        }
        if text.contains("://") || text.starts_with("//") {
            return Err(refuse("it is a URL; keep what begins with /subscriptions/".to_owned()));
        }
        if let Some(at) = text.find(['?', '#']) {
            let keep = if text[..at].is_empty() {
                "keep what begins with /subscriptions/".to_owned()
            } else {
                format!("leave out '{}' and what follows", &text[at..=at])
            };
            return Err(refuse(keep));
        }
        let text = text.strip_prefix('/').unwrap_or(text);
        let segments: Vec<&str> = text.strip_suffix('/').unwrap_or(text).split('/').collect();
        if let Some(at) = segments.iter().position(|segment| segment.trim() != *segment || segment.is_empty())
        {
            return Err(refuse(format!(
                "part {} ('{}') is empty or has blanks round it",
                at + 1,
                segments[at]
            )));
        }
        let fixed = [
            (0, "subscriptions"),
            (2, "resourceGroups"),
            (4, "providers"),
            (5, PROVIDER),
            (6, "registrations"),
            (8, "customerSubscriptions"),
        ];
        for (at, expected) in fixed {
            match segments.get(at) {
                Some(segment) if segment.eq_ignore_ascii_case(expected) => {}
                Some(segment) => {
                    return Err(refuse(format!("part {} is '{segment}', not '{expected}'", at + 1)));
                }
                None if at == 8 => {}
                None => return Err(refuse(format!("it ends before '{expected}'"))),
            }
        }
        if segments.len() < 8 {
            return Err(refuse("it ends before the name of the registration".to_owned()));
        }
        if segments.len() > 10 {
            return Err(refuse(format!(
                "it goes on after the customer's subscription with '{}'",
                segments[10]
            )));
        }
        let name_it = |error: Error| refuse(error.parts().message.trim_end_matches('.').to_owned());
        Ok(ResourceId {
            registration: RegistrationId::new(segments[1], segments[3], segments[7]).map_err(name_it)?,
            customer_subscription: match segments.get(9) {
                Some(segment) => Some(parse_guid("CustomerSubscriptionId", segment).map_err(name_it)?),
                None => None,
            },
        })
    }
}

/// Reads the GUID of a column.
pub(crate) fn parse_guid(column: &'static str, given: &str) -> Result<Guid> {
    let trimmed = given.trim();
    Guid::parse(trimmed).ok_or_else(|| {
        let why = match trimmed {
            "" => "is empty".to_owned(),
            text if text.starts_with('{') && Uuid36::inside_braces(text) => {
                format!("'{text}' has braces; leave them out")
            }
            text if text.starts_with('{') => format!("'{text}' is still a placeholder"),
            text if ResourceId::parse(text).is_ok() => {
                format!("'{text}' is a resource id, which goes into ResourceId")
            }
            text if text.contains('/') => format!("'{text}' is a path; only the GUID is wanted"),
            text => format!("'{text}' is not a GUID"),
        };
        let message = format!(
            "{column} {why}. Expected 8-4-4-4-12 hex digits, as 01234567-89ab-cdef-0123-456789abcdef."
        );
        Error::input("GuidNotValid", column, trimmed, message)
    })
}

/// Tells a GUID in braces from a placeholder that was never filled in.
struct Uuid36;

impl Uuid36 {
    fn inside_braces(text: &str) -> bool {
        text.strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .is_some_and(|inner| Guid::parse(inner).is_some())
    }
}

/// 1 to 90 letters, digits, `-`, `_`, `.`, `(` and `)`, not ending in a full stop.
pub(crate) fn check_resource_group(given: &str) -> Result<&str> {
    const COLUMN: &str = "ResourceGroupName";
    let name = given.trim();
    let refuse = |why: &str| {
        let message = format!(
            "{COLUMN} '{name}' {why}. Expected 1 to 90 letters, digits and - _ . ( ), not ending in a full stop."
        );
        Err(Error::input("ResourceGroupNameNotValid", COLUMN, name, message))
    };
    if name.is_empty() {
        return refuse("is empty");
    }
    if name.starts_with('{') {
        return refuse("is still a placeholder");
    }
    if name.chars().count() > 90 {
        return refuse("is too long");
    }
    if let Some(wrong) = name.chars().find(|c| !c.is_alphanumeric() && !"-_.()".contains(*c)) {
        return refuse(&format!("contains {wrong:?}"));
    }
    if name.ends_with('.') {
        return refuse("ends in a full stop");
    }
    Ok(name)
}

/// 1 to 260 characters without those that Azure Resource Manager forbids in names.
fn check_registration_name(given: &str) -> Result<&str> {
    const COLUMN: &str = "RegistrationName";
    let name = given.trim();
    let refuse = |why: &str| {
        let message = format!(
            "{COLUMN} '{name}' {why}. Expected 1 to 260 characters without < > % & : \\ ? / # * and control characters."
        );
        Err(Error::input("RegistrationNameNotValid", COLUMN, name, message))
    };
    if name.is_empty() {
        return refuse("is empty");
    }
    if name.starts_with('{') {
        return refuse("is still a placeholder");
    }
    if name == "." || name == ".." {
        return refuse("would be read as a relative path");
    }
    if name.chars().count() > 260 {
        return refuse("is too long");
    }
    if let Some(wrong) = name.chars().find(|c| c.is_control() || "<>%&:\\?/#*".contains(*c)) {
        return refuse(&format!("contains {wrong:?}"));
    }
    Ok(name)
}
