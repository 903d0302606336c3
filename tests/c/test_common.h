// What the C programs of this folder share: cases and checks, and short ways to the ABI.
//
// A program is a row of cases, each with one claim. A failed CHECK is printed with its line and the case goes on; a
// failed MUST ends the program, for what follows would make no sense. A case that hangs is ended by an alarm that
// names it. Where the emulator is comes from the environment (see xtask/src/suites/c_abi.rs).

#ifndef AZS_TEST_COMMON_H
#define AZS_TEST_COMMON_H

#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "azs_registration.h"

// Seconds that a case may take before it counts as hung: far more than it needs on a busy machine.
static unsigned patience = 60;

// Subscriptions that the emulator keeps registrations in, so that they belong to one and the same tenant: the only
// customers here that can stand in each other's way. (Any other GUID has a tenant of its own. They are added with the
// name of theirs: the emulator's PUT makes one up for them otherwise.)
#define SISTER_1 "51570001-0000-4000-8000-000000000001"
#define SISTER_2 "51570002-0000-4000-8000-000000000002"
// Customers whose PUT the emulator answers with an error: always with BadCustomerSubscriptionId, once with
// MetadataResolverBadGatewayError.
#define BAD_CUSTOMER "bad00000-0000-4000-8000-000000000003"
#define FLAKY_CUSTOMER "f1a00000-0000-4000-8000-000000000004"
// A tenant that is nobody's.
#define OTHER_TENANT "07e20000-0000-4000-8000-000000000005"

// --- cases and checks ---

static atomic_uint failed_checks;
static unsigned failed_cases;
static const char *volatile claim_now = "(before the first case)";

