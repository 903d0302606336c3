//! Makes the calls, and checks what holds for every caller.

use std::cell::Cell;
use std::mem::{offset_of, size_of};
use std::ptr;
use std::rc::Rc;

use azs_registration::ffi::*;

use crate::calls::{
    Call, ClientConfig, Credential, Endpoint, Flag, Limit, Oddity, OperationConfig, PLACES, Place, Sequence,
    Size, Target, Text,
};
use crate::service::Services;

/// Waits of 20 ms for what was cancelled to end: far beyond the 10 s that a write in flight has.
const MOST_WAITS: u32 = 1500;

/// Plays a sequence, ends what it left, and checks that each accepted request has ended exactly once.
pub fn play(Sequence(calls): &Sequence) {
    let mut player = Player::default();
    player.begin(calls.len());
    for call in calls {
        player.call(call);
    }
    player.end(calls.len());
}

struct Client {
    handle: *mut azs_client,
    endpoint: Endpoint,
    /// Whether it was not freed.
    lives: Rc<Cell<bool>>,
}

struct Operation {
    handle: *mut azs_operation,
    client_lives: Rc<Cell<bool>>,
    cancelled: bool,
    /// Another thread cancels just now.
    cancelling: bool,
    accepted: u64,
    ended: u64,
    /// Those of the accepted requests that change something.
    changes: u64,
}

#[derive(Default)]
struct Player {
    clients: [Option<Client>; PLACES as usize],
    operations: [Option<Operation>; PLACES as usize],
    reports: [Option<*mut azs_report>; PLACES as usize],
}

/// A struct with room behind it for whatever `size` claims.
#[repr(C)]
struct Room<T> {
    given: T,
    more: [u8; 64],
}

const FILLER: u8 = 0x5a;

impl<T> Room<T> {
    fn new(given: T, size: Size) -> Room<T> {
        let mut room = Room { given, more: [FILLER; 64] };
        let size = match size {
            Size::Right => size_of::<T>(),
            Size::Odd(odd) => usize::from(odd) % (size_of::<Room<T>>() + 1),
        };
        // SAFETY: each struct of the ABI begins with its size, a u32.
        unsafe { ptr::from_mut(&mut room).cast::<u32>().write(size as u32) };
        room
    }
}

/// Texts for as long as a call needs them.
#[derive(Default)]
struct Texts(Vec<Box<[u8]>>);

const NONE: azs_str = azs_str { data: ptr::null(), len: 0 };

impl Texts {
    fn keep(&mut self, bytes: &[u8]) -> azs_str {
        // Of exactly its length, so that a byte read beyond is seen.
        self.0.push(bytes.into());
        let kept = &self.0[self.0.len() - 1];
        azs_str { data: kept.as_ptr(), len: kept.len() }
    }

    fn of(&mut self, text: &Text) -> azs_str {
        match text {
            Text::None => azs_str { data: ptr::null(), len: 7 },
            Text::Known(number) => {
                let known = Services::get().texts();
                self.keep(known[usize::from(*number) % known.len()].as_bytes())
            }
            Text::Bytes(bytes) => self.keep(bytes),
            Text::Huge => azs_str { len: usize::MAX, ..self.keep(b"x") },
        }
    }

    fn target(&mut self, target: &Target) -> azs_tenant_target {
        let customer = match target.customer {
            0..=8 => self.keep(customer(target.customer).as_bytes()),
            _ => NONE,
        };
        let mut made =
            azs_tenant_target { customer_subscription_id: customer, row: target.row.into(), ..no_target() };
        if let Some((field, text)) = &target.odd {
            *field_of(&mut made, usize::from(*field)) = self.of(text);
        }
        made
    }
}

/// A customer's subscription by number.
pub(crate) fn customer(number: u8) -> String {
    format!("c0000000-0000-4000-8000-{number:012}")
}

fn no_target() -> azs_tenant_target {
    azs_tenant_target {
        resource_id: NONE,
        registration_subscription_id: NONE,
        resource_group_name: NONE,
        registration_name: NONE,
        customer_subscription_id: NONE,
        tenant_id: NONE,
        subscription_id: NONE,
        row: 0,
    }
}

