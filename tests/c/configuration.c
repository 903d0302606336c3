// A configuration that is refused says why: code, column, what was given and what is expected, and no password.

#include "test_common.h"

#define PASSWORD "geheim-1234"

static azs_client *client;

static void expect_error(azs_error_handle *handle, const char *given, const char *code, const char *column) {
  const azs_error *error = azs_error_get(handle);
  MUST(error != NULL, "'%s': no error", given);
  read_error(error, true);
  CHECK(same(error->code, code), "'%s': code %s instead of %s", given, shown(error->code), code);
  CHECK(same(error->column, column), "'%s': column %s instead of %s", given, shown(error->column), column);
  CHECK(error->category == AZS_ERROR_INPUT, "'%s': category %d", given, error->category);
  CHECK(error->http_status == 0 && error->row == 0, "'%s': status or row", given);
  CHECK(!contains(error->message, PASSWORD) && !contains(error->target, PASSWORD),
        "'%s': the error repeats the password: %s", given, shown(error->message));
  azs_error_free(handle);
}

static void a_client_is_refused_with_its_reason(void) {
  enum { ARM, AUTHORITY, CA, API, CALLER };
  const struct {
    int field;
    const char *given, *code, *column;
  } rows[] = {
      {ARM, "", "EndpointNotValid", "ArmEndpoint"},
      {ARM, "nonsense", "EndpointNotValid", "ArmEndpoint"},
      {ARM, "http://management.azure.com/", "EndpointNotValid", "ArmEndpoint"},
      {ARM, "https://management.azure.com/subscriptions", "EndpointNotValid", "ArmEndpoint"},
      {ARM, "https://management.azure.com/?x=1", "EndpointNotValid", "ArmEndpoint"},
      {ARM, "https://operator:" PASSWORD "@host/", "EndpointNotValid", "ArmEndpoint"},
      {ARM, "file:///etc/passwd", "EndpointNotValid", "ArmEndpoint"},
      {AUTHORITY, "http://login.microsoftonline.com/", "EndpointNotValid", "AuthorityHost"},
      {CA, "", "CaCertificateNotValid", "CaCertificatePath"},
      {CA, "/no/such/file.pem", "CaCertificateNotValid", "CaCertificatePath"},
      {CA, "/", "CaCertificateNotValid", "CaCertificatePath"},
      {CA, "/dev/null", "CaCertificateNotValid", "CaCertificatePath"},
      {CA, "/etc/passwd", "CaCertificateNotValid", "CaCertificatePath"},
      {API, "2017-09-03", "ApiVersionIsProfile", "ApiVersion"},
      {API, "latest", "ApiVersionNotValid", "ApiVersion"},
      {API, "", "ApiVersionNotValid", "ApiVersion"},
      {API, "2017-06-01&x=y", "ApiVersionNotValid", "ApiVersion"},
      {API, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", "ApiVersionNotValid", "ApiVersion"},
  };
  for (size_t at = 0; at < sizeof rows / sizeof rows[0]; at++) {
    azs_client_config config = client_config("https://localhost/");
    azs_str *fields[] = {&config.arm_endpoint, &config.authority_host, &config.ca_certificate_path,
                         &config.api_version, &config.caller};
    *fields[rows[at].field] = text(rows[at].given);
    azs_client *made = NULL;
    azs_error_handle *error = NULL;
    int32_t status = azs_client_new(&config, &made, &error);
    CHECK(status == AZS_E_CONFIG && made == NULL, "'%s': status %d", rows[at].given, status);
    if (status == AZS_E_CONFIG) expect_error(error, rows[at].given, rows[at].code, rows[at].column);
  }
}

static void a_header_cannot_be_smuggled_in_by_the_callers_name(void) {
  azs_client_config config = client_config("https://localhost/");
  config.caller = text("shell\r\nAuthorization: Bearer x");
  azs_client *made = NULL;
  azs_error_handle *error = NULL;
  MUST(azs_client_new(&config, &made, &error) == AZS_E_CONFIG, "accepted");
  const azs_error *why = azs_error_get(error);
  CHECK(same(why->code, "CallerNotValid") && same(why->column, "Caller"), "code %s", shown(why->code));
  azs_error_free(error);
}

static void a_password_in_an_endpoint_is_never_repeated(void) {
  const char *given[] = {"http://operator:" PASSWORD "@host/", "https://operator:" PASSWORD "@ho st/",
                         "https://operator:" PASSWORD "@host:99999/", "https://operator:" PASSWORD "@host/path"};
  for (size_t at = 0; at < sizeof given / sizeof given[0]; at++) {
    azs_client_config config = client_config(given[at]);
    azs_client *made = NULL;
    azs_error_handle *error = NULL;
    MUST(azs_client_new(&config, &made, &error) == AZS_E_CONFIG, "accepted");
    expect_error(error, given[at], "EndpointNotValid", "ArmEndpoint");
  }
}

static void an_operation_is_refused_with_its_reason(void) {
  const struct {
    azs_operation_config config;
    const char *code, *column;
  } rows[] = {
      {{.size = sizeof(azs_operation_config), .correlation_id = text("nonsense")}, "CorrelationIdNotValid", "CorrelationId"},
      {{.size = sizeof(azs_operation_config), .correlation_id = text("")}, "CorrelationIdNotValid", "CorrelationId"},
      {{.size = sizeof(azs_operation_config), .default_registration.registration_name = text("azurestack-1")},
       "RegistrationMissing",
       "RegistrationSubscriptionId"},
      {{.size = sizeof(azs_operation_config), .default_registration.resource_id = text("/subscriptions/1")},
       "ResourceIdNotValid",
       "ResourceId"},
      {{.size = sizeof(azs_operation_config), .default_registration.subscription_id = text(customer(1))},
       "SubscriptionIdAmbiguous",
       "SubscriptionId"},
  };
  for (size_t at = 0; at < sizeof rows / sizeof rows[0]; at++) {
    azs_operation *made = NULL;
    azs_error_handle *error = NULL;
    int32_t status = azs_operation_new(client, &rows[at].config, &made, &error);
    CHECK(status == AZS_E_CONFIG && made == NULL, "row %zu: status %d", at, status);
    if (status == AZS_E_CONFIG) expect_error(error, rows[at].column, rows[at].code, rows[at].column);
  }
}

static void an_error_outlives_its_client(void) {
  azs_client *of = client_of(client_config("https://localhost/"));
  azs_operation_config config = operation_config();
  config.correlation_id = text("nonsense");
  azs_operation *made = NULL;
  azs_error_handle *error = NULL;
  MUST(azs_operation_new(of, &config, &made, &error) == AZS_E_CONFIG, "accepted");
  azs_client_free(of);
  read_error(azs_error_get(error), true);
  azs_error_free(error);
}

static void advice_comes_in_the_callers_words(void) {
  const struct {
    int32_t words;
    const char *of_client, *of_operation;
  } rows[] = {
      {AZS_WORDS_NEUTRAL, "the api-version 2017-06-01", "and sign in with it"},
      {AZS_WORDS_POWERSHELL, "-ApiVersion 2017-06-01", "Connect-AzsRegistrationAccount"},
      {AZS_WORDS_COMMAND_LINE, "--api-version 2017-06-01", "--access-token-file"},
  };
  for (size_t at = 0; at < sizeof rows / sizeof rows[0]; at++) {
    azs_client_config config = client_config("https://localhost/");
    config.advice_words = rows[at].words;
    config.api_version = text("latest");
    azs_client *made = NULL;
    azs_error_handle *error = NULL;
    MUST(azs_client_new(&config, &made, &error) == AZS_E_CONFIG, "accepted");
    const azs_error *why = azs_error_get(error);
    CHECK(contains(why->recommended_action, rows[at].of_client), "%s", shown(why->recommended_action));
    azs_error_free(error);

    config.api_version.data = NULL;
    config.can_supply_credential = 0;
    azs_client *of = client_of(config);
    azs_operation *operation = operation_with(of, operation_config());
    MUST(submit_remove(operation, 1, customer(1), NULL) == AZS_OK, "not accepted");
    azs_report *report = NULL;
    MUST(azs_operation_report(operation, &report) == AZS_OK, "no report");
    seen_events seen = {0};
    const azs_finished_event *end = end_of(operation, 1, &seen);
    CHECK(same(end->error.code, "TokenMissing"), "code %s", shown(end->error.code));
    CHECK(contains(end->error.recommended_action, rows[at].of_operation), "%s", shown(end->error.recommended_action));
    const azs_finished_event *entry = NULL;
    MUST(azs_report_next(report, &entry) == AZS_EVENT, "no entry");
    CHECK(contains(entry->error.recommended_action, rows[at].of_operation), "%s", shown(entry->error.recommended_action));
    azs_report_free(report);
    azs_operation_free(operation);
    azs_client_free(of);
  }
}

static void an_error_of_the_callers_own_has_the_same_advice(void) {
  azs_str action;
  MUST(azs_recommended_action(text("WOULDreplace"), AZS_ERROR_CONFLICT, AZS_WORDS_POWERSHELL, &action) == AZS_OK, "refused");
  CHECK(contains(action, "-Force"), "%s", shown(action));
  read_text(action);
  MUST(azs_recommended_action(text("MineAlone"), AZS_ERROR_INTERNAL, AZS_WORDS_NEUTRAL, &action) == AZS_OK, "refused");
  CHECK(contains(action, "Report it"), "%s", shown(action));
  MUST(azs_recommended_action(text("MineAlone"), AZS_ERROR_INPUT, AZS_WORDS_NEUTRAL, &action) == AZS_OK, "refused");
  CHECK(!is_given(action), "%s", shown(action));
}

static void without_a_registration_a_request_says_so(void) {
  azs_operation_config config;
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  azs_operation *operation = operation_with(client, config);
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  seen_events seen = {0};
  const azs_finished_event *end = end_of(operation, 1, &seen);
  expect_outcome(end, AZS_OUTCOME_FAILED);
  CHECK(same(end->error.code, "RegistrationMissing"), "code %s", shown(end->error.code));
  CHECK(is_given(end->error.column) && end->http_requests == 0, "no column, or a request");
  azs_operation_free(operation);
}

int main(void) {
  begin_program();
  client = silent_client();
  run_case("a client is refused with its reason", a_client_is_refused_with_its_reason);
  run_case("a header cannot be smuggled in by the caller's name", a_header_cannot_be_smuggled_in_by_the_callers_name);
  run_case("a password in an endpoint is never repeated", a_password_in_an_endpoint_is_never_repeated);
  run_case("an operation is refused with its reason", an_operation_is_refused_with_its_reason);
  run_case("an error outlives its client", an_error_outlives_its_client);
  run_case("advice comes in the caller's words", advice_comes_in_the_callers_words);
  run_case("an error of the caller's own has the same advice", an_error_of_the_callers_own_has_the_same_advice);
  run_case("without a registration a request says so", without_a_registration_a_request_says_so);
  azs_client_free(client);
  run_case("no thread is left", await_no_threads);
  return end_program();
}
