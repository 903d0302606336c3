//! How registrations and customer subscriptions are written as JSON.

use serde_json::{Map, Value, json};

use crate::mappings::Mapping;
use crate::options::RegistrationSeed;
use crate::switches::{ItemForm, Switches};

/// OpenAPI's examples.
pub(crate) const REGISTRATION_TYPE: &str = "Microsoft.AzureStack/registrations";
/// OpenAPI's examples.
const CUSTOMER_SUBSCRIPTION_TYPE: &str = "Microsoft.AzureStack/registrations/customerSubscriptions";

/// A registration as OpenAPI's examples have it: the etag and the object id are those of the examples.
pub(crate) fn registration_resource(seed: &RegistrationSeed) -> Value {
    json!({
        "id": seed.resource_id(),
        "name": seed.name,
        "type": REGISTRATION_TYPE,
        "location": "global",
        "tags": {},
        "etag": "0d00527e-0000-0000-0000-5a81ebdf0000",
        "properties": {
            "objectId": "9e9704ab-561a-4498-ac60-64b2314456ee",
            "cloudId": seed.cloud_id,
            "billingModel": seed.billing_model,
        },
    })
}

/// The ARM id of a customer subscription in the usual form.
pub(crate) fn customer_subscription_id(seed: &RegistrationSeed, id: &str) -> String {
    format!("{}/customerSubscriptions/{id}", seed.resource_id())
}

/// A customer subscription in the form that the switches ask for.
pub(crate) fn customer_subscription_resource(
    seed: &RegistrationSeed,
    mapping: &Mapping,
    switches: &Switches,
) -> Value {
    let usual_id = customer_subscription_id(seed, &mapping.id);
    let usual_name = format!("{}/{}", seed.name, mapping.id);
    let (id, name, kind) = match switches.item_form {
        ItemForm::Openapi => (usual_id, usual_name, CUSTOMER_SUBSCRIPTION_TYPE),
        ItemForm::Article => (
            format!(" {}", usual_id.trim_start_matches('/')),
            format!(" {}", mapping.id),
            r"Microsoft.AzureStack\customerSubscriptions",
        ),
        ItemForm::BlankNames => (usual_id, String::new(), ""),
        ItemForm::OddCase => (
            format!(
                "/SUBSCRIPTIONS/{}/resourcegroups/{}/Providers/microsoft.azurestack/REGISTRATIONS/{}/customersubscriptions/{}",
                seed.subscription_id, seed.resource_group, seed.name, mapping.id
            ),
            usual_name,
            "microsoft.azurestack/REGISTRATIONS/customersubscriptions",
        ),
    };
    resource(&id, &name, kind, mapping, switches)
}

/// The same with id, name and type blank, as OpenAPI's example of a PUT has it.
pub(crate) fn blank_customer_subscription(mapping: &Mapping, switches: &Switches) -> Value {
    resource("", "", "", mapping, switches)
}

fn resource(id: &str, name: &str, kind: &str, mapping: &Mapping, switches: &Switches) -> Value {
    let mut resource = Map::new();
    resource.insert("id".to_owned(), json!(id));
    resource.insert("name".to_owned(), json!(name));
    resource.insert("type".to_owned(), json!(kind));
    if switches.etag {
        resource.insert("etag".to_owned(), json!(mapping.etag()));
    }
    resource.insert("properties".to_owned(), json!({ "tenantId": mapping.tenant }));
    Value::Object(resource)
}