fn field_of(target: &mut azs_tenant_target, field: usize) -> &mut azs_str {
    match field % 7 {
        0 => &mut target.resource_id,
        1 => &mut target.registration_subscription_id,
        2 => &mut target.resource_group_name,
        3 => &mut target.registration_name,
        4 => &mut target.customer_subscription_id,
        5 => &mut target.tenant_id,
        _ => &mut target.subscription_id,
    }
}

#[track_caller]
fn expect(status: i32, among: &[i32]) {
    assert!(among.contains(&status), "status {status} is none of {among:?}");
}

/// What a call may say of its arguments.
const OF_ARGUMENTS: [i32; 4] = [AZS_E_NULL, AZS_E_UTF8, AZS_E_VALUE, AZS_E_SIZE];

impl Player {
    /// A client and an operation that are in order: where they lead to depends on the sequence.
    fn begin(&mut self, calls: usize) {
        let endpoint =
            [Endpoint::Answering, Endpoint::Late, Endpoint::Answering, Endpoint::Silent, Endpoint::Closed];
        let config = ClientConfig {
            endpoint: endpoint[calls % endpoint.len()],
            size: Size::Right,
            can_supply_credential: Flag(1),
            odd: Oddity(None),
            connect_timeout_ms: Limit(0),
            answer_timeout_ms: Limit(0),
        };
        self.new_client(Place(0), &config);
        if calls % 3 > 0 {
            self.set_credential(Place(0), 1, &Credential::Right, 0);
        }
        let config = OperationConfig {
            size: Size::Right,
            max_outstanding: Limit(0),
            max_items: Limit(1),
            item_timeout_ms: Limit(0),
            throttle_limit: Limit(0),
            want_progress: Flag(1),
            want_log: Flag(1),
            audited: false,
            odd: Oddity(None),
        };
        self.new_operation(Place(0), Place(0), &config);
    }

    fn call(&mut self, call: &Call) {
        match call {
            Call::NewClient { place, config } => self.new_client(*place, config),
            Call::FreeClient { place } => self.free_client(*place),
            Call::SetCredential { place, kind, credential, expires_on } => {
                self.set_credential(*place, kind.0, credential, expires_on.0);
            }
            Call::NewOperation { client, place, config } => self.new_operation(*client, *place, config),
            Call::FreeOperation { place } => self.free_operation(*place),
            Call::Cancel { place } => self.cancel(*place),
            Call::Next { place, wait } => {
                self.next(*place, wait.0);
            }
            Call::NextAndCancel { place } => self.next_and_cancel(*place),
            Call::Add { place, tag, size, expectation, target, expected, preserve_case } => {
                let mut texts = Texts::default();
                let request = azs_tenant_add_request {
                    size: 0,
                    expectation: expectation.0,
                    target: texts.target(target),
                    expected_customer_subscription_id: texts.of(expected),
                    preserve_case: preserve_case.0,
                };
                let room = Room::new(request, *size);
                // SAFETY: a live handle or NULL, and a struct of `size` bytes.
                self.submit(*place, true, |handle| unsafe {
                    azs_tenant_add(handle, (*tag).into(), &room.given)
                });
            }
            Call::List { place, tag, size, target } => {
                let mut texts = Texts::default();
                let room =
                    Room::new(azs_tenant_list_request { size: 0, target: texts.target(target) }, *size);
                // SAFETY: as above.
                self.submit(*place, false, |handle| unsafe {
                    azs_tenant_list(handle, (*tag).into(), &room.given)
                });
            }
            Call::Get { place, tag, size, target } => {
                let mut texts = Texts::default();
                let room = Room::new(azs_tenant_get_request { size: 0, target: texts.target(target) }, *size);
                // SAFETY: as above.
                self.submit(*place, false, |handle| unsafe {
                    azs_tenant_get(handle, (*tag).into(), &room.given)
                });
            }
            Call::Remove { place, tag, size, target } => {
                let mut texts = Texts::default();
                let room =
                    Room::new(azs_tenant_remove_request { size: 0, target: texts.target(target) }, *size);
                // SAFETY: as above.
                self.submit(*place, true, |handle| unsafe {
                    azs_tenant_remove(handle, (*tag).into(), &room.given)
                });
            }
            Call::Resolve { place, purpose, target } => self.resolve(*place, purpose.0, target),
            Call::ReadRow { size, kind, cells, object, command_line, bound } => {
                let mut texts = Texts::default();
                let cells: Vec<azs_row_cell> = cells
                    .iter()
                    .map(|(column, odd, value)| azs_row_cell {
                        name: odd
                            .as_ref()
                            .map_or_else(|| azs_row_column((*column % 11).into()), |name| texts.of(name)),
                        value: texts.of(value),
                    })
                    .collect();
                let row = azs_row {
                    size: 0,
                    kind: kind.0,
                    cells: cells.as_ptr(),
                    cell_count: cells.len(),
                    object: texts.of(object),
                    row: cells.len() as u64,
                    command_line: texts.target(command_line),
                    bound: texts.target(bound),
                    advice_words: kind.0.wrapping_sub(1),
                };
                read_row(&Room::new(row, *size));
            }
            Call::Report { operation, place } => self.report(*operation, *place),
            Call::Summarize { place, size } => self.summarize(*place, *size),
            Call::ReportNext { place, times } => {
                for _ in 0..*times % 8 {
                    next_entry(self.report_at(*place));
                }
            }
            Call::ResolveEntry { operation, tag, report, entry } => {
                let report = self.report_at(*report);
                if !report.is_null() {
                    // SAFETY: live handles, or NULL for the operation.
                    let send =
                        |operation| unsafe { azs_report_resolve(operation, *tag, report, u64::from(*entry)) };
                    self.submit(*operation, false, send);
                }
            }
            Call::FreeReport { place } => self.free_report(*place),
        }
    }

