// The states of an operation: full, idle, drained, busy, cancelled, freed, from one thread and from several.
//
// Most of it runs against a server that never answers, so that what is outstanding stays outstanding.

#include "test_common.h"

static azs_client *silent;
static azs_client *answered;

static void full_until_an_event_is_taken(void) {
  azs_operation_config config = operation_config();
  config.max_outstanding = 3;
  azs_operation *operation = operation_with(answered, config);
  for (uint64_t tag = 1; tag <= 3; tag++) CHECK(submit_get(operation, tag, customer(1)) == AZS_OK, "not accepted");
  CHECK(submit_get(operation, 4, customer(1)) == AZS_FULL, "a fourth one");
  CHECK(submit_list(operation, 5, NULL) == AZS_FULL, "a fifth one");
  seen_events seen = {0};
  next_end(operation, &seen);
  CHECK(submit_get(operation, 6, customer(1)) == AZS_OK, "not accepted after an end was taken");
  CHECK(submit_get(operation, 7, customer(1)) == AZS_FULL, "one too many");
  CHECK(drain(operation, &seen) == AZS_IDLE, "not idle");
  CHECK(seen.finished == 4, "%llu ends of 4 accepted", (unsigned long long)seen.finished);
  azs_operation_free(operation);
}

static void idle_without_requests_whatever_the_timeout(void) {
  azs_operation *operation = operation_of(silent);
  const uint32_t timeouts[] = {0, 1, UINT32_MAX - 1, UINT32_MAX};
  for (size_t at = 0; at < 4; at++) {
    const azs_event *event = NULL;
    int32_t status = azs_operation_next(operation, timeouts[at], &event);
    CHECK(status == AZS_IDLE && event == NULL, "status %d", status);
  }
  azs_operation_free(operation);
}

static void timeout_while_something_is_outstanding(void) {
  azs_operation *operation = operation_of(silent);
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  const azs_event *event = NULL;
  CHECK(azs_operation_next(operation, 0, &event) == AZS_TIMEOUT && event == NULL, "no time-out");
  CHECK(azs_operation_next(operation, 10, &event) == AZS_TIMEOUT && event == NULL, "no time-out");
  azs_operation_free(operation);
}

static void drained_after_cancel_for_good(void) {
  azs_operation_config config = operation_config();
  config.max_outstanding = 4;
  azs_operation *operation = operation_with(silent, config);
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  MUST(submit_add(operation, 2, customer(1)) == AZS_OK, "not accepted");
  MUST(submit_remove(operation, 3, customer(1), NULL) == AZS_OK, "not accepted");
  MUST(submit_get(operation, 4, customer(1)) == AZS_OK, "not accepted");
  CHECK(azs_operation_cancel(operation) == AZS_OK, "not cancelled");
  CHECK(azs_operation_cancel(operation) == AZS_OK, "again is fine");
  // Cancelled before full.
  CHECK(submit_get(operation, 5, customer(1)) == AZS_E_CANCELLED, "accepted after the cancellation");
  int32_t outcomes[5] = {0};
  seen_events seen = {0};
  for (;;) {
    const azs_event *event = NULL;
    int32_t status = azs_operation_next(operation, UINT32_MAX, &event);
    if (status == AZS_TIMEOUT) continue;
    if (status != AZS_EVENT) {
      CHECK(status == AZS_DRAINED && event == NULL, "status %d", status);
      break;
    }
    read_event(event, &seen);
    MUST(event->kind == AZS_EVENT_FINISHED && event->tag >= 1 && event->tag <= 4, "an event of another request");
    const azs_finished_event *end = (const azs_finished_event *)event;
    CHECK(outcomes[event->tag] == 0, "a second end");
    CHECK(end->error.category == AZS_ERROR_CANCELLED, "category %d", end->error.category);
    outcomes[event->tag] = end->outcome;
  }
  CHECK(outcomes[1] == AZS_OUTCOME_CANCELLED, "the list: %d", outcomes[1]);
  CHECK(outcomes[2] == AZS_OUTCOME_NOT_STARTED, "the add: %d", outcomes[2]);
  CHECK(outcomes[3] == AZS_OUTCOME_NOT_STARTED, "the remove: %d", outcomes[3]);
  CHECK(outcomes[4] == AZS_OUTCOME_CANCELLED, "the get: %d", outcomes[4]);
  for (int round = 0; round < 3; round++) {
    const azs_event *event = NULL;
    CHECK(azs_operation_next(operation, UINT32_MAX, &event) == AZS_DRAINED && event == NULL, "not drained any more");
    CHECK(submit_get(operation, 6, customer(1)) == AZS_E_CANCELLED, "accepted after the end");
  }
  azs_operation_free(operation);
}

