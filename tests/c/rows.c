// Rows are read with the library's names and rules; everything given is copied, and what comes back belongs to its handle.

#include "test_common.h"

static const uint8_t bad_utf8[] = {'a', 0xff};

// The least size of a struct: up to its last member.
#define UP_TO(type, member) (uint32_t)(offsetof(type, member) + sizeof(((type *)0)->member))

// What an out place holds before: a call that fails must not leave it, for the caller may free what it finds there.
#define GARBAGE(type) ((type *)(uintptr_t)0x5a5a5a5a)

static azs_row row_of(const azs_row_cell *cells, size_t count) {
  azs_row row;
  memset(&row, 0, sizeof row);
  row.size = sizeof row;
  row.kind = AZS_ROW_MAPPING;
  row.cells = cells;
  row.cell_count = count;
  row.row = 3;
  return row;
}

static azs_row_target *target_in(const azs_row *row) {
  azs_row_target *target = GARBAGE(azs_row_target);
  azs_error_handle *error = GARBAGE(azs_error_handle);
  MUST(azs_row_read(row, &target, &error) == AZS_OK, "refused");
  MUST(target != NULL && error == NULL, "no target, or an error beside it");
  return target;
}

static void expect_refusal(const azs_row *row, const char *code, const char *part) {
  azs_row_target *target = GARBAGE(azs_row_target);
  azs_error_handle *error = GARBAGE(azs_error_handle);
  MUST(azs_row_read(row, &target, &error) == AZS_E_INPUT, "not refused");
  CHECK(target == NULL, "a target of a refused row");
  const azs_error *told = azs_error_get(error);
  MUST(told != NULL, "no error");
  read_error(told, true);
  CHECK(same(told->code, code), "%s instead of %s", shown(told->code), code);
  CHECK(contains(told->message, part), "%s", shown(told->message));
  CHECK(told->row == row->row && told->category == AZS_ERROR_INPUT, "of row %llu", (unsigned long long)told->row);
  CHECK(is_given(told->recommended_action), "no advice");
  azs_error_free(error);
  CHECK(azs_row_read(row, &target, NULL) == AZS_E_INPUT, "not refused without a place for the error");
}

static void the_columns_have_names(void) {
  uint32_t count = 0;
  bool customer_is_there = false;
  for (azs_str name = azs_row_column(0); is_given(name); name = azs_row_column(++count)) {
    CHECK(name.len > 0, "a column without a name");
    customer_is_there |= same(name, "CustomerSubscriptionId");
  }
  CHECK(count >= 7 && customer_is_there, "%u columns", count);
  CHECK(!is_given(azs_row_column(UINT32_MAX)), "a column after the last");
}

static void what_a_row_says_is_copied(void) {
  char name[] = "customerSUBSCRIPTIONid", value[] = "ab";
  azs_row_cell cells[] = {{text(name), text(value)}, {text("Remark"), text("x")}, {text("TenantId"), {NULL, 0}}};
  azs_row row = row_of(cells, 3);
  azs_row_target *handle = target_in(&row);
  memset(name, 'z', sizeof name - 1);
  memset(value, 'z', sizeof value - 1);
  const azs_tenant_target *target = azs_row_target_get(handle);
  MUST(target != NULL, "no target");
  CHECK(same(target->customer_subscription_id, "ab"), "%s", shown(target->customer_subscription_id));
  CHECK(is_given(target->tenant_id) && target->tenant_id.len == 0, "an empty cell is there");
  CHECK(!is_given(target->resource_id) && !is_given(target->subscription_id), "what is not there is not given");
  CHECK(target->row == 3, "row %llu", (unsigned long long)target->row);
  azs_row_target_free(handle);
}