    fn client_at(&self, place: Place) -> *mut azs_client {
        self.clients[place.0].as_ref().map_or(ptr::null_mut(), |client| client.handle)
    }

    fn operation_at(&self, place: Place) -> *mut azs_operation {
        self.operations[place.0].as_ref().map_or(ptr::null_mut(), |operation| operation.handle)
    }

    fn report_at(&self, place: Place) -> *mut azs_report {
        self.reports[place.0].unwrap_or(ptr::null_mut())
    }

    fn new_client(&mut self, place: Place, config: &ClientConfig) {
        self.free_client(place);
        let services = Services::get();
        let mut texts = Texts::default();
        let url = services.url(config.endpoint);
        let mut given = azs_client_config {
            size: 0,
            can_supply_credential: config.can_supply_credential.0,
            arm_endpoint: texts.keep(url.as_bytes()),
            authority_host: texts.keep(url.as_bytes()),
            ca_certificate_path: texts.keep(services.ca_file().as_bytes()),
            api_version: NONE,
            caller: texts.keep(b"fuzz/1"),
            connect_timeout_ms: config.connect_timeout_ms.0,
            answer_timeout_ms: config.answer_timeout_ms.0,
            no_tenant_discovery: config.can_supply_credential.0,
            advice_words: i32::from(config.can_supply_credential.0),
            cloud: NONE,
            audience: NONE,
            sign_in: ptr::null(),
        };
        if let Some((field, text)) = &config.odd.0 {
            let text = texts.of(text);
            // Where nothing is given the public cloud would be meant: no sequence leaves this machine.
            match field {
                0 | 1 if text.data.is_null() => {}
                0 => given.arm_endpoint = text,
                1 => given.authority_host = text,
                2 => given.ca_certificate_path = text,
                3 => given.api_version = text,
                _ => given.caller = text,
            }
        }
        let room = Room::new(given, config.size);
        let mut handle = ptr::dangling_mut::<azs_client>();
        let mut error = ptr::dangling_mut::<azs_error_handle>();
        // SAFETY: a struct of `size` bytes, and two places.
        let status = unsafe { azs_client_new(&room.given, &mut handle, &mut error) };
        expect(status, &[&[AZS_OK, AZS_E_CONFIG], &OF_ARGUMENTS[..]].concat());
        read_and_free_error(error, status == AZS_E_CONFIG);
        assert_eq!(handle.is_null(), status != AZS_OK);
        if status == AZS_OK {
            let lives = Rc::new(Cell::new(true));
            self.clients[place.0] = Some(Client { handle, endpoint: config.endpoint, lives });
        }
    }

    fn free_client(&mut self, place: Place) {
        let client = self.clients[place.0].take();
        let handle = client.as_ref().map_or(ptr::null_mut(), |client| client.handle);
        // SAFETY: NULL, or a live handle that no other call is using.
        unsafe { azs_client_free(handle) };
        if let Some(client) = client {
            client.lives.set(false);
        }
    }

