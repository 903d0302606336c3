//! The emulator's answers against the published OpenAPI files, where those are at hand.

use std::path::{Path, PathBuf};

use azs_emulator::{MappingSeed, PutAnswer};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::support::{Answer, CUSTOMER, OTHER, arm, collection, delete, get, list, put, put_tenant, start};

const VERSIONS: [&str; 3] = ["2017-06-01", "2020-06-01-preview", "2022-06-01"];

/// The folder of the OpenAPI files beside the repository; they are not part of it.
fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference/openapi");
    if folder.is_dir() {
        return Some(folder);
    }
    // The test cannot fail without them, and must not pass in silence.
    use std::io::Write;
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: no OpenAPI files at {}: answers are not validated",
        folder.display()
    );
    None
}

/// What OpenAPI 2.0 says of an operation's answers, as JSON schemas.
struct Contract {
    file: PathBuf,
    operations: Map<String, Value>,
}

impl Contract {
    fn read(file: PathBuf) -> Self {
        let document = read_json(&file);
        let paths = document["paths"].as_object().unwrap();
        let operations = paths
            .values()
            .flat_map(|path| path.as_object().unwrap().values())
            .map(|operation| (operation["operationId"].as_str().unwrap().to_owned(), operation.clone()))
            .collect();
        Self { file, operations }
    }

    /// Checks status and body of an answer against an operation.
    fn check(&self, operation: &str, answer: &Answer) {
        let responses = &self.operations[operation]["responses"];
        let response = responses.get(answer.status.as_str()).unwrap_or_else(|| {
            assert!(!answer.status.is_success(), "{operation} does not declare {}", answer.status);
            &responses["default"]
        });
        let Some(schema) = response.get("schema") else { return };
        let schema = resolve(schema, &self.file);
        let validator: Validator = jsonschema::draft4::new(&schema).unwrap();
        let body = answer.json();
        let errors: Vec<String> =
            validator.iter_errors(&body).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{operation} {}: {errors:?}\n{body}", answer.status);
    }
}

fn read_json(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
        .unwrap()
}

/// A schema with its references put in, those to other files too, and closed to members that are not declared: what
/// OpenAPI does not know, the emulator must not send. `allOf` is merged, since closed parts would refuse each other.
fn resolve(schema: &Value, file: &Path) -> Value {
    let Some(members) = schema.as_object() else { return schema.clone() };
    if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
        let (other, pointer) = reference.split_once('#').unwrap();
        let file = if other.is_empty() { file.to_owned() } else { file.parent().unwrap().join(other) };
        let target = read_json(&file).pointer(pointer).unwrap_or_else(|| panic!("no {reference}")).clone();
        return resolve(&target, &file);
    }
    let mut result = members.clone();
    let mut properties = Map::new();
    let mut required: Vec<Value> =
        members.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    for part in members.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        let part = resolve(part, file);
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    for (name, property) in members.get("properties").and_then(Value::as_object).into_iter().flatten() {
        properties.insert(name.clone(), resolve(property, file));
    }
    result.remove("allOf");
    if let Some(items) = members.get("items") {
        result.insert("items".to_owned(), resolve(items, file));
    }
    if !properties.is_empty() {
        result.insert("properties".to_owned(), Value::Object(properties));
        result.entry("additionalProperties").or_insert(json!(false));
    }
    if required.is_empty() {
        result.remove("required")
    } else {
        result.insert("required".to_owned(), json!(required))
    };
    Value::Object(result)
}

