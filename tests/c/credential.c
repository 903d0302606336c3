// Credentials: who is asked when, how often, and what becomes of the requests that wait.

#include "test_common.h"

static azs_client *asking_client(void) {
  azs_client_config config = emulator_config();
  config.can_supply_credential = 1;
  return client_of(config);
}

// The next event, which has to be a credential event.
static int32_t reason_of_next(azs_operation *operation) {
  const azs_event *event = NULL;
  seen_events seen = {0};
  int32_t status = azs_operation_next(operation, UINT32_MAX, &event);
  MUST(status == AZS_EVENT, "status %d instead of a credential event", status);
  read_event(event, &seen);
  MUST(event->kind == AZS_EVENT_CREDENTIAL_NEEDED, "kind %d instead of a credential event", event->kind);
  CHECK(event->tag == 0, "a tag");
  return ((const azs_credential_event *)event)->reason;
}

// Pulls to the end of a request past credential events that were on their way when it was answered.
static const azs_finished_event *end_past_credentials(azs_operation *operation, uint64_t tag) {
  for (;;) {
    const azs_event *event = NULL;
    seen_events seen = {0};
    int32_t status = azs_operation_next(operation, UINT32_MAX, &event);
    if (status == AZS_TIMEOUT) continue;
    MUST(status == AZS_EVENT, "status %d before the end", status);
    read_event(event, &seen);
    if (event->kind == AZS_EVENT_FINISHED && event->tag == tag) return (const azs_finished_event *)event;
  }
}

static void needed_on_each_next_until_answered(void) {
  azs_client *client = asking_client();
  azs_operation *operation = operation_of(client);
  const azs_event *event = NULL;
  CHECK(azs_operation_next(operation, 0, &event) == AZS_IDLE, "asked before anybody waits");
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  for (int round = 0; round < 20; round++) {
    int32_t reason = reason_of_next(operation);
    CHECK(reason == AZS_CREDENTIAL_MISSING, "reason %d", reason);
  }
  // Without a wait too.
  CHECK(azs_operation_next(operation, 0, &event) == AZS_EVENT && event->kind == AZS_EVENT_CREDENTIAL_NEEDED, "no event");
  CHECK(supply(client, emulator_token()) == AZS_OK, "refused");
  expect_outcome(end_past_credentials(operation, 1), AZS_OUTCOME_READ);
  // From then on nobody is asked.
  seen_events seen = {0};
  MUST(submit_list(operation, 2, NULL) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 2, &seen), AZS_OUTCOME_READ);
  azs_operation_free(operation);
  azs_client_free(client);
}

static void two_operations_on_one_thread_are_answered_at_once(void) {
  azs_client *client = asking_client();
  azs_operation *first = operation_of(client), *second = operation_of(client), *third = operation_of(client);
  MUST(submit_list(first, 1, NULL) == AZS_OK, "not accepted");
  MUST(submit_list(second, 2, NULL) == AZS_OK, "not accepted");
  for (int round = 0; round < 3; round++) {
    CHECK(reason_of_next(first) == AZS_CREDENTIAL_MISSING, "the first");
    CHECK(reason_of_next(second) == AZS_CREDENTIAL_MISSING, "the second");
  }
  const azs_event *event = NULL;
  CHECK(azs_operation_next(third, 0, &event) == AZS_IDLE, "asked of one that waits for nothing");
  CHECK(supply(client, emulator_token()) == AZS_OK, "refused");
  CHECK(supply(client, emulator_token()) == AZS_OK, "twice is refused");
  expect_outcome(end_past_credentials(second, 2), AZS_OUTCOME_READ);
  expect_outcome(end_past_credentials(first, 1), AZS_OUTCOME_READ);
  azs_operation_free(first);
  azs_operation_free(second);
  azs_operation_free(third);
  azs_client_free(client);
}

static void given_before_anybody_asks(void) {
  azs_client *client = asking_client();
  CHECK(supply(client, "the-first-one-is-wrong") == AZS_OK, "refused");
  CHECK(supply(client, emulator_token()) == AZS_OK, "refused");
  azs_operation *operation = operation_of(client);
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  seen_events seen = {0};
  expect_outcome(end_of(operation, 1, &seen), AZS_OUTCOME_READ);
  azs_operation_free(operation);
  azs_client_free(client);
}