#define CHECK(condition, ...) \
  do { \
    if (!(condition)) not_so(__FILE__, __LINE__, #condition, __VA_ARGS__); \
  } while (0)

#define MUST(condition, ...) \
  do { \
    if (!(condition)) { \
      not_so(__FILE__, __LINE__, #condition, __VA_ARGS__); \
      printf("FAILED: %s (the program ends here)\n", claim_now); \
      _exit(1); \
    } \
  } while (0)

static inline void not_so(const char *file, int line, const char *condition, const char *what, ...) {
  char message[1024];
  va_list arguments;
  va_start(arguments, what);
  vsnprintf(message, sizeof message, what, arguments);
  va_end(arguments);
  atomic_fetch_add(&failed_checks, 1);
  printf("  %s:%d: %s\n    expected: %s\n", file, line, message, condition);
}

static inline void hung(int signal_number) {
  (void)signal_number;
  static const char beginning[] = "FAILED: it hangs: ";
  // write alone may be called here; that it fails has no remedy.
  ssize_t written = write(1, beginning, sizeof beginning - 1);
  written = write(1, claim_now, strlen(claim_now));
  written = write(1, "\n", 1);
  (void)written;
  _exit(124);
}

static inline void run_case(const char *claim, void (*body)(void)) {
  unsigned before = atomic_load(&failed_checks);
  claim_now = claim;
  alarm(patience);
  body();
  alarm(0);
  if (atomic_load(&failed_checks) == before) {
    printf("ok: %s\n", claim);
  } else {
    failed_cases++;
    printf("FAILED: %s\n", claim);
  }
}

static inline void begin_program(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  signal(SIGALRM, hung);
  // A caller that does not ignore SIGPIPE must not die of a connection that broke.
  signal(SIGPIPE, SIG_DFL);
}

static inline int end_program(void) { return failed_cases == 0 ? 0 : 1; }

static inline void pause_ms(unsigned milliseconds) {
  struct timespec pause = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
  nanosleep(&pause, NULL);
}

// --- texts ---

static inline azs_str text(const char *given) {
  azs_str made = {(const uint8_t *)given, given == NULL ? 0 : strlen(given)};
  return made;
}

static inline bool is_given(azs_str given) { return given.data != NULL; }

static inline bool same(azs_str given, const char *expected) {
  if (given.data == NULL || expected == NULL) return given.data == NULL && expected == NULL;
  return given.len == strlen(expected) && memcmp(given.data, expected, given.len) == 0;
}

static inline bool contains(azs_str given, const char *part) {
  size_t length = strlen(part);
  if (given.data == NULL) return false;
  for (size_t at = 0; at + length <= given.len; at++) {
    if (memcmp(given.data + at, part, length) == 0) return true;
  }
  return false;
}

// For messages: up to three texts at once.
static inline const char *shown(azs_str given) {
  static _Thread_local char buffers[3][512];
  static _Thread_local unsigned turn;
  char *buffer = buffers[turn++ % 3];
  if (given.data == NULL) return "(none)";
  snprintf(buffer, sizeof buffers[0], "%.*s", (int)(given.len < 500 ? given.len : 500), (const char *)given.data);
  return buffer;
}

// A customer's subscription by number, always the same.
static inline const char *customer(unsigned number) {
  static _Thread_local char buffers[4][37];
  static _Thread_local unsigned turn;
  char *buffer = buffers[turn++ % 4];
  snprintf(buffer, sizeof buffers[0], "c0000000-0000-4000-8000-%012x", number);
  return buffer;
}

// --- the emulator ---

static inline const char *environment(const char *name) {
  const char *value = getenv(name);
  MUST(value != NULL && value[0] != '\0', "the environment has no %s; run it with: cargo xtask test c", name);
  return value;
}

static inline const char *emulator_endpoint(void) { return environment("AZS_TEST_ENDPOINT"); }
static inline const char *emulator_ca(void) { return environment("AZS_TEST_CA_FILE"); }
static inline const char *emulator_token(void) { return environment("AZS_TEST_TOKEN"); }
// The tenant of the registration and of both sisters.
static inline const char *tenant(void) { return environment("AZS_TEST_TENANT"); }
static inline const char *subscription(void) { return environment("AZS_TEST_SUBSCRIPTION"); }
static inline const char *resource_group(void) { return environment("AZS_TEST_RESOURCE_GROUP"); }
static inline const char *registration(void) { return environment("AZS_TEST_REGISTRATION"); }

// --- a server that never answers ---

// The endpoint of a listener that takes connections and says nothing, ever.
static inline const char *silent_endpoint(void) {
  static char endpoint[64];
  if (endpoint[0] != '\0') return endpoint;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  MUST(listener >= 0, "no socket");
  MUST(bind(listener, (struct sockaddr *)&address, length) == 0, "no port");
  // The kernel takes the connections; nobody accepts them.
  MUST(listen(listener, 1024) == 0, "no listener");
  MUST(getsockname(listener, (struct sockaddr *)&address, &length) == 0, "no address");
  snprintf(endpoint, sizeof endpoint, "https://127.0.0.1:%u/", ntohs(address.sin_port));
  return endpoint;
}

// --- clients and operations ---

static inline azs_client_config client_config(const char *endpoint) {
  azs_client_config config;
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.arm_endpoint = text(endpoint);
  config.authority_host = text(endpoint);
  config.caller = text("azs-c-tests/1");
  return config;
}

static inline azs_client_config emulator_config(void) {
  azs_client_config config = client_config(emulator_endpoint());
  config.ca_certificate_path = text(emulator_ca());
  return config;
}

static inline azs_client *client_of(azs_client_config config) {
  azs_client *client = NULL;
  azs_error_handle *error = NULL;
  int32_t status = azs_client_new(&config, &client, &error);
  const azs_error *why = azs_error_get(error);
  MUST(status == AZS_OK && client != NULL, "no client: %d, %s", status, why ? shown(why->message) : "");
  MUST(error == NULL, "an error beside a client");
  return client;
}

static inline int32_t supply(azs_client *client, const char *token) {
  return azs_client_set_credential(client, AZS_CREDENTIAL_KIND_TOKEN, text(token), 0);
}

static inline azs_client *signed_in(azs_client_config config, const char *token) {
  azs_client *client = client_of(config);
  MUST(supply(client, token) == AZS_OK, "the token is refused");
  return client;
}

// A client of the emulator with its token.
static inline azs_client *emulator_client(void) { return signed_in(emulator_config(), emulator_token()); }

// A client of the server that never answers.
static inline azs_client *silent_client(void) { return signed_in(client_config(silent_endpoint()), "any-token"); }

static inline azs_operation_config operation_config(void) {
  azs_operation_config config;
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.default_registration.registration_subscription_id = text(subscription());
  config.default_registration.resource_group_name = text(resource_group());
  config.default_registration.registration_name = text(registration());
  return config;
}

static inline azs_operation *operation_with(azs_client *client, azs_operation_config config) {
  azs_operation *operation = NULL;
  azs_error_handle *error = NULL;
  int32_t status = azs_operation_new(client, &config, &operation, &error);
  const azs_error *why = azs_error_get(error);
  MUST(status == AZS_OK && operation != NULL, "no operation: %d, %s", status, why ? shown(why->message) : "");
  MUST(error == NULL, "an error beside an operation");
  return operation;
}

static inline azs_operation *operation_of(azs_client *client) { return operation_with(client, operation_config()); }

static inline azs_tenant_target target_of(const char *customer_subscription, const char *tenant) {
  azs_tenant_target target;
  memset(&target, 0, sizeof target);
  target.customer_subscription_id = text(customer_subscription);
  target.tenant_id = text(tenant);
  return target;
}

static inline azs_tenant_add_request add_request(const char *customer_subscription, const char *tenant) {
  azs_tenant_add_request request;
  memset(&request, 0, sizeof request);
  request.size = sizeof request;
  request.target = target_of(customer_subscription, tenant);
  return request;
}

static inline int32_t submit_add(azs_operation *operation, uint64_t tag, const char *customer_subscription) {
  azs_tenant_add_request request = add_request(customer_subscription, NULL);
  return azs_tenant_add(operation, tag, &request);
}

static inline int32_t submit_list(azs_operation *operation, uint64_t tag, const char *tenant) {
  azs_tenant_list_request request;
  memset(&request, 0, sizeof request);
  request.size = sizeof request;
  request.target = target_of(NULL, tenant);
  return azs_tenant_list(operation, tag, &request);
}

static inline int32_t submit_get(azs_operation *operation, uint64_t tag, const char *customer_subscription) {
  azs_tenant_get_request request;
  memset(&request, 0, sizeof request);
  request.size = sizeof request;
  request.target = target_of(customer_subscription, NULL);
  return azs_tenant_get(operation, tag, &request);
}

static inline int32_t submit_remove(azs_operation *operation, uint64_t tag, const char *customer_subscription,
                                    const char *tenant) {
  azs_tenant_remove_request request;
  memset(&request, 0, sizeof request);
  request.size = sizeof request;
  request.target = target_of(customer_subscription, tenant);
  return azs_tenant_remove(operation, tag, &request);
}

// --- events ---

// What the events of the operation at hand came to.
typedef struct seen_events {
  uint64_t mappings;
  uint64_t registrations;
  uint64_t differences;
  uint64_t finished;
  uint64_t progress;
  uint64_t logs;
  uint64_t credentials;
} seen_events;

// Reads a text to its last byte, so that AddressSanitizer sees where it leads. No text ever holds the token.
static inline void read_text(azs_str given) {
  static atomic_uint sum;
  unsigned own = 0;
  for (size_t at = 0; at < given.len; at++) own += given.data[at];
  atomic_fetch_add(&sum, own);
  CHECK(given.data != NULL || given.len == 0, "NULL with length %zu", given.len);
  const char *token = getenv("AZS_TEST_TOKEN");
  CHECK(token == NULL || !contains(given, token), "a text holds the token");
}

static inline void read_mapping(const azs_mapping *mapping) {
  read_text(mapping->resource_id);
  read_text(mapping->registration_subscription_id);
  read_text(mapping->resource_group_name);
  read_text(mapping->registration_name);
  read_text(mapping->customer_subscription_id);
  read_text(mapping->tenant_id);
  read_text(mapping->name);
  read_text(mapping->etag);
}

static inline void read_error(const azs_error *error, bool given) {
  CHECK(error->size == sizeof *error, "an error of %u bytes", error->size);
  CHECK((error->category != 0) == given, "category %d", error->category);
  CHECK((error->code.len > 0) == given, "code '%s'", shown(error->code));
  CHECK((error->message.len > 0) == given, "message '%s'", shown(error->message));
  read_text(error->code);
  read_text(error->message);
  read_text(error->recommended_action);
  read_text(error->target);
  read_text(error->column);
  read_text(error->request_id);
  read_text(error->correlation_id);
}

static inline void read_finished(const azs_finished_event *event) {
  CHECK(event->size == sizeof *event, "a finished event of %u bytes", event->size);
  read_mapping(&event->mapping);
  read_text(event->old_customer_subscription_id);
  read_text(event->old_tenant_id);
  bool reached = event->outcome < AZS_OUTCOME_FAILED;
  CHECK(event->has_error == (reached ? 0 : 1), "outcome %d has_error %u", event->outcome, event->has_error);
  CHECK(event->confirmed_by_lookup <= 1 && event->replaced_unasked <= 1, "a boolean is neither 0 nor 1");
  read_error(&event->error, event->has_error == 1);
}

static inline void read_registration(const azs_registration_event *event) {
  CHECK(event->size == sizeof *event, "a registration event of %u bytes", event->size);
  CHECK(is_given(event->resource_id) && is_given(event->registration_name), "no id");
  read_text(event->resource_id);
  read_text(event->registration_subscription_id);
  read_text(event->resource_group_name);
  read_text(event->registration_name);
  read_text(event->name);
  read_text(event->location);
  read_text(event->cloud_id);
  read_text(event->object_id);
  read_text(event->billing_model);
  read_text(event->etag);
  read_text(event->created_by);
  read_text(event->created_at);
  read_text(event->last_modified_by);
  read_text(event->last_modified_at);
}

static inline void read_difference(const azs_difference_event *event) {
  CHECK(event->size == sizeof *event, "a difference event of %u bytes", event->size);
  CHECK(event->has_error == (event->difference < AZS_DIFFERENCE_SPELLING ? 0 : 1), "difference %d has_error %u",
        event->difference, event->has_error);
  CHECK(event->in_order <= 1, "a boolean is neither 0 nor 1");
  read_text(event->registration_resource_id);
  read_text(event->wanted_customer_subscription_id);
  read_text(event->wanted_tenant_id);
  read_text(event->old_customer_subscription_id);
  read_text(event->old_tenant_id);
  read_text(event->expected_customer_subscription_id);
  read_error(&event->error, event->has_error == 1);
}

// Reads every byte of an event and checks what holds for all events.
static inline void read_event(const azs_event *event, seen_events *seen) {
  switch (event->kind) {
    case AZS_EVENT_MAPPING: {
      const azs_mapping_event *mapping = (const azs_mapping_event *)event;
      CHECK(event->size == sizeof *mapping, "a mapping event of %u bytes", event->size);
      read_mapping(&mapping->mapping);
      seen->mappings++;
      break;
    }
    case AZS_EVENT_REGISTRATION:
      read_registration((const azs_registration_event *)event);
      seen->registrations++;
      break;
    case AZS_EVENT_DIFFERENCE:
      read_difference((const azs_difference_event *)event);
      seen->differences++;
      break;
    case AZS_EVENT_FINISHED:
      read_finished((const azs_finished_event *)event);
      seen->finished++;
      break;
    case AZS_EVENT_PROGRESS: {
      const azs_progress_event *progress = (const azs_progress_event *)event;
      CHECK(event->size == sizeof *progress && event->tag == 0, "a progress event of %u bytes", event->size);
      CHECK(progress->failed <= progress->finished, "more failed than finished");
      CHECK(progress->wait >= AZS_WAIT_NONE && progress->wait <= AZS_WAIT_SETTLING, "wait %d", progress->wait);
      CHECK(progress->in_flight <= progress->outstanding, "more in flight than outstanding");
      CHECK(progress->rate >= 0 && progress->listing_rate >= 0, "rates %f, %f", progress->rate, progress->listing_rate);
      CHECK((progress->wait_text.data == NULL) == (progress->wait == AZS_WAIT_NONE), "a wait of kind %d without its text, or a text without one", progress->wait);
      read_text(progress->wait_text);
      seen->progress++;
      break;
    }
    case AZS_EVENT_LOG: {
      const azs_log_event *log = (const azs_log_event *)event;
      CHECK(event->size == sizeof *log && event->tag == 0, "a log event of %u bytes", event->size);
      CHECK(log->level == AZS_LOG_VERBOSE || log->level == AZS_LOG_WARNING, "level %d", log->level);
      read_text(log->text);
      seen->logs++;
      break;
    }
    case AZS_EVENT_CREDENTIAL_NEEDED: {
      const azs_credential_event *needed = (const azs_credential_event *)event;
      CHECK(event->size == sizeof *needed && event->tag == 0, "a credential event of %u bytes", event->size);
      CHECK(needed->credential_kind == AZS_CREDENTIAL_KIND_TOKEN, "kind %d", needed->credential_kind);
      CHECK(needed->reason >= AZS_CREDENTIAL_MISSING && needed->reason <= AZS_CREDENTIAL_REJECTED, "reason %d",
            needed->reason);
      read_text(needed->claims);
      seen->credentials++;
      break;
    }
    default:
      MUST(false, "an event of kind %d", event->kind);
  }
}

// Pulls until the request with this tag has ended. A wait that a cancellation ended goes on.
static inline const azs_finished_event *end_of(azs_operation *operation, uint64_t tag, seen_events *seen) {
  for (;;) {
    const azs_event *event = NULL;
    int32_t status = azs_operation_next(operation, UINT32_MAX, &event);
    if (status == AZS_TIMEOUT) continue;
    MUST(status == AZS_EVENT && event != NULL, "next gives %d before the end of %llu", status, (unsigned long long)tag);
    read_event(event, seen);
    MUST(event->kind != AZS_EVENT_CREDENTIAL_NEEDED, "a credential is needed");
    if (event->kind == AZS_EVENT_FINISHED && event->tag == tag) return (const azs_finished_event *)event;
  }
}

// Pulls until one more request has ended, whichever: they are worked off side by side.
static inline const azs_finished_event *next_end(azs_operation *operation, seen_events *seen) {
  for (;;) {
    const azs_event *event = NULL;
    int32_t status = azs_operation_next(operation, UINT32_MAX, &event);
    if (status == AZS_TIMEOUT) continue;
    MUST(status == AZS_EVENT && event != NULL, "next gives %d before an end", status);
    read_event(event, seen);
    MUST(event->kind != AZS_EVENT_CREDENTIAL_NEEDED, "a credential is needed");
    if (event->kind == AZS_EVENT_FINISHED) return (const azs_finished_event *)event;
  }
}

// Pulls until the operation is idle or drained, and gives that status.
static inline int32_t drain(azs_operation *operation, seen_events *seen) {
  for (;;) {
    const azs_event *event = NULL;
    int32_t status = azs_operation_next(operation, UINT32_MAX, &event);
    if (status == AZS_TIMEOUT) continue;
    if (status != AZS_EVENT) {
      CHECK(event == NULL, "an event with status %d", status);
      return status;
    }
    read_event(event, seen);
  }
}

static inline void expect_outcome(const azs_finished_event *event, int32_t outcome) {
  CHECK(event->outcome == outcome, "outcome %d instead of %d; %s: %s", event->outcome, outcome,
        shown(event->error.code), shown(event->error.message));
}

// --- threads of the library ---

// How many threads of the library the process has; 0 where that cannot be known.
static inline unsigned library_threads(void) {
  unsigned count = 0;
  DIR *tasks = opendir("/proc/self/task");
  if (tasks == NULL) return 0;
  for (struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
    char path[300], name[32] = "";
    snprintf(path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
    FILE *file = fopen(path, "r");
    if (file == NULL) continue;
    if (fgets(name, sizeof name, file) != NULL && strncmp(name, "azs-registrat", 13) == 0) count++;
    fclose(file);
  }
  closedir(tasks);
  return count;
}

// Waits until every thread of the library has ended: what was freed keeps nothing running. The alarm of the case is
// what ends a wait in vain.
static inline void await_no_threads(void) {
  while (library_threads() > 0) pause_ms(5);
}

#endif
