// Add, list, get and remove over TLS: every outcome that one caller alone can bring about, and all that is said of it.
//
// The emulator has pages of two items, registrations in two further subscriptions, and errors for two customers.

#include "test_common.h"

#define CORRELATION "5ca1ab1e-0000-4000-8000-00000000abcd"

static azs_client *client;
static azs_operation *operation;

static const azs_finished_event *add(uint64_t tag, const azs_tenant_add_request *request, seen_events *seen) {
  MUST(azs_tenant_add(operation, tag, request) == AZS_OK, "not accepted");
  return end_of(operation, tag, seen);
}

static const azs_finished_event *add_named(uint64_t tag, const char *customer_subscription, const char *tenant) {
  seen_events seen = {0};
  azs_tenant_add_request request = add_request(customer_subscription, tenant);
  const azs_finished_event *end = add(tag, &request, &seen);
  CHECK(seen.mappings == 0, "an add gives items");
  return end;
}

static const azs_finished_event *add_plain(uint64_t tag, const char *customer_subscription) {
  return add_named(tag, customer_subscription, NULL);
}

static void id_of(char *id, size_t size, const char *customer_subscription) {
  snprintf(id, size,
           "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.AzureStack/registrations/%s/customerSubscriptions/%s",
           subscription(), resource_group(), registration(), customer_subscription);
}

static void a_new_mapping_is_added(void) {
  char id[512];
  id_of(id, sizeof id, customer(1));
  azs_tenant_add_request request = add_request(customer(1), NULL);
  request.target.row = 17;
  seen_events seen = {0};
  const azs_finished_event *end = add(1, &request, &seen);
  expect_outcome(end, AZS_OUTCOME_ADDED);
  CHECK(end->tag == 1 && end->row == 17, "row %llu", (unsigned long long)end->row);
  CHECK(end->http_requests >= 2, "%u requests", end->http_requests);
  CHECK(end->item_count == 0, "items of an add");
  CHECK(same(end->mapping.resource_id, id), "%s", shown(end->mapping.resource_id));
  CHECK(same(end->mapping.registration_subscription_id, subscription()), "another subscription");
  CHECK(same(end->mapping.resource_group_name, resource_group()), "another resource group");
  CHECK(same(end->mapping.registration_name, registration()), "another registration");
  CHECK(same(end->mapping.customer_subscription_id, customer(1)), "another customer");
  CHECK(end->mapping.tenant_id.len == 36, "tenant '%s'", shown(end->mapping.tenant_id));
  CHECK(!is_given(end->old_customer_subscription_id), "an old mapping");
  CHECK(!is_given(end->error.code) && end->error.category == 0, "an error of a success");
}

static void adding_it_again_changes_nothing(void) {
  const azs_finished_event *end = add_plain(2, customer(1));
  expect_outcome(end, AZS_OUTCOME_UNCHANGED);
  CHECK(same(end->mapping.customer_subscription_id, customer(1)), "another customer");
}

static void a_get_gives_the_mapping_then_its_end(void) {
  MUST(submit_get(operation, 3, customer(1)) == AZS_OK, "not accepted");
  const azs_event *event = NULL;
  MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
  MUST(event->kind == AZS_EVENT_MAPPING && event->tag == 3, "kind %d first", event->kind);
  char id[512];
  id_of(id, sizeof id, customer(1));
  CHECK(same(((const azs_mapping_event *)event)->mapping.resource_id, id), "another id");
  seen_events seen = {0};
  const azs_finished_event *end = end_of(operation, 3, &seen);
  expect_outcome(end, AZS_OUTCOME_READ);
  CHECK(end->item_count == 1 && seen.mappings == 0, "not one item");
  CHECK(same(end->mapping.customer_subscription_id, customer(1)), "another customer");
}

static void a_get_of_what_is_not_there_fails(void) {
  seen_events seen = {0};
  MUST(submit_get(operation, 4, customer(999)) == AZS_OK, "not accepted");
  const azs_finished_event *end = end_of(operation, 4, &seen);
  expect_outcome(end, AZS_OUTCOME_FAILED);
  CHECK(same(end->error.code, "CustomerSubscriptionNotFound"), "code %s", shown(end->error.code));
  CHECK(end->error.category == AZS_ERROR_NOT_FOUND, "category %d", end->error.category);
  CHECK(seen.mappings == 0, "an item all the same");
}

