/*
 * PID 1 of an emulated guest: finds its console port by name, says core.ready, and echoes every frame, whole.
 *
 * Statically linked and without arguments. A line on the kernel console says how far it got.
 */
#define _GNU_SOURCE
#include "guest.h"
#include <stdint.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define PORT_NAME "agent"
/* The largest frame: a length of 4 MiB and the prefix that holds it. */
#define MAX_LENGTH (4u * 1024 * 1024)
#define MIN_LENGTH 5u
#define PREFIX 4u

/* core.ready of generation 1: boot, init and ready time 1, 2 and 3 ns. */
static const unsigned char READY[] =
    "\0\0\0\x46" "\0\0\0\0" "\0" "\xa3" "\x61v\x01" "\x61t\x6a" "core.ready" "\x61p\x58\x2c"
    "\xa3" "\x6c" "boot_time_ns\x01" "\x6c" "init_time_ns\x02" "\x6d" "ready_time_ns\x03";
_Static_assert(sizeof READY - 1 == PREFIX + 0x46, "core.ready is as long as its prefix says");

static unsigned char frame[PREFIX + MAX_LENGTH];

/* The device's name depends on what other devices there are: only its own name says which one it is. */
static int find_port(char *path, size_t size) {
    DIR *ports = opendir("/sys/class/virtio-ports");
    struct dirent *entry;
    int found = 0;
    while (ports != NULL && !found && (entry = readdir(ports)) != NULL) {
        char file[512];
        char name[64] = "";
        snprintf(file, sizeof file, "/sys/class/virtio-ports/%s/name", entry->d_name);
        FILE *stream = fopen(file, "re");
        if (stream == NULL) {
            continue;
        }
        if (fgets(name, sizeof name, stream) != NULL) {
            name[strcspn(name, "\n")] = 0;
            found = strcmp(name, PORT_NAME) == 0;
        }
        fclose(stream);
        snprintf(path, size, "/dev/%s", entry->d_name);
    }
    if (ports != NULL) {
        closedir(ports);
    }
    return found;
}

/* Waits while no host is connected. */
static void write_all(int port, const unsigned char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = write(port, bytes, length);
        if (written < 0 && errno != EINTR && errno != EAGAIN) {
            stop("write");
        }
        if (written > 0) {
            bytes += written;
            length -= (size_t) written;
        }
    }
}

/* Returns 0 when the host has disconnected. */
static int read_all(int port, unsigned char *bytes, size_t length) {
    while (length > 0) {
        ssize_t count = read(port, bytes, length);
        if (count == 0) {
            return 0;
        }
        if (count < 0 && errno != EINTR && errno != EAGAIN) {
            stop("read");
        }
        if (count > 0) {
            bytes += count;
            length -= (size_t) count;
        }
    }
    return 1;
}

static void serve(int port) {
    fprintf(stderr, "frame-guest: waiting for a host\n");
    write_all(port, READY, sizeof READY - 1);
    fprintf(stderr, "frame-guest: ready\n");
    while (read_all(port, frame, PREFIX)) {
        uint32_t length = (uint32_t) frame[0] << 24 | frame[1] << 16 | frame[2] << 8 | frame[3];
        if (length < MIN_LENGTH || length > MAX_LENGTH) {
            fprintf(stderr, "frame-guest: length %u\n", length);
            errno = EPROTO;
            stop("frame");
        }
        if (!read_all(port, frame + PREFIX, length)) {
            break;
        }
        write_all(port, frame, PREFIX + length);
    }
    fprintf(stderr, "frame-guest: host gone\n");
}

int main(void) {
    mkdir("/proc", 0755);
    mkdir("/sys", 0755);
    mkdir("/dev", 0755);
    if (mount("sysfs", "/sys", "sysfs", 0, NULL) != 0 || mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) != 0) {
        stop("mount");
    }
    load_modules();
    char path[512];
    for (int waited = 0; !find_port(path, sizeof path); waited++) {
        if (waited == 3000) {
            errno = ENODEV;
            stop("no port named " PORT_NAME);
        }
        usleep(10000);
    }
    int port = open(path, O_RDWR | O_CLOEXEC);
    if (port < 0) {
        stop(path);
    }
    for (;;) {
        serve(port);
        usleep(10000);
    }
}
