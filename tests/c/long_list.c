// A listing of very many mappings needs no more memory at its end than near its beginning.
//
// The argument says how many there are: the emulator made them up before.

#include "test_common.h"

#ifdef __SANITIZE_ADDRESS__
// As in sanitizer/allocator_interface.h, which not every compiler brings along.
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

// Bytes that the process has allocated and not freed, where that can be told; else its resident pages, which the allocator
// keeps some of. `BEARABLE` is what they may differ by: 20 bytes an item are more.
#ifdef __SANITIZE_ADDRESS__
#define BEARABLE (300 * 1024)
#else
#define BEARABLE (2048 * 1024)
#endif

static long long held(void) {
#ifdef __SANITIZE_ADDRESS__
  return (long long)__sanitizer_get_current_allocated_bytes();
#else
  long size = 0, pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return 0;
  int read = fscanf(file, "%ld %ld", &size, &pages);
  fclose(file);
  return read == 2 ? (long long)pages * sysconf(_SC_PAGESIZE) : 0;
#endif
}

static unsigned count_of_mappings;
static azs_client *client;

static void the_most_held(azs_operation *operation, uint64_t until, uint64_t *taken, long long *most) {
  while (*taken < until) {
    const azs_event *event = NULL;
    seen_events seen = {0};
    MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
    read_event(event, &seen);
    MUST(event->kind == AZS_EVENT_MAPPING, "an event of kind %d after %llu", event->kind, (unsigned long long)*taken);
    if (++*taken % 100 == 0 && held() > *most) *most = held();
  }
}

static void memory_stays_flat_through_the_list(void) {
  azs_operation *operation = operation_of(client);
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  uint64_t taken = 0;
  long long early = 0, late = 0, ignored = 0;
  // A tenth each, after the first: pages and buffers have been used by then.
  the_most_held(operation, count_of_mappings / 10, &taken, &ignored);
  the_most_held(operation, count_of_mappings / 5, &taken, &early);
  the_most_held(operation, count_of_mappings - count_of_mappings / 10, &taken, &ignored);
  the_most_held(operation, count_of_mappings, &taken, &late);
  seen_events seen = {0};
  const azs_finished_event *end = end_of(operation, 1, &seen);
  expect_outcome(end, AZS_OUTCOME_READ);
  CHECK(end->item_count == count_of_mappings, "item_count %llu", (unsigned long long)end->item_count);
  printf("  held at most: %lld KiB in the second tenth, %lld KiB in the last one\n", early / 1024, late / 1024);
  CHECK(late - early < BEARABLE, "%lld KiB more", (late - early) / 1024);
  azs_operation_free(operation);
}

int main(int count, char **arguments) {
  begin_program();
  patience = 240;
  count_of_mappings = count > 1 ? (unsigned)atoi(arguments[1]) : 100000;
  client = emulator_client();
  run_case("memory stays flat through a long list", memory_stays_flat_through_the_list);
  azs_client_free(client);
  run_case("no thread is left", await_no_threads);
  return end_program();
}