// Rows of one operation that want different subscriptions for one tenant contradict each other; those of another do not.
static void another_run(void) {
  azs_operation_free(operation);
  azs_operation_config config = operation_config();
  config.correlation_id = text("  " CORRELATION " ");
  operation = operation_with(client, config);
}

static void a_move_is_refused_until_its_old_value_is_named(void) {
  expect_outcome(add_named(10, SISTER_1, tenant()), AZS_OUTCOME_ADDED);
  const azs_finished_event *contradicting = add_named(9, SISTER_2, tenant());
  expect_outcome(contradicting, AZS_OUTCOME_FAILED);
  CHECK(same(contradicting->error.code, "RowsContradict"), "code %s", shown(contradicting->error.code));
  another_run();

  const azs_finished_event *end = add_named(11, SISTER_2, tenant());
  expect_outcome(end, AZS_OUTCOME_WOULD_REPLACE);
  CHECK(same(end->old_customer_subscription_id, SISTER_1), "old %s", shown(end->old_customer_subscription_id));
  CHECK(end->old_tenant_id.len == 36, "old tenant '%s'", shown(end->old_tenant_id));
  CHECK(same(end->error.code, "WouldReplace"), "code %s", shown(end->error.code));
  CHECK(end->error.category == AZS_ERROR_CONFLICT && end->error.http_status == 0, "category %d", end->error.category);
  CHECK(is_given(end->error.recommended_action), "no advice");

  seen_events seen = {0};
  azs_tenant_add_request exactly = add_request(SISTER_2, tenant());
  exactly.expectation = AZS_EXPECT_EXACTLY;
  exactly.expected_customer_subscription_id = text(customer(5));
  end = add(12, &exactly, &seen);
  expect_outcome(end, AZS_OUTCOME_WOULD_REPLACE);
  CHECK(same(end->old_customer_subscription_id, SISTER_1), "old %s", shown(end->old_customer_subscription_id));

  exactly.expected_customer_subscription_id = text("not a GUID");
  end = add(13, &exactly, &seen);
  expect_outcome(end, AZS_OUTCOME_FAILED);
  CHECK(same(end->error.column, "ExpectedCustomerSubscriptionId"), "column %s", shown(end->error.column));

  exactly.expected_customer_subscription_id = text(SISTER_1);
  end = add(14, &exactly, &seen);
  expect_outcome(end, AZS_OUTCOME_REPLACED);
  CHECK(same(end->old_customer_subscription_id, SISTER_1), "old %s", shown(end->old_customer_subscription_id));
  CHECK(same(end->mapping.customer_subscription_id, SISTER_2), "now %s", shown(end->mapping.customer_subscription_id));
  CHECK(end->replaced_unasked == 0, "it was asked for");

  // The old value does not hold any more.
  azs_tenant_add_request gone = add_request(customer(6), NULL);
  gone.expectation = AZS_EXPECT_EXACTLY;
  gone.expected_customer_subscription_id = text(SISTER_1);
  end = add(15, &gone, &seen);
  expect_outcome(end, AZS_OUTCOME_WOULD_REPLACE);
  CHECK(!is_given(end->old_customer_subscription_id), "old %s", shown(end->old_customer_subscription_id));

  another_run();
  azs_tenant_add_request anything = add_request(SISTER_1, tenant());
  anything.expectation = AZS_EXPECT_ANYTHING;
  end = add(16, &anything, &seen);
  expect_outcome(end, AZS_OUTCOME_REPLACED);
  CHECK(same(end->old_customer_subscription_id, SISTER_2), "old %s", shown(end->old_customer_subscription_id));
}