    fn set_credential(&mut self, place: Place, kind: i32, credential: &Credential, expires_on: i64) {
        let mut texts = Texts::default();
        let endpoint = self.clients[place.0].as_ref().map_or(Endpoint::Answering, |client| client.endpoint);
        let text = match credential {
            Credential::Right => texts.keep(Services::get().token_of(endpoint).as_bytes()),
            Credential::Odd(text) => texts.of(text),
        };
        // SAFETY: a live handle or NULL, and a text that can be read.
        let status = unsafe { azs_client_set_credential(self.client_at(place), kind, text, expires_on) };
        expect(status, &[AZS_OK, AZS_E_NULL, AZS_E_UTF8, AZS_E_VALUE]);
    }

    fn new_operation(&mut self, client: Place, place: Place, config: &OperationConfig) {
        self.free_operation(place);
        let mut texts = Texts::default();
        let [subscription, group, name] = Services::get().registration();
        let mut registration = no_target();
        registration.registration_subscription_id = texts.keep(subscription.as_bytes());
        registration.resource_group_name = texts.keep(group.as_bytes());
        registration.registration_name = texts.keep(name.as_bytes());
        let mut given = azs_operation_config {
            size: 0,
            max_outstanding: config.max_outstanding.0,
            max_items: config.max_items.0,
            item_timeout_ms: config.item_timeout_ms.0,
            want_progress: config.want_progress.0,
            want_log: config.want_log.0,
            default_registration: registration,
            correlation_id: NONE,
            throttle_limit: config.throttle_limit.0,
            audit_log: if config.audited { texts.keep(b"/dev/full") } else { NONE },
        };
        if let Some((field, text)) = &config.odd.0 {
            let text = texts.of(text);
            match field {
                7 => given.correlation_id = text,
                field => *field_of(&mut given.default_registration, *field) = text,
            }
        }
        let room = Room::new(given, config.size);
        let mut handle = ptr::dangling_mut::<azs_operation>();
        let mut error = ptr::dangling_mut::<azs_error_handle>();
        // SAFETY: a live handle or NULL, a struct of `size` bytes, and two places.
        let status =
            unsafe { azs_operation_new(self.client_at(client), &room.given, &mut handle, &mut error) };
        expect(status, &[&[AZS_OK, AZS_E_CONFIG], &OF_ARGUMENTS[..]].concat());
        read_and_free_error(error, status == AZS_E_CONFIG);
        assert_eq!(handle.is_null(), status != AZS_OK);
        if let (AZS_OK, Some(client)) = (status, &self.clients[client.0]) {
            self.operations[place.0] = Some(Operation {
                handle,
                client_lives: client.lives.clone(),
                cancelled: false,
                cancelling: false,
                accepted: 0,
                ended: 0,
                changes: 0,
            });
        }
    }

    fn free_operation(&mut self, place: Place) {
        let operation = self.operations[place.0].take();
        // SAFETY: NULL, or a live handle that no other call is using.
        unsafe { azs_operation_free(operation.map_or(ptr::null_mut(), |operation| operation.handle)) };
    }

    fn cancel(&mut self, place: Place) {
        // SAFETY: a live handle or NULL.
        let status = unsafe { azs_operation_cancel(self.operation_at(place)) };
        match &mut self.operations[place.0] {
            Some(operation) => {
                expect(status, &[AZS_OK]);
                operation.cancelled = true;
            }
            None => expect(status, &[AZS_E_NULL]),
        }
    }

