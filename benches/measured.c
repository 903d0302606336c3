// Runs a program and says what it needed: measured FILE PROGRAM [ARGUMENT…]
//
// The figures go into the file; input, output and exit code are the program's own. It is small, so that the peak of its
// memory, which a program begins with, is none of the program's.

#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds_of(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

int main(int count, char **arguments) {
  if (count < 3) return 2;
  double began = seconds_now();
  pid_t child = fork();
  if (child == 0) {
    execv(arguments[2], arguments + 2);
    perror(arguments[2]);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0) return 127;
  double seconds = seconds_now() - began;
  struct rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
#ifdef __APPLE__
  long peak_kib = usage.ru_maxrss / 1024;
#else
  long peak_kib = usage.ru_maxrss;
#endif
  FILE *file = fopen(arguments[1], "w");
  if (file == NULL) return 127;
  fprintf(file, "seconds=%.4f cpu_seconds=%.4f peak_kib=%ld\n", seconds,
          seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime), peak_kib);
  fclose(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