static void another_tenant_than_the_named_one_is_a_mismatch(void) {
  seen_events seen = {0};
  azs_tenant_add_request request = add_request(customer(7), OTHER_TENANT);
  const azs_finished_event *end = add(20, &request, &seen);
  expect_outcome(end, AZS_OUTCOME_TENANT_MISMATCH);
  CHECK(same(end->error.code, "TenantMismatch") && is_given(end->error.recommended_action), "code or advice");

  azs_tenant_get_request get = {.size = sizeof get, .target = target_of(customer(1), OTHER_TENANT)};
  MUST(azs_tenant_get(operation, 21, &get) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 21, &seen), AZS_OUTCOME_TENANT_MISMATCH);
  CHECK(seen.mappings == 0, "the mapping of another tenant was handed out");

  MUST(submit_remove(operation, 22, customer(1), OTHER_TENANT) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 22, &seen), AZS_OUTCOME_TENANT_MISMATCH);
  MUST(submit_get(operation, 23, customer(1)) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 23, &seen), AZS_OUTCOME_READ);
}

static void an_error_of_the_service_is_told_in_full(void) {
  char id[512];
  id_of(id, sizeof id, BAD_CUSTOMER);
  azs_tenant_add_request request = add_request(BAD_CUSTOMER, NULL);
  request.target.row = 3;
  seen_events seen = {0};
  const azs_finished_event *end = add(30, &request, &seen);
  expect_outcome(end, AZS_OUTCOME_FAILED);
  const azs_error *error = &end->error;
  CHECK(same(error->code, "BadCustomerSubscriptionId"), "code %s", shown(error->code));
  CHECK(error->http_status >= 400 && error->http_status < 500, "status %d", error->http_status);
  CHECK(error->row == 3 && contains(error->message, "Row 3"), "message %s", shown(error->message));
  CHECK(contains(error->message, "Cloud Solution Provider"), "message %s", shown(error->message));
  CHECK(contains(error->recommended_action, "Partner Center"), "advice %s", shown(error->recommended_action));
  CHECK(same(error->target, id), "target %s", shown(error->target));
  CHECK(is_given(error->request_id), "no request id");
  CHECK(same(error->correlation_id, CORRELATION), "correlation id %s", shown(error->correlation_id));
  CHECK(!is_given(error->column), "column %s", shown(error->column));
}

static void wrong_input_ends_its_request_and_sends_nothing(void) {
  struct {
    azs_tenant_target target;
    const char *code, *column;
  } rows[] = {
      {target_of("nonsense", NULL), NULL, "CustomerSubscriptionId"},
      {target_of("", NULL), NULL, "CustomerSubscriptionId"},
      {target_of(NULL, NULL), "ValueMissing", "CustomerSubscriptionId"},
      {target_of("{c0000000-0000-4000-8000-000000000001}", NULL), NULL, "CustomerSubscriptionId"},
      {target_of(customer(1), "nobody"), NULL, "TenantId"},
      {target_of(customer(1), NULL), "ResourceIdNotValid", "ResourceId"},
      {target_of(customer(1), NULL), "SubscriptionIdAmbiguous", "SubscriptionId"},
      {target_of(customer(1), NULL), NULL, "RegistrationName"},
  };
  rows[5].target.resource_id = text("/subscriptions/here");
  rows[6].target.subscription_id = text(customer(9));
  rows[7].target.registration_name = text("no/such\nname");
  for (size_t at = 0; at < sizeof rows / sizeof rows[0]; at++) {
    azs_tenant_add_request request = add_request(NULL, NULL);
    request.target = rows[at].target;
    request.target.row = at + 1;
    seen_events seen = {0};
    const azs_finished_event *end = add(40 + at, &request, &seen);
    expect_outcome(end, AZS_OUTCOME_FAILED);
    CHECK(end->http_requests == 0, "row %zu: %u requests", at, end->http_requests);
    CHECK(end->row == at + 1 && end->error.row == at + 1, "row %zu: not its number", at);
    CHECK(end->error.category == AZS_ERROR_INPUT, "row %zu: category %d", at, end->error.category);
    CHECK(same(end->error.column, rows[at].column), "row %zu: column %s", at, shown(end->error.column));
    CHECK(rows[at].code == NULL || same(end->error.code, rows[at].code), "row %zu: code %s", at,
          shown(end->error.code));
  }
}