static void cancelled_while_idle_is_drained(void) {
  azs_operation *operation = operation_of(silent);
  const azs_event *event = NULL;
  CHECK(azs_operation_next(operation, 0, &event) == AZS_IDLE, "not idle");
  CHECK(azs_operation_cancel(operation) == AZS_OK, "not cancelled");
  CHECK(azs_operation_next(operation, UINT32_MAX, &event) == AZS_DRAINED, "not drained");
  azs_operation_free(operation);
}

// "cancelled and every event has been handed out", says the header: nothing may follow, progress and logs included.
static void nothing_follows_drained(void) {
  azs_operation_config config = operation_config();
  config.want_progress = 1;
  config.want_log = 1;
  azs_operation *operation = operation_with(answered, config);
  for (uint64_t tag = 1; tag <= 5; tag++) MUST(submit_get(operation, tag, customer(1)) == AZS_OK, "not accepted");
  seen_events seen = {0};
  end_of(operation, 1, &seen);
  CHECK(azs_operation_cancel(operation) == AZS_OK, "not cancelled");
  CHECK(drain(operation, &seen) == AZS_DRAINED, "not drained");
  // Longer than progress is held back.
  pause_ms(400);
  const azs_event *event = NULL;
  int32_t status = azs_operation_next(operation, 0, &event);
  CHECK(status == AZS_DRAINED && event == NULL, "status %d, an event of kind %d", status, event ? event->kind : 0);
  azs_operation_free(operation);
}

// --- several threads ---

static void *pull_until_drained(void *argument) {
  seen_events seen = {0};
  for (;;) {
    const azs_event *event = NULL;
    int32_t status = azs_operation_next(argument, UINT32_MAX, &event);
    // Another thread may look in meanwhile.
    if (status == AZS_E_BUSY || status == AZS_TIMEOUT) continue;
    if (status != AZS_EVENT) return (void *)(intptr_t)status;
    read_event(event, &seen);
  }
}

static void a_second_thread_in_next_is_busy(void) {
  azs_operation *operation = operation_of(silent);
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  pthread_t puller;
  MUST(pthread_create(&puller, NULL, pull_until_drained, operation) == 0, "no thread");
  // As soon as the other thread is inside, this one is not let in.
  for (;;) {
    const azs_event *event = NULL;
    int32_t status = azs_operation_next(operation, 0, &event);
    CHECK(event == NULL, "an event");
    if (status == AZS_E_BUSY) break;
    MUST(status == AZS_TIMEOUT, "status %d", status);
  }
  CHECK(submit_get(operation, 2, customer(1)) == AZS_OK, "submitting has to wait for next");
  CHECK(azs_operation_cancel(operation) == AZS_OK, "cancelling has to wait for next");
  void *last = NULL;
  pthread_join(puller, &last);
  CHECK((intptr_t)last == AZS_DRAINED, "status %d", (int)(intptr_t)last);
  azs_operation_free(operation);
}

static void *cancel_it(void *argument) { return (void *)(intptr_t)azs_operation_cancel(argument); }

static void cancel_from_two_threads_wakes_next(void) {
  for (int round = 0; round < 50; round++) {
    azs_operation *operation = operation_of(silent);
    MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
    MUST(submit_add(operation, 2, customer(1)) == AZS_OK, "not accepted");
    pthread_t puller, cancellers[2];
    MUST(pthread_create(&puller, NULL, pull_until_drained, operation) == 0, "no thread");
    for (int at = 0; at < 2; at++) MUST(pthread_create(&cancellers[at], NULL, cancel_it, operation) == 0, "no thread");
    void *last = NULL;
    for (int at = 0; at < 2; at++) {
      pthread_join(cancellers[at], &last);
      CHECK((intptr_t)last == AZS_OK, "status %d", (int)(intptr_t)last);
    }
    pthread_join(puller, &last);
    CHECK((intptr_t)last == AZS_DRAINED, "status %d", (int)(intptr_t)last);
    azs_operation_free(operation);
  }
}

