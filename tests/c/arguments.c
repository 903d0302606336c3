// NULL and garbage in every argument of every function: each is refused with its status, and nothing is done.

#include "test_common.h"

static azs_client *client;
static azs_operation *operation;

static const uint8_t bad_utf8[] = {'a', 0xff, 0xfe};
// A surrogate, an overlong slash, a cut sequence, and a code point beyond the last.
static const uint8_t surrogate[] = {0xed, 0xa0, 0x80};
static const uint8_t overlong[] = {0xc0, 0xaf};
static const uint8_t cut[] = {0xe2, 0x82};
static const uint8_t beyond[] = {0xf4, 0x90, 0x80, 0x80};

static const azs_str not_utf8[] = {
    {bad_utf8, sizeof bad_utf8}, {surrogate, sizeof surrogate}, {overlong, sizeof overlong},
    {cut, sizeof cut},           {beyond, sizeof beyond},
};
#define NOT_UTF8_COUNT (sizeof not_utf8 / sizeof not_utf8[0])

// More bytes than any object can have: refused before one is read.
static const azs_str huge[] = {{bad_utf8, SIZE_MAX}, {bad_utf8, SIZE_MAX / 2 + 1}};

static const int32_t odd_numbers[] = {-1, INT32_MIN, INT32_MAX, 99};
#define ODD_COUNT (sizeof odd_numbers / sizeof odd_numbers[0])

// The least size of a struct: up to its last member, for padding behind it is nothing that a caller has to have.
#define UP_TO(type, member) (uint32_t)(offsetof(type, member) + sizeof(((type *)0)->member))

// What an out place holds before: a call that fails must not leave it, for the caller may free what it finds there.
#define GARBAGE(type) ((type *)(uintptr_t)0x5a5a5a5a)

static int32_t new_client(const azs_client_config *config) {
  azs_client *made = GARBAGE(azs_client);
  azs_error_handle *error = GARBAGE(azs_error_handle);
  int32_t status = azs_client_new(config, &made, &error);
  CHECK(made == NULL, "a client, or garbage, with status %d", status);
  CHECK((error != NULL) == (status == AZS_E_CONFIG), "an error, or garbage, with status %d", status);
  azs_error_free(error);
  if (status == AZS_OK) azs_client_free(made);
  return status;
}

static int32_t new_operation(azs_client *of, const azs_operation_config *config) {
  azs_operation *made = GARBAGE(azs_operation);
  azs_error_handle *error = GARBAGE(azs_error_handle);
  int32_t status = azs_operation_new(of, config, &made, &error);
  CHECK(made == NULL, "an operation, or garbage, with status %d", status);
  CHECK((error != NULL) == (status == AZS_E_CONFIG), "an error, or garbage, with status %d", status);
  azs_error_free(error);
  return status;
}

static void expect(int32_t status, int32_t expected, const char *what) {
  CHECK(status == expected, "%s: %d instead of %d", what, status, expected);
}

static void freeing_null_does_nothing(void) {
  azs_client_free(NULL);
  azs_operation_free(NULL);
  azs_error_free(NULL);
  azs_resolved_free(NULL);
  azs_report_free(NULL);
  CHECK(azs_error_get(NULL) == NULL, "an error of no handle");
  CHECK(azs_resolved_get(NULL) == NULL, "a mapping of no handle");
}

static void the_version_is_the_headers(void) {
  CHECK(azs_abi_version() >> 16 == AZS_ABI_MAJOR, "major %u", azs_abi_version() >> 16);
  CHECK((azs_abi_version() & 0xffff) == AZS_ABI_MINOR, "minor %u", azs_abi_version() & 0xffff);
  read_text(azs_version());
  CHECK(azs_version().len >= 5, "version '%s'", shown(azs_version()));
}