static void text_of_any_kind_is_survived(void) {
  size_t size = 1 << 20;
  char *long_text = malloc(size);
  MUST(long_text != NULL, "no memory");
  memset(long_text, 'a', size);
  azs_str odd[] = {
      {(const uint8_t *)long_text, size},
      {(const uint8_t *)"a\0b", 3},
      {(const uint8_t *)"\xf4\x8f\xbf\xbf", 4},
      {(const uint8_t *)"\xe2\x80\xae", 3},
      {(const uint8_t *)"%2e%2e/%00", 10},
      {(const uint8_t *)"../..", 5},
      {(const uint8_t *)"'\"<>&", 5},
  };
  for (size_t at = 0; at < sizeof odd / sizeof odd[0]; at++) {
    for (size_t field = 0; field < 7; field++) {
      azs_tenant_get_request request = {.size = sizeof request, .target = target_of(customer(1), NULL)};
      azs_str *fields[] = {&request.target.resource_id,       &request.target.registration_subscription_id,
                           &request.target.resource_group_name, &request.target.registration_name,
                           &request.target.customer_subscription_id, &request.target.tenant_id,
                           &request.target.subscription_id};
      *fields[field] = odd[at];
      seen_events seen = {0};
      MUST(azs_tenant_get(operation, 60, &request) == AZS_OK, "not accepted");
      const azs_finished_event *end = end_of(operation, 60, &seen);
      CHECK(end->outcome == AZS_OUTCOME_FAILED, "text %zu in field %zu: outcome %d", at, field, end->outcome);
      CHECK(end->http_requests == 0 || end->error.http_status >= 400, "text %zu in field %zu: sent, and no answer", at,
            field);
    }
  }
  free(long_text);
}

static void a_list_gives_every_item_of_three_pages_then_its_end(void) {
  expect_outcome(add_plain(70, customer(70)), AZS_OUTCOME_ADDED);
  expect_outcome(add_plain(71, customer(71)), AZS_OUTCOME_ADDED);
  expect_outcome(add_plain(72, customer(72)), AZS_OUTCOME_ADDED);
  // Beside customer 1 and one of the sisters.
  const char *expected[] = {customer(1), SISTER_1, customer(70), customer(71), "c0000000-0000-4000-8000-000000000048"};
  unsigned found[5] = {0};
  MUST(submit_list(operation, 73, NULL) == AZS_OK, "not accepted");
  uint64_t items = 0;
  for (;;) {
    const azs_event *event = NULL;
    seen_events seen = {0};
    MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
    MUST(event->tag == 73, "tag %llu", (unsigned long long)event->tag);
    read_event(event, &seen);
    if (event->kind == AZS_EVENT_FINISHED) {
      const azs_finished_event *end = (const azs_finished_event *)event;
      expect_outcome(end, AZS_OUTCOME_READ);
      CHECK(end->item_count == items, "item_count %llu", (unsigned long long)end->item_count);
      CHECK(end->http_requests == 3, "%u requests", end->http_requests);
      CHECK(!is_given(end->mapping.customer_subscription_id), "a list about one customer");
      break;
    }
    MUST(event->kind == AZS_EVENT_MAPPING, "kind %d", event->kind);
    const azs_mapping *mapping = &((const azs_mapping_event *)event)->mapping;
    items++;
    bool known = false;
    for (size_t at = 0; at < 5; at++) {
      bool is_it = same(mapping->customer_subscription_id, expected[at]);
      found[at] += is_it;
      known = known || is_it;
    }
    CHECK(known, "an item that nobody added: %s", shown(mapping->customer_subscription_id));
    CHECK(mapping->tenant_id.len == 36 && is_given(mapping->name), "an item lacks tenant or name");
  }
  CHECK(items == 5, "%llu items", (unsigned long long)items);
  for (size_t at = 0; at < 5; at++) CHECK(found[at] == 1, "item %zu came %u times", at, found[at]);
}