    fn next_and_cancel(&mut self, place: Place) {
        let handle = self.operation_at(place) as usize;
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(move || {
                    // SAFETY: a live handle or NULL, which is not freed before this thread has ended.
                    let status = unsafe { azs_operation_cancel(handle as *mut azs_operation) };
                    expect(status, &[AZS_OK, AZS_E_NULL]);
                });
            }
            if let Some(operation) = &mut self.operations[place.0] {
                operation.cancelling = true;
            }
            self.next(place, 50);
        });
        if let Some(operation) = &mut self.operations[place.0] {
            (operation.cancelled, operation.cancelling) = (true, false);
        }
    }

    fn submit(&mut self, place: Place, changes: bool, send: impl FnOnce(*mut azs_operation) -> i32) {
        let status = send(self.operation_at(place));
        let Some(operation) = &mut self.operations[place.0] else {
            return expect(status, &OF_ARGUMENTS);
        };
        expect(status, &[&[AZS_OK, AZS_FULL, AZS_E_CANCELLED], &OF_ARGUMENTS[1..]].concat());
        match status {
            AZS_OK => {
                assert!(!operation.cancelled, "accepted after a cancellation");
                operation.accepted += 1;
                operation.changes += u64::from(changes);
            }
            AZS_FULL => assert!(operation.accepted > operation.ended, "full of nothing"),
            AZS_E_CANCELLED => assert!(operation.cancelled, "never cancelled"),
            _ => {}
        }
    }

    /// Takes an event, reads it to its last byte, and gives the status.
    fn next(&mut self, place: Place, wait: u32) -> i32 {
        let mut event = ptr::dangling::<azs_event>();
        // SAFETY: a live handle or NULL, and a place.
        let status = unsafe { azs_operation_next(self.operation_at(place), wait, &mut event) };
        assert_eq!(event.is_null(), status != AZS_EVENT);
        let Some(operation) = &mut self.operations[place.0] else {
            expect(status, &[AZS_E_NULL]);
            return status;
        };
        match status {
            AZS_EVENT => {
                // SAFETY: an event, valid until the next call.
                let kind = unsafe { read_event(event) };
                operation.ended += u64::from(kind == AZS_EVENT_FINISHED);
                assert!(operation.ended <= operation.accepted, "an end of no request");
                if kind == AZS_EVENT_CREDENTIAL_NEEDED {
                    assert!(operation.client_lives.get(), "nobody can answer");
                    assert!(!operation.cancelled, "asked after a cancellation");
                }
            }
            AZS_TIMEOUT => {}
            AZS_IDLE | AZS_DRAINED => {
                assert_eq!(operation.accepted, operation.ended, "status {status} too early");
                let was_cancelled = status == AZS_DRAINED;
                assert!(operation.cancelling || operation.cancelled == was_cancelled, "status {status}");
            }
            other => panic!("status {other}"),
        }
        status
    }

    fn resolve(&mut self, place: Place, purpose: i32, target: &Target) {
        let mut texts = Texts::default();
        let given = texts.target(target);
        let mut resolved = ptr::dangling_mut::<azs_resolved>();
        let mut error = ptr::dangling_mut::<azs_error_handle>();
        let handle = self.operation_at(place);
        // SAFETY: a live handle or NULL, a target that can be read, and two places.
        let status = unsafe { azs_tenant_resolve(handle, purpose, &given, &mut resolved, &mut error) };
        expect(status, &[AZS_OK, AZS_E_INPUT, AZS_E_NULL, AZS_E_UTF8, AZS_E_VALUE]);
        read_and_free_error(error, status == AZS_E_INPUT);
        assert_eq!(resolved.is_null(), status != AZS_OK);
        // SAFETY: NULL or a live handle; its mapping is read before it is freed.
        unsafe {
            if let Some(mapping) = azs_resolved_get(resolved).as_ref() {
                read_mapping(mapping);
            }
            azs_resolved_free(resolved);
        }
    }

    fn report(&mut self, operation: Place, place: Place) {
        self.free_report(place);
        let mut report = ptr::dangling_mut::<azs_report>();
        // SAFETY: a live handle or NULL, and a place.
        let status = unsafe { azs_operation_report(self.operation_at(operation), &mut report) };
        expect(status, &[AZS_OK, AZS_E_NULL]);
        assert_eq!(report.is_null(), status != AZS_OK);
        self.reports[place.0] = (status == AZS_OK).then_some(report);
    }

    fn summarize(&mut self, place: Place, size: Size) {
        let mut room = Room::new(no_summary(), size);
        // SAFETY: a live handle or NULL, and a struct of `size` bytes that can be written.
        let status = unsafe { azs_report_summarize(self.report_at(place), &mut room.given) };
        expect(status, &[AZS_OK, AZS_E_NULL, AZS_E_SIZE]);
        assert!(room.more.iter().all(|byte| *byte == FILLER), "written beyond the struct");
        if status == AZS_OK {
            check_summary(&room.given);
        }
    }

    fn free_report(&mut self, place: Place) {
        // SAFETY: NULL, or a live handle that no other call is using.
        unsafe { azs_report_free(self.reports[place.0].take().unwrap_or(ptr::null_mut())) };
    }

    /// Ends everything, in an order that depends on the sequence.
    fn end(&mut self, calls: usize) {
        let places = || (0..usize::from(PLACES)).map(Place);
        if calls.is_multiple_of(2) {
            places().for_each(|place| self.free_client(place));
        }
        for place in places() {
            if self.operations[place.0].is_none() || calls % 7 == 6 {
                continue;
            }
            self.cancel(place);
            let mut waits = 0;
            loop {
                match self.next(place, 20) {
                    AZS_DRAINED => break,
                    AZS_TIMEOUT => waits += 1,
                    _ => {}
                }
                assert!(waits < MOST_WAITS, "it does not end");
            }
            self.check_report(place);
        }
        places().for_each(|place| self.free_operation(place));
        places().for_each(|place| self.free_client(place));
        for place in places() {
            self.summarize(place, Size::Right);
            next_entry(self.report_at(place));
            self.free_report(place);
        }
    }

    /// The report of an operation of which nothing is left under way.
    fn check_report(&mut self, place: Place) {
        self.report(place, Place(0));
        let changes = self.operations[place.0].as_ref().map_or(0, |operation| operation.changes);
        let mut room = Room::new(no_summary(), Size::Right);
        // SAFETY: a live handle, and a struct that can be written.
        expect(unsafe { azs_report_summarize(self.report_at(Place(0)), &mut room.given) }, &[AZS_OK]);
        assert_eq!((room.given.accepted, room.given.pending), (changes, 0));
        let entries = std::iter::from_fn(|| next_entry(self.report_at(Place(0)))).count();
        assert_eq!(entries as u64, changes);
        let mut another = ptr::null_mut();
        // SAFETY: a live handle, and a place.
        expect(unsafe { azs_report_clone(self.report_at(Place(0)), &mut another) }, &[AZS_OK]);
        assert_eq!(std::iter::from_fn(|| next_entry(another)).count() as u64, changes);
        // SAFETY: a live handle that no other call is using.
        unsafe { azs_report_free(another) };
    }
}

