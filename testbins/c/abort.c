// abort: death by a signal is seen by the parent and by the shell.
#include <stdlib.h>

int main(void) { abort(); }