static void client_new_checks_its_arguments(void) {
  azs_client_config config = client_config("https://localhost/");
  azs_client *made = NULL;
  azs_error_handle *error = NULL;
  expect(new_client(NULL), AZS_E_NULL, "no config");
  expect(azs_client_new(&config, NULL, &error), AZS_E_NULL, "no place for the client");
  expect(azs_client_new(NULL, NULL, NULL), AZS_E_NULL, "nothing at all");
  for (uint32_t size = 0; size < UP_TO(azs_client_config, advice_words); size++) {
    config.size = size;
    expect(new_client(&config), AZS_E_SIZE, "too small");
  }
  // A caller built for a later minor version of the same major one.
  struct {
    azs_client_config config;
    uint64_t more[4];
  } later = {client_config("https://localhost/"), {~0ull, ~0ull, ~0ull, ~0ull}};
  later.config.size = sizeof later;
  expect(azs_client_new(&later.config, &made, NULL), AZS_OK, "a larger struct");
  azs_client_free(made);

  config = client_config("https://localhost/");
  for (unsigned value = 2; value < 256; value++) {
    config.can_supply_credential = (uint8_t)value;
    expect(new_client(&config), AZS_E_VALUE, "no boolean");
  }
  for (size_t field = 0; field < 5; field++) {
    for (size_t at = 0; at < NOT_UTF8_COUNT + 2; at++) {
      config = client_config("https://localhost/");
      azs_str *fields[] = {&config.arm_endpoint, &config.authority_host, &config.ca_certificate_path,
                           &config.api_version, &config.caller};
      *fields[field] = at < NOT_UTF8_COUNT ? not_utf8[at] : huge[at - NOT_UTF8_COUNT];
      expect(new_client(&config), at < NOT_UTF8_COUNT ? AZS_E_UTF8 : AZS_E_VALUE, "a text");
    }
    config = client_config("https://localhost/");
    azs_str *fields[] = {&config.arm_endpoint, &config.authority_host, &config.ca_certificate_path,
                         &config.api_version, &config.caller};
    // NULL is "not given", whatever length stands beside it.
    fields[field]->data = NULL;
    fields[field]->len = SIZE_MAX;
    expect(azs_client_new(&config, &made, NULL), AZS_OK, "NULL with a length");
    azs_client_free(made);
  }
  config = client_config("nonsense");
  expect(azs_client_new(&config, &made, NULL), AZS_E_CONFIG, "no place for the error");
  CHECK(made == NULL, "a client");

  // At an odd address, as packed structs of other languages are.
  char odd[sizeof config + 1];
  config = client_config("https://localhost/");
  memcpy(odd + 1, &config, sizeof config);
  expect(azs_client_new((const azs_client_config *)(const void *)(odd + 1), &made, NULL), AZS_OK, "at an odd address");
  azs_client_free(made);

  config = client_config("https://localhost/");
  config.connect_timeout_ms = UINT32_MAX;
  config.answer_timeout_ms = UINT32_MAX;
  expect(azs_client_new(&config, &made, NULL), AZS_OK, "the longest times");
  azs_client_free(made);
}

static azs_sign_in sign_in_of(int32_t kind) {
  return (azs_sign_in){.size = sizeof(azs_sign_in),
                       .kind = kind,
                       .tenant_id = text("contoso.example"),
                       .application_id = text(customer(1)),
                       .secret = kind == AZS_SIGN_IN_SECRET ? text("a-secret") : text(NULL),
                       .federated_token_file = kind == AZS_SIGN_IN_FEDERATED_TOKEN ? text("a-file") : text(NULL)};
}