fn read_row(room: &Room<azs_row>) {
    let mut target = ptr::dangling_mut::<azs_row_target>();
    let mut error = ptr::dangling_mut::<azs_error_handle>();
    // SAFETY: a struct of `size` bytes with cells and texts that can be read, and two places.
    let status = unsafe { azs_row_read(&room.given, &mut target, &mut error) };
    expect(status, &[AZS_OK, AZS_E_INPUT, AZS_E_NULL, AZS_E_SIZE, AZS_E_UTF8, AZS_E_VALUE]);
    read_and_free_error(error, status == AZS_E_INPUT);
    assert_eq!(target.is_null(), status != AZS_OK);
    // SAFETY: NULL or a live handle; its texts are read before it is freed.
    unsafe {
        if let Some(read) = azs_row_target_get(target).as_ref() {
            let mut read = azs_tenant_target { ..*read };
            (0..7).for_each(|field| read_text(*field_of(&mut read, field)));
        }
        azs_row_target_free(target);
    }
}

fn no_summary() -> azs_report_summary {
    azs_report_summary {
        size: 0,
        reserved: 0,
        accepted: 0,
        pending: 0,
        added: 0,
        replaced: 0,
        unchanged: 0,
        removed: 0,
        not_found: 0,
        failed: 0,
        unknown: 0,
        not_started: 0,
        would_replace: 0,
        tenant_mismatch: 0,
        changed_by_another: 0,
    }
}

fn check_summary(summary: &azs_report_summary) {
    let reached = summary.added + summary.replaced + summary.unchanged + summary.removed + summary.not_found;
    let failed = summary.failed + summary.unknown + summary.not_started;
    let found = summary.would_replace + summary.tenant_mismatch + summary.changed_by_another;
    assert_eq!(summary.accepted, summary.pending + reached + failed + found);
}

/// Takes the next entry of a report and reads it.
fn next_entry(report: *mut azs_report) -> Option<()> {
    let mut entry = ptr::dangling::<azs_finished_event>();
    // SAFETY: a live handle or NULL, and a place.
    let status = unsafe { azs_report_next(report, &mut entry) };
    expect(status, if report.is_null() { &[AZS_E_NULL] } else { &[AZS_EVENT, AZS_IDLE] });
    assert_eq!(entry.is_null(), status != AZS_EVENT);
    // SAFETY: NULL, or an entry that is valid until the next call.
    let entry = unsafe { entry.as_ref() }?;
    assert_eq!(entry.kind, AZS_EVENT_FINISHED);
    read_finished(entry);
    Some(())
}

