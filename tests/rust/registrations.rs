//! Lists of registrations.

use azs_emulator::{Fault, FaultAction, RegistrationSeed};
use azs_registration::Category;
use azs_registration::advice::Words;
use azs_registration::operation::{Event, Request};
use azs_registration::registrations::{Items, Registration, ScopeInput};
use azs_registration::tenants::{Outcome, TargetInput};

use crate::emulated::{World, code, next, run};
use crate::scripted::{answer, setup};

const SUBSCRIPTION: &str = "dd8597b4-8739-4467-8b10-f8679f62bfbf";
const ELSEWHERE: &str = "51570001-0000-4000-8000-000000000001";

fn list(scope: ScopeInput) -> Request {
    Request::Registrations { scope }
}

fn within(subscription: &str) -> ScopeInput {
    ScopeInput { subscription_id: Some(subscription.to_owned()), ..ScopeInput::default() }
}

/// A world with three registrations in two groups of one subscription, and one in another subscription.
fn world() -> World {
    let world = World::new();
    let second =
        RegistrationSeed { billing_model: "Capacity".to_owned(), ..RegistrationSeed::named("second") };
    world.emulator.add_registration(second);
    let third = RegistrationSeed { resource_group: "Other".to_owned(), ..RegistrationSeed::named("third") };
    world.emulator.add_registration(third);
    let far = RegistrationSeed { subscription_id: ELSEWHERE.to_owned(), ..RegistrationSeed::named("far") };
    world.emulator.add_registration(far);
    world
}

fn names(registrations: &[Registration]) -> Vec<&str> {
    let mut names: Vec<_> = registrations.iter().map(|registration| registration.id.name()).collect();
    names.sort_unstable();
    names
}

#[test]
fn the_registrations_of_a_subscription_are_listed_with_what_is_known_of_them() {
    let world = world();
    let ended = world.run(list(within(SUBSCRIPTION)));
    assert_eq!((ended.finished.outcome, ended.finished.item_count), (Outcome::Read, 3));
    assert_eq!(ended.finished.mapping, azs_registration::tenants::Mapping::default());
    let first = world.emulator.registration();
    assert_eq!(names(&ended.registrations), [first.name.as_str(), "second", "third"]);
    let second = ended.registrations.iter().find(|it| it.id.name() == "second").unwrap();
    assert_eq!(second.id.subscription().spelling(), SUBSCRIPTION);
    assert_eq!(second.id.resource_group(), "azurestack");
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(second.name, some("second"));
    assert_eq!(second.location, some("global"));
    assert_eq!(second.billing_model, some("Capacity"));
    assert_eq!(second.cloud_id, some(&RegistrationSeed::named("second").cloud_id));
    assert_eq!(second.object_id, some("9e9704ab-561a-4498-ac60-64b2314456ee"));
    assert_eq!(second.etag, some("0d00527e-0000-0000-0000-5a81ebdf0000"));
    assert_eq!(second.created_by, None);
}

#[test]
fn a_resource_group_limits_the_list() {
    let ended = world()
        .run(list(ScopeInput { resource_group_name: Some("oTHER".to_owned()), ..within(SUBSCRIPTION) }));
    assert_eq!(names(&ended.registrations), ["third"]);
}

#[test]
fn the_default_registrations_subscription_is_taken_where_none_is_named() {
    assert_eq!(world().run(list(ScopeInput::default())).registrations.len(), 3);
    let world = world();
    let operation = world.operation_on(&TargetInput::default(), |_| {});
    let ended = run(&operation, list(ScopeInput::default()));
    assert_eq!((ended.finished.outcome, code(&ended.finished)), (Outcome::Failed, "ValueMissing"));
    assert_eq!(ended.finished.error.unwrap().parts().column.as_deref(), Some("RegistrationSubscriptionId"));
    assert_eq!(ended.finished.http_requests, 0);
}

