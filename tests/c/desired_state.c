// Registrations are listed, and desired state is compared and applied, over TLS.
//
// The emulator has pages of two items, and registrations in two further subscriptions.

#include "test_common.h"

static azs_client *client;
static azs_operation *operation;

static const uint8_t bad_utf8[] = {'a', 0xff};

// The least size of a struct: up to its last member.
#define UP_TO(type, member) (uint32_t)(offsetof(type, member) + sizeof(((type *)0)->member))

// What an out place holds before: a call that fails must not leave it, for the caller may free what it finds there.
#define GARBAGE(type) ((type *)(uintptr_t)0x5a5a5a5a)

static void expect(int32_t status, int32_t expected, const char *what) {
  CHECK(status == expected, "%s: %d instead of %d", what, status, expected);
}

// --- registrations ---

static azs_registration_list_request list_request(const char *of_subscription) {
  azs_registration_list_request request;
  memset(&request, 0, sizeof request);
  request.size = sizeof request;
  request.registration_subscription_id = text(of_subscription);
  return request;
}

static void registration_list_checks_its_arguments(void) {
  azs_registration_list_request request = list_request(NULL);
  expect(azs_registration_list(NULL, 1, &request), AZS_E_NULL, "no operation");
  expect(azs_registration_list(operation, 1, NULL), AZS_E_NULL, "no request");
  for (uint32_t size = 0; size < UP_TO(azs_registration_list_request, cloud_id); size++) {
    request.size = size;
    expect(azs_registration_list(operation, 1, &request), AZS_E_SIZE, "too small");
  }
  const azs_str bad[] = {{bad_utf8, 2}, {bad_utf8, SIZE_MAX}};
  for (size_t field = 0; field < 3; field++) {
    for (size_t at = 0; at < 2; at++) {
      request = list_request(NULL);
      azs_str *fields[] = {&request.registration_subscription_id, &request.resource_group_name, &request.cloud_id};
      *fields[field] = bad[at];
      expect(azs_registration_list(operation, 1, &request), at == 0 ? AZS_E_UTF8 : AZS_E_VALUE, "a text");
    }
  }
}

static const azs_finished_event *list(const azs_registration_list_request *request, seen_events *seen) {
  MUST(azs_registration_list(operation, 3, request) == AZS_OK, "not accepted");
  return end_of(operation, 3, seen);
}

static void a_registration_is_given_with_what_is_known_of_it(void) {
  azs_registration_list_request request = list_request(NULL);
  MUST(azs_registration_list(operation, 2, &request) == AZS_OK, "not accepted");
  const azs_event *event = NULL;
  MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
  MUST(event->kind == AZS_EVENT_REGISTRATION && event->tag == 2, "kind %d first", event->kind);
  const azs_registration_event *found = (const azs_registration_event *)event;
  char id[512];
  snprintf(id, sizeof id, "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.AzureStack/registrations/%s",
           subscription(), resource_group(), registration());
  CHECK(same(found->resource_id, id), "%s", shown(found->resource_id));
  CHECK(same(found->registration_subscription_id, subscription()), "another subscription");
  CHECK(same(found->resource_group_name, resource_group()), "another resource group");
  CHECK(same(found->registration_name, registration()), "another name");
  CHECK(same(found->billing_model, "PayAsYouUse"), "billing model %s", shown(found->billing_model));
  CHECK(same(found->location, "global"), "location %s", shown(found->location));
  CHECK(found->cloud_id.len == 36 && found->object_id.len == 36, "no cloud id or object id");
  CHECK(is_given(found->etag) && is_given(found->name), "no etag or name");
  CHECK(!is_given(found->created_by) && !is_given(found->created_at), "2017-06-01 has neither");
  char cloud[37] = "";
  memcpy(cloud, found->cloud_id.data, 36);
  seen_events seen = {0};
  read_event(event, &seen);
  const azs_finished_event *end = end_of(operation, 2, &seen);
  expect_outcome(end, AZS_OUTCOME_READ);
  CHECK(end->item_count == 1 && seen.registrations == 1, "not one item");
  CHECK(!is_given(end->mapping.resource_id), "a mapping");

  memset(&seen, 0, sizeof seen);
  request.cloud_id = text(cloud);
  expect_outcome(list(&request, &seen), AZS_OUTCOME_READ);
  CHECK(seen.registrations == 1, "%llu of the cloud id", (unsigned long long)seen.registrations);
  request.cloud_id = text(customer(1));
  expect_outcome(list(&request, &seen), AZS_OUTCOME_READ);
  CHECK(seen.registrations == 1, "one of another cloud id");
}