static void a_token_that_has_expired_is_asked_for_again(void) {
  // A caller that waits for ever must hear of it each time: a wake-up that is lost is a hang.
  azs_client *client = asking_client();
  azs_operation *operation = operation_of(client);
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  CHECK(reason_of_next(operation) == AZS_CREDENTIAL_MISSING, "not missing");
  for (int round = 0; round < 10; round++) {
    MUST(azs_client_set_credential(client, AZS_CREDENTIAL_KIND_TOKEN, text("an-old-one"), 1) == AZS_OK, "refused");
    int32_t reason = reason_of_next(operation);
    CHECK(reason == AZS_CREDENTIAL_EXPIRED || reason == AZS_CREDENTIAL_MISSING, "reason %d", reason);
  }
  CHECK(supply(client, emulator_token()) == AZS_OK, "refused");
  expect_outcome(end_past_credentials(operation, 1), AZS_OUTCOME_READ);
  azs_operation_free(operation);
  azs_client_free(client);
}

static void a_token_that_the_service_rejects_is_asked_for_again(void) {
  azs_client *client = asking_client();
  azs_operation *operation = operation_of(client);
  CHECK(supply(client, "wrong") == AZS_OK, "refused");
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  CHECK(reason_of_next(operation) == AZS_CREDENTIAL_REJECTED, "not rejected");
  CHECK(reason_of_next(operation) == AZS_CREDENTIAL_REJECTED, "not rejected");
  CHECK(supply(client, emulator_token()) == AZS_OK, "refused");
  expect_outcome(end_past_credentials(operation, 1), AZS_OUTCOME_READ);

  // A request is repeated with one other token; a second rejection is its end, and the next one asks.
  CHECK(supply(client, "wrong-again") == AZS_OK, "refused");
  MUST(submit_list(operation, 2, NULL) == AZS_OK, "not accepted");
  CHECK(reason_of_next(operation) == AZS_CREDENTIAL_REJECTED, "not rejected");
  CHECK(supply(client, "and-again") == AZS_OK, "refused");
  const azs_finished_event *end = end_past_credentials(operation, 2);
  expect_outcome(end, AZS_OUTCOME_FAILED);
  CHECK(end->error.category == AZS_ERROR_AUTHENTICATION, "category %d", end->error.category);
  CHECK(end->error.http_status == 401, "status %d", end->error.http_status);
  CHECK(same(end->error.code, "InvalidAuthenticationToken"), "code %s", shown(end->error.code));
  CHECK(is_given(end->error.recommended_action), "no advice");
  MUST(submit_list(operation, 3, NULL) == AZS_OK, "not accepted");
  CHECK(reason_of_next(operation) == AZS_CREDENTIAL_REJECTED, "not rejected");
  azs_operation_free(operation);
  azs_client_free(client);
}

static void never_answered_and_cancelled(void) {
  azs_client *client = asking_client();
  azs_operation *operation = operation_of(client);
  MUST(submit_add(operation, 1, customer(1)) == AZS_OK, "not accepted");
  MUST(submit_list(operation, 2, NULL) == AZS_OK, "not accepted");
  CHECK(reason_of_next(operation) == AZS_CREDENTIAL_MISSING, "not missing");
  CHECK(azs_operation_cancel(operation) == AZS_OK, "not cancelled");
  seen_events seen = {0};
  CHECK(drain(operation, &seen) == AZS_DRAINED, "not drained");
  CHECK(seen.finished == 2, "%llu ends", (unsigned long long)seen.finished);
  // Another operation of the client still asks.
  azs_operation *other = operation_of(client);
  MUST(submit_list(other, 3, NULL) == AZS_OK, "not accepted");
  CHECK(reason_of_next(other) == AZS_CREDENTIAL_MISSING, "not missing");
  azs_operation_free(other);
  azs_operation_free(operation);
  azs_client_free(client);
}

