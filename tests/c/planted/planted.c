// Calls a planted fault. The sanitizers must report it: if they do not, they would not see one of the library either.

#include <stdint.h>
#include <stdio.h>
#include <string.h>

uint8_t planted_use_after_free(void);
void planted_leak(void);
void planted_nothing(void);

int main(int count, char **arguments) {
  const char *wanted = count > 1 ? arguments[1] : "";
  if (strcmp(wanted, "use-after-free") == 0) {
    printf("%d\n", planted_use_after_free());
  } else if (strcmp(wanted, "leak") == 0) {
    planted_leak();
  } else {
    planted_nothing();
  }
  return 0;
}