static void sign_in_checks_its_arguments(void) {
  azs_sign_in sign_in = sign_in_of(AZS_SIGN_IN_SECRET);
  azs_client_config config = client_config("https://localhost/");
  config.sign_in = &sign_in;
  azs_client *made = NULL;
  expect(azs_client_new(&config, &made, NULL), AZS_OK, "a secret");
  expect(azs_client_set_credential(made, AZS_CREDENTIAL_KIND_TOKEN, text("a-token"), 0), AZS_E_VALUE, "it signs in itself");
  azs_client_free(made);
  sign_in = sign_in_of(AZS_SIGN_IN_FEDERATED_TOKEN);
  expect(azs_client_new(&config, &made, NULL), AZS_OK, "a federated token");
  azs_client_free(made);
  for (uint32_t size = 0; size < UP_TO(azs_sign_in, managed_identity_endpoint); size++) {
    sign_in.size = size;
    expect(new_client(&config), AZS_E_SIZE, "too small");
  }
  sign_in = sign_in_of(AZS_SIGN_IN_SECRET);
  const int32_t odd[] = {0, -1, 6, INT32_MAX, INT32_MIN};
  for (size_t at = 0; at < sizeof odd / sizeof odd[0]; at++) {
    sign_in.kind = odd[at];
    expect(new_client(&config), AZS_E_VALUE, "no kind");
  }
  sign_in = sign_in_of(AZS_SIGN_IN_SECRET);
  config.can_supply_credential = 1;
  expect(new_client(&config), AZS_E_VALUE, "both ways at once");
  config.can_supply_credential = 0;
  for (size_t field = 0; field < 8; field++) {
    for (size_t at = 0; at < NOT_UTF8_COUNT + 2; at++) {
      sign_in = sign_in_of(AZS_SIGN_IN_SECRET);
      azs_str *fields[] = {&sign_in.tenant_id,            &sign_in.registration_subscription_id,
                           &sign_in.application_id,       &sign_in.secret,
                           &sign_in.certificate_path,     &sign_in.certificate_password,
                           &sign_in.federated_token_file, &sign_in.managed_identity_endpoint};
      *fields[field] = at < NOT_UTF8_COUNT ? not_utf8[at] : huge[at - NOT_UTF8_COUNT];
      expect(new_client(&config), at < NOT_UTF8_COUNT ? AZS_E_UTF8 : AZS_E_VALUE, "a text");
    }
  }
  // What is missing or has no use is told, and never what the secret is.
  sign_in = sign_in_of(AZS_SIGN_IN_SECRET);
  sign_in.secret = text(NULL);
  expect(new_client(&config), AZS_E_CONFIG, "no secret");
  sign_in = sign_in_of(AZS_SIGN_IN_AZURE_CLI);
  sign_in.secret = text("geheim-1234");
  azs_error_handle *error = NULL;
  expect(azs_client_new(&config, &made, &error), AZS_E_CONFIG, "a secret for the Azure CLI");
  CHECK(!contains(azs_error_get(error)->message, "geheim"), "the secret: %s", shown(azs_error_get(error)->message));
  azs_error_free(error);
}

static void client_cloud_checks_its_arguments(void) {
  azs_cloud cloud = {.size = sizeof cloud};
  expect(azs_client_cloud(NULL, &cloud), AZS_E_NULL, "no client");
  expect(azs_client_cloud(client, NULL), AZS_E_NULL, "no place");
  for (uint32_t size = 0; size < UP_TO(azs_cloud, audience); size++) {
    cloud.size = size;
    expect(azs_client_cloud(client, &cloud), AZS_E_SIZE, "too small");
  }
  azs_client_config config = client_config(NULL);
  config.cloud = text("azureusgovernment");
  azs_client *made = NULL;
  MUST(azs_client_new(&config, &made, NULL) == AZS_OK, "a cloud by its name");
  cloud.size = sizeof cloud;
  expect(azs_client_cloud(made, &cloud), AZS_OK, "a cloud");
  CHECK(same(cloud.arm_endpoint, "https://management.usgovcloudapi.net/"), "endpoint %s", shown(cloud.arm_endpoint));
  CHECK(same(cloud.authority_host, "https://login.microsoftonline.us/"), "authority %s", shown(cloud.authority_host));
  CHECK(same(cloud.audience, "https://management.core.usgovcloudapi.net/"), "audience %s", shown(cloud.audience));
  azs_client_free(made);
  config.cloud = text("AzureGermanCloud");
  expect(new_client(&config), AZS_E_CONFIG, "a cloud that is not known");
}

static void advice_checks_its_arguments(void) {
  const azs_str code = text("WouldReplace"), none = {0};
  azs_str action = code;
  expect(azs_recommended_action(code, AZS_ERROR_INPUT, AZS_WORDS_NEUTRAL, NULL), AZS_E_NULL, "no place");
  expect(azs_recommended_action(none, AZS_ERROR_INPUT, AZS_WORDS_NEUTRAL, &action), AZS_E_NULL, "no code");
  CHECK(action.data == NULL, "a text that was not given");
  const int32_t odd[] = {-1, 3, INT32_MAX, INT32_MIN};
  azs_client_config config = client_config("https://localhost/");
  for (size_t at = 0; at < sizeof odd / sizeof odd[0]; at++) {
    expect(azs_recommended_action(code, AZS_ERROR_INPUT, odd[at], &action), AZS_E_VALUE, "no words");
    expect(azs_recommended_action(code, odd[at] == 3 ? 14 : odd[at], AZS_WORDS_NEUTRAL, &action), AZS_E_VALUE, "no category");
    config.advice_words = odd[at];
    expect(new_client(&config), AZS_E_VALUE, "no words of a client");
  }
  for (size_t at = 0; at < NOT_UTF8_COUNT; at++) {
    expect(azs_recommended_action(not_utf8[at], AZS_ERROR_INPUT, AZS_WORDS_NEUTRAL, &action), AZS_E_UTF8, "a text");
  }
}

