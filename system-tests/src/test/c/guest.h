/* What the first programs of emulated guests share: a word and power-off when something is missing, and the kernel's modules. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

static void stop(const char *what) {
    fprintf(stderr, "guest: %s: %s\n", what, strerror(errno));
    sync();
    reboot(RB_POWER_OFF);
    for (;;) {
        pause();
    }
}

/* Modules lie in /modules, named so that their order is the order of loading. */
static void load_modules(void) {
    struct dirent **entries;
    int count = scandir("/modules", &entries, NULL, alphasort);
    if (count < 0) {
        stop("/modules");
    }
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] == '.') {
            continue;
        }
        char path[512];
        snprintf(path, sizeof path, "/modules/%s", entries[i]->d_name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) != 0) {
            stop(path);
        }
        close(fd);
    }
}