static void what_is_wrong_with_the_scope_is_said(void) {
  seen_events seen = {0};
  azs_registration_list_request request = list_request(SISTER_1);
  expect_outcome(list(&request, &seen), AZS_OUTCOME_READ);
  CHECK(seen.registrations == 1, "another subscription has one too");

  request = list_request(customer(1));
  const azs_finished_event *end = list(&request, &seen);
  expect_outcome(end, AZS_OUTCOME_FAILED);
  CHECK(same(end->error.code, "SubscriptionNotFound"), "code %s", shown(end->error.code));
  CHECK(end->error.http_status == 404, "status %d", end->error.http_status);

  request = list_request("");
  end = list(&request, &seen);
  expect_outcome(end, AZS_OUTCOME_FAILED);
  CHECK(same(end->error.column, "RegistrationSubscriptionId"), "column %s", shown(end->error.column));
  CHECK(end->http_requests == 0, "%u requests", end->http_requests);
}

// --- plans ---

static azs_plan *new_plan(void) {
  azs_plan *plan = NULL;
  MUST(azs_plan_new(&plan) == AZS_OK && plan != NULL, "no plan");
  return plan;
}

static void want(azs_plan *plan, uint64_t row, const char *customer_subscription, const char *of_tenant) {
  azs_tenant_target target = target_of(customer_subscription, of_tenant);
  target.row = row;
  azs_error_handle *error = NULL;
  int32_t status = azs_plan_want(plan, &target, &error);
  const azs_error *why = azs_error_get(error);
  MUST(status == AZS_OK && error == NULL, "row %llu: %d, %s", (unsigned long long)row, status,
       why ? shown(why->message) : "");
}

static azs_plan_compare_request compare_request(const azs_plan *plan) {
  azs_plan_compare_request request;
  memset(&request, 0, sizeof request);
  request.size = sizeof request;
  request.plan = plan;
  return request;
}