static void set_credential_checks_its_arguments(void) {
  azs_str good = text("a-token");
  expect(azs_client_set_credential(NULL, AZS_CREDENTIAL_KIND_TOKEN, good, 0), AZS_E_NULL, "no client");
  expect(azs_client_set_credential(client, 0, good, 0), AZS_E_VALUE, "kind 0");
  expect(azs_client_set_credential(client, AZS_CREDENTIAL_KIND_ASSERTION, good, 0), AZS_E_VALUE, "an assertion");
  for (size_t at = 0; at < ODD_COUNT; at++) {
    expect(azs_client_set_credential(client, odd_numbers[at], good, 0), AZS_E_VALUE, "an odd kind");
  }
  expect(azs_client_set_credential(client, AZS_CREDENTIAL_KIND_TOKEN, text(NULL), 0), AZS_E_NULL, "no text");
  const char *unfit[] = {"", " ", "a b", "a\n", "a\r\nX-Header: 1", "\x7f", "\xc3\xa4"};
  for (size_t at = 0; at < sizeof unfit / sizeof unfit[0]; at++) {
    expect(azs_client_set_credential(client, AZS_CREDENTIAL_KIND_TOKEN, text(unfit[at]), 0), AZS_E_VALUE, "unfit");
  }
  azs_str with_nul = {(const uint8_t *)"a\0b", 3};
  expect(azs_client_set_credential(client, AZS_CREDENTIAL_KIND_TOKEN, with_nul, 0), AZS_E_VALUE, "a NUL inside");
  for (size_t at = 0; at < NOT_UTF8_COUNT; at++) {
    expect(azs_client_set_credential(client, AZS_CREDENTIAL_KIND_TOKEN, not_utf8[at], 0), AZS_E_UTF8, "not UTF-8");
  }
  expect(azs_client_set_credential(client, AZS_CREDENTIAL_KIND_TOKEN, huge[0], 0), AZS_E_VALUE, "huge");
  expect(azs_client_set_credential(client, AZS_CREDENTIAL_KIND_TOKEN, good, -1), AZS_E_VALUE, "before 1970");
  expect(azs_client_set_credential(client, AZS_CREDENTIAL_KIND_TOKEN, good, INT64_MIN), AZS_E_VALUE, "long before");
  expect(azs_client_set_credential(client, AZS_CREDENTIAL_KIND_TOKEN, good, INT64_MAX), AZS_OK, "the last second");
  expect(azs_client_set_credential(client, AZS_CREDENTIAL_KIND_TOKEN, good, 0), AZS_OK, "a token");
}

static azs_str *text_of_target(azs_tenant_target *target, size_t field) {
  azs_str *fields[] = {&target->resource_id,       &target->registration_subscription_id,
                       &target->resource_group_name, &target->registration_name,
                       &target->customer_subscription_id, &target->tenant_id,
                       &target->subscription_id};
  return fields[field];
}

static void operation_new_checks_its_arguments(void) {
  azs_operation_config config = operation_config();
  azs_operation *made = NULL;
  azs_error_handle *error = NULL;
  expect(new_operation(NULL, &config), AZS_E_NULL, "no client");
  expect(new_operation(client, NULL), AZS_E_NULL, "no config");
  expect(azs_operation_new(client, &config, NULL, &error), AZS_E_NULL, "no place");
  expect(azs_operation_new(NULL, NULL, NULL, NULL), AZS_E_NULL, "nothing at all");
  for (uint32_t size = 0; size < UP_TO(azs_operation_config, audit_log); size++) {
    config.size = size;
    expect(new_operation(client, &config), AZS_E_SIZE, "too small");
  }
  for (unsigned value = 2; value < 256; value++) {
    config = operation_config();
    config.want_progress = (uint8_t)value;
    expect(new_operation(client, &config), AZS_E_VALUE, "no boolean");
    config = operation_config();
    config.want_log = (uint8_t)value;
    expect(new_operation(client, &config), AZS_E_VALUE, "no boolean");
  }
  for (size_t field = 0; field < 9; field++) {
    for (size_t at = 0; at < NOT_UTF8_COUNT + 2; at++) {
      config = operation_config();
      azs_str *others[] = {&config.correlation_id, &config.audit_log};
      azs_str *place = field < 7 ? text_of_target(&config.default_registration, field) : others[field - 7];
      *place = at < NOT_UTF8_COUNT ? not_utf8[at] : huge[at - NOT_UTF8_COUNT];
      expect(new_operation(client, &config), at < NOT_UTF8_COUNT ? AZS_E_UTF8 : AZS_E_VALUE, "a text");
    }
  }
  config = operation_config();
  config.max_outstanding = UINT32_MAX;
  config.max_items = UINT32_MAX;
  config.item_timeout_ms = UINT32_MAX;
  config.throttle_limit = UINT32_MAX;
  expect(azs_operation_new(client, &config, &made, NULL), AZS_OK, "the largest numbers");
  azs_operation_free(made);
}

