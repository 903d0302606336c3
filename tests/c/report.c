// The report of an operation: it says what next said, outlives the operation and its client, and goes to a file when it
// grows.
//
// Its arguments say how many changes there are, and where a further argument "sent" is given they go to the service; else
// they are refused before, which takes no time.

#include "test_common.h"
#include <sys/stat.h>

// --- what a report says ---

typedef struct ended {
  int32_t outcome;
  uint32_t http_requests;
  unsigned ends;
  uint64_t row;
  char customer[40];
  char code[80];
  char message[600];
} ended;

static void keep(char *place, size_t size, azs_str given) {
  size_t length = given.len < size - 1 ? given.len : size - 1;
  if (given.data != NULL) memcpy(place, given.data, length);
  place[length] = '\0';
}

static ended ended_of(const azs_finished_event *event) {
  ended made;
  memset(&made, 0, sizeof made);
  made.outcome = event->outcome;
  made.http_requests = event->http_requests;
  made.ends = 1;
  made.row = event->row;
  keep(made.customer, sizeof made.customer, event->mapping.customer_subscription_id);
  keep(made.code, sizeof made.code, event->error.code);
  keep(made.message, sizeof made.message, event->error.message);
  return made;
}

static azs_report *report_of(azs_operation *operation) {
  azs_report *report = NULL;
  MUST(azs_operation_report(operation, &report) == AZS_OK && report != NULL, "no report");
  return report;
}

static azs_report_summary summary_of(const azs_report *report) {
  azs_report_summary summary;
  memset(&summary, 0x5a, sizeof summary);
  summary.size = sizeof summary;
  MUST(azs_report_summarize(report, &summary) == AZS_OK, "no summary");
  uint64_t ended = summary.added + summary.replaced + summary.unchanged + summary.removed + summary.not_found +
                   summary.failed + summary.unknown + summary.not_started + summary.would_replace +
                   summary.tenant_mismatch + summary.changed_by_another;
  CHECK(summary.accepted == summary.pending + ended, "%llu accepted, %llu pending, %llu ended",
        (unsigned long long)summary.accepted, (unsigned long long)summary.pending, (unsigned long long)ended);
  return summary;
}

static const azs_finished_event *entry_of(azs_report *report) {
  const azs_finished_event *entry = NULL;
  int32_t status = azs_report_next(report, &entry);
  CHECK((status == AZS_EVENT) == (entry != NULL), "status %d", status);
  if (status == AZS_IDLE) return NULL;
  MUST(status == AZS_EVENT, "status %d", status);
  CHECK(entry->kind == AZS_EVENT_FINISHED, "kind %d", entry->kind);
  if (entry->outcome == AZS_OUTCOME_PENDING) {
    CHECK(entry->has_error == 0, "a pending change has an error");
    read_mapping(&entry->mapping);
    read_error(&entry->error, false);
  } else {
    read_finished(entry);
  }
  return entry;
}

static void free_later(azs_client *client, azs_operation *operation) {
  azs_client_free(client);
  azs_operation_free(operation);
}

// --- cases ---

#define CHANGES 12

