//! Answers as the documentation shows them, oddities included.

use std::path::Path;

use azs_registration::tenants::{Outcome, Purpose};

use crate::scripted::{Collected, answer, setup, target};

/// What a list whose pages are these texts gives: customer subscription and tenant.
async fn listed(pages: Vec<String>) -> Vec<(String, String)> {
    let setup = setup(move |number, _| answer(200, &pages[number - 1]));
    let mut items = Collected::default();
    let finished = setup.list(&target(Purpose::List), &mut items).await;
    assert_eq!(finished.outcome, Outcome::Read, "{:?}", finished.error);
    items.0.into_iter().map(|it| (it.customer_subscription.unwrap(), it.tenant.unwrap())).collect()
}

/// The oddities of the articles' sample: a blank before the id and no slash, the id in braces, a blank before the name, an
/// escape that JSON does not have, typographic quotation marks, and a second question mark in the link.
#[tokio::test]
async fn the_oddities_of_the_articles_are_read() {
    let id = " subscriptions/s/resourceGroups/g/providers/Microsoft.AzureStack/registrations/r/customerSubscriptions";
    let link = "https://management.azure.com/list?api-version=2017-06-01?$skipToken=x";
    let newer = format!(
        r#"{{"value":[{{"id":"{id}/{{ a 1}}","name":" a 1","type":"Microsoft.AzureStack\customerSubscriptions",
            "properties":{{"tenantId":"t1"}}}}],"nextLink":"{link}"}}"#
    );
    let older = format!(
        "{{\"value\":[{{\"id\":\"{id}/{{ a 2}}”,\"name\":\" a2 \",\"type\":“Microsoft.AzureStack\\customerSubscriptions”,
            \"properties\":{{\"tenantId\":\"t2\"}}}}]}}"
    );
    let pair = |id: &str, tenant: &str| (id.to_owned(), tenant.to_owned());
    assert_eq!(listed(vec![newer, older]).await, [pair("a 1", "t1"), pair("a 2", "t2")]);
}

/// The folder with the articles and OpenAPI files, where the repository stands beside it.
fn reference(part: &str) -> Option<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference").join(part);
    if !folder.is_dir() {
        eprintln!("SKIPPED: {part} of the reference folder is not at hand");
        return None;
    }
    Some(folder)
}

#[tokio::test]
async fn the_articles_own_samples_are_read() {
    let Some(folder) = reference("articles") else { return };
    for article in ["register-tenants-2018.md", "register-tenants-2021.md"] {
        let text = std::fs::read_to_string(folder.join(article)).unwrap();
        let sample = text.split("```").find(|block| block.contains("\"value\"")).unwrap();
        let sample = sample[sample.find('{').unwrap()..]
            .replace("{originalRequestUrl}", "https://management.azure.com/x");
        let found = listed(vec![sample, r#"{"value":[]}"#.to_owned()]).await;
        let tenants: Vec<_> = found.iter().map(|(_, tenant)| tenant.as_str()).collect();
        assert_eq!(tenants, ["tId1", "tId2"], "{article}");
        assert_eq!(found[0].0, "cspSubscriptionId 1", "{article}");
    }
}

#[tokio::test]
async fn the_examples_of_the_openapi_files_are_read() {
    let Some(folder) = reference("openapi") else { return };
    for version in ["2017-06-01", "2020-06-01-preview", "2022-06-01"] {
        let file = folder.join(version).join("examples/CustomerSubscription/List.json");
        let example: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let body = example["responses"]["200"]["body"].to_string();
        let found = listed(vec![body]).await;
        let expected = (
            "E09A4E93-29A7-4EBA-A6D4-76202383F07F".to_owned(),
            "dbab3982-796f-4d03-9908-044c08aef8a2".to_owned(),
        );
        assert_eq!(found, [expected], "{version}");
    }
}
