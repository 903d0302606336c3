//! Lists, page by page: one rule for all of them. Links are followed verbatim and on the endpoint's own host alone, a link
//! that comes again ends the list with an error, and a page is read whole before its first item is given.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use http::StatusCode;

use crate::engine::{Answer, Call, Engine, Run};
use crate::error::Result;
use crate::wire::{Body, Item, Page};

/// The pages of a list, one after the other.
pub(crate) struct Paging {
    next: Next,
    /// What the list is of, for errors: a resource id.
    target: String,
    /// The links that were followed, as numbers: a link that comes again would never end.
    seen: HashSet<u64>,
}

enum Next {
    First(Box<Call>),
    Link(String),
    End,
}

impl Paging {
    /// The list that begins with the answer to this request.
    pub(crate) fn from(first: Call) -> Paging {
        let target = first.target.clone();
        Paging { next: Next::First(Box::new(first)), target, seen: HashSet::new() }
    }

    /// Whether no page was asked for yet.
    pub(crate) fn is_at_first(&self) -> bool {
        matches!(self.next, Next::First(_))
    }

    /// The items of the next page; `None` at the end. A page may be empty and still have another behind it.
    pub(crate) async fn next<T: Item>(&mut self, engine: &Engine, run: &Run) -> Result<Option<Vec<T>>> {
        // A list may have many pages, and each has the patience of an item.
        let run = &run.with_new_patience();
        let (call, first) = match std::mem::replace(&mut self.next, Next::End) {
            Next::End => return Ok(None),
            Next::First(call) => (*call, true),
            Next::Link(link) => (Call::link(engine, &link, &self.target)?, false),
        };
        let answer = engine.get(run, &call).await?;
        let page = read_page(&answer, first)?;
        if let Some(link) = page.next_link {
            if !self.seen.insert(fingerprint(&link)) {
                return Err(answer.not_understood(
                    "PagesLoop",
                    "The pages of the list lead back to one that was read already.".to_owned(),
                ));
            }
            self.next = Next::Link(link);
        }
        Ok(Some(page.items))
    }
}

fn read_page<T: Item>(answer: &Answer, first: bool) -> Result<Page<T>> {
    match (&answer.body, answer.status) {
        (Body::Object(object), _) => Page::read(object, first).map_err(|why| {
            let message = format!("A page of the list was not understood: {why}.");
            answer.not_understood("AnswerNotUnderstood", message)
        }),
        // "If no tenants have been registered, you won't receive a response" (both articles).
        (Body::Empty, StatusCode::OK | StatusCode::NO_CONTENT) if first => {
            Ok(Page { items: Vec::new(), next_link: None })
        }
        _ => {
            let message = format!("The list was answered with {} and no page.", answer.status);
            Err(answer.not_understood("AnswerNotUnderstood", message))
        }
    }
}

fn fingerprint(link: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    link.hash(&mut hasher);
    hasher.finish()
}
