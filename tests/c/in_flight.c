// A write that the service has taken and not answered yet: cancelled, timed out, or left alone by free.
//
// The emulator answers writes late, and they take effect at once: a second client sees when. Its argument says how
// late: "soon" is within the 10 s that a cancelled write is waited for, "never" is far beyond.

#include "test_common.h"

// Waits until another client finds the mapping: the write has arrived, and its answer is outstanding.
static void await_effect(const char *customer_subscription) {
  azs_client *client = emulator_client();
  azs_operation *operation = operation_of(client);
  for (;;) {
    seen_events seen = {0};
    MUST(submit_get(operation, 1, customer_subscription) == AZS_OK, "not accepted");
    const azs_finished_event *end = end_of(operation, 1, &seen);
    if (end->outcome == AZS_OUTCOME_READ) break;
    MUST(same(end->error.code, "CustomerSubscriptionNotFound"), "code %s", shown(end->error.code));
    pause_ms(10);
  }
  azs_operation_free(operation);
  azs_client_free(client);
}

// Another client looks up what became of the three changes of a report, and the report has it too. The first two took effect.
static void resolved_to_added(azs_report *report, unsigned number, bool were_unknown) {
  azs_client *client = emulator_client();
  azs_operation *operation = operation_of(client);
  seen_events seen = {0};
  for (uint64_t entry = 1; entry <= 3; entry++) {
    MUST(azs_report_resolve(operation, 40 + entry, report, entry) == AZS_OK, "not accepted");
    const azs_finished_event *end = end_of(operation, 40 + entry, &seen);
    CHECK(end->entry == entry && end->resolved == (were_unknown && entry < 3), "entry %llu, resolved %u",
          (unsigned long long)end->entry, end->resolved);
    expect_outcome(end, entry < 3 ? AZS_OUTCOME_ADDED : AZS_OUTCOME_NOT_STARTED);
    CHECK(end->confirmed_by_lookup == (were_unknown && entry < 3), "how it was found");
    CHECK(same(end->mapping.customer_subscription_id, customer(number + (unsigned)entry - 1)), "another customer");
  }
  CHECK(azs_report_resolve(operation, 1, report, 0) == AZS_E_VALUE, "no entry");
  CHECK(azs_report_resolve(operation, 1, report, 4) == AZS_E_VALUE, "no entry");
  azs_operation_free(operation);
  azs_client_free(client);
  azs_report_summary summary = {.size = sizeof summary};
  MUST(azs_report_summarize(report, &summary) == AZS_OK, "no summary");
  CHECK(summary.added == 2 && summary.unknown == 0 && summary.not_started == 1, "%llu added",
        (unsigned long long)summary.added);
  const azs_finished_event *entry = NULL;
  unsigned added = 0;
  while (azs_report_next(report, &entry) == AZS_EVENT) {
    read_finished(entry);
    CHECK(entry->resolved == (were_unknown && entry->outcome == AZS_OUTCOME_ADDED), "resolved %u", entry->resolved);
    added += entry->outcome == AZS_OUTCOME_ADDED;
  }
  CHECK(added == 2, "%u entries were added", added);
}