#define SUBMITTERS 4
#define TAGS_EACH 60

typedef struct submitter {
  azs_operation *operation;
  uint64_t first_tag;
  unsigned accepted[TAGS_EACH];
  bool stop_on_cancel;
} submitter;

static void *submit_many(void *argument) {
  submitter *self = argument;
  for (uint64_t at = 0; at < TAGS_EACH; at++) {
    for (;;) {
      uint64_t tag = self->first_tag + at;
      int32_t status = at % 3 == 0   ? submit_list(self->operation, tag, NULL)
                       : at % 3 == 1 ? submit_get(self->operation, tag, customer(1))
                                     : submit_remove(self->operation, tag, customer(2), NULL);
      if (status == AZS_FULL) {
        pause_ms(1);
        continue;
      }
      CHECK(status == AZS_OK || status == AZS_E_CANCELLED, "status %d", status);
      self->accepted[at] = status == AZS_OK;
      break;
    }
  }
  return NULL;
}

static void one_end_each(unsigned cancel_after) {
  azs_operation_config config = operation_config();
  config.max_outstanding = 16;
  config.max_items = 1;
  azs_operation *operation = operation_with(answered, config);
  static submitter submitters[SUBMITTERS];
  static unsigned ends[SUBMITTERS * TAGS_EACH];
  memset(ends, 0, sizeof ends);
  memset(submitters, 0, sizeof submitters);
  pthread_t threads[SUBMITTERS];
  for (unsigned at = 0; at < SUBMITTERS; at++) {
    submitters[at].operation = operation;
    submitters[at].first_tag = at * TAGS_EACH;
    MUST(pthread_create(&threads[at], NULL, submit_many, &submitters[at]) == 0, "no thread");
  }
  seen_events seen = {0};
  unsigned taken = 0;
  for (;;) {
    const azs_event *event = NULL;
    int32_t status = azs_operation_next(operation, 20, &event);
    if (status == AZS_DRAINED || taken == SUBMITTERS * TAGS_EACH) break;
    if (status == AZS_IDLE) pause_ms(1);
    if (status != AZS_EVENT) continue;
    read_event(event, &seen);
    if (event->kind == AZS_EVENT_FINISHED) {
      MUST(event->tag < SUBMITTERS * TAGS_EACH, "tag %llu", (unsigned long long)event->tag);
      ends[event->tag]++;
      if (++taken == cancel_after) CHECK(azs_operation_cancel(operation) == AZS_OK, "not cancelled");
    }
  }
  for (unsigned at = 0; at < SUBMITTERS; at++) pthread_join(threads[at], NULL);
  // Nothing comes after that.
  while (azs_operation_next(operation, UINT32_MAX, &(const azs_event *){NULL}) == AZS_EVENT) CHECK(false, "late");
  for (unsigned at = 0; at < SUBMITTERS * TAGS_EACH; at++) {
    unsigned accepted = submitters[at / TAGS_EACH].accepted[at % TAGS_EACH];
    CHECK(ends[at] == accepted, "request %u: accepted %u times, ended %u times", at, accepted, ends[at]);
  }
  azs_operation_free(operation);
}

static void each_accepted_request_has_one_end(void) { one_end_each(0); }

static void each_accepted_request_has_one_end_when_cancelled(void) {
  one_end_each(1);
  one_end_each(40);
}

static void *disturb(void *argument) {
  azs_operation *operation = argument;
  for (uint64_t tag = 100; tag < 200; tag++) {
    submit_get(operation, tag, customer((unsigned)tag));
    submit_list(operation, tag, NULL);
  }
  azs_operation_cancel(operation);
  return NULL;
}

static void an_event_stays_until_the_next_next(void) {
  for (int round = 0; round < 10; round++) {
    azs_operation *operation = operation_of(answered);
    MUST(submit_get(operation, 1, customer(1)) == AZS_OK, "not accepted");
    const azs_event *event = NULL;
    MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
    MUST(event->kind == AZS_EVENT_MAPPING, "kind %d", event->kind);
    const azs_mapping *mapping = &((const azs_mapping_event *)event)->mapping;
    azs_mapping before = *mapping;
    char id[600] = "";
    MUST(mapping->resource_id.len < sizeof id, "a long id");
    memcpy(id, mapping->resource_id.data, mapping->resource_id.len);
    pthread_t threads[4];
    for (int at = 0; at < 4; at++) MUST(pthread_create(&threads[at], NULL, disturb, operation) == 0, "no thread");
    seen_events seen = {0};
    for (int look = 0; look < 20; look++) read_event(event, &seen);
    for (int at = 0; at < 4; at++) pthread_join(threads[at], NULL);
    // NULL as the place is a mistake, and changes nothing.
    CHECK(azs_operation_next(operation, 0, NULL) == AZS_E_NULL, "accepted");
    read_event(event, &seen);
    CHECK(memcmp(&before, mapping, sizeof before) == 0, "the event has changed");
    CHECK(same(mapping->resource_id, id), "its text has changed");
    azs_operation_free(operation);
  }
}