static void the_plans_functions_check_their_arguments(void) {
  expect(azs_plan_new(NULL), AZS_E_NULL, "no place");
  azs_plan_free(NULL);

  azs_plan *plan = new_plan();
  azs_tenant_target target = target_of(customer(1), NULL);
  azs_error_handle *error = GARBAGE(azs_error_handle);
  expect(azs_plan_want(NULL, &target, &error), AZS_E_NULL, "no plan");
  CHECK(error == NULL, "garbage");
  expect(azs_plan_want(plan, NULL, &error), AZS_E_NULL, "no row");
  expect(azs_plan_want(plan, NULL, NULL), AZS_E_NULL, "no place for the error");
  azs_str *texts[] = {&target.resource_id,         &target.registration_subscription_id,
                      &target.resource_group_name, &target.registration_name,
                      &target.customer_subscription_id, &target.tenant_id,
                      &target.subscription_id};
  for (size_t field = 0; field < 7; field++) {
    target = target_of(customer(1), NULL);
    texts[field]->data = bad_utf8;
    texts[field]->len = 2;
    expect(azs_plan_want(plan, &target, &error), AZS_E_UTF8, "no UTF-8");
    texts[field]->len = SIZE_MAX;
    expect(azs_plan_want(plan, &target, &error), AZS_E_VALUE, "a length");
    CHECK(error == NULL, "an error of a refused call");
  }

  azs_plan_compare_request request = compare_request(plan);
  expect(azs_plan_compare(NULL, 1, &request), AZS_E_NULL, "no operation");
  expect(azs_plan_compare(operation, 1, NULL), AZS_E_NULL, "no request");
  for (uint32_t size = 0; size < UP_TO(azs_plan_compare_request, registration); size++) {
    request.size = size;
    expect(azs_plan_compare(operation, 1, &request), AZS_E_SIZE, "too small");
  }
  request = compare_request(NULL);
  expect(azs_plan_compare(operation, 1, &request), AZS_E_NULL, "no plan");
  request = compare_request((const azs_plan *)((const char *)plan + 1));
  expect(azs_plan_compare(operation, 1, &request), AZS_E_VALUE, "a plan at an odd address");
  for (unsigned value = 2; value < 256; value++) {
    request = compare_request(plan);
    request.prune = (uint8_t)value;
    expect(azs_plan_compare(operation, 1, &request), AZS_E_VALUE, "no boolean");
    request = compare_request(plan);
    request.include_equal = (uint8_t)value;
    expect(azs_plan_compare(operation, 1, &request), AZS_E_VALUE, "no boolean");
  }
  request = compare_request(plan);
  request.registration.registration_name = (azs_str){bad_utf8, 2};
  expect(azs_plan_compare(operation, 1, &request), AZS_E_UTF8, "a text");
  azs_plan_free(plan);

  const azs_event *event = NULL;
  expect(azs_operation_next(operation, 0, &event), AZS_IDLE, "after all of that");
}

static void add_one(const char *customer_subscription, const char *of_tenant) {
  azs_tenant_add_request request = add_request(customer_subscription, of_tenant);
  seen_events seen = {0};
  MUST(azs_tenant_add(operation, 9, &request) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 9, &seen), AZS_OUTCOME_ADDED);
}

// A copy of what a difference says: the event ends with the next one.
typedef struct copied {
  int32_t difference, expectation;
  uint64_t row;
  char registration[512], wanted[37], wanted_tenant[37], old[37], old_tenant[37], expected[37];
} copied;

static void copy_text(char *to, size_t size, azs_str from) {
  MUST(from.len < size, "a long text");
  if (from.len > 0) memcpy(to, from.data, from.len);
  to[from.len] = '\0';
}

// Compares, and gives how many differences there are; the request must end as read.
static size_t compare(azs_plan *plan, bool prune, copied *differences, size_t most) {
  azs_plan_compare_request request = compare_request(plan);
  request.prune = prune;
  MUST(azs_plan_compare(operation, 5, &request) == AZS_OK, "not accepted");
  size_t count = 0;
  for (;;) {
    const azs_event *event = NULL;
    seen_events seen = {0};
    MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
    MUST(event->tag == 5, "tag %llu", (unsigned long long)event->tag);
    read_event(event, &seen);
    if (event->kind == AZS_EVENT_FINISHED) {
      const azs_finished_event *end = (const azs_finished_event *)event;
      expect_outcome(end, AZS_OUTCOME_READ);
      CHECK(end->item_count == count, "item_count %llu", (unsigned long long)end->item_count);
      CHECK(same(end->mapping.registration_name, registration()), "about no registration");
      return count;
    }
    MUST(event->kind == AZS_EVENT_DIFFERENCE && count < most, "kind %d", event->kind);
    const azs_difference_event *given = (const azs_difference_event *)event;
    copied *copy = &differences[count++];
    memset(copy, 0, sizeof *copy);
    copy->difference = given->difference;
    copy->expectation = given->expectation;
    copy->row = given->row;
    copy_text(copy->registration, sizeof copy->registration, given->registration_resource_id);
    copy_text(copy->wanted, 37, given->wanted_customer_subscription_id);
    copy_text(copy->wanted_tenant, 37, given->wanted_tenant_id);
    copy_text(copy->old, 37, given->old_customer_subscription_id);
    copy_text(copy->old_tenant, 37, given->old_tenant_id);
    copy_text(copy->expected, 37, given->expected_customer_subscription_id);
    CHECK((given->expectation == AZS_EXPECT_EXACTLY) == is_given(given->expected_customer_subscription_id),
          "expectation %d, %s", given->expectation, shown(given->expected_customer_subscription_id));
  }
}