static void a_list_of_one_tenant_gives_only_its_items(void) {
  const azs_finished_event *end = add_plain(80, customer(1));
  char of[37] = "";
  MUST(end->mapping.tenant_id.len == 36, "no tenant");
  memcpy(of, end->mapping.tenant_id.data, 36);
  seen_events seen = {0};
  MUST(submit_list(operation, 81, of) == AZS_OK, "not accepted");
  end = end_of(operation, 81, &seen);
  expect_outcome(end, AZS_OUTCOME_READ);
  CHECK(seen.mappings == 1 && end->item_count == 1, "%llu items", (unsigned long long)seen.mappings);
}

static void a_list_of_one_customer_gives_only_its_items(void) {
  azs_tenant_list_request request = {.size = sizeof request, .target = target_of(customer(71), NULL)};
  seen_events seen = {0};
  MUST(azs_tenant_list(operation, 82, &request) == AZS_OK, "not accepted");
  const azs_finished_event *end = end_of(operation, 82, &seen);
  expect_outcome(end, AZS_OUTCOME_READ);
  CHECK(seen.mappings == 1 && end->item_count == 1, "%llu items", (unsigned long long)seen.mappings);
  request.target.customer_subscription_id = text(customer(999));
  MUST(azs_tenant_list(operation, 83, &request) == AZS_OK, "not accepted");
  end = end_of(operation, 83, &seen);
  expect_outcome(end, AZS_OUTCOME_READ);
  CHECK(end->item_count == 0, "%llu items", (unsigned long long)end->item_count);
}

static void the_spelling_that_goes_out_is_the_callers_choice(void) {
  seen_events seen = {0};
  azs_tenant_add_request request = add_request("C0000000-0000-4000-8000-00000000ABCD", NULL);
  const azs_finished_event *end = add(90, &request, &seen);
  expect_outcome(end, AZS_OUTCOME_ADDED);
  CHECK(same(end->mapping.customer_subscription_id, "c0000000-0000-4000-8000-00000000abcd"), "not in lower case");

  request = add_request("C0000000-0000-4000-8000-00000000ABCE", NULL);
  request.preserve_case = 1;
  end = add(91, &request, &seen);
  expect_outcome(end, AZS_OUTCOME_ADDED);
  CHECK(same(end->mapping.customer_subscription_id, "C0000000-0000-4000-8000-00000000ABCE"), "case is not preserved");
  MUST(submit_remove(operation, 92, "c0000000-0000-4000-8000-00000000abce", NULL) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 92, &seen), AZS_OUTCOME_REMOVED);
}

static void a_mapping_is_removed_once(void) {
  seen_events seen = {0};
  MUST(submit_remove(operation, 100, customer(70), NULL) == AZS_OK, "not accepted");
  const azs_finished_event *end = end_of(operation, 100, &seen);
  expect_outcome(end, AZS_OUTCOME_REMOVED);
  CHECK(same(end->mapping.customer_subscription_id, customer(70)), "another customer");
  char of[37] = "";
  MUST(submit_get(operation, 101, customer(71)) == AZS_OK, "not accepted");
  end = end_of(operation, 101, &seen);
  memcpy(of, end->mapping.tenant_id.data, end->mapping.tenant_id.len == 36 ? 36 : 0);

  MUST(submit_remove(operation, 102, customer(70), NULL) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 102, &seen), AZS_OUTCOME_NOT_FOUND);
  // By its tenant alone.
  MUST(submit_remove(operation, 103, NULL, of) == AZS_OK, "not accepted");
  end = end_of(operation, 103, &seen);
  expect_outcome(end, AZS_OUTCOME_REMOVED);
  CHECK(same(end->mapping.customer_subscription_id, customer(71)), "another customer");
  MUST(submit_remove(operation, 104, NULL, of) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 104, &seen), AZS_OUTCOME_NOT_FOUND);
}

static void tags_are_the_callers_and_may_repeat(void) {
  seen_events seen = {0};
  uint64_t tags[] = {0, UINT64_MAX, 5, 5, 0};
  for (size_t at = 0; at < 5; at++) {
    MUST(submit_get(operation, tags[at], customer(1)) == AZS_OK, "not accepted");
  }
  unsigned ends[3] = {0};
  for (;;) {
    const azs_event *event = NULL;
    int32_t status = azs_operation_next(operation, UINT32_MAX, &event);
    if (status == AZS_IDLE) break;
    MUST(status == AZS_EVENT, "status %d", status);
    read_event(event, &seen);
    if (event->kind == AZS_EVENT_FINISHED) ends[event->tag == 0 ? 0 : event->tag == 5 ? 1 : 2]++;
  }
  CHECK(ends[0] == 2 && ends[1] == 2 && ends[2] == 1, "%u %u %u ends", ends[0], ends[1], ends[2]);
  CHECK(seen.mappings == 5, "%llu items", (unsigned long long)seen.mappings);
}