static void next_and_cancel_check_their_arguments(void) {
  const azs_event *event = GARBAGE(const azs_event);
  expect(azs_operation_next(NULL, 0, &event), AZS_E_NULL, "no operation");
  CHECK(event == NULL, "an event, or garbage");
  expect(azs_operation_next(operation, 0, NULL), AZS_E_NULL, "no place");
  expect(azs_operation_next(NULL, UINT32_MAX, NULL), AZS_E_NULL, "nothing");
  expect(azs_operation_cancel(NULL), AZS_E_NULL, "no operation");
}

static void add_checks_its_arguments(void) {
  azs_tenant_add_request request = add_request(customer(1), NULL);
  expect(azs_tenant_add(NULL, 1, &request), AZS_E_NULL, "no operation");
  expect(azs_tenant_add(operation, 1, NULL), AZS_E_NULL, "no request");
  for (uint32_t size = 0; size < UP_TO(azs_tenant_add_request, preserve_case); size++) {
    request.size = size;
    expect(azs_tenant_add(operation, 1, &request), AZS_E_SIZE, "too small");
  }
  for (size_t at = 0; at < ODD_COUNT; at++) {
    request = add_request(customer(1), NULL);
    request.expectation = odd_numbers[at];
    expect(azs_tenant_add(operation, 1, &request), AZS_E_VALUE, "an odd expectation");
  }
  for (unsigned value = 2; value < 256; value++) {
    request = add_request(customer(1), NULL);
    request.preserve_case = (uint8_t)value;
    expect(azs_tenant_add(operation, 1, &request), AZS_E_VALUE, "no boolean");
  }
  request = add_request(customer(1), NULL);
  request.expectation = AZS_EXPECT_EXACTLY;
  expect(azs_tenant_add(operation, 1, &request), AZS_E_VALUE, "exactly nothing");
  for (int32_t number = AZS_EXPECT_NOTHING_REPLACED; number <= AZS_EXPECT_ANYTHING; number++) {
    request.expectation = number;
    request.expected_customer_subscription_id = text(customer(2));
    expect(azs_tenant_add(operation, 1, &request), AZS_E_VALUE, "an expected value that nobody looks at");
  }
  for (size_t field = 0; field < 8; field++) {
    for (size_t at = 0; at < NOT_UTF8_COUNT + 2; at++) {
      request = add_request(customer(1), NULL);
      *(field < 7 ? text_of_target(&request.target, field) : &request.expected_customer_subscription_id) =
          at < NOT_UTF8_COUNT ? not_utf8[at] : huge[at - NOT_UTF8_COUNT];
      expect(azs_tenant_add(operation, 1, &request), at < NOT_UTF8_COUNT ? AZS_E_UTF8 : AZS_E_VALUE, "a text");
    }
  }
}

// List, get and remove take the same: a size and a target.
typedef int32_t (*submit_with)(azs_operation *of, uint32_t size, const azs_tenant_target *target);

static int32_t list_with(azs_operation *of, uint32_t size, const azs_tenant_target *target) {
  azs_tenant_list_request request = {.size = size};
  if (target == NULL) return azs_tenant_list(of, 1, NULL);
  request.target = *target;
  return azs_tenant_list(of, 1, &request);
}

static int32_t get_with(azs_operation *of, uint32_t size, const azs_tenant_target *target) {
  azs_tenant_get_request request = {.size = size};
  if (target == NULL) return azs_tenant_get(of, 1, NULL);
  request.target = *target;
  return azs_tenant_get(of, 1, &request);
}

static int32_t remove_with(azs_operation *of, uint32_t size, const azs_tenant_target *target) {
  azs_tenant_remove_request request = {.size = size};
  if (target == NULL) return azs_tenant_remove(of, 1, NULL);
  request.target = *target;
  return azs_tenant_remove(of, 1, &request);
}