static void a_client_that_cannot_ask_fails_its_requests(void) {
  azs_client *client = client_of(emulator_config());
  azs_operation *operation = operation_of(client);
  seen_events seen = {0};
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  const azs_finished_event *end = end_of(operation, 1, &seen);
  expect_outcome(end, AZS_OUTCOME_FAILED);
  CHECK(same(end->error.code, "TokenMissing") && end->http_requests == 0, "code %s", shown(end->error.code));
  CHECK(end->error.category == AZS_ERROR_AUTHENTICATION, "category %d", end->error.category);

  MUST(azs_client_set_credential(client, AZS_CREDENTIAL_KIND_TOKEN, text("old"), 1) == AZS_OK, "refused");
  MUST(submit_list(operation, 2, NULL) == AZS_OK, "not accepted");
  end = end_of(operation, 2, &seen);
  CHECK(same(end->error.code, "TokenExpired") && end->http_requests == 0, "code %s", shown(end->error.code));

  CHECK(supply(client, "wrong") == AZS_OK, "refused");
  MUST(submit_list(operation, 3, NULL) == AZS_OK, "not accepted");
  end = end_of(operation, 3, &seen);
  CHECK(same(end->error.code, "InvalidAuthenticationToken"), "code %s", shown(end->error.code));
  CHECK(end->error.http_status == 401 && is_given(end->error.request_id), "status %d", end->error.http_status);

  CHECK(supply(client, emulator_token()) == AZS_OK, "refused");
  MUST(submit_list(operation, 4, NULL) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 4, &seen), AZS_OUTCOME_READ);
  CHECK(seen.credentials == 0, "asked all the same");
  azs_operation_free(operation);
  azs_client_free(client);
}

static void *answer_late(void *client) {
  pause_ms(100);
  CHECK(supply(client, emulator_token()) == AZS_OK, "refused");
  return NULL;
}

static void *answer_at_once(void *client) {
  CHECK(supply(client, emulator_token()) == AZS_OK, "refused");
  return NULL;
}

static void another_thread_may_answer(void) {
  azs_client *client = asking_client();
  azs_operation *operation = operation_of(client);
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  pthread_t thread;
  MUST(pthread_create(&thread, NULL, answer_late, client) == 0, "no thread");
  expect_outcome(end_past_credentials(operation, 1), AZS_OUTCOME_READ);
  pthread_join(thread, NULL);
  azs_operation_free(operation);
  azs_client_free(client);
}

// One answer is for all that wait; one more while they go on replaces it, and disturbs nobody.
static void answered_twice_and_by_two_threads(void) {
  for (int round = 0; round < 10; round++) {
    azs_client *client = asking_client();
    azs_operation *operation = operation_of(client);
    for (uint64_t tag = 0; tag < 8; tag++) MUST(submit_list(operation, tag, NULL) == AZS_OK, "not accepted");
    CHECK(reason_of_next(operation) == AZS_CREDENTIAL_MISSING, "not missing");
    pthread_t threads[2];
    for (int at = 0; at < 2; at++) {
      MUST(pthread_create(&threads[at], NULL, answer_at_once, client) == 0, "no thread");
    }
    seen_events seen = {0};
    while (seen.finished < 8) {
      const azs_event *event = NULL;
      int32_t status = azs_operation_next(operation, UINT32_MAX, &event);
      MUST(status == AZS_EVENT, "status %d", status);
      read_event(event, &seen);
      if (event->kind == AZS_EVENT_FINISHED) expect_outcome((const azs_finished_event *)event, AZS_OUTCOME_READ);
    }
    for (int at = 0; at < 2; at++) pthread_join(threads[at], NULL);
    azs_operation_free(operation);
    azs_client_free(client);
  }
}