static void resolve_says_what_a_target_comes_to(void) {
  char id[512];
  id_of(id, sizeof id, customer(1));
  azs_resolved *resolved = NULL;
  azs_error_handle *error = NULL;
  azs_tenant_target target = target_of(customer(1), NULL);
  MUST(azs_tenant_resolve(operation, AZS_PURPOSE_ADD, &target, &resolved, &error) == AZS_OK, "refused");
  const azs_mapping *mapping = azs_resolved_get(resolved);
  MUST(mapping != NULL && error == NULL, "no mapping");
  read_mapping(mapping);
  CHECK(same(mapping->resource_id, id), "id %s", shown(mapping->resource_id));
  CHECK(!is_given(mapping->tenant_id) && !is_given(mapping->etag), "what nobody knows");
  azs_resolved_free(resolved);

  target = target_of("nonsense", NULL);
  target.row = 4;
  CHECK(azs_tenant_resolve(operation, AZS_PURPOSE_ADD, &target, &resolved, &error) == AZS_E_INPUT, "accepted");
  CHECK(resolved == NULL, "a result beside an error");
  const azs_error *why = azs_error_get(error);
  MUST(why != NULL, "no error");
  read_error(why, true);
  CHECK(same(why->column, "CustomerSubscriptionId") && why->row == 4, "column %s", shown(why->column));
  azs_error_free(error);
  CHECK(azs_tenant_resolve(operation, AZS_PURPOSE_ADD, &target, &resolved, NULL) == AZS_E_INPUT, "accepted");
}

// "exactly as submitting does", says the header.
static void resolve_and_submit_agree(void) {
  const char *customers[] = {NULL, customer(1), "nonsense"};
  const char *tenants[] = {NULL, OTHER_TENANT, "nonsense"};
  for (int32_t purpose = AZS_PURPOSE_ADD; purpose <= AZS_PURPOSE_REMOVE; purpose++) {
    for (size_t at = 0; at < 9; at++) {
      azs_tenant_target target = target_of(customers[at / 3], tenants[at % 3]);
      azs_tenant_add_request add_it = {.size = sizeof add_it, .target = target};
      azs_tenant_list_request list_it = {.size = sizeof list_it, .target = target};
      azs_tenant_get_request get_it = {.size = sizeof get_it, .target = target};
      azs_tenant_remove_request remove_it = {.size = sizeof remove_it, .target = target};
      azs_resolved *resolved = NULL;
      int32_t status = azs_tenant_resolve(operation, purpose, &target, &resolved, NULL);
      azs_resolved_free(resolved);
      int32_t submitted = purpose == AZS_PURPOSE_ADD    ? azs_tenant_add(operation, 120, &add_it)
                          : purpose == AZS_PURPOSE_LIST ? azs_tenant_list(operation, 120, &list_it)
                          : purpose == AZS_PURPOSE_GET  ? azs_tenant_get(operation, 120, &get_it)
                                                        : azs_tenant_remove(operation, 120, &remove_it);
      MUST(submitted == AZS_OK, "not accepted");
      seen_events seen = {0};
      const azs_finished_event *end = end_of(operation, 120, &seen);
      bool refused = end->has_error == 1 && end->error.category == AZS_ERROR_INPUT;
      CHECK((status == AZS_E_INPUT) == refused, "purpose %d, customer %s, tenant %s: resolve %d, submit %s", purpose,
            customers[at / 3] ? customers[at / 3] : "-", tenants[at % 3] ? tenants[at % 3] : "-", status,
            refused ? "refuses" : "takes it");
    }
  }
}