static void list_get_and_remove_check_their_arguments(void) {
  const submit_with submits[] = {list_with, get_with, remove_with};
  const uint32_t sizes[] = {UP_TO(azs_tenant_list_request, target), UP_TO(azs_tenant_get_request, target),
                            UP_TO(azs_tenant_remove_request, target)};
  for (size_t which = 0; which < 3; which++) {
    azs_tenant_target target = target_of(customer(1), NULL);
    expect(submits[which](NULL, sizes[which], &target), AZS_E_NULL, "no operation");
    expect(submits[which](operation, 0, NULL), AZS_E_NULL, "no request");
    for (uint32_t size = 0; size < sizes[which]; size++) {
      expect(submits[which](operation, size, &target), AZS_E_SIZE, "too small");
    }
    for (size_t field = 0; field < 7; field++) {
      for (size_t at = 0; at < NOT_UTF8_COUNT + 2; at++) {
        target = target_of(customer(1), NULL);
        *text_of_target(&target, field) = at < NOT_UTF8_COUNT ? not_utf8[at] : huge[at - NOT_UTF8_COUNT];
        expect(submits[which](operation, sizes[which], &target), at < NOT_UTF8_COUNT ? AZS_E_UTF8 : AZS_E_VALUE,
               "a text");
      }
    }
  }
}

static void resolve_checks_its_arguments(void) {
  azs_tenant_target target = target_of(customer(1), NULL);
  azs_resolved *resolved = GARBAGE(azs_resolved);
  azs_error_handle *error = GARBAGE(azs_error_handle);
  expect(azs_tenant_resolve(NULL, AZS_PURPOSE_ADD, &target, &resolved, &error), AZS_E_NULL, "no operation");
  CHECK(resolved == NULL && error == NULL, "garbage");
  expect(azs_tenant_resolve(operation, AZS_PURPOSE_ADD, NULL, &resolved, &error), AZS_E_NULL, "no target");
  expect(azs_tenant_resolve(operation, AZS_PURPOSE_ADD, &target, NULL, &error), AZS_E_NULL, "no place");
  expect(azs_tenant_resolve(NULL, 0, NULL, NULL, NULL), AZS_E_NULL, "nothing");
  expect(azs_tenant_resolve(operation, 0, &target, &resolved, &error), AZS_E_VALUE, "purpose 0");
  for (size_t at = 0; at < ODD_COUNT; at++) {
    expect(azs_tenant_resolve(operation, odd_numbers[at], &target, &resolved, &error), AZS_E_VALUE, "odd purpose");
  }
  for (size_t field = 0; field < 7; field++) {
    for (size_t at = 0; at < NOT_UTF8_COUNT + 2; at++) {
      target = target_of(customer(1), NULL);
      *text_of_target(&target, field) = at < NOT_UTF8_COUNT ? not_utf8[at] : huge[at - NOT_UTF8_COUNT];
      expect(azs_tenant_resolve(operation, AZS_PURPOSE_GET, &target, &resolved, &error),
             at < NOT_UTF8_COUNT ? AZS_E_UTF8 : AZS_E_VALUE, "a text");
      CHECK(resolved == NULL && error == NULL, "a result of a refused call");
    }
  }
}

// A handle at an address where none can be: what a caller has who passes a wrong variable.
#define ODD_ADDRESS(type) ((type *)(uintptr_t)0x5a5a5a5b)

