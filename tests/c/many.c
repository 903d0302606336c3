// Many mappings through narrow places: back-pressure on requests and on items, and memory that stays flat.
//
// The argument says how many.

#include "test_common.h"

#define MAX_ITEMS 4
#define MAX_OUTSTANDING 32
#define REMOVED 60

static unsigned count_of_mappings;
static azs_client *client;

static void adding_goes_on_whenever_an_end_is_taken(void) {
  azs_operation_config config = operation_config();
  config.max_outstanding = MAX_OUTSTANDING;
  azs_operation *operation = operation_with(client, config);
  unsigned submitted = 0, ended = 0, full = 0;
  uint8_t *has_ended = calloc(count_of_mappings, 1);
  MUST(has_ended != NULL, "no memory");
  while (ended < count_of_mappings) {
    while (submitted < count_of_mappings) {
      int32_t status = submit_add(operation, submitted, customer(submitted));
      if (status == AZS_FULL) {
        full++;
        break;
      }
      MUST(status == AZS_OK, "status %d", status);
      submitted++;
      CHECK(submitted - ended <= MAX_OUTSTANDING, "%u accepted, %u ended", submitted, ended);
    }
    const azs_event *event = NULL;
    seen_events seen = {0};
    MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
    read_event(event, &seen);
    MUST(event->kind == AZS_EVENT_FINISHED && event->tag < submitted, "an event of no request");
    CHECK(has_ended[event->tag]++ == 0, "a second end of %llu", (unsigned long long)event->tag);
    expect_outcome((const azs_finished_event *)event, AZS_OUTCOME_ADDED);
    ended++;
  }
  CHECK(full > 0, "never full");
  free(has_ended);
  azs_operation_free(operation);
}

// Resident pages of the process, in KiB; 0 where that cannot be known.
static long resident(void) {
  long size = 0, pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return 0;
  int read = fscanf(file, "%ld %ld", &size, &pages);
  fclose(file);
  return read == 2 ? pages * (sysconf(_SC_PAGESIZE) / 1024) : 0;
}

static void list_all(void) {
  azs_operation_config config = operation_config();
  config.max_items = MAX_ITEMS;
  config.want_progress = 1;
  azs_operation *operation = operation_with(client, config);
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  uint64_t taken = 0;
  for (;;) {
    const azs_event *event = NULL;
    seen_events seen = {0};
    MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
    read_event(event, &seen);
    if (event->kind == AZS_EVENT_PROGRESS) {
      // Read ahead of its caller by no more than it may keep.
      uint64_t listed = ((const azs_progress_event *)event)->listed;
      CHECK(listed <= taken + MAX_ITEMS, "%llu listed, %llu taken", (unsigned long long)listed, (unsigned long long)taken);
    }
    if (event->kind == AZS_EVENT_FINISHED) {
      const azs_finished_event *end = (const azs_finished_event *)event;
      expect_outcome(end, AZS_OUTCOME_READ);
      CHECK(end->item_count == taken, "item_count %llu", (unsigned long long)end->item_count);
      break;
    }
    if (event->kind == AZS_EVENT_MAPPING && ++taken <= 3) {
      // A caller that takes its time: then progress is due, and says how far ahead the reading is.
      pause_ms(250);
    }
  }
  CHECK(taken == count_of_mappings, "%llu of %u", (unsigned long long)taken, count_of_mappings);
  azs_operation_free(operation);
}

static void a_list_waits_for_its_caller(void) { list_all(); }

static void memory_stays_flat(void) {
  long before = resident();
  for (int round = 0; round < 3; round++) list_all();
  long after = resident();
  printf("  resident: %ld KiB, then %ld KiB\n", before, after);
#ifndef __SANITIZE_ADDRESS__
  // AddressSanitizer keeps what was freed for a while; without it a list of any length needs a page of it.
  CHECK(after - before < 4096, "%ld KiB more after three more lists", after - before);
#endif
}

static void a_list_nobody_reads_is_given_up_by_free(void) {
  azs_operation_config config = operation_config();
  config.max_items = 1;
  for (int round = 0; round < 5; round++) {
    azs_operation *operation = operation_with(client, config);
    MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
    const azs_event *event = NULL;
    MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
    azs_operation_free(operation);
  }
}

static void a_list_nobody_reads_is_given_up_by_cancel(void) {
  azs_operation_config config = operation_config();
  config.max_items = 1;
  azs_operation *operation = operation_with(client, config);
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  const azs_event *event = NULL;
  MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
  CHECK(azs_operation_cancel(operation) == AZS_OK, "not cancelled");
  seen_events seen = {0};
  const azs_finished_event *end = end_of(operation, 1, &seen);
  expect_outcome(end, AZS_OUTCOME_CANCELLED);
  CHECK(end->item_count == seen.mappings + 1, "item_count %llu", (unsigned long long)end->item_count);
  azs_operation_free(operation);
}

// One thread lists and removes through two operations of one client, as one pipeline does: the removal waits for the
// end of the listing, and the listing must not wait for its caller then.
static void removing_while_listing_loses_nothing(void) {
  azs_operation_config config = operation_config();
  config.max_items = MAX_ITEMS;
  azs_operation *lister = operation_with(client, config), *remover = operation_with(client, config);
  MUST(submit_list(lister, 1, NULL) == AZS_OK, "not accepted");
  unsigned listed = 0, removed = 0;
  for (;;) {
    const azs_event *event = NULL;
    seen_events seen = {0};
    MUST(azs_operation_next(lister, UINT32_MAX, &event) == AZS_EVENT, "no event");
    read_event(event, &seen);
    if (event->kind == AZS_EVENT_FINISHED) break;
    listed++;
    if (removed == REMOVED) continue;
    const azs_mapping *mapping = &((const azs_mapping_event *)event)->mapping;
    azs_tenant_remove_request request = {.size = sizeof request};
    request.target.resource_id = mapping->resource_id;
    MUST(azs_tenant_remove(remover, 2, &request) == AZS_OK, "not accepted");
    seen_events seen_of_remover = {0};
    expect_outcome(end_of(remover, 2, &seen_of_remover), AZS_OUTCOME_REMOVED);
    removed++;
  }
  CHECK(listed == count_of_mappings, "%u of %u", listed, count_of_mappings);
  seen_events seen = {0};
  MUST(submit_list(lister, 3, NULL) == AZS_OK, "not accepted");
  uint64_t left = end_of(lister, 3, &seen)->item_count;
  CHECK(left == count_of_mappings - REMOVED, "%llu are left", (unsigned long long)left);
  azs_operation_free(lister);
  azs_operation_free(remover);
}

int main(int count, char **arguments) {
  begin_program();
  count_of_mappings = count > 1 ? (unsigned)atoi(arguments[1]) : 300;
  client = emulator_client();
  run_case("adding goes on whenever an end is taken", adding_goes_on_whenever_an_end_is_taken);
  run_case("a list waits for its caller", a_list_waits_for_its_caller);
  run_case("memory stays flat", memory_stays_flat);
  run_case("a list that nobody reads is given up by free", a_list_nobody_reads_is_given_up_by_free);
  run_case("a list that nobody reads is given up by cancel", a_list_nobody_reads_is_given_up_by_cancel);
  run_case("removing while listing loses nothing", removing_while_listing_loses_nothing);
  azs_client_free(client);
  run_case("no thread is left", await_no_threads);
  return end_program();
}