static void logs_hold_no_secret_and_come_only_where_wanted(void) {
  azs_operation_config config = operation_config();
  config.want_log = 1;
  azs_operation *logging = operation_with(client, config);
  // Another spelling than goes out is worth a line.
  MUST(submit_add(logging, 1, "C0000000-0000-4000-8000-00000000AB01") == AZS_OK, "not accepted");
  seen_events seen = {0};
  CHECK(drain(logging, &seen) == AZS_IDLE, "not idle");
  CHECK(seen.logs >= 1 && seen.finished == 1 && seen.progress == 0, "%llu logs", (unsigned long long)seen.logs);
  azs_operation_free(logging);

  seen_events quiet = {0};
  MUST(submit_add(operation, 130, "C0000000-0000-4000-8000-00000000AB02") == AZS_OK, "not accepted");
  CHECK(drain(operation, &quiet) == AZS_IDLE, "not idle");
  CHECK(quiet.logs == 0 && quiet.progress == 0, "events that nobody wanted");
}

// "a slow caller misses states, never the last", says the header.
static void the_last_progress_says_that_all_is_finished(void) {
  azs_operation_config config = operation_config();
  config.want_progress = 1;
  azs_operation *watched = operation_with(client, config);
  for (uint64_t tag = 0; tag < 3; tag++) MUST(submit_get(watched, tag, customer(1)) == AZS_OK, "not accepted");
  uint64_t finished = 0, outstanding = 99;
  for (;;) {
    const azs_event *event = NULL;
    seen_events seen = {0};
    int32_t status = azs_operation_next(watched, UINT32_MAX, &event);
    if (status == AZS_IDLE) break;
    MUST(status == AZS_EVENT, "status %d", status);
    read_event(event, &seen);
    if (event->kind == AZS_EVENT_PROGRESS) {
      const azs_progress_event *progress = (const azs_progress_event *)event;
      CHECK(progress->finished >= finished, "progress goes back");
      finished = progress->finished;
      outstanding = progress->outstanding;
    }
  }
  CHECK(finished == 3 && outstanding == 0, "the last progress before idle: %llu finished, %llu outstanding",
        (unsigned long long)finished, (unsigned long long)outstanding);
  azs_operation_free(watched);
}

int main(void) {
  begin_program();
  client = emulator_client();
  another_run();
  run_case("a new mapping is added", a_new_mapping_is_added);
  run_case("adding it again changes nothing", adding_it_again_changes_nothing);
  run_case("a get gives the mapping, then its end", a_get_gives_the_mapping_then_its_end);
  run_case("a get of what is not there fails", a_get_of_what_is_not_there_fails);
  run_case("a move is refused until its old value is named", a_move_is_refused_until_its_old_value_is_named);
  run_case("another tenant than the named one is a mismatch", another_tenant_than_the_named_one_is_a_mismatch);
  run_case("an error of the service is told in full", an_error_of_the_service_is_told_in_full);
  run_case("wrong input ends its request and sends nothing", wrong_input_ends_its_request_and_sends_nothing);
  run_case("text of any kind is survived", text_of_any_kind_is_survived);
  run_case("a list gives every item of three pages, then its end", a_list_gives_every_item_of_three_pages_then_its_end);
  run_case("a list of one tenant gives only its items", a_list_of_one_tenant_gives_only_its_items);
  run_case("a list of one customer gives only its items", a_list_of_one_customer_gives_only_its_items);
  run_case("the spelling that goes out is the caller's choice", the_spelling_that_goes_out_is_the_callers_choice);
  run_case("a mapping is removed once", a_mapping_is_removed_once);
  run_case("tags are the caller's and may repeat", tags_are_the_callers_and_may_repeat);
  run_case("resolve says what a target comes to", resolve_says_what_a_target_comes_to);
  run_case("resolve and submit agree", resolve_and_submit_agree);
  run_case("logs hold no secret and come only where wanted", logs_hold_no_secret_and_come_only_where_wanted);
  run_case("the last progress says that all is finished", the_last_progress_says_that_all_is_finished);
  azs_operation_free(operation);
  azs_client_free(client);
  run_case("no thread is left", await_no_threads);
  return end_program();
}