// A read that ended well has handed its item out, also where a cancellation comes at that moment.
static void a_get_that_ends_as_read_has_given_its_item(void) {
  unsigned read = 0, cancelled = 0, without_item = 0;
  // Kept where about half of them end either way: there the cancellation meets the answer.
  double wait = 5e6;
  for (unsigned round = 0; round < 400; round++) {
    azs_operation *operation = operation_of(answered);
    MUST(submit_get(operation, 1, customer(1)) == AZS_OK, "not accepted");
    struct timespec moment = {0, (long)wait};
    nanosleep(&moment, NULL);
    CHECK(azs_operation_cancel(operation) == AZS_OK, "not cancelled");
    seen_events seen = {0};
    const azs_finished_event *end = end_of(operation, 1, &seen);
    CHECK(end->outcome == AZS_OUTCOME_READ || end->outcome == AZS_OUTCOME_CANCELLED, "outcome %d", end->outcome);
    CHECK(seen.mappings == end->item_count, "%llu items, item_count %llu", (unsigned long long)seen.mappings,
          (unsigned long long)end->item_count);
    without_item += end->outcome == AZS_OUTCOME_READ && seen.mappings == 0;
    read += end->outcome == AZS_OUTCOME_READ;
    cancelled += end->outcome == AZS_OUTCOME_CANCELLED;
    wait *= end->outcome == AZS_OUTCOME_READ ? 0.95 : 1.05;
    if (wait > 5e8) wait = 5e8;
    azs_operation_free(operation);
  }
  printf("  %u read, %u cancelled\n", read, cancelled);
  CHECK(without_item == 0, "%u of %u ended as read without an item", without_item, read);
}

// --- limits ---

#define LIMIT 7

typedef struct beyond {
  azs_operation *operation;
  atomic_uint *accepted;
} beyond;

static void *submit_beyond(void *argument) {
  beyond *self = argument;
  for (uint64_t tag = 0; tag < 50; tag++) {
    int32_t status = submit_list(self->operation, tag, NULL);
    if (status == AZS_OK) atomic_fetch_add(self->accepted, 1);
    CHECK(status == AZS_OK || status == AZS_FULL, "status %d", status);
  }
  return NULL;
}

static void no_more_than_the_limit_is_accepted_of_several_threads(void) {
  azs_operation_config config = operation_config();
  config.max_outstanding = LIMIT;
  azs_operation *operation = operation_with(silent, config);
  atomic_uint accepted = 0;
  beyond beyonds = {operation, &accepted};
  pthread_t threads[4];
  for (int at = 0; at < 4; at++) MUST(pthread_create(&threads[at], NULL, submit_beyond, &beyonds) == 0, "no thread");
  for (int at = 0; at < 4; at++) pthread_join(threads[at], NULL);
  CHECK(atomic_load(&accepted) == LIMIT, "%u accepted", atomic_load(&accepted));
  CHECK(azs_operation_cancel(operation) == AZS_OK, "not cancelled");
  seen_events seen = {0};
  CHECK(drain(operation, &seen) == AZS_DRAINED, "not drained");
  CHECK(seen.finished == LIMIT, "%llu ends", (unsigned long long)seen.finished);
  azs_operation_free(operation);
}

// Waits until nothing that the report is about is under way.
static azs_report_summary await_ends(azs_report *report) {
  azs_report_summary summary = {.size = sizeof summary};
  for (;;) {
    MUST(azs_report_summarize(report, &summary) == AZS_OK, "no summary");
    if (summary.pending == 0) return summary;
    pause_ms(5);
  }
}

