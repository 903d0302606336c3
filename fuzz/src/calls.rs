//! The calls, as they are drawn.

use arbitrary::{Arbitrary, Result, Unstructured};

/// How many handles of a kind there are places for.
pub const PLACES: u8 = 3;

/// The most calls of a sequence.
const MOST: usize = 200;

/// Calls, one after the other.
#[derive(Debug)]
pub struct Sequence(pub Vec<Call>);

impl<'a> Arbitrary<'a> for Sequence {
    fn arbitrary(drawn: &mut Unstructured<'a>) -> Result<Self> {
        let mut calls = Vec::new();
        while calls.len() < MOST && !drawn.is_empty() {
            let call = drawn.arbitrary()?;
            // Handles live for some calls: what happens to NULL alone is soon known.
            if !matches!(call, Call::NewClient { .. } | Call::FreeClient { .. } | Call::FreeOperation { .. })
                || drawn.ratio(1, 5)?
            {
                calls.push(call);
            }
        }
        Ok(Sequence(calls))
    }
}

/// A call. Places are numbers of handles; an empty place is NULL.
#[derive(Debug, Arbitrary)]
pub enum Call {
    NewClient {
        place: Place,
        config: ClientConfig,
    },
    FreeClient {
        place: Place,
    },
    SetCredential {
        place: Place,
        kind: Number<1>,
        credential: Credential,
        expires_on: Expiry,
    },
    NewOperation {
        client: Place,
        place: Place,
        config: OperationConfig,
    },
    FreeOperation {
        place: Place,
    },
    Cancel {
        place: Place,
    },
    Next {
        place: Place,
        wait: Wait,
    },
    /// Two threads cancel while this one waits for an event.
    NextAndCancel {
        place: Place,
    },
    Add {
        place: Place,
        tag: u8,
        size: Size,
        expectation: Number<2>,
        target: Target,
        expected: Text,
        preserve_case: Flag,
    },
    List {
        place: Place,
        tag: u8,
        size: Size,
        target: Target,
    },
    Get {
        place: Place,
        tag: u8,
        size: Size,
        target: Target,
    },
    Remove {
        place: Place,
        tag: u8,
        size: Size,
        target: Target,
    },
    Resolve {
        place: Place,
        purpose: Number<4>,
        target: Target,
    },
    /// A row is read; the column of a cell is one of the library's by number, or an odd text.
    ReadRow {
        size: Size,
        kind: Number<2>,
        cells: Vec<(u8, Option<Text>, Text)>,
        object: Text,
        command_line: Target,
        bound: Target,
    },
    Report {
        operation: Place,
        place: Place,
    },
    Summarize {
        place: Place,
        size: Size,
    },
    ReportNext {
        place: Place,
        times: u8,
    },
    ResolveEntry {
        operation: Place,
        tag: u64,
        report: Place,
        entry: u8,
    },
    FreeReport {
        place: Place,
    },
}

/// The number of a handle.
#[derive(Debug, Clone, Copy)]
pub struct Place(pub usize);

impl<'a> Arbitrary<'a> for Place {
    fn arbitrary(drawn: &mut Unstructured<'a>) -> Result<Self> {
        // The first one is there from the beginning: most calls go to something that lives.
        Ok(Place(if drawn.ratio(5, 8)? { 0 } else { drawn.int_in_range(0..=PLACES - 1)?.into() }))
    }
}

/// A wait of `azs_operation_next`.
#[derive(Debug, Clone, Copy)]
pub struct Wait(pub u32);

impl<'a> Arbitrary<'a> for Wait {
    fn arbitrary(drawn: &mut Unstructured<'a>) -> Result<Self> {
        drawn.int_in_range(0..=4).map(Wait)
    }
}

/// A number of an enumeration, most often one that it has: from 0 to `MOST`.
#[derive(Debug, Clone, Copy)]
pub struct Number<const MOST: i32>(pub i32);

impl<'a, const MOST: i32> Arbitrary<'a> for Number<MOST> {
    fn arbitrary(drawn: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Number(if drawn.ratio(7, 8)? { drawn.int_in_range(0..=MOST)? } else { drawn.arbitrary()? }))
    }
}

/// A boolean as a byte, most often one.
#[derive(Debug, Clone, Copy)]
pub struct Flag(pub u8);

impl<'a> Arbitrary<'a> for Flag {
    fn arbitrary(drawn: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Flag(if drawn.ratio(15, 16)? { drawn.int_in_range(0..=1)? } else { drawn.arbitrary()? }))
    }
}