// One of each kind that needs no other writer, beside a list and a get, which are no changes.
static void says_what_next_said(void) {
  azs_client *client = emulator_client();
  azs_operation *operation = operation_of(client);
  MUST(submit_add(operation, 0, customer(1)) == AZS_OK, "not accepted");
  MUST(submit_add(operation, 1, customer(1)) == AZS_OK, "not accepted");
  MUST(submit_add(operation, 2, "nonsense") == AZS_OK, "not accepted");
  MUST(submit_add(operation, 3, BAD_CUSTOMER) == AZS_OK, "not accepted");
  azs_tenant_add_request request = add_request(SISTER_1, tenant());
  MUST(azs_tenant_add(operation, 4, &request) == AZS_OK, "not accepted");
  MUST(submit_list(operation, 50, NULL) == AZS_OK, "not accepted");
  MUST(submit_get(operation, 51, customer(1)) == AZS_OK, "not accepted");
  MUST(submit_remove(operation, 5, customer(1), NULL) == AZS_OK, "not accepted");
  MUST(submit_remove(operation, 6, customer(1), NULL) == AZS_OK, "not accepted");
  // One tenant for two subscriptions in one input would be a contradiction: this one is of the next operation.
  azs_operation *mover = operation_of(client);
  seen_events seen = {0};
  ended said[CHANGES];
  memset(said, 0, sizeof said);
  uint64_t order[CHANGES], count = 0;
  for (;;) {
    const azs_event *event = NULL;
    int32_t status = azs_operation_next(operation, UINT32_MAX, &event);
    if (status == AZS_IDLE) break;
    MUST(status == AZS_EVENT, "status %d", status);
    read_event(event, &seen);
    if (event->kind != AZS_EVENT_FINISHED || event->tag >= 50) continue;
    MUST(event->tag < CHANGES && said[event->tag].ends == 0, "tag %llu", (unsigned long long)event->tag);
    said[event->tag] = ended_of((const azs_finished_event *)event);
    order[count++] = event->tag;
  }
  MUST(count == 7, "%llu ends", (unsigned long long)count);

  azs_report *report = report_of(operation);
  azs_report_summary summary = summary_of(report);
  CHECK(summary.accepted == 7 && summary.pending == 0, "%llu accepted", (unsigned long long)summary.accepted);
  uint64_t outcomes[27] = {0};
  for (uint64_t at = 0; at < 7; at++) outcomes[said[at].outcome]++;
  CHECK(summary.added == 2 && summary.added == outcomes[AZS_OUTCOME_ADDED], "added");
  CHECK(summary.unchanged == 1 && summary.unchanged == outcomes[AZS_OUTCOME_UNCHANGED], "unchanged");
  CHECK(summary.failed == 2 && summary.failed == outcomes[AZS_OUTCOME_FAILED], "failed");
  CHECK(summary.removed == 1 && summary.removed == outcomes[AZS_OUTCOME_REMOVED], "removed");
  CHECK(summary.not_found == 1 && summary.not_found == outcomes[AZS_OUTCOME_NOT_FOUND], "not found");
  // It outlives both, and a second one reads from the beginning.
  azs_report *second = report_of(operation);
  azs_report_free(report);
  free_later(client, operation);
  const azs_finished_event *entry = NULL;
  for (count = 0; (entry = entry_of(second)) != NULL; count++) {
    MUST(count < 7 && entry->tag < CHANGES, "tag %llu", (unsigned long long)entry->tag);
    // In order of their ends: what a caller took before is before.
    CHECK(entry->tag == order[count], "entry %llu is %llu instead of %llu", (unsigned long long)count,
          (unsigned long long)entry->tag, (unsigned long long)order[count]);
    ended again = ended_of(entry);
    CHECK(memcmp(&again, &said[entry->tag], sizeof again) == 0, "%llu: outcome %d, then %d; %s, then %s",
          (unsigned long long)entry->tag, said[entry->tag].outcome, again.outcome, said[entry->tag].message,
          again.message);
  }
  CHECK(count == 7, "%llu entries", (unsigned long long)count);
  CHECK(entry_of(second) == NULL, "an entry after the end");
  // Others of the same report read from the beginning, each for itself.
  azs_report *third = NULL, *fourth = NULL;
  MUST(azs_report_clone(second, &third) == AZS_OK && azs_report_clone(second, &fourth) == AZS_OK, "no clone");
  azs_report_free(second);
  second = fourth;
  for (count = 0; (entry = entry_of(third)) != NULL; count++) {
    MUST(count < 7 && entry->tag == order[count], "another order");
    const azs_finished_event *beside = entry_of(second);
    MUST(beside != NULL && beside->tag == order[count], "they do not read each for itself");
  }
  CHECK(count == 7, "%llu entries when it is read again", (unsigned long long)count);
  azs_report_free(third);
  azs_report_free(second);

  // Its client has been freed, and it works on.
  request = add_request(SISTER_2, tenant());
  request.target.row = 12;
  MUST(azs_tenant_add(mover, 8, &request) == AZS_OK, "not accepted");
  expect_outcome(end_of(mover, 8, &seen), AZS_OUTCOME_WOULD_REPLACE);
  report = report_of(mover);
  CHECK(summary_of(report).would_replace == 1, "would replace");
  entry = entry_of(report);
  MUST(entry != NULL, "no entry");
  CHECK(entry->tag == 8 && entry->row == 12, "tag %llu, row %llu", (unsigned long long)entry->tag,
        (unsigned long long)entry->row);
  CHECK(same(entry->old_customer_subscription_id, SISTER_1), "old %s", shown(entry->old_customer_subscription_id));
  CHECK(same(entry->old_tenant_id, tenant()), "of %s", shown(entry->old_tenant_id));
  azs_operation_free(mover);
  // The entry is the report's, not the operation's.
  read_finished(entry);
  azs_report_free(report);
}

static void of_an_operation_without_changes_is_empty(void) {
  azs_client *client = emulator_client();
  azs_operation *operation = operation_of(client);
  azs_report *report = report_of(operation);
  CHECK(summary_of(report).accepted == 0, "accepted");
  CHECK(entry_of(report) == NULL, "an entry");
  // What comes later is in it.
  MUST(submit_add(operation, 1, "nonsense") == AZS_OK, "not accepted");
  seen_events seen = {0};
  end_of(operation, 1, &seen);
  const azs_finished_event *entry = entry_of(report);
  CHECK(entry != NULL && entry->tag == 1, "no entry");
  azs_report_free(report);
  free_later(client, operation);
}