// A finished write does not wait for its caller; a caller that never comes again loses nothing but the news.
static void nobody_pulls_and_everything_ends(void) {
  azs_client *client = emulator_client();
  azs_operation_config config = operation_config();
  config.max_outstanding = 40;
  config.max_items = 1;
  azs_operation *operation = operation_with(client, config);
  azs_report *report = NULL;
  MUST(azs_operation_report(operation, &report) == AZS_OK, "no report");
  for (unsigned tag = 0; tag < 40; tag++) {
    MUST(submit_add(operation, tag, customer(5000 + tag)) == AZS_OK, "not accepted");
  }
  CHECK(submit_add(operation, 40, customer(5040)) == AZS_FULL, "one too many");
  CHECK(await_ends(report).added == 40, "%llu added", (unsigned long long)await_ends(report).added);
  // Ended, and still full: their ends were not taken.
  CHECK(submit_add(operation, 40, customer(5040)) == AZS_FULL, "an end that nobody took made room");
  azs_operation_free(operation);
  azs_client_free(client);
  CHECK(await_ends(report).accepted == 40, "a refused submit is in the report");
  azs_report_free(report);
}

// One thread, one client, the same customer: the second operation waits for the first one's change, not for its caller.
static void two_operations_on_one_thread_change_the_same(void) {
  for (int round = 0; round < 5; round++) {
    azs_operation *first = operation_of(answered), *second = operation_of(answered);
    const char *own = customer(6000 + (unsigned)round);
    seen_events seen = {0};
    MUST(submit_add(first, 1, own) == AZS_OK, "not accepted");
    MUST(submit_add(second, 2, own) == AZS_OK, "not accepted");
    int32_t later = end_of(second, 2, &seen)->outcome, earlier = end_of(first, 1, &seen)->outcome;
    CHECK((earlier == AZS_OUTCOME_ADDED) + (later == AZS_OUTCOME_ADDED) >= 1, "outcomes %d and %d", earlier, later);
    CHECK(earlier < AZS_OUTCOME_FAILED && later < AZS_OUTCOME_FAILED, "outcomes %d and %d", earlier, later);
    MUST(submit_remove(first, 3, own, NULL) == AZS_OK, "not accepted");
    MUST(submit_remove(second, 4, own, NULL) == AZS_OK, "not accepted");
    later = end_of(second, 4, &seen)->outcome;
    earlier = end_of(first, 3, &seen)->outcome;
    CHECK(earlier < AZS_OUTCOME_FAILED && later < AZS_OUTCOME_FAILED, "outcomes %d and %d", earlier, later);
    azs_operation_free(first);
    azs_operation_free(second);
  }
}

// --- freeing ---

static void free_in_every_state(void) {
  for (int state = 0; state < 9; state++) {
    azs_client *client = state % 2 == 0 ? silent_client() : emulator_client();
    azs_operation *operation = operation_of(client);
    const azs_event *event = NULL;
    seen_events seen = {0};
    switch (state) {
      case 0:
      case 1:
        // Never used.
        break;
      case 2:
      case 3:
        // Outstanding: not begun, in flight, or just answered.
        for (uint64_t tag = 0; tag < 100; tag++) MUST(submit_list(operation, tag, NULL) == AZS_OK, "not accepted");
        break;
      case 4:
        CHECK(azs_operation_cancel(operation) == AZS_OK, "not cancelled");
        break;
      case 5:
        // Events that nobody took, and one that somebody looks at.
        for (uint64_t tag = 0; tag < 5; tag++) MUST(submit_get(operation, tag, customer(1)) == AZS_OK, "not accepted");
        MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
        read_event(event, &seen);
        pause_ms(20);
        break;
      case 6:
        MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
        CHECK(azs_operation_next(operation, 5, &event) == AZS_TIMEOUT, "no time-out");
        CHECK(azs_operation_cancel(operation) == AZS_OK, "not cancelled");
        break;
      case 7:
        MUST(submit_get(operation, 1, customer(1)) == AZS_OK, "not accepted");
        CHECK(drain(operation, &seen) == AZS_IDLE, "not idle");
        break;
      default:
        MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
        CHECK(azs_operation_cancel(operation) == AZS_OK, "not cancelled");
        CHECK(drain(operation, &seen) == AZS_DRAINED, "not drained");
        break;
    }
    if (state < 5) {
      azs_client_free(client);
      azs_operation_free(operation);
    } else {
      azs_operation_free(operation);
      azs_client_free(client);
    }
  }
}