#[tokio::test]
async fn answers_are_as_openapi_declares_them() {
    let Some(folder) = folder() else { return };
    for version in VERSIONS {
        let customers = Contract::read(folder.join(version).join("CustomerSubscription.json"));
        let registrations = Contract::read(folder.join(version).join("Registration.json"));
        let emulator = start().await;
        emulator.switches(|switches| {
            switches.put_answer = PutAnswer::OkBody;
            switches.page_size = 2;
            switches.etag = true;
        });
        let query = format!("api-version={version}");
        let id = emulator.registration().resource_id();
        let group = id.rsplit_once('/').unwrap().0;
        let subscription = format!(
            "{}/providers/Microsoft.AzureStack/registrations",
            id.split("/resourceGroups").next().unwrap()
        );

        let answer = put(&emulator, CUSTOMER).query(&query).send().await;
        customers.check("CustomerSubscriptions_Create", &answer);
        assert_eq!(answer.status, 200);
        emulator.switches(|switches| switches.put_answer = PutAnswer::OkBlankIds);
        customers.check("CustomerSubscriptions_Create", &put(&emulator, OTHER).query(&query).send().await);
        emulator.seed(emulator.registration(), MappingSeed::generate(0..3));
        let answer = list(&emulator).query(&query).send().await;
        customers.check("CustomerSubscriptions_List", &answer);
        assert!(answer.json()["nextLink"].is_string());
        customers.check("CustomerSubscriptions_Get", &get(&emulator, CUSTOMER).query(&query).send().await);
        for _ in 0..2 {
            customers.check(
                "CustomerSubscriptions_Delete",
                &delete(&emulator, CUSTOMER).query(&query).send().await,
            );
        }
        for path in [
            collection(&emulator).replace("/registrations/", "/registrations/x"),
            format!("{}/{CUSTOMER}", collection(&emulator)),
        ] {
            let answer = arm(&emulator, "GET", &path).query(&query).send().await;
            assert_eq!(answer.status, 404);
            customers.check("CustomerSubscriptions_Get", &answer);
        }
        registrations.check("Registrations_Get", &arm(&emulator, "GET", &id).query(&query).send().await);
        registrations.check("Registrations_List", &arm(&emulator, "GET", group).query(&query).send().await);
        let answer = arm(&emulator, "GET", &subscription).query(&query).send().await;
        assert_eq!(answer.json()["value"].as_array().unwrap().len(), 1);
        registrations.check("Registrations_ListBySubscription", &answer);
    }
}

/// The examples, played: the same requests must give the same bodies.
#[tokio::test]
async fn the_examples_of_openapi_come_out_as_written() {
    let Some(folder) = folder() else { return };
    for version in ["2017-06-01", "2022-06-01"] {
        let example = |name: &str| {
            read_json(
                &folder.join(version).join("examples/CustomerSubscription").join(format!("{name}.json")),
            )
        };
        let sample = example("Put");
        let parameter = |name: &str| sample["parameters"][name].as_str().unwrap().to_owned();
        let mut options = azs_emulator::Options::default();
        options.switches.put_answer = PutAnswer::OkBlankIds;
        options.registrations[0].subscription_id = parameter("subscriptionId");
        options.registrations[0].resource_group = parameter("resourceGroup");
        options.registrations[0].name = parameter("registrationName");
        let emulator = azs_emulator::Emulator::start(options).await.unwrap();
        let customer = parameter("customerSubscriptionName");
        let body = &sample["parameters"]["customerCreationParameters"];
        let answer = put(&emulator, &customer).json(body).send().await;
        assert_eq!(answer.json(), sample["responses"]["200"]["body"]);
        assert_eq!(get(&emulator, &customer).send().await.json(), example("Get")["responses"]["200"]["body"]);
        assert_eq!(list(&emulator).send().await.json(), example("List")["responses"]["200"]["body"]);
    }
}

/// The check itself must be able to fail: the article's form names no such type, a stray member is refused.
#[tokio::test]
async fn the_check_refuses_what_openapi_does_not_declare() {
    let Some(folder) = folder() else { return };
    let contract = Contract::read(folder.join("2017-06-01/CustomerSubscription.json"));
    let emulator = start().await;
    put_tenant(&emulator, CUSTOMER, OTHER).send().await;
    let mut answer = get(&emulator, CUSTOMER).send().await;
    contract.check("CustomerSubscriptions_Get", &answer);
    for (name, value) in [("stray", json!(1)), ("name", json!(1)), ("properties", json!({ "tenant": "x" }))] {
        let mut body = answer.json();
        body[name] = value;
        answer.body = body.to_string().into();
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            contract.check("CustomerSubscriptions_Get", &answer);
        }));
        assert!(refused.is_err(), "{name}");
    }
}