/// What stands in `size`, most often the right number. Behind each struct there is as much room as it may claim.
#[derive(Debug, Clone, Copy)]
pub enum Size {
    Right,
    Odd(u16),
}

impl<'a> Arbitrary<'a> for Size {
    fn arbitrary(drawn: &mut Unstructured<'a>) -> Result<Self> {
        Ok(if drawn.ratio(15, 16)? { Size::Right } else { Size::Odd(drawn.arbitrary()?) })
    }
}

/// A limit or a time, most often none or a small one.
#[derive(Debug, Clone, Copy)]
pub struct Limit(pub u32);

impl<'a> Arbitrary<'a> for Limit {
    fn arbitrary(drawn: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Limit(match drawn.int_in_range(0..=7)? {
            0..=3 => 0,
            4..=6 => drawn.int_in_range(1..=8)?,
            _ => drawn.arbitrary()?,
        }))
    }
}

/// A text.
#[derive(Debug, Clone)]
pub enum Text {
    /// NULL, with a length beside it that means nothing.
    None,
    /// One of those that mean something, by number.
    Known(u8),
    /// Any bytes, UTF-8 or not.
    Bytes(Vec<u8>),
    /// A length that no object can have.
    Huge,
}

impl<'a> Arbitrary<'a> for Text {
    fn arbitrary(drawn: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match drawn.int_in_range(0..=31)? {
            0..=15 => Text::None,
            16..=28 => Text::Known(drawn.arbitrary()?),
            29..=30 => Text::Bytes(drawn.arbitrary()?),
            _ => Text::Huge,
        })
    }
}

/// What a request is about. Most are about one of a few customers, so that requests meet.
#[derive(Debug)]
pub struct Target {
    pub customer: u8,
    /// Beside it, or instead of it.
    pub odd: Option<(u8, Text)>,
    pub row: u8,
}

impl<'a> Arbitrary<'a> for Target {
    fn arbitrary(drawn: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Target {
            customer: drawn.int_in_range(0..=9)?,
            odd: if drawn.ratio(1, 4)? { Some(drawn.arbitrary()?) } else { None },
            row: drawn.arbitrary()?,
        })
    }
}

/// Where a client is led to.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Endpoint {
    /// An emulator that answers.
    Answering,
    /// The same, late.
    Late,
    /// A port that nobody listens on.
    Closed,
    /// A listener that never says anything.
    Silent,
}

#[derive(Debug, Arbitrary)]
pub struct ClientConfig {
    pub endpoint: Endpoint,
    pub size: Size,
    pub can_supply_credential: Flag,
    /// One text that is odd.
    pub odd: Oddity<5>,
    pub connect_timeout_ms: Limit,
    pub answer_timeout_ms: Limit,
}

#[derive(Debug, Arbitrary)]
pub struct OperationConfig {
    pub size: Size,
    pub max_outstanding: Limit,
    pub max_items: Limit,
    pub item_timeout_ms: Limit,
    pub throttle_limit: Limit,
    pub want_progress: Flag,
    pub want_log: Flag,
    /// Whether it has an audit log, on a disk that is full.
    pub audited: bool,
    /// One text that is odd: those of the default registration, then the correlation id.
    pub odd: Oddity<8>,
}

/// One of so many texts that is odd, or none.
#[derive(Debug)]
pub struct Oddity<const FIELDS: usize>(pub Option<(usize, Text)>);

impl<'a, const FIELDS: usize> Arbitrary<'a> for Oddity<FIELDS> {
    fn arbitrary(drawn: &mut Unstructured<'a>) -> Result<Self> {
        let odd = drawn.ratio(1, 8)?;
        Ok(Oddity(if odd { Some((drawn.int_in_range(0..=FIELDS - 1)?, drawn.arbitrary()?)) } else { None }))
    }
}

/// What is given for a credential.
#[derive(Debug)]
pub enum Credential {
    /// The emulator's.
    Right,
    Odd(Text),
}

impl<'a> Arbitrary<'a> for Credential {
    fn arbitrary(drawn: &mut Unstructured<'a>) -> Result<Self> {
        Ok(if drawn.ratio(2, 3)? { Credential::Right } else { Credential::Odd(drawn.arbitrary()?) })
    }
}

/// When a credential expires.
#[derive(Debug)]
pub struct Expiry(pub i64);

impl<'a> Arbitrary<'a> for Expiry {
    fn arbitrary(drawn: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Expiry(if drawn.ratio(3, 4)? { 0 } else { drawn.arbitrary()? }))
    }
}