#[test]
fn a_cloud_id_finds_its_registration() {
    let world = world();
    let cloud = RegistrationSeed::named("third").cloud_id.to_uppercase();
    let ended = world.run(list(ScopeInput { cloud_id: Some(cloud), ..within(SUBSCRIPTION) }));
    assert_eq!((names(&ended.registrations), ended.finished.item_count), (vec!["third"], 1));
    let ended = world.run(list(ScopeInput {
        cloud_id: Some("00000000-0000-4000-8000-000000000001".to_owned()),
        ..within(SUBSCRIPTION)
    }));
    assert_eq!((ended.finished.outcome, ended.finished.item_count), (Outcome::Read, 0));
}

#[test]
fn what_is_wrong_with_the_scope_is_said_by_the_service_or_before() {
    let world = world();
    let ended = world.run(list(within("00000000-0000-4000-8000-000000000001")));
    assert_eq!((ended.finished.outcome, code(&ended.finished)), (Outcome::Failed, "SubscriptionNotFound"));
    let target = ended.finished.error.unwrap().parts().target.clone().unwrap();
    assert_eq!(target, "/subscriptions/00000000-0000-4000-8000-000000000001");
    let group =
        |name: &str| ScopeInput { resource_group_name: Some(name.to_owned()), ..within(SUBSCRIPTION) };
    let ended = world.run(list(group("nowhere")));
    assert_eq!((ended.finished.outcome, code(&ended.finished)), (Outcome::Failed, "ResourceGroupNotFound"));

    let blank_cloud = ScopeInput { cloud_id: Some(" ".to_owned()), ..within(SUBSCRIPTION) };
    for (scope, column) in [
        (within("nonsense"), "RegistrationSubscriptionId"),
        (within(""), "RegistrationSubscriptionId"),
        (group(" "), "ResourceGroupName"),
        (blank_cloud, "CloudId"),
    ] {
        let ended = world.run(list(scope));
        assert_eq!((ended.finished.outcome, ended.finished.http_requests), (Outcome::Failed, 0));
        assert_eq!(ended.finished.error.unwrap().parts().column.as_deref(), Some(column));
    }
}

#[test]
fn a_list_that_fails_once_is_read_again() {
    let world = world();
    world.emulator.add_fault(Fault::new(FaultAction::TruncatedBody).nth(1));
    assert_eq!(world.run(list(within(SUBSCRIPTION))).registrations.len(), 3);
}

#[test]
fn reading_pauses_while_nobody_takes_the_registrations() {
    let world = world();
    let operation = world
        .operation_on(&crate::emulated::registration_input(world.emulator.registration()), |options| {
            options.max_items = 1
        });
    operation.submit(1, list(within(SUBSCRIPTION)));
    let mut taken = 0;
    loop {
        match next(&operation) {
            Event::Registration { tag: 1, .. } => taken += 1,
            Event::Finished { finished, .. } => {
                assert_eq!((finished.outcome, finished.item_count, taken), (Outcome::Read, 3, 3));
                break;
            }
            _ => {}
        }
    }
}

#[derive(Default)]
struct Found(Vec<Registration>);

impl Items for Found {
    async fn take(&mut self, registration: Registration) -> bool {
        self.0.push(registration);
        true
    }
}