static void a_plan_is_compared_and_applied_until_nothing_is_left(void) {
  add_one(customer(1), NULL);
  add_one(customer(2), NULL);
  add_one(SISTER_1, tenant());
  azs_plan *plan = new_plan();
  want(plan, 1, customer(1), NULL);
  want(plan, 2, SISTER_2, tenant());
  want(plan, 3, customer(3), NULL);
  copied found[8];
  MUST(compare(plan, false, found, 8) == 2, "without pruning");
  MUST(compare(plan, true, found, 8) == 3, "with pruning");

  CHECK(found[0].difference == AZS_DIFFERENCE_REPLACE && found[0].row == 2, "difference %d", found[0].difference);
  CHECK(strcmp(found[0].wanted, SISTER_2) == 0 && strcmp(found[0].wanted_tenant, tenant()) == 0, "wanted");
  CHECK(strcmp(found[0].old, SISTER_1) == 0 && strcmp(found[0].old_tenant, tenant()) == 0, "old");
  CHECK(strcmp(found[0].expected, SISTER_1) == 0, "expected %s", found[0].expected);
  CHECK(found[1].difference == AZS_DIFFERENCE_ADD && found[1].row == 3, "difference %d", found[1].difference);
  CHECK(strlen(found[1].wanted_tenant) == 36, "the challenge says no tenant");
  CHECK(found[1].expectation == AZS_EXPECT_NOTHING_REPLACED && found[1].old[0] == '\0', "an old one");
  CHECK(found[2].difference == AZS_DIFFERENCE_REMOVE && found[2].row == 0, "difference %d", found[2].difference);
  CHECK(strcmp(found[2].old, customer(2)) == 0 && strlen(found[2].old_tenant) == 36, "old %s", found[2].old);

  // Rows of one operation that want different subscriptions for a tenant contradict each other.
  azs_operation_free(operation);
  operation = operation_of(client);
  seen_events seen = {0};
  for (size_t at = 0; at < 2; at++) {
    azs_tenant_add_request request = add_request(found[at].wanted, found[at].wanted_tenant);
    request.target.resource_id = text(found[at].registration);
    request.expectation = found[at].expectation;
    if (found[at].expected[0] != '\0') request.expected_customer_subscription_id = text(found[at].expected);
    MUST(azs_tenant_add(operation, 6, &request) == AZS_OK, "not accepted");
    expect_outcome(end_of(operation, 6, &seen), at == 0 ? AZS_OUTCOME_REPLACED : AZS_OUTCOME_ADDED);
  }
  MUST(submit_remove(operation, 7, found[2].old, found[2].old_tenant) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 7, &seen), AZS_OUTCOME_REMOVED);
  CHECK(compare(plan, true, found, 8) == 0, "something is left to do");

  // Equal rows, where they are asked for. The plan may go at once.
  azs_plan_compare_request request = compare_request(plan);
  request.include_equal = 1;
  MUST(azs_plan_compare(operation, 8, &request) == AZS_OK, "not accepted");
  azs_plan_free(plan);
  memset(&seen, 0, sizeof seen);
  expect_outcome(end_of(operation, 8, &seen), AZS_OUTCOME_READ);
  CHECK(seen.differences == 3, "%llu rows", (unsigned long long)seen.differences);
}