// Nobody is left who could answer: what waits ends, with a reason, in each operation, and nobody is asked any more.
static void never_answered_and_the_client_freed(void) {
  for (int round = 0; round < 10; round++) {
    azs_client *client = asking_client();
    azs_operation *first = operation_of(client), *second = operation_of(client);
    MUST(submit_list(first, 1, NULL) == AZS_OK, "not accepted");
    MUST(submit_add(first, 2, customer(40)) == AZS_OK, "not accepted");
    MUST(submit_remove(first, 3, customer(41), NULL) == AZS_OK, "not accepted");
    MUST(submit_get(second, 4, customer(40)) == AZS_OK, "not accepted");
    if (round % 2 == 0) {
      CHECK(reason_of_next(first) == AZS_CREDENTIAL_MISSING, "not missing");
      CHECK(reason_of_next(second) == AZS_CREDENTIAL_MISSING, "not missing");
    }
    azs_report *report = NULL;
    MUST(azs_operation_report(first, &report) == AZS_OK, "no report");
    azs_client_free(client);
    // What comes after it ends as well.
    if (round % 3 == 0) MUST(submit_get(second, 5, customer(40)) == AZS_OK, "not accepted");
    azs_operation *operations[] = {first, second};
    for (int at = 0; at < 2; at++) {
      for (;;) {
        const azs_event *event = NULL;
        seen_events seen = {0};
        int32_t status = azs_operation_next(operations[at], UINT32_MAX, &event);
        if (status == AZS_IDLE) break;
        MUST(status == AZS_EVENT, "status %d", status);
        read_event(event, &seen);
        MUST(event->kind == AZS_EVENT_FINISHED, "kind %d: nobody can answer", event->kind);
        const azs_finished_event *end = (const azs_finished_event *)event;
        CHECK(end->outcome == AZS_OUTCOME_FAILED || end->outcome == AZS_OUTCOME_NOT_STARTED, "outcome %d", end->outcome);
        CHECK(end->error.category == AZS_ERROR_AUTHENTICATION, "%llu: category %d, code %s",
              (unsigned long long)end->tag, end->error.category, shown(end->error.code));
        CHECK(end->http_requests == 0, "%u requests", end->http_requests);
      }
    }
    azs_report_summary summary = {.size = sizeof summary};
    CHECK(azs_report_summarize(report, &summary) == AZS_OK, "no summary");
    CHECK(summary.accepted == 2 && summary.failed + summary.not_started == 2, "%llu accepted",
          (unsigned long long)summary.accepted);
    azs_report_free(report);
    azs_operation_free(first);
    azs_operation_free(second);
  }
}

// "How long one request may take for sending and backing off": an operator who types takes longer.
static void waiting_for_a_credential_costs_no_patience(void) {
  azs_client *client = asking_client();
  azs_operation_config config = operation_config();
  config.item_timeout_ms = 2000;
  azs_operation *operation = operation_with(client, config);
  seen_events seen = {0};
  CHECK(supply(client, emulator_token()) == AZS_OK, "refused");
  // What can be read beforehand is read by this one, so that the next one's PUT is the first to need the token.
  MUST(submit_add(operation, 1, customer(20)) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 1, &seen), AZS_OUTCOME_ADDED);
  CHECK(supply(client, "wrong") == AZS_OK, "refused");
  MUST(submit_add(operation, 2, FLAKY_CUSTOMER) == AZS_OK, "not accepted");
  CHECK(reason_of_next(operation) == AZS_CREDENTIAL_REJECTED, "not rejected");
  pause_ms(2500);
  CHECK(supply(client, emulator_token()) == AZS_OK, "refused");
  // The service fails once: there has to be patience left to repeat it.
  expect_outcome(end_past_credentials(operation, 2), AZS_OUTCOME_ADDED);
  azs_operation_free(operation);
  azs_client_free(client);
}

static void freed_while_a_request_waits(void) {
  for (int round = 0; round < 20; round++) {
    azs_client *client = asking_client();
    azs_operation *operation = operation_of(client);
    MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
    MUST(submit_add(operation, 2, customer(30)) == AZS_OK, "not accepted");
    if (round % 2 == 0) reason_of_next(operation);
    if (round % 4 < 2) {
      azs_client_free(client);
      azs_operation_free(operation);
    } else {
      azs_operation_free(operation);
      azs_client_free(client);
    }
  }
}

int main(void) {
  begin_program();
  run_case("needed on each next until answered", needed_on_each_next_until_answered);
  run_case("two operations on one thread are answered at once", two_operations_on_one_thread_are_answered_at_once);
  run_case("given before anybody asks", given_before_anybody_asks);
  run_case("a token that the service rejects is asked for again", a_token_that_the_service_rejects_is_asked_for_again);
  run_case("never answered, and cancelled", never_answered_and_cancelled);
  run_case("a client that cannot ask fails its requests", a_client_that_cannot_ask_fails_its_requests);
  run_case("another thread may answer", another_thread_may_answer);
  run_case("answered twice, by two threads", answered_twice_and_by_two_threads);
  run_case("never answered, and the client freed", never_answered_and_the_client_freed);
  run_case("waiting for a credential costs no patience", waiting_for_a_credential_costs_no_patience);
  run_case("freed while a request waits", freed_while_a_request_waits);
  run_case("no thread is left", await_no_threads);
  patience = 20;
  run_case("a token that has expired is asked for again", a_token_that_has_expired_is_asked_for_again);
  return end_program();
}