// Two writes are in flight, and a third one waits for its turn: at most `throttle_limit` are on their way.
static void cancelled_with(unsigned number, int32_t outcome) {
  azs_client *client = emulator_client();
  azs_operation_config config = operation_config();
  config.throttle_limit = 2;
  azs_operation *operation = operation_with(client, config);
  for (unsigned tag = 0; tag < 3; tag++) {
    MUST(submit_add(operation, tag, customer(number + tag)) == AZS_OK, "not accepted");
  }
  await_effect(customer(number));
  await_effect(customer(number + 1));
  CHECK(azs_operation_cancel(operation) == AZS_OK, "not cancelled");
  seen_events seen = {0};
  unsigned ends[3] = {0}, woken = 0;
  for (;;) {
    const azs_event *event = NULL;
    int32_t status = azs_operation_next(operation, UINT32_MAX, &event);
    if (status == AZS_TIMEOUT) {
      // The cancellation ends one wait, at once; the writes are not given up.
      CHECK(event == NULL && ends[0] + ends[1] == 0 && woken++ == 0, "woken late, or again");
      continue;
    }
    if (status == AZS_DRAINED) break;
    MUST(status == AZS_EVENT && event->kind == AZS_EVENT_FINISHED && event->tag < 3, "status %d", status);
    read_event(event, &seen);
    const azs_finished_event *end = (const azs_finished_event *)event;
    ends[event->tag]++;
    CHECK(same(end->mapping.customer_subscription_id, customer(number + (unsigned)event->tag)), "another customer");
    if (event->tag == 2) {
      expect_outcome(end, AZS_OUTCOME_NOT_STARTED);
      continue;
    }
    expect_outcome(end, outcome);
    if (outcome == AZS_OUTCOME_UNKNOWN) {
      CHECK(end->error.category == AZS_ERROR_CANCELLED, "category %d", end->error.category);
      CHECK(is_given(end->error.correlation_id) && is_given(end->error.target), "no ids to look with");
    }
  }
  CHECK(woken == 1, "the cancellation is not seen");
  for (unsigned tag = 0; tag < 3; tag++) CHECK(ends[tag] == 1, "%u ends of %u", ends[tag], tag);
  azs_report *report = NULL;
  MUST(azs_operation_report(operation, &report) == AZS_OK, "no report");
  azs_operation_free(operation);
  azs_client_free(client);
  resolved_to_added(report, number, outcome == AZS_OUTCOME_UNKNOWN);
  azs_report_free(report);
}

static void cancelled_and_answered_in_time(void) { cancelled_with(1, AZS_OUTCOME_ADDED); }

static void cancelled_and_never_answered(void) { cancelled_with(11, AZS_OUTCOME_UNKNOWN); }

static void timed_out_and_confirmed_by_a_look(void) {
  azs_client_config config = emulator_config();
  config.answer_timeout_ms = 500;
  azs_client *client = signed_in(config, emulator_token());
  azs_operation *operation = operation_of(client);
  seen_events seen = {0};
  MUST(submit_add(operation, 1, customer(21)) == AZS_OK, "not accepted");
  const azs_finished_event *end = end_of(operation, 1, &seen);
  expect_outcome(end, AZS_OUTCOME_ADDED);
  CHECK(end->confirmed_by_lookup == 1, "nothing was looked up");
  // Another client: this one does not touch the tenant again while it holds a sending for one that can still take effect.
  azs_operation_free(operation);
  azs_client_free(client);
  client = signed_in(config, emulator_token());
  operation = operation_of(client);
  MUST(submit_remove(operation, 2, customer(21), NULL) == AZS_OK, "not accepted");
  end = end_of(operation, 2, &seen);
  expect_outcome(end, AZS_OUTCOME_REMOVED);
  CHECK(end->confirmed_by_lookup == 1, "nothing was looked up");
  azs_operation_free(operation);
  azs_client_free(client);
}

static void freed_while_in_flight(void) {
  azs_client *client = emulator_client();
  azs_operation_config config = operation_config();
  config.throttle_limit = 1;
  azs_operation *operation = operation_with(client, config);
  MUST(submit_add(operation, 1, customer(31)) == AZS_OK, "not accepted");
  MUST(submit_add(operation, 2, customer(32)) == AZS_OK, "not accepted");
  await_effect(customer(31));
  azs_client_free(client);
  azs_operation_free(operation);
  // It is not called off, and what had not begun never begins.
  await_no_threads();
  client = emulator_client();
  operation = operation_of(client);
  seen_events seen = {0};
  MUST(submit_get(operation, 1, customer(31)) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 1, &seen), AZS_OUTCOME_READ);
  MUST(submit_get(operation, 2, customer(32)) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 2, &seen), AZS_OUTCOME_FAILED);
  azs_operation_free(operation);
  azs_client_free(client);
}

int main(int count, char **arguments) {
  begin_program();
  if (count > 1 && strcmp(arguments[1], "never") == 0) {
    run_case("cancelled and never answered: Unknown until it is looked up", cancelled_and_never_answered);
  } else {
    run_case("cancelled and answered in time: Added", cancelled_and_answered_in_time);
    run_case("timed out and confirmed by a look", timed_out_and_confirmed_by_a_look);
    run_case("freed while in flight", freed_while_in_flight);
  }
  run_case("no thread is left", await_no_threads);
  return end_program();
}