static void the_command_line_and_what_is_bound_go_with_it(void) {
  azs_row_cell cells[] = {{text("TenantId"), text("column")}, {text("RegistrationName"), text(" HUB ")}};
  azs_row row = row_of(cells, 2);
  row.command_line.registration_name = text("hub");
  row.bound.tenant_id = text("bound");
  azs_row_target *handle = target_in(&row);
  CHECK(same(azs_row_target_get(handle)->tenant_id, "bound"), "the column went before");
  CHECK(same(azs_row_target_get(handle)->registration_name, "hub"), "the column went before");
  azs_row_target_free(handle);

  row.command_line.registration_name = text("other");
  expect_refusal(&row, "RowContradictsParameter", "Row 3: RegistrationName is 'HUB', but the command line says 'other'.");
}

static void a_row_that_says_nothing_is_refused_with_what_was_found(void) {
  azs_row_cell cells[] = {{text("Kunde"), {NULL, 0}}, {text("Abo"), {NULL, 0}}};
  azs_row row = row_of(cells, 2);
  row.object = text("a.type");
  expect_refusal(&row, "RowNotUnderstood", "Found: 'Kunde', 'Abo' (a.type).");
  row = row_of(NULL, 0);
  expect_refusal(&row, "RowNotUnderstood", "Found: nothing");
  row.kind = AZS_ROW_REGISTRATION;
  expect_refusal(&row, "RowNotUnderstood", "does not name a registration");
}

static void the_arguments_are_checked(void) {
  azs_row_cell cells[] = {{text("TenantId"), text("t")}};
  azs_row row = row_of(cells, 1);
  azs_row_target *target = GARBAGE(azs_row_target);
  azs_error_handle *error = GARBAGE(azs_error_handle);
  CHECK(azs_row_read(&row, NULL, &error) == AZS_E_NULL && error == NULL, "no place for the target");
  CHECK(azs_row_read(NULL, &target, NULL) == AZS_E_NULL && target == NULL, "no row");
  for (uint32_t size = 0; size < UP_TO(azs_row, advice_words); size++) {
    row.size = size;
    CHECK(azs_row_read(&row, &target, NULL) == AZS_E_SIZE, "size %u", size);
  }
  row = row_of(cells, 1);
  const int32_t kinds[] = {INT32_MIN, -1, 0, 3, INT32_MAX};
  for (size_t at = 0; at < sizeof kinds / sizeof *kinds; at++) {
    row.kind = kinds[at];
    CHECK(azs_row_read(&row, &target, NULL) == AZS_E_VALUE, "kind %d", kinds[at]);
  }
  row = row_of(NULL, 1);
  CHECK(azs_row_read(&row, &target, NULL) == AZS_E_NULL, "no cells, and their number is 1");
  row = row_of(cells, SIZE_MAX);
  CHECK(azs_row_read(&row, &target, NULL) == AZS_E_VALUE, "more cells than there can be");
  row = row_of((const azs_row_cell *)((const char *)cells + 1), 1);
  CHECK(azs_row_read(&row, &target, NULL) == AZS_E_VALUE, "cells at an odd address");
  row = row_of(cells, 1);
  cells[0].name.data = NULL;
  CHECK(azs_row_read(&row, &target, NULL) == AZS_E_NULL, "a cell without a name");
  azs_str *texts[] = {&cells[0].name, &cells[0].value, &row.object, &row.command_line.tenant_id, &row.bound.resource_id};
  for (size_t at = 0; at < sizeof texts / sizeof *texts; at++) {
    cells[0] = (azs_row_cell){text("TenantId"), text("t")};
    row = row_of(cells, 1);
    *texts[at] = (azs_str){bad_utf8, 2};
    CHECK(azs_row_read(&row, &target, NULL) == AZS_E_UTF8, "text %zu", at);
  }
  CHECK(azs_row_target_get(NULL) == NULL, "a target of NULL");
  azs_row_target_free(NULL);
}

int main(void) {
  begin_program();
  run_case("the columns have names", the_columns_have_names);
  run_case("what a row says is copied", what_a_row_says_is_copied);
  run_case("the command line and what is bound go with it", the_command_line_and_what_is_bound_go_with_it);
  run_case("a row that says nothing is refused with what was found", a_row_that_says_nothing_is_refused_with_what_was_found);
  run_case("the arguments are checked", the_arguments_are_checked);
  return end_program();
}