static void an_operation_outlives_its_client(void) {
  azs_client *client = emulator_client();
  azs_operation *first = operation_of(client), *second = operation_of(client);
  MUST(submit_get(first, 1, customer(1)) == AZS_OK, "not accepted");
  azs_client_free(client);
  seen_events seen = {0};
  expect_outcome(end_of(first, 1, &seen), AZS_OUTCOME_READ);
  // Requests that come after it, too.
  MUST(submit_get(second, 2, customer(1)) == AZS_OK, "not accepted");
  expect_outcome(end_of(second, 2, &seen), AZS_OUTCOME_READ);
  azs_operation_free(first);
  MUST(submit_list(second, 3, NULL) == AZS_OK, "not accepted");
  expect_outcome(end_of(second, 3, &seen), AZS_OUTCOME_READ);
  azs_operation_free(second);
}

static void what_was_resolved_outlives_its_operation(void) {
  azs_client *client = silent_client();
  azs_operation *operation = operation_of(client);
  azs_tenant_target target = target_of(customer(1), NULL);
  azs_resolved *resolved = NULL;
  MUST(azs_tenant_resolve(operation, AZS_PURPOSE_ADD, &target, &resolved, NULL) == AZS_OK, "refused");
  azs_operation_free(operation);
  azs_client_free(client);
  read_mapping(azs_resolved_get(resolved));
  azs_resolved_free(resolved);
}

static void *make_and_free(void *argument) {
  for (int round = 0; round < 5; round++) {
    azs_client *client = argument == NULL ? silent_client() : emulator_client();
    azs_operation *operation = operation_of(client);
    CHECK(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
    azs_operation_free(operation);
    azs_client_free(client);
  }
  return NULL;
}

static void clients_come_and_go_on_many_threads(void) {
  pthread_t threads[4];
  for (int at = 0; at < 4; at++) {
    MUST(pthread_create(&threads[at], NULL, make_and_free, at % 2 == 0 ? NULL : threads) == 0, "no thread");
  }
  for (int at = 0; at < 4; at++) pthread_join(threads[at], NULL);
}

int main(void) {
  begin_program();
  silent = silent_client();
  answered = emulator_client();
  azs_operation *seed = operation_of(answered);
  MUST(submit_add(seed, 1, customer(1)) == AZS_OK, "not accepted");
  seen_events seen = {0};
  expect_outcome(end_of(seed, 1, &seen), AZS_OUTCOME_ADDED);
  azs_operation_free(seed);

  run_case("AZS_FULL at max_outstanding, until an end is taken", full_until_an_event_is_taken);
  run_case("AZS_IDLE without requests, whatever the time-out", idle_without_requests_whatever_the_timeout);
  run_case("AZS_TIMEOUT while something is outstanding", timeout_while_something_is_outstanding);
  run_case("AZS_DRAINED after a cancellation, for good", drained_after_cancel_for_good);
  run_case("AZS_DRAINED when cancelled while idle", cancelled_while_idle_is_drained);
  run_case("nothing follows AZS_DRAINED", nothing_follows_drained);
  run_case("AZS_E_BUSY for a second thread in next", a_second_thread_in_next_is_busy);
  run_case("a cancellation from two threads wakes next", cancel_from_two_threads_wakes_next);
  run_case("each accepted request has one end", each_accepted_request_has_one_end);
  run_case("each accepted request has one end, also when cancelled", each_accepted_request_has_one_end_when_cancelled);
  run_case("an event stays as it is until the next next", an_event_stays_until_the_next_next);
  run_case("a get that ends as read has given its item", a_get_that_ends_as_read_has_given_its_item);
  run_case("no more than the limit is accepted of several threads", no_more_than_the_limit_is_accepted_of_several_threads);
  run_case("nobody pulls, and everything ends", nobody_pulls_and_everything_ends);
  run_case("two operations on one thread change the same", two_operations_on_one_thread_change_the_same);
  run_case("free in every state", free_in_every_state);
  run_case("an operation outlives its client", an_operation_outlives_its_client);
  run_case("what was resolved outlives its operation", what_was_resolved_outlives_its_operation);
  run_case("clients come and go on many threads", clients_come_and_go_on_many_threads);
  azs_client_free(silent);
  azs_client_free(answered);
  run_case("no thread is left", await_no_threads);
  return end_program();
}
