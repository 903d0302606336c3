// No connection, or a bad one: each fault has its code and its advice, and none ends the process.

#include "test_common.h"

// --- servers that behave badly ---

typedef void (*treatment)(int connection);

typedef struct server {
  int listener;
  treatment treat;
  char endpoint[64];
} server;

static void close_with_a_reset(int connection) {
  struct linger reset = {1, 0};
  setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

static void answer_in_clear(int connection) {
  static const char answer[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
  // The client may be gone already.
  ssize_t written = send(connection, answer, sizeof answer - 1, MSG_NOSIGNAL);
  (void)written;
}

static void say_nothing(int connection) { (void)connection; }

static void *serve(void *argument) {
  server *self = argument;
  for (;;) {
    int connection = accept(self->listener, NULL, NULL);
    if (connection < 0) return NULL;
    self->treat(connection);
    close(connection);
  }
}

static const char *start(server *self, treatment treat) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  pthread_t thread;
  self->treat = treat;
  self->listener = socket(AF_INET, SOCK_STREAM, 0);
  MUST(self->listener >= 0, "no socket");
  MUST(bind(self->listener, (struct sockaddr *)&address, length) == 0, "no port");
  MUST(getsockname(self->listener, (struct sockaddr *)&address, &length) == 0, "no address");
  if (treat != NULL) {
    MUST(listen(self->listener, 64) == 0, "no listener");
    MUST(pthread_create(&thread, NULL, serve, self) == 0, "no thread");
    pthread_detach(thread);
  }
  snprintf(self->endpoint, sizeof self->endpoint, "https://127.0.0.1:%u/", ntohs(address.sin_port));
  return self->endpoint;
}

// --- what a list comes to ---

static void expect_failure(azs_client_config config, const char *code, int32_t category) {
  azs_client *client = signed_in(config, "any-token");
  azs_operation *operation = operation_of(client);
  MUST(submit_list(operation, 1, NULL) == AZS_OK, "not accepted");
  seen_events seen = {0};
  const azs_finished_event *end = end_of(operation, 1, &seen);
  expect_outcome(end, AZS_OUTCOME_FAILED);
  CHECK(code == NULL || same(end->error.code, code), "code %s", shown(end->error.code));
  CHECK(end->error.category == category, "category %d of %s: %s", end->error.category, shown(end->error.code),
        shown(end->error.message));
  CHECK(is_given(end->error.recommended_action), "no advice for %s", shown(end->error.code));
  CHECK(end->error.http_status == 0, "status %d", end->error.http_status);
  azs_operation_free(operation);
  azs_client_free(client);
}

static void nobody_listens(void) {
  static server nobody;
  // Bound and not listening: the port is nobody else's.
  expect_failure(client_config(start(&nobody, NULL)), "ConnectionRefused", AZS_ERROR_CONNECTION);
}

static void the_certificate_is_not_trusted(void) {
  expect_failure(client_config(emulator_endpoint()), "CertificateNotTrusted", AZS_ERROR_CONNECTION);
}

static void the_server_never_answers_the_handshake(void) {
  azs_client_config config = client_config(silent_endpoint());
  config.connect_timeout_ms = 200;
  expect_failure(config, "ConnectionTimeout", AZS_ERROR_TIMEOUT);
}

static void the_server_resets_every_connection(void) {
  static server resetting;
  const char *endpoint = start(&resetting, close_with_a_reset);
  // Sometimes the reset comes before the first byte is written: then SIGPIPE would end a process that lets it.
  for (int round = 0; round < 30; round++) expect_failure(client_config(endpoint), NULL, AZS_ERROR_CONNECTION);
}

static void the_server_closes_every_connection(void) {
  static server closing;
  const char *endpoint = start(&closing, say_nothing);
  for (int round = 0; round < 10; round++) expect_failure(client_config(endpoint), NULL, AZS_ERROR_CONNECTION);
}

static void the_server_speaks_no_tls(void) {
  static server clear;
  expect_failure(client_config(start(&clear, answer_in_clear)), "TlsNotSpoken", AZS_ERROR_CONNECTION);
}

int main(void) {
  begin_program();
  run_case("nobody listens: ConnectionRefused", nobody_listens);
  run_case("the certificate is not trusted: CertificateNotTrusted", the_certificate_is_not_trusted);
  run_case("the handshake is never answered: ConnectionTimeout", the_server_never_answers_the_handshake);
  run_case("resets fail the request, not the process", the_server_resets_every_connection);
  run_case("closed connections fail the request, not the process", the_server_closes_every_connection);
  run_case("a server without TLS: TlsNotSpoken", the_server_speaks_no_tls);
  run_case("no thread is left", await_no_threads);
  return end_program();
}