static void expect_no_plan(azs_plan *plan, const char *code, uint64_t row) {
  azs_plan_compare_request request = compare_request(plan);
  request.prune = 1;
  seen_events seen = {0};
  MUST(azs_plan_compare(operation, 10, &request) == AZS_OK, "not accepted");
  const azs_finished_event *end = end_of(operation, 10, &seen);
  expect_outcome(end, AZS_OUTCOME_FAILED);
  CHECK(same(end->error.code, code), "code %s", shown(end->error.code));
  CHECK(end->error.row == row, "row %llu", (unsigned long long)end->error.row);
  CHECK(end->http_requests == 0 && seen.differences == 0, "it did not stop there");
  azs_plan_free(plan);
}

static void a_plan_that_cannot_be_trusted_gives_nothing(void) {
  azs_plan *plan = new_plan();
  want(plan, 1, customer(1), NULL);
  azs_tenant_target refused = target_of("", NULL);
  refused.row = 2;
  azs_error_handle *error = NULL;
  expect(azs_plan_want(plan, &refused, &error), AZS_E_INPUT, "a blank row");
  const azs_error *why = azs_error_get(error);
  MUST(why != NULL, "no error");
  CHECK(why->row == 2 && same(why->column, "CustomerSubscriptionId"), "row or column %s", shown(why->column));
  azs_error_free(error);
  expect(azs_plan_want(plan, &refused, NULL), AZS_E_INPUT, "no place for the error");
  want(plan, 3, customer(3), NULL);
  expect_no_plan(plan, "GuidNotValid", 2);

  plan = new_plan();
  want(plan, 1, customer(1), tenant());
  want(plan, 2, customer(2), tenant());
  expect_no_plan(plan, "RowsContradict", 2);

  expect_no_plan(new_plan(), "NothingWanted", 0);
}

// --- states ---

static void full_until_an_end_is_taken(void) {
  azs_operation_config config = operation_config();
  config.max_outstanding = 1;
  azs_operation *small = operation_with(client, config);
  azs_registration_list_request listing = list_request(NULL);
  azs_plan *plan = new_plan();
  want(plan, 1, customer(1), NULL);
  azs_plan_compare_request comparing = compare_request(plan);
  seen_events seen = {0};
  expect(azs_registration_list(small, 1, &listing), AZS_OK, "the first");
  expect(azs_plan_compare(small, 2, &comparing), AZS_FULL, "a comparison");
  expect(azs_registration_list(small, 2, &listing), AZS_FULL, "a list");
  expect_outcome(end_of(small, 1, &seen), AZS_OUTCOME_READ);
  expect(azs_plan_compare(small, 2, &comparing), AZS_OK, "the place is free");
  expect_outcome(end_of(small, 2, &seen), AZS_OUTCOME_READ);
  azs_plan_free(plan);
  azs_operation_free(small);
}

static void cancelled_in_flight_and_refused_afterwards(void) {
  azs_client *silent = silent_client();
  azs_operation *own = operation_of(silent);
  azs_registration_list_request listing = list_request(NULL);
  azs_plan *plan = new_plan();
  want(plan, 1, customer(1), NULL);
  azs_plan_compare_request comparing = compare_request(plan);
  comparing.prune = 1;
  expect(azs_plan_compare(own, 1, &comparing), AZS_OK, "a comparison");
  expect(azs_registration_list(own, 2, &listing), AZS_OK, "a list");
  pause_ms(20);
  CHECK(azs_operation_cancel(own) == AZS_OK, "not cancelled");
  seen_events seen = {0};
  // They end in any order.
  const azs_finished_event *end = next_end(own, &seen);
  const uint64_t first = end->tag;
  expect_outcome(end, AZS_OUTCOME_CANCELLED);
  expect_outcome(end_of(own, 3 - first, &seen), AZS_OUTCOME_CANCELLED);
  CHECK(seen.differences == 0 && seen.registrations == 0, "items of what was cancelled");
  expect(azs_plan_compare(own, 3, &comparing), AZS_E_CANCELLED, "a comparison");
  expect(azs_registration_list(own, 3, &listing), AZS_E_CANCELLED, "a list");
  azs_plan_free(plan);
  azs_operation_free(own);
  azs_client_free(silent);
}