fn read_text(text: azs_str) {
    if text.data.is_null() {
        assert_eq!(text.len, 0);
        return;
    }
    // SAFETY: a text of the library, for as long as its event or handle.
    let bytes = unsafe { std::slice::from_raw_parts(text.data, text.len) };
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let services = Services::get();
    for endpoint in [Endpoint::Answering, Endpoint::Late] {
        assert!(!text.contains(services.token_of(endpoint)), "a text holds the token");
    }
}

fn read_mapping(mapping: &azs_mapping) {
    [
        mapping.resource_id,
        mapping.registration_subscription_id,
        mapping.resource_group_name,
        mapping.registration_name,
        mapping.customer_subscription_id,
        mapping.tenant_id,
        mapping.name,
        mapping.etag,
    ]
    .into_iter()
    .for_each(read_text);
}

fn read_error(error: &azs_error) {
    assert_eq!(error.size as usize, size_of::<azs_error>());
    [
        error.code,
        error.message,
        error.recommended_action,
        error.target,
        error.column,
        error.request_id,
        error.correlation_id,
    ]
    .into_iter()
    .for_each(read_text);
}

fn read_and_free_error(handle: *mut azs_error_handle, expected: bool) {
    assert_eq!(!handle.is_null(), expected, "an error, or none");
    // SAFETY: NULL or a live handle, read before it is freed.
    unsafe {
        if let Some(error) = azs_error_get(handle).as_ref() {
            assert!(error.category > 0 && error.code.len > 0 && error.message.len > 0);
            read_error(error);
        }
        azs_error_free(handle);
    }
}

fn read_finished(event: &azs_finished_event) {
    assert_eq!(event.size as usize, size_of::<azs_finished_event>());
    let told = event.outcome >= AZS_OUTCOME_FAILED;
    assert_eq!(event.has_error, u8::from(told), "outcome {}", event.outcome);
    assert!(event.confirmed_by_lookup <= 1 && event.replaced_unasked <= 1);
    assert!(event.resolved <= 1 && event.audit_missing <= 1);
    read_mapping(&event.mapping);
    read_text(event.old_customer_subscription_id);
    read_text(event.old_tenant_id);
    read_error(&event.error);
    assert_eq!(event.error.code.len > 0, told);
}

/// Reads an event to its last byte, and gives its kind.
///
/// # Safety
/// `event` is a live event.
unsafe fn read_event(event: *const azs_event) -> i32 {
    // SAFETY: every event begins so, and its kind says what it is.
    unsafe {
        let (kind, size) = ((*event).kind, (*event).size as usize);
        match kind {
            AZS_EVENT_MAPPING => {
                assert_eq!(size, size_of::<azs_mapping_event>());
                read_mapping(&(*event.cast::<azs_mapping_event>()).mapping);
            }
            AZS_EVENT_FINISHED => read_finished(&*event.cast::<azs_finished_event>()),
            AZS_EVENT_PROGRESS => {
                let progress = &*event.cast::<azs_progress_event>();
                assert_eq!(size, size_of::<azs_progress_event>());
                assert!(progress.failed <= progress.finished);
                assert!((AZS_WAIT_NONE..=AZS_WAIT_SETTLING).contains(&progress.wait));
                assert!(progress.in_flight <= progress.outstanding);
                assert!(progress.rate >= 0.0 && progress.listing_rate >= 0.0);
                assert_eq!(progress.wait_text.data.is_null(), progress.wait == AZS_WAIT_NONE);
                read_text(progress.wait_text);
            }
            AZS_EVENT_LOG => {
                assert_eq!(size, size_of::<azs_log_event>());
                read_text((*event.cast::<azs_log_event>()).text);
            }
            AZS_EVENT_CREDENTIAL_NEEDED => {
                assert_eq!(size, size_of::<azs_credential_event>());
                read_text((*event.cast::<azs_credential_event>()).claims);
            }
            other => panic!("an event of kind {other}"),
        }
        kind
    }
}

const _: () = assert!(offset_of!(Room<azs_report_summary>, more) == size_of::<azs_report_summary>());