// Nobody answers: the change is pending until it is given up, also in the report of what is freed.
static void goes_on_with_what_is_in_flight(void) {
  azs_client *client = silent_client();
  azs_operation *operation = operation_of(client);
  azs_tenant_add_request request = add_request(customer(1), NULL);
  request.target.row = 3;
  MUST(azs_tenant_add(operation, 1, &request) == AZS_OK, "not accepted");
  MUST(submit_remove(operation, 2, customer(2), NULL) == AZS_OK, "not accepted");
  azs_report *report = report_of(operation);
  azs_report_summary summary = summary_of(report);
  CHECK(summary.accepted == 2 && summary.pending == 2, "%llu pending", (unsigned long long)summary.pending);
  const azs_finished_event *entry = entry_of(report);
  MUST(entry != NULL, "no entry");
  CHECK(entry->tag == 1 && entry->row == 3 && entry->outcome == AZS_OUTCOME_PENDING, "tag %llu, outcome %d",
        (unsigned long long)entry->tag, entry->outcome);
  CHECK(same(entry->mapping.customer_subscription_id, customer(1)), "another customer");
  entry = entry_of(report);
  CHECK(entry != NULL && entry->tag == 2, "no second entry");
  CHECK(entry_of(report) == NULL, "a third one");
  free_later(client, operation);
  // They end without anybody to take it; the alarm of the case ends a wait in vain.
  while (summary_of(report).pending > 0) pause_ms(5);
  CHECK(summary_of(report).not_started == 2, "%llu not started",
        (unsigned long long)summary_of(report).not_started);
  unsigned ends = 0;
  while ((entry = entry_of(report)) != NULL) {
    expect_outcome(entry, AZS_OUTCOME_NOT_STARTED);
    ends++;
  }
  CHECK(ends == 2, "%u ends", ends);
  azs_report_free(report);
}

static void freed_before_what_it_reports_has_ended(void) {
  for (int round = 0; round < 20; round++) {
    azs_client *client = round % 2 == 0 ? silent_client() : emulator_client();
    azs_operation *operation = operation_of(client);
    for (unsigned at = 0; at < 20; at++) MUST(submit_add(operation, at, customer(100 + at)) == AZS_OK, "not accepted");
    azs_report *report = report_of(operation);
    if (round % 3 == 0) entry_of(report);
    if (round % 4 < 2) azs_report_free(report);
    azs_operation_free(operation);
    azs_client_free(client);
    if (round % 4 >= 2) azs_report_free(report);
  }
}

typedef struct reading {
  azs_report *report;
  _Atomic bool over;
  uint64_t entries;
} reading;

static void *read_on(void *argument) {
  reading *self = argument;
  for (;;) {
    bool over = self->over;
    const azs_finished_event *entry = NULL;
    while ((entry = entry_of(self->report)) != NULL) self->entries += entry->outcome != AZS_OUTCOME_PENDING;
    summary_of(self->report);
    if (over) return NULL;
  }
}

static void read_by_two_threads_while_it_grows(void) {
  azs_client *client = emulator_client();
  azs_operation_config config = operation_config();
  config.max_outstanding = 16;
  azs_operation *operation = operation_with(client, config);
  reading readings[2];
  pthread_t threads[2];
  for (int at = 0; at < 2; at++) {
    readings[at].report = report_of(operation);
    readings[at].over = false;
    readings[at].entries = 0;
    MUST(pthread_create(&threads[at], NULL, read_on, &readings[at]) == 0, "no thread");
  }
  seen_events seen = {0};
  for (unsigned at = 0; at < 500; at++) {
    while (submit_add(operation, at, at % 10 == 0 ? customer(200 + at / 10) : "nonsense") == AZS_FULL) {
      next_end(operation, &seen);
    }
  }
  CHECK(drain(operation, &seen) == AZS_IDLE, "not idle");
  for (int at = 0; at < 2; at++) {
    readings[at].over = true;
    pthread_join(threads[at], NULL);
    CHECK(readings[at].entries == 500, "%llu entries", (unsigned long long)readings[at].entries);
    azs_report_free(readings[at].report);
  }
  free_later(client, operation);
}

// --- the file ---

static unsigned count_of_changes;
static bool is_sent;
static char folder[] = "/tmp/azs-report-XXXXXX";

