// The audit log: a line for each change that was attempted, on the disk before its end is given.

#include "test_common.h"

#include <sys/stat.h>

static azs_client *client;

// A file name of its own, with letters beyond ASCII.
static const char *new_log(void) {
  static char path[64];
  static unsigned number;
  snprintf(path, sizeof path, "/tmp/azs-prüfpfad-%ld-%u.jsonl", (long)getpid(), number++);
  unlink(path);
  return path;
}

static azs_operation_config logged(const char *path) {
  azs_operation_config config = operation_config();
  config.want_log = 1;
  config.audit_log = text(path);
  return config;
}

// The whole file; what it leads to is valid until the next call.
static const char *read_log(const char *path) {
  static char content[64 * 1024];
  FILE *file = fopen(path, "r");
  MUST(file != NULL, "no file %s", path);
  content[fread(content, 1, sizeof content - 1, file)] = '\0';
  fclose(file);
  return content;
}

static unsigned lines_of(const char *content) {
  unsigned lines = 0;
  for (; *content != '\0'; content++) lines += *content == '\n';
  return lines;
}

static void a_log_that_cannot_be_opened_is_refused(void) {
  const char *unfit[] = {"", "/", "/no/such/folder/audit.jsonl"};
  for (size_t at = 0; at < sizeof unfit / sizeof unfit[0]; at++) {
    azs_operation_config config = logged(unfit[at]);
    azs_operation *made = NULL;
    azs_error_handle *error = NULL;
    MUST(azs_operation_new(client, &config, &made, &error) == AZS_E_CONFIG && made == NULL, "'%s'", unfit[at]);
    const azs_error *why = azs_error_get(error);
    read_error(why, true);
    CHECK(same(why->code, "AuditLogNotWritable") && same(why->column, "AuditLog"), "code %s", shown(why->code));
    CHECK(is_given(why->recommended_action) && why->category == AZS_ERROR_INPUT, "'%s'", unfit[at]);
    azs_error_free(error);
  }
}

static void each_attempted_change_has_its_line_before_its_end(void) {
  const char *path = new_log();
  azs_operation *operation = operation_with(client, logged(path));
  seen_events seen = {0};
  for (unsigned tag = 1; tag <= 20; tag++) {
    MUST(submit_add(operation, tag, customer(tag)) == AZS_OK, "not accepted");
  }
  for (unsigned ended = 0; ended < 20; ended++) {
    const azs_finished_event *end = next_end(operation, &seen);
    expect_outcome(end, AZS_OUTCOME_ADDED);
    CHECK(strstr(read_log(path), customer((unsigned)end->tag)) != NULL && end->audit_missing == 0, "no line");
  }
  // Nothing is sent for it, so it has none.
  MUST(submit_add(operation, 21, customer(1)) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 21, &seen), AZS_OUTCOME_UNCHANGED);
  MUST(submit_remove(operation, 22, customer(1), NULL) == AZS_OK, "not accepted");
  expect_outcome(end_of(operation, 22, &seen), AZS_OUTCOME_REMOVED);
  azs_operation_free(operation);
  const char *content = read_log(path);
  CHECK(lines_of(content) == 21, "%u lines", lines_of(content));
  CHECK(strstr(content, "\"operation\":\"remove\"") != NULL, "no removal");
  CHECK(strstr(content, emulator_token()) == NULL, "the token");
  unlink(path);
}

static void an_operation_that_is_gone_still_writes_the_lines_of_what_it_sent(void) {
  const char *path = new_log();
  azs_operation *operation = operation_with(client, logged(path));
  for (unsigned tag = 1; tag <= 8; tag++) {
    MUST(submit_add(operation, tag, customer(30 + tag)) == AZS_OK, "not accepted");
  }
  seen_events seen = {0};
  next_end(operation, &seen);
  azs_report *report = NULL;
  MUST(azs_operation_report(operation, &report) == AZS_OK, "no report");
  azs_operation_free(operation);
  azs_report_summary summary = {.size = sizeof summary, .pending = 1};
  while (summary.pending > 0) {
    MUST(azs_report_summarize(report, &summary) == AZS_OK, "no summary");
    pause_ms(1);
  }
  azs_report_free(report);
  CHECK(summary.added >= 1 && summary.added + summary.not_started == 8, "%llu added, %llu not started",
        (unsigned long long)summary.added, (unsigned long long)summary.not_started);
  CHECK(lines_of(read_log(path)) == summary.added, "%u lines", lines_of(read_log(path)));
  unlink(path);
}

static void a_full_disk_stops_the_batch_before_the_next_change(void) {
  struct stat there;
  if (stat("/dev/full", &there) != 0) return;
  azs_operation_config config = logged("/dev/full");
  config.throttle_limit = 1;
  azs_operation *operation = operation_with(client, config);
  for (unsigned tag = 1; tag <= 10; tag++) {
    MUST(submit_add(operation, tag, customer(100 + tag)) == AZS_OK, "not accepted");
  }
  unsigned added = 0, warned = 0;
  for (unsigned ended = 0; ended < 10;) {
    const azs_event *event = NULL;
    MUST(azs_operation_next(operation, UINT32_MAX, &event) == AZS_EVENT, "no event");
    seen_events seen = {0};
    read_event(event, &seen);
    if (event->kind == AZS_EVENT_LOG) {
      const azs_log_event *log = (const azs_log_event *)event;
      warned += log->level == AZS_LOG_WARNING && contains(log->text, "\"outcome\":\"Added\"");
    }
    if (event->kind != AZS_EVENT_FINISHED) continue;
    ended++;
    const azs_finished_event *end = (const azs_finished_event *)event;
    if (end->outcome == AZS_OUTCOME_ADDED) {
      CHECK(warned == 1 && added++ == 0, "the warning comes first, and one change alone");
      CHECK(end->audit_missing == 1, "it does not say that its line is missing");
      continue;
    }
    CHECK(end->audit_missing == 0, "what was not attempted has no line");
    expect_outcome(end, AZS_OUTCOME_NOT_STARTED);
    CHECK(same(end->error.code, "AuditLogNotWritable"), "code %s", shown(end->error.code));
  }
  CHECK(added == 1, "%u were added", added);
  azs_operation_free(operation);
}

int main(void) {
  begin_program();
  client = emulator_client();
  run_case("a log that cannot be opened is refused", a_log_that_cannot_be_opened_is_refused);
  run_case("each attempted change has its line before its end", each_attempted_change_has_its_line_before_its_end);
  run_case("an operation that is gone still writes the lines of what it sent",
           an_operation_that_is_gone_still_writes_the_lines_of_what_it_sent);
  run_case("a full disk stops the batch before the next change", a_full_disk_stops_the_batch_before_the_next_change);
  azs_client_free(client);
  run_case("no thread is left", await_no_threads);
  return end_program();
}
