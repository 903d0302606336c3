//! Lists of more than one page.

use azs_emulator::{Emulator, LastNextLink, MappingSeed, NextLinkForm, PageToken};
use serde_json::{Value, json};

use crate::support::{Answer, call, collection, delete, list, put, start_with, stored};

/// Adds so many customer subscriptions past the service.
fn fill(emulator: &Emulator, count: u64) {
    assert!(emulator.seed(emulator.registration(), MappingSeed::generate(0..count)));
}

fn next_link(answer: &Answer) -> Option<String> {
    answer.json()["nextLink"].as_str().map(str::to_owned)
}

/// Reads the whole list; between pages it does what it is told to with the page.
async fn read(emulator: &Emulator, mut between: impl AsyncFnMut(&[String])) -> Vec<Vec<String>> {
    let mut answer = list(emulator).send().await;
    let mut pages = Vec::new();
    loop {
        assert_eq!(answer.status, 200, "{}", answer.text());
        pages.push(answer.listed());
        assert!(pages.len() <= 100, "the list does not end");
        between(&answer.listed()).await;
        match next_link(&answer) {
            Some(link) => answer = call(emulator, "GET", link).send().await,
            None => return pages,
        }
    }
}

#[tokio::test]
async fn a_list_comes_in_pages_of_the_size_set() {
    for page_token in [PageToken::Offset, PageToken::Key] {
        let emulator = start_with(|switches| {
            switches.page_size = 4;
            switches.page_token = page_token;
        })
        .await;
        fill(&emulator, 10);
        let pages = read(&emulator, async |_| {}).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2]);
        assert_eq!(pages.concat(), stored(&emulator));
    }
}

#[tokio::test]
async fn a_page_is_a_hundred_entries_by_default() {
    let emulator = start_with(|_| {}).await;
    fill(&emulator, 101);
    let sizes: Vec<usize> = read(&emulator, async |_| {}).await.iter().map(Vec::len).collect();
    assert_eq!(sizes, [100, 1]);
}

#[tokio::test]
async fn a_full_last_page_has_no_next_link() {
    let emulator = start_with(|switches| switches.page_size = 5).await;
    fill(&emulator, 10);
    assert_eq!(read(&emulator, async |_| {}).await.len(), 2);
    emulator.switches(|switches| switches.page_token = PageToken::Key);
    assert_eq!(read(&emulator, async |_| {}).await.len(), 2);
}

#[tokio::test]
async fn the_next_link_is_absolute_on_this_host_and_carries_an_opaque_token() {
    let emulator = start_with(|switches| switches.page_size = 1).await;
    fill(&emulator, 2);
    let link = next_link(&list(&emulator).send().await).unwrap();
    let path = collection(&emulator);
    let start =
        format!("{}{path}?api-version=2017-06-01&$skipToken=", emulator.arm_endpoint().trim_end_matches('/'));
    assert!(link.strip_prefix(&start).is_some_and(|token| !token.is_empty()), "{link}");
    let refused = list(&emulator).query("api-version=2017-06-01&$skipToken=made-up").send().await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (400, "InvalidSkipToken"));
}

#[tokio::test]
async fn the_articles_next_link_has_a_second_question_mark_and_works() {
    let emulator = start_with(|switches| {
        switches.page_size = 3;
        switches.next_link_form = NextLinkForm::Article;
    })
    .await;
    fill(&emulator, 7);
    let link = next_link(&list(&emulator).send().await).unwrap();
    assert!(link.contains("?api-version=2017-06-01?$skipToken="), "{link}");
    assert_eq!(read(&emulator, async |_| {}).await.concat(), stored(&emulator));
}

#[tokio::test]
async fn the_last_page_says_so_in_one_of_three_ways() {
    let emulator = start_with(|_| {}).await;
    fill(&emulator, 1);
    for (form, expected) in [
        (LastNextLink::Absent, None),
        (LastNextLink::Null, Some(Value::Null)),
        (LastNextLink::Empty, Some(json!(""))),
    ] {
        emulator.switches(|switches| switches.last_next_link = form);
        assert_eq!(list(&emulator).send().await.json().get("nextLink").cloned(), expected);
    }
}

#[tokio::test]
async fn with_offset_tokens_removing_while_listing_misses_entries() {
    let emulator = start_with(|switches| switches.page_size = 10).await;
    fill(&emulator, 30);
    let before = stored(&emulator);
    remove_while_listing(&emulator).await;
    // The second ten moved up into the first page's places, which were passed over.
    assert_eq!(stored(&emulator), before[10..20]);
}

#[tokio::test]
async fn with_key_tokens_removing_while_listing_misses_none() {
    for ordered_by_id in [false, true] {
        let emulator = start_with(|switches| {
            switches.page_size = 10;
            switches.page_token = PageToken::Key;
            switches.ordered_by_id = ordered_by_id;
        })
        .await;
        fill(&emulator, 30);
        remove_while_listing(&emulator).await;
        assert_eq!(stored(&emulator), Vec::<String>::new());
    }
}

async fn remove_while_listing(emulator: &Emulator) {
    read(emulator, async |page| {
        for id in page {
            delete(emulator, id).send().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_list_can_be_in_the_order_of_the_ids() {
    for page_token in [PageToken::Offset, PageToken::Key] {
        let emulator = start_with(|switches| {
            switches.page_size = 4;
            switches.page_token = page_token;
            switches.ordered_by_id = true;
        })
        .await;
        fill(&emulator, 10);
        let listed = read(&emulator, async |_| {}).await.concat();
        let mut ordered = stored(&emulator);
        assert_ne!(listed, ordered);
        ordered.sort();
        assert_eq!(listed, ordered);
    }
}

#[tokio::test]
async fn spellings_of_one_id_are_not_lost_between_pages() {
    let emulator = start_with(|switches| {
        switches.case_sensitive = true;
        switches.page_size = 1;
        switches.page_token = PageToken::Key;
        switches.ordered_by_id = true;
    })
    .await;
    let id = "abcdef00-0000-4000-8000-000000000000";
    for (spelling, tenant) in [(id, "1"), (&id.to_uppercase(), "2")] {
        let tenant = format!("00000000-0000-4000-8000-00000000000{tenant}");
        put(&emulator, spelling).json(&json!({ "properties": { "tenantId": tenant } })).send().await;
    }
    assert_eq!(read(&emulator, async |_| {}).await.concat(), [id.to_owned(), id.to_uppercase()]);
}

#[tokio::test]
async fn tens_of_thousands_of_entries_are_listed_whole() {
    let emulator = start_with(|switches| switches.page_size = 500).await;
    fill(&emulator, 20_000);
    assert_eq!(read(&emulator, async |_| {}).await.concat(), stored(&emulator));
}
