// What the C ABI costs: adds, the wait after a cancellation, a long list.
//
//   abi_bench adds LIMIT COUNT [COUNT…]   each count is a run of its own, with an operation of its own on one client;
//                                         before each but the first it waits for a line on standard input
//   abi_bench cancel LIMIT SAMPLES        the emulator has to answer writes late: see PAUSE_MS
//   abi_bench list
//
// Each run is one line of names and numbers on standard output. `cargo xtask bench` compiles and runs it.

#include "test_common.h"

#include <sys/resource.h>

// How long a sample's writes are given to be on their way, before the cancellation; longer each time that this was too
// short, as on a machine that is busy with other things. At most as long as the writes are on their way.
#define PAUSE_MS 100
#define LONGER_MS 50
#define LONGEST_MS 250

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds_of(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

// Processor time of the process, all threads.
static double processor_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

// The most memory that the process had resident, in KiB.
static long peak_kib(void) {
  // Linux lets a program begin with the peak of the one that started it, but not here.
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  long peak = 0;
  while (status != NULL && peak == 0 && fgets(line, sizeof line, status) != NULL) sscanf(line, "VmHWM: %ld", &peak);
  if (status != NULL) fclose(status);
  if (peak > 0) return peak;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return usage.ru_maxrss / 1024;
#else
  return usage.ru_maxrss;
#endif
}

static azs_operation *operation_of_limit(azs_client *client, unsigned limit) {
  azs_operation_config config = operation_config();
  config.throttle_limit = limit;
  return operation_with(client, config);
}

// --- adds ---

static void add(azs_client *client, unsigned limit, unsigned first, unsigned count) {
  double began = seconds_now(), spent = processor_seconds();
  azs_operation *operation = operation_of_limit(client, limit);
  unsigned submitted = 0, ended = 0, failed = 0;
  uint64_t requests = 0;
  while (ended < count) {
    while (submitted < count && submit_add(operation, submitted, customer(first + submitted)) == AZS_OK) submitted++;
    const azs_event *event = NULL;
    MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
    if (event->kind != AZS_EVENT_FINISHED) continue;
    const azs_finished_event *end = (const azs_finished_event *)event;
    requests += end->http_requests;
    ended++;
    if (end->outcome != AZS_OUTCOME_ADDED && failed++ == 0) {
      fprintf(stderr, "outcome %d: %s: %s\n", end->outcome, shown(end->error.code), shown(end->error.message));
    }
  }
  printf("adds=%u failed=%u requests=%llu seconds=%.4f cpu_seconds=%.4f peak_kib=%ld\n", count, failed,
         (unsigned long long)requests, seconds_now() - began, processor_seconds() - spent, peak_kib());
  azs_operation_free(operation);
}

static void add_all(unsigned limit, int runs, char **counts) {
  azs_client *client = emulator_client();
  unsigned first = 0;
  for (int run = 0; run < runs; run++) {
    char line[16];
    if (run > 0 && fgets(line, sizeof line, stdin) == NULL) break;
    unsigned count = (unsigned)atoi(counts[run]);
    add(client, limit, first, count);
    first += count;
  }
  azs_client_free(client);
}

// --- cancel ---

typedef struct waiter {
  azs_operation *operation;
  // When next came back because of the cancellation; 0 where it did not.
  double woken_at;
  // Adds that were in flight then: the service answered them afterwards.
  unsigned in_flight;
} waiter;

static void *wait_and_drain(void *given) {
  waiter *waiter = given;
  for (;;) {
    const azs_event *event = NULL;
    int32_t status = azs_operation_next(waiter->operation, UINT32_MAX, &event);
    if (status == AZS_TIMEOUT) {
      waiter->woken_at = seconds_now();
    } else if (status != AZS_EVENT) {
      return NULL;
    } else if (event->kind == AZS_EVENT_FINISHED) {
      const azs_finished_event *end = (const azs_finished_event *)event;
      if (waiter->woken_at > 0 && end->outcome == AZS_OUTCOME_ADDED) waiter->in_flight++;
    }
  }
}

static int ascending(const void *one, const void *other) {
  double difference = *(const double *)one - *(const double *)other;
  return difference < 0 ? -1 : difference > 0;
}

// One sample: how long next needed to come back, with how many writes in flight. False where none was: the cancellation
// came before the writes.
static bool cancelled(azs_client *client, unsigned limit, unsigned first, unsigned pause, double *wait,
                      unsigned *in_flight) {
  waiter waiter = {.operation = operation_of_limit(client, limit)};
  pthread_t thread;
  MUST(pthread_create(&thread, NULL, wait_and_drain, &waiter) == 0, "no thread");
  for (unsigned number = 0; number < limit; number++) {
    MUST(submit_add(waiter.operation, number, customer(first + number)) == AZS_OK, "not accepted");
  }
  pause_ms(pause);
  double began = seconds_now();
  azs_operation_cancel(waiter.operation);
  pthread_join(thread, NULL);
  azs_operation_free(waiter.operation);
  *wait = waiter.woken_at - began;
  *in_flight = waiter.in_flight;
  return waiter.woken_at > 0 && waiter.in_flight > 0;
}

static void cancel_often(unsigned limit, unsigned samples) {
  azs_client *client = emulator_client();
  double *waits = calloc(samples, sizeof *waits);
  unsigned least_in_flight = limit, first = 0, missed = 0, pause = PAUSE_MS;
  for (unsigned sample = 0; sample < samples; first += limit) {
    unsigned in_flight = 0;
    if (cancelled(client, limit, first, pause, &waits[sample], &in_flight)) {
      sample++;
      if (in_flight < least_in_flight) least_in_flight = in_flight;
    } else {
      MUST(missed++ < samples, "there is hardly ever a write in flight");
      if (pause < LONGEST_MS) pause += LONGER_MS;
    }
  }
  qsort(waits, samples, sizeof *waits, ascending);
  printf("samples=%u missed=%u in_flight=%u median_us=%.0f p95_us=%.0f worst_us=%.0f\n", samples, missed,
         least_in_flight, waits[samples / 2] * 1e6, waits[samples * 95 / 100] * 1e6, waits[samples - 1] * 1e6);
  free(waits);
  azs_client_free(client);
}

// --- list ---

static void list(void) {
  double began = seconds_now(), spent = processor_seconds();
  azs_client *client = emulator_client();
  azs_operation *operation = operation_of(client);
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  for (;;) {
    const azs_event *event = NULL;
    MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
    if (event->kind != AZS_EVENT_FINISHED) continue;
    const azs_finished_event *end = (const azs_finished_event *)event;
    expect_outcome(end, AZS_OUTCOME_READ);
    printf("items=%llu requests=%u seconds=%.4f cpu_seconds=%.4f peak_kib=%ld\n", (unsigned long long)end->item_count,
           end->http_requests, seconds_now() - began, processor_seconds() - spent, peak_kib());
    break;
  }
  azs_operation_free(operation);
  azs_client_free(client);
}

int main(int count, char **arguments) {
  begin_program();
  const char *what = count > 1 ? arguments[1] : "";
  if (strcmp(what, "adds") == 0 && count > 3) {
    add_all((unsigned)atoi(arguments[2]), count - 3, arguments + 3);
  } else if (strcmp(what, "cancel") == 0 && count > 3) {
    cancel_often((unsigned)atoi(arguments[2]), (unsigned)atoi(arguments[3]));
  } else if (strcmp(what, "list") == 0) {
    list();
  } else {
    fprintf(stderr, "usage: abi_bench adds LIMIT COUNT… | cancel LIMIT SAMPLES | list\n");
    return 2;
  }
  return atomic_load(&failed_checks) == 0 ? 0 : 1;
}