// The files that a report keeps its further ends in, and how many bytes they have.
static unsigned files(long long *bytes) {
  unsigned count = 0;
  *bytes = 0;
  DIR *listing = opendir(folder);
  MUST(listing != NULL, "no folder");
  for (struct dirent *file = readdir(listing); file != NULL; file = readdir(listing)) {
    char path[300];
    struct stat status;
    if (strncmp(file->d_name, "azs-registration-report-", 24) != 0) continue;
    snprintf(path, sizeof path, "%s/%s", folder, file->d_name);
    MUST(stat(path, &status) == 0, "no status");
    CHECK((status.st_mode & 077) == 0, "others may read it: %o", status.st_mode & 0777);
    *bytes += status.st_size;
    count++;
  }
  closedir(listing);
  return count;
}

static void goes_to_a_file_when_it_grows(void) {
  azs_client *client = emulator_client();
  azs_operation_config config = operation_config();
  config.throttle_limit = 64;
  azs_operation *operation = operation_with(client, config);
  uint32_t *said = calloc(count_of_changes, sizeof *said);
  MUST(said != NULL, "no memory");
  seen_events seen = {0};
  unsigned submitted = 0, ended_count = 0;
  long long bytes = 0;
  while (ended_count < count_of_changes) {
    while (submitted < count_of_changes) {
      azs_tenant_add_request request = add_request(is_sent ? customer(1000 + submitted) : "nonsense", NULL);
      request.target.row = submitted + 1;
      int32_t status = azs_tenant_add(operation, submitted, &request);
      if (status == AZS_FULL) break;
      MUST(status == AZS_OK, "status %d", status);
      submitted++;
    }
    const azs_finished_event *end = next_end(operation, &seen);
    expect_outcome(end, is_sent ? AZS_OUTCOME_ADDED : AZS_OUTCOME_FAILED);
    MUST(end->tag < submitted && said[end->tag] == 0, "tag %llu", (unsigned long long)end->tag);
    said[end->tag] = 1 + end->http_requests;
    // Up to 10,000 ends there is no file.
    ended_count++;
  }
  // It has no name, so that nobody can take it away: only reading it shows that it is there.
  CHECK(files(&bytes) == 0, "a file with a name");
  azs_report *report = report_of(operation);
  free_later(client, operation);
  azs_report_summary summary = summary_of(report);
  CHECK(summary.accepted == count_of_changes && summary.pending == 0, "%llu", (unsigned long long)summary.accepted);
  CHECK((is_sent ? summary.added : summary.failed) == count_of_changes, "other outcomes");
  unsigned entries = 0;
  const azs_finished_event *entry = NULL;
  for (; (entry = entry_of(report)) != NULL; entries++) {
    MUST(entry->tag < count_of_changes, "tag %llu", (unsigned long long)entry->tag);
    CHECK(entry->row == entry->tag + 1, "row %llu", (unsigned long long)entry->row);
    CHECK(said[entry->tag] == 1 + entry->http_requests, "%llu: %u requests", (unsigned long long)entry->tag,
          entry->http_requests);
    CHECK(same(entry->mapping.customer_subscription_id, is_sent ? customer(1000 + (unsigned)entry->tag) : "nonsense"),
          "%s", shown(entry->mapping.customer_subscription_id));
    if (!is_sent) CHECK(same(entry->error.code, "GuidNotValid"), "code %s", shown(entry->error.code));
    said[entry->tag] = 0;
  }
  CHECK(entries == count_of_changes, "%u entries", entries);
  azs_report_free(report);
  // The client's last task may hold it a moment longer.
  await_no_threads();
  CHECK(files(&bytes) == 0, "the file outlives the report");
  free(said);
}

static void nothing_is_left_behind(void) {
  await_no_threads();
  CHECK(rmdir(folder) == 0, "something is left in the folder for temporary files");
}

int main(int count, char **arguments) {
  begin_program();
  count_of_changes = count > 1 ? (unsigned)atoi(arguments[1]) : 10050;
  is_sent = count > 2;
  MUST(mkdtemp(folder) != NULL, "no folder");
  MUST(setenv("TMPDIR", folder, 1) == 0, "no environment");
  if (!is_sent) {
    run_case("a report says what next said", says_what_next_said);
    run_case("a report of an operation without changes is empty", of_an_operation_without_changes_is_empty);
    run_case("a report goes on with what is in flight", goes_on_with_what_is_in_flight);
    run_case("a report freed before what it reports has ended", freed_before_what_it_reports_has_ended);
    run_case("a report read by two threads while it grows", read_by_two_threads_while_it_grows);
  }
  patience = 300;
  run_case("a report goes to a file when it grows", goes_to_a_file_when_it_grows);
  run_case("no thread and no file is left", nothing_is_left_behind);
  return end_program();
}