static void report_functions_check_their_arguments(void) {
  azs_operation *own = operation_of(client);
  azs_report *report = GARBAGE(azs_report);
  expect(azs_operation_report(NULL, &report), AZS_E_NULL, "no operation");
  CHECK(report == NULL, "a report, or garbage");
  report = GARBAGE(azs_report);
  expect(azs_operation_report(ODD_ADDRESS(azs_operation), &report), AZS_E_VALUE, "no handle");
  CHECK(report == NULL, "a report, or garbage");
  expect(azs_operation_report(own, NULL), AZS_E_NULL, "no place");
  expect(azs_operation_report(NULL, NULL), AZS_E_NULL, "nothing");
  // A refused input is a change that ends without a request: an entry to lose.
  MUST(submit_add(own, 7, "nonsense") == AZS_OK, "not accepted");
  seen_events seen = {0};
  expect_outcome(end_of(own, 7, &seen), AZS_OUTCOME_FAILED);
  expect(azs_operation_report(own, &report), AZS_OK, "a report");

  azs_report_summary summary, untouched;
  memset(&untouched, 0x5a, sizeof untouched);
  summary = untouched;
  summary.size = sizeof summary;
  expect(azs_report_summarize(NULL, &summary), AZS_E_NULL, "no report");
  expect(azs_report_summarize(ODD_ADDRESS(azs_report), &summary), AZS_E_VALUE, "no handle");
  expect(azs_report_summarize(report, NULL), AZS_E_NULL, "no place");
  expect(azs_report_summarize(NULL, NULL), AZS_E_NULL, "nothing");
  for (uint32_t size = 0; size < UP_TO(azs_report_summary, changed_by_another); size++) {
    summary.size = size;
    expect(azs_report_summarize(report, &summary), AZS_E_SIZE, "too small");
  }
  summary.size = untouched.size;
  CHECK(memcmp(&summary, &untouched, sizeof summary) == 0, "a refused call has written");
  // Of what a later caller has besides, nothing is touched; its size stays as it is.
  struct {
    azs_report_summary summary;
    uint64_t more[4];
  } later;
  memset(&later, 0x5a, sizeof later);
  later.summary.size = sizeof later;
  expect(azs_report_summarize(report, &later.summary), AZS_OK, "a larger struct");
  CHECK(later.summary.size == sizeof later, "size %u", later.summary.size);
  CHECK(later.summary.accepted == 1 && later.summary.failed == 1 && later.summary.reserved == 0, "not filled in");
  for (size_t at = 0; at < 4; at++) CHECK(later.more[at] == 0x5a5a5a5a5a5a5a5a, "written beyond the struct");
  later.summary.size = UINT32_MAX;
  expect(azs_report_summarize(report, &later.summary), AZS_OK, "a far larger struct");
  // At the end of an allocation: a byte written beyond is seen by AddressSanitizer.
  azs_report_summary *exact = malloc(UP_TO(azs_report_summary, changed_by_another));
  MUST(exact != NULL, "no memory");
  exact->size = UP_TO(azs_report_summary, changed_by_another);
  expect(azs_report_summarize(report, exact), AZS_OK, "the least struct");
  CHECK(exact->failed == 1, "not filled in");
  free(exact);

  const azs_finished_event *entry = GARBAGE(const azs_finished_event);
  expect(azs_report_next(NULL, &entry), AZS_E_NULL, "no report");
  CHECK(entry == NULL, "an entry, or garbage");
  entry = GARBAGE(const azs_finished_event);
  expect(azs_report_next(ODD_ADDRESS(azs_report), &entry), AZS_E_VALUE, "no handle");
  CHECK(entry == NULL, "an entry, or garbage");
  expect(azs_report_next(NULL, NULL), AZS_E_NULL, "nothing");
  // Without a place no entry is taken.
  expect(azs_report_next(report, NULL), AZS_E_NULL, "no place");
  expect(azs_report_next(report, &entry), AZS_EVENT, "an entry");
  MUST(entry != NULL && entry->tag == 7, "another entry");
  read_finished(entry);
  expect(azs_report_next(report, &entry), AZS_IDLE, "the end");
  CHECK(entry == NULL, "an entry beyond the end");
  expect(azs_report_resolve(NULL, 1, report, 1), AZS_E_NULL, "no operation");
  expect(azs_report_resolve(own, 1, NULL, 1), AZS_E_NULL, "no report");
  expect(azs_report_resolve(NULL, 1, NULL, 1), AZS_E_NULL, "nothing");
  expect(azs_report_resolve(ODD_ADDRESS(azs_operation), 1, report, 1), AZS_E_VALUE, "no handle");
  expect(azs_report_resolve(own, 1, ODD_ADDRESS(azs_report), 1), AZS_E_VALUE, "no handle");
  const uint64_t none[] = {0, 2, UINT64_MAX};
  for (size_t at = 0; at < 3; at++) expect(azs_report_resolve(own, 1, report, none[at]), AZS_E_VALUE, "no entry");
  expect(azs_report_resolve(own, 8, report, 1), AZS_OK, "an entry");
  expect(azs_operation_cancel(own), AZS_OK, "cancel");
  expect(azs_report_resolve(own, 9, report, 1), AZS_E_CANCELLED, "cancelled");
  azs_report *another = GARBAGE(azs_report);
  expect(azs_report_clone(NULL, &another), AZS_E_NULL, "no report");
  CHECK(another == NULL, "a report, or garbage");
  another = GARBAGE(azs_report);
  expect(azs_report_clone(ODD_ADDRESS(azs_report), &another), AZS_E_VALUE, "no handle");
  CHECK(another == NULL, "a report, or garbage");
  expect(azs_report_clone(report, NULL), AZS_E_NULL, "no place");
  expect(azs_report_clone(NULL, NULL), AZS_E_NULL, "nothing");
  azs_report_free(report);
  azs_operation_free(own);
}