// One difference is kept for the caller, the next waits for room, and the operation goes.
static void freed_between_two_differences(void) {
  azs_operation_config config = operation_config();
  config.max_items = 1;
  azs_operation *small = operation_with(client, config);
  azs_plan *plan = new_plan();
  for (unsigned number = 100; number < 110; number++) want(plan, number, customer(number), NULL);
  azs_plan_compare_request request = compare_request(plan);
  MUST(azs_plan_compare(small, 1, &request) == AZS_OK, "not accepted");
  azs_plan_free(plan);
  const azs_event *event = NULL;
  seen_events seen = {0};
  MUST(azs_operation_next(small, UINT32_MAX, &event) == AZS_EVENT, "no event");
  read_event(event, &seen);
  CHECK(seen.differences == 1, "kind %d", event->kind);
  azs_operation_free(small);
}

static azs_plan *shared_plan;

static void *want_many(void *argument) {
  unsigned first = *(unsigned *)argument;
  for (unsigned at = 0; at < 50; at++) {
    want(shared_plan, first + at, customer(first + at), NULL);
    azs_plan_compare_request request = compare_request(shared_plan);
    int32_t status = azs_plan_compare(operation, 20, &request);
    CHECK(status == AZS_OK || status == AZS_FULL, "status %d", status);
  }
  return NULL;
}

static void rows_come_from_many_threads_while_it_is_compared(void) {
  shared_plan = new_plan();
  pthread_t threads[3];
  unsigned first[3] = {1000, 2000, 3000};
  for (int at = 0; at < 3; at++) {
    MUST(pthread_create(&threads[at], NULL, want_many, &first[at]) == 0, "no thread");
  }
  for (int at = 0; at < 3; at++) pthread_join(threads[at], NULL);
  // What they submitted is of no more interest.
  azs_operation_free(operation);
  operation = operation_of(client);
  azs_plan_compare_request request = compare_request(shared_plan);
  request.registration.resource_group_name = text(resource_group());
  MUST(azs_plan_compare(operation, 21, &request) == AZS_OK, "not accepted");
  azs_plan_free(shared_plan);
  seen_events seen = {0};
  expect_outcome(end_of(operation, 21, &seen), AZS_OUTCOME_READ);
  CHECK(seen.differences == 150, "%llu rows", (unsigned long long)seen.differences);
}

int main(void) {
  begin_program();
  client = emulator_client();
  operation = operation_of(client);
  run_case("azs_registration_list checks its arguments", registration_list_checks_its_arguments);
  run_case("a registration is given with what is known of it", a_registration_is_given_with_what_is_known_of_it);
  run_case("what is wrong with the scope of a list is said", what_is_wrong_with_the_scope_is_said);
  run_case("azs_plan_new, _want and _compare check their arguments", the_plans_functions_check_their_arguments);
  run_case("a plan is compared and applied until nothing is left", a_plan_is_compared_and_applied_until_nothing_is_left);
  run_case("a plan that cannot be trusted gives nothing", a_plan_that_cannot_be_trusted_gives_nothing);
  run_case("AZS_FULL, until an end is taken", full_until_an_end_is_taken);
  run_case("AZS_OUTCOME_CANCELLED in flight, AZS_E_CANCELLED afterwards", cancelled_in_flight_and_refused_afterwards);
  run_case("an operation can go between two differences", freed_between_two_differences);
  run_case("rows come from many threads while a plan is compared", rows_come_from_many_threads_while_it_is_compared);
  azs_operation_free(operation);
  azs_client_free(client);
  run_case("no thread is left", await_no_threads);
  return end_program();
}