fn page(names: &[&str], cloud: Option<&str>, next: &str) -> String {
    let items: Vec<String> = names
        .iter()
        .map(|name| {
            let cloud = cloud.map_or_else(String::new, |cloud| format!(r#","cloudId":"{cloud}""#));
            format!(
                r#"{{"id":"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.AzureStack/registrations/{name}",
                    "name":"azurestack","location":"global","properties":{{"billingModel":"Development"{cloud}}}}}"#
            )
        })
        .collect();
    format!(r#"{{"value":[{}],"nextLink":"{next}"}}"#, items.join(","))
}

async fn listed(
    scope: &ScopeInput,
    pages: impl Fn(usize) -> String + Send + Sync + 'static,
) -> (azs_registration::tenants::Finished, Vec<Registration>) {
    let setup = setup(move |number, _| answer(200, &pages(number)));
    let mut found = Found::default();
    let finished = setup.registrations.list(&setup.run, scope, None, &mut found).await;
    (finished, found.0)
}

#[tokio::test(start_paused = true)]
async fn pages_are_followed_and_the_name_is_that_of_the_id() {
    let (finished, found) = listed(&within(SUBSCRIPTION), |number| match number {
        1 => page(&["a", "b"], None, "https://management.azure.com/next?page=2"),
        2 => page(&[], None, "https://management.azure.com/next?page=3"),
        _ => page(&["c"], None, ""),
    })
    .await;
    assert_eq!((finished.outcome, finished.item_count, finished.http_requests), (Outcome::Read, 3, 3));
    assert_eq!(names(&found), ["a", "b", "c"]);
    assert_eq!((found[0].name.as_deref(), found[0].cloud_id.as_deref()), (Some("azurestack"), None));
}

#[tokio::test(start_paused = true)]
async fn links_elsewhere_or_in_a_circle_end_the_list() {
    let (finished, _) =
        listed(&within(SUBSCRIPTION), |_| page(&["a"], None, "https://elsewhere.example/")).await;
    assert_eq!((finished.outcome, code(&finished)), (Outcome::Failed, "LinkRefused"));
    let (finished, _) = listed(&within(SUBSCRIPTION), |_| page(&["a"], None, "/again")).await;
    assert_eq!((finished.outcome, code(&finished)), (Outcome::Failed, "PagesLoop"));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_told_apart_from_another_registration_fails_the_list_and_gives_none_of_its_page() {
    let group = ScopeInput { resource_group_name: Some("g".to_owned()), ..within(SUBSCRIPTION) };
    let whole = page(&["a"], None, "");
    let (_, of_group) = listed(&group, |_| r#"{"value":[{"name":"x/only"}]}"#.to_owned()).await;
    assert_eq!(of_group, [], "a name with a slash is no name");
    let (_, of_group) = listed(&group, |_| r#"{"value":[{"id":"","name":"only"}]}"#.to_owned()).await;
    assert_eq!(names(&of_group), ["only"]);
    for bad in [
        r#"{"name":"only"}"#,
        r#"{"id":"/subscriptions/here","name":"only"}"#,
        r#"{"properties":{}}"#,
        r#"{"id":"/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/g/providers/Microsoft.AzureStack/registrations/a"}"#,
    ] {
        let pages = whole.replace("],", &format!(",{bad}],"));
        let (finished, found) = listed(&within(SUBSCRIPTION), move |_| pages.clone()).await;
        assert_eq!((finished.outcome, code(&finished)), (Outcome::Failed, "AnswerNotUnderstood"), "{bad}");
        assert_eq!(finished.error.unwrap().category(), Category::InvalidAnswer);
        assert_eq!(found, []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cloud_id_that_nobody_says_is_not_a_cloud_id_that_is_not_there() {
    let cloud = "8f4ba54b-7a44-4d0e-9a1c-6d0f5c1f2b7e";
    let scope = ScopeInput { cloud_id: Some(cloud.to_owned()), ..within(SUBSCRIPTION) };
    let (finished, found) = listed(&scope, |_| page(&["a", "b"], None, "")).await;
    assert_eq!((finished.outcome, code(&finished)), (Outcome::Failed, "CloudIdNotSaid"));
    assert!(finished.error.unwrap().recommended_action(Words::Neutral).is_some());
    assert_eq!(found, []);
    // One that was found is found, whatever another does not say.
    let (finished, found) = listed(&scope, |number| match number {
        1 => page(&["a"], None, "/next"),
        _ => page(&["b"], Some("8F4BA54B-7A44-4D0E-9A1C-6D0F5C1F2B7E"), ""),
    })
    .await;
    assert_eq!((finished.outcome, names(&found)), (Outcome::Read, vec!["b"]));
}