// Texts of exactly their length at the end of an allocation: a byte read beyond is seen by AddressSanitizer.
static void no_byte_beyond_a_text_is_read(void) {
  const char *given = customer(1);
  uint8_t *exact = malloc(36);
  MUST(exact != NULL, "no memory");
  memcpy(exact, given, 36);
  azs_str copied = {exact, 36};
  azs_tenant_target target = target_of(NULL, NULL);
  target.customer_subscription_id = copied;
  azs_resolved *resolved = NULL;
  expect(azs_tenant_resolve(operation, AZS_PURPOSE_ADD, &target, &resolved, NULL), AZS_OK, "a text without NUL");
  // What was given may go: it was copied.
  memset(exact, 'x', 36);
  free(exact);
  const azs_mapping *mapping = azs_resolved_get(resolved);
  MUST(mapping != NULL, "no result");
  CHECK(same(mapping->customer_subscription_id, given), "%s", shown(mapping->customer_subscription_id));
  azs_resolved_free(resolved);

  azs_str empty = {(const uint8_t *)"", 0};
  target = target_of(customer(1), NULL);
  target.tenant_id = empty;
  expect(azs_tenant_resolve(operation, AZS_PURPOSE_ADD, &target, &resolved, NULL), AZS_OK, "an empty text");
  azs_resolved_free(resolved);
}

// A struct that ends with its last member, at the end of an allocation: its padding is not there to be read.
static void no_byte_beyond_the_size_of_a_struct_is_read(void) {
  azs_operation *own = operation_of(client);
  azs_tenant_add_request request = add_request(customer(1), NULL);
  request.size = UP_TO(azs_tenant_add_request, preserve_case);
  uint8_t *exact = malloc(request.size);
  MUST(exact != NULL, "no memory");
  memcpy(exact, &request, request.size);
  expect(azs_tenant_add(own, 1, (const azs_tenant_add_request *)(const void *)exact), AZS_OK, "without padding");
  free(exact);
  azs_operation_free(own);
}

static void nothing_was_accepted_by_a_refused_call(void) {
  const azs_event *event = NULL;
  expect(azs_operation_next(operation, 0, &event), AZS_IDLE, "after all of that");
  CHECK(event == NULL, "an event");
}

int main(void) {
  begin_program();
  client = silent_client();
  operation = operation_of(client);
  run_case("freeing NULL does nothing", freeing_null_does_nothing);
  run_case("the version is the header's", the_version_is_the_headers);
  run_case("azs_client_new checks its arguments", client_new_checks_its_arguments);
  run_case("a sign-in checks its arguments", sign_in_checks_its_arguments);
  run_case("azs_client_cloud checks its arguments", client_cloud_checks_its_arguments);
  run_case("azs_recommended_action checks its arguments", advice_checks_its_arguments);
  run_case("azs_client_set_credential checks its arguments", set_credential_checks_its_arguments);
  run_case("azs_operation_new checks its arguments", operation_new_checks_its_arguments);
  run_case("azs_operation_next and _cancel check their arguments", next_and_cancel_check_their_arguments);
  run_case("azs_tenant_add checks its arguments", add_checks_its_arguments);
  run_case("azs_tenant_list, _get and _remove check their arguments", list_get_and_remove_check_their_arguments);
  run_case("azs_tenant_resolve checks its arguments", resolve_checks_its_arguments);
  run_case("the functions of a report check their arguments", report_functions_check_their_arguments);
  run_case("no byte beyond a text is read", no_byte_beyond_a_text_is_read);
  run_case("no byte beyond the size of a struct is read", no_byte_beyond_the_size_of_a_struct_is_read);
  run_case("nothing was accepted by a refused call", nothing_was_accepted_by_a_refused_call);
  azs_operation_free(operation);
  azs_client_free(client);
  run_case("no thread is left", await_no_threads);
  return end_program();
}
