/*
 * The first program of an emulated guest, which becomes another: loads the kernel's modules, mounts /proc, by which a JVM finds itself, and
 * executes what /init.arguments says, one argument a line, the program first.
 *
 * Statically linked and without arguments.
 */
#define _GNU_SOURCE
#include "guest.h"
#include <sys/mount.h>

#define MAX_ARGUMENTS 32

int main(void) {
    static char text[4096];
    static char *arguments[MAX_ARGUMENTS + 1];
    load_modules();
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0) {
        stop("/proc");
    }
    setenv("PATH", "/bin", 1);
    FILE *file = fopen("/init.arguments", "re");
    if (file == NULL || fread(text, 1, sizeof text - 1, file) == 0) {
        stop("/init.arguments");
    }
    fclose(file);
    int count = 0;
    for (char *line = strtok(text, "\n"); line != NULL && count < MAX_ARGUMENTS; line = strtok(NULL, "\n")) {
        arguments[count++] = line;
    }
    execv(arguments[0], arguments);
    stop(arguments[0]);
}
