/*
 * Runs programs directly: fork, exec, pipes or a terminal, wait. What a sandbox is compared with, and so it shares no code with one.
 *
 * Reads orders from standard input and writes a result for each to standard output. Numbers are 32 bits, big endian; bytes are a number
 * and so many bytes; a list is a number and so many of its elements.
 *
 *   order:  flags, rows, columns, later rows, later columns, signal, bytes (directory), bytes (user),
 *           list of {resource, soft high, soft low, hard high, hard low}, list of bytes (arguments), list of bytes (environment),
 *           bytes (input)
 *   result: stage (0 when the program ran), exit code or errno, bytes (output), bytes (errors)
 *
 * The program is looked for as execvp(3) does, in the PATH of its own environment; text that the kernel does not know as a program is given
 * to a shell, as shells do. A program that signal n ends has the exit code 128 + n.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Flags of an order. */
enum { TERMINAL = 1, NO_INPUT = 2, RESIZE = 4, AFTER_OUTPUT = 8 };
/* Where a start failed. */
enum { RAN, STAGE_RUNNER, STAGE_DIRECTORY, STAGE_PROGRAM, STAGE_USER, STAGE_LIMITS };

#define MAX_BYTES (64u << 20)
#define SIGNALLED 128

struct bytes {
    char *data;
    size_t length;
    size_t room;
};

struct order {
    uint32_t flags;
    struct winsize size, later_size;
    uint32_t signal;
    struct bytes directory, user;
    uint32_t limit_count;
    struct { uint32_t resource; uint64_t soft, hard; } *limits;
    char **arguments, **environment;
    struct bytes input;
};

struct failure {
    uint32_t stage;
    int error;
};

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void *allocate(size_t size) {
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        die("direct-runner: memory");
    return memory;
}

/* Orders and results. */

static int read_fully(void *target, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t count = read(0, (char *) target + done, length - done);
        if (count < 0)
            die("direct-runner: read");
        if (count == 0)
            return 0;
        done += (size_t) count;
    }
    return 1;
}

static int read_number(uint32_t *value) {
    unsigned char raw[4];
    if (!read_fully(raw, sizeof raw))
        return 0;
    *value = (uint32_t) raw[0] << 24 | (uint32_t) raw[1] << 16 | (uint32_t) raw[2] << 8 | raw[3];
    return 1;
}

static uint32_t number(void) {
    uint32_t value;
    if (!read_number(&value))
        exit(1);
    return value;
}

static uint64_t long_number(void) {
    uint64_t high = number();
    return high << 32 | number();
}

static struct bytes bytes(void) {
    uint32_t length = number();
    if (length > MAX_BYTES)
        exit(1);
    struct bytes result = {allocate(length + 1), length, length + 1};
    if (!read_fully(result.data, length))
        exit(1);
    return result;
}

static char **list(void) {
    uint32_t count = number();
    char **all = allocate((count + 1) * sizeof *all);
    for (uint32_t i = 0; i < count; i++)
        all[i] = bytes().data;
    return all;
}

static void free_list(char **all) {
    for (char **one = all; *one; one++)
        free(*one);
    free(all);
}

static int read_order(struct order *order) {
    memset(order, 0, sizeof *order);
    if (!read_number(&order->flags))
        return 0;
    order->size.ws_row = number();
    order->size.ws_col = number();
    order->later_size.ws_row = number();
    order->later_size.ws_col = number();
    order->signal = number();
    order->directory = bytes();
    order->user = bytes();
    order->limit_count = number();
    order->limits = allocate(order->limit_count * sizeof *order->limits);
    for (uint32_t i = 0; i < order->limit_count; i++) {
        order->limits[i].resource = number();
        order->limits[i].soft = long_number();
        order->limits[i].hard = long_number();
    }
    order->arguments = list();
    order->environment = list();
    order->input = bytes();
    return 1;
}

static void free_order(struct order *order) {
    free(order->directory.data);
    free(order->user.data);
    free(order->limits);
    free_list(order->arguments);
    free_list(order->environment);
    free(order->input.data);
}

static void write_fully(const void *source, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t count = write(1, (const char *) source + done, length - done);
        if (count < 0)
            die("direct-runner: write");
        done += (size_t) count;
    }
}

static void write_number(uint32_t value) {
    unsigned char raw[4] = {value >> 24, value >> 16, value >> 8, value};
    write_fully(raw, sizeof raw);
}

static void write_result(uint32_t stage, uint32_t value, const struct bytes *output, const struct bytes *errors) {
    write_number(stage);
    write_number(value);
    write_number(output->length);
    write_fully(output->data, output->length);
    write_number(errors->length);
    write_fully(errors->data, errors->length);
}

/* The child. */

static _Noreturn void give_up(int status, uint32_t stage) {
    struct failure failure = {stage, errno};
    if (write(status, &failure, sizeof failure) != sizeof failure)
        _exit(1);
    _exit(0);
}

static void default_signals(void) {
    /* By the kernel's own call: the C library keeps two of the signals to itself, and whoever started us may have them ignored. */
    uint64_t none = 0;
    struct { void *handler; uint64_t flags; void *restorer; uint64_t mask; } action = {0};
    for (int number = 1; number < _NSIG; number++)
        syscall(SYS_rt_sigaction, number, &action, NULL, sizeof none);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

static int is_text(const char *file) {
    char head[128];
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, head, sizeof head);
    close(fd);
    return length >= 0 && !memchr(head, 0, (size_t) length);
}

/* Returns only when it cannot be done. */
static void execute(const char *file, const struct order *order) {
    execve(file, order->arguments, order->environment);
    if (errno != ENOEXEC)
        return;
    if (!is_text(file)) {
        errno = ENOEXEC;
        return;
    }
    size_t count = 0;
    while (order->arguments[count])
        count++;
    char **arguments = allocate((count + 2) * sizeof *arguments);
    arguments[0] = "/bin/sh";
    arguments[1] = (char *) file;
    memcpy(arguments + 2, order->arguments + 1, count * sizeof *arguments);
    execve(arguments[0], arguments, order->environment);
}

static void search(const struct order *order) {
    char *name = order->arguments[0];
    if (strchr(name, '/')) {
        execute(name, order);
        return;
    }
    if (strlen(name) > NAME_MAX) {
        errno = ENAMETOOLONG;
        return;
    }
    const char *path = "";
    for (char **entry = order->environment; *entry; entry++)
        if (!strncmp(*entry, "PATH=", 5))
            path = *entry + 5;
    int denied = 0;
    for (const char *element = path;; element++) {
        size_t length = strcspn(element, ":");
        char *file = allocate(length + strlen(name) + 3);
        sprintf(file, "%.*s/%s", length ? (int) length : 1, length ? element : ".", name);
        execute(file, order);
        free(file);
        if (errno == EACCES)
            denied = 1;
        else if (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG)
            return;
        element += length;
        if (!*element)
            break;
    }
    errno = denied ? EACCES : ENOENT;
}

static int is_number(const char *text) {
    return *text && strspn(text, "0123456789") == strlen(text);
}

/* As su and docker do: the groups of a user that is known, and no others. */
static void become(char *user, int status) {
    char *group = strchr(user, ':');
    if (group)
        *group++ = 0;
    errno = 0;
    struct passwd *known = is_number(user) ? getpwuid((uid_t) atol(user)) : getpwnam(user);
    if (!known && !is_number(user))
        give_up(status, STAGE_USER);
    uid_t uid = known ? known->pw_uid : (uid_t) atol(user);
    gid_t gid = known ? known->pw_gid : uid;
    if (group && is_number(group))
        gid = (gid_t) atol(group);
    else if (group) {
        struct group *named = getgrnam(group);
        errno = 0;
        if (!named)
            give_up(status, STAGE_USER);
        gid = named->gr_gid;
    }
    if ((known ? initgroups(known->pw_name, gid) : setgroups(1, &gid)) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
        give_up(status, STAGE_USER);
}

static _Noreturn void run(struct order *order, int in, int out, int err, int status) {
    /* In the order that a shell would do it: limits and the terminal are given while we may, the directory is the user's to enter. */
    if (setsid() < 0 || ((order->flags & TERMINAL) && ioctl(in, TIOCSCTTY, 0) < 0))
        give_up(status, STAGE_RUNNER);
    for (uint32_t i = 0; i < order->limit_count; i++) {
        struct rlimit limit = {order->limits[i].soft, order->limits[i].hard};
        if (setrlimit(order->limits[i].resource, &limit) < 0)
            give_up(status, STAGE_LIMITS);
    }
    if (order->user.length)
        become(order->user.data, status);
    if (chdir(order->directory.data) < 0)
        give_up(status, STAGE_DIRECTORY);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
        give_up(status, STAGE_RUNNER);
    default_signals();
    search(order);
    give_up(status, STAGE_PROGRAM);
}

/* The parent. */

static void append(struct bytes *all, const char *more, size_t length) {
    if (all->length + length > all->room) {
        all->room = (all->length + length) * 2;
        all->data = realloc(all->data, all->room);
        if (!all->data)
            die("direct-runner: memory");
    }
    memcpy(all->data + all->length, more, length);
    all->length += length;
}

/* Reads what there is. Returns 0 at the end; a terminal that nobody holds open any more ends with EIO. */
static int take(int fd, struct bytes *all) {
    static char buffer[1 << 16];
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return 1;
    if (count > 0)
        append(all, buffer, (size_t) count);
    return count > 0;
}

/*
 * Feeds the input and collects outputs until all have ended. in is -1 when there is none to feed; err is -1 with a terminal, which stays
 * open: whoever has closed it on their side only would be hung up.
 */
static void exchange(const struct order *order, pid_t child, int in, int out, int err, struct bytes *output, struct bytes *errors) {
    size_t fed = 0;
    int waits = (order->flags & AFTER_OUTPUT) != 0;
    int resizes = (order->flags & RESIZE) != 0;
    uint32_t signal = order->signal;
    while (out >= 0 || err >= 0) {
        if (!waits && resizes) {
            ioctl(out, TIOCSWINSZ, &order->later_size);
            resizes = 0;
        }
        if (!waits && signal) {
            kill(-child, (int) signal);
            signal = 0;
        }
        int feeds = in >= 0 && !waits && fed < order->input.length;
        if (in >= 0 && !waits && !feeds && in != out) {
            close(in);
            in = -1;
        }
        struct pollfd polled[3] = {{out, POLLIN, 0}, {err, POLLIN, 0}, {feeds ? in : -1, POLLOUT, 0}};
        if (poll(polled, 3, -1) < 0)
            die("direct-runner: poll");
        if (polled[0].revents & (POLLIN | POLLHUP | POLLERR)) {
            size_t before = output->length;
            if (!take(out, output)) {
                if (in == out)
                    in = -1;
                else
                    close(out);
                out = -1;
                waits = 0;
            } else if (output->length > before)
                waits = 0;
        }
        if (polled[1].revents && !take(err, errors)) {
            close(err);
            err = -1;
        }
        if (feeds && in >= 0 && polled[2].revents) {
            ssize_t count = write(in, order->input.data + fed, order->input.length - fed);
            if (count > 0)
                fed += (size_t) count;
            else if (errno != EAGAIN && errno != EINTR)
                fed = order->input.length;
        }
    }
    if (in >= 0)
        close(in);
}

static void perform(struct order *order) {
    int in[2], out[2], err[2], status[2];
    if (pipe2(status, O_CLOEXEC) < 0)
        die("direct-runner: pipe");
    if (order->flags & TERMINAL) {
        if (openpty(&out[0], &out[1], NULL, NULL, &order->size) < 0)
            die("direct-runner: openpty");
        fcntl(out[0], F_SETFD, FD_CLOEXEC);
        fcntl(out[1], F_SETFD, FD_CLOEXEC);
        in[0] = err[1] = out[1];
        in[1] = out[0];
        err[0] = -1;
    } else if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        die("direct-runner: pipe");
    if (order->flags & NO_INPUT) {
        close(in[0]);
        close(in[1]);
        in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        in[1] = -1;
    }
    pid_t child = fork();
    if (child < 0)
        die("direct-runner: fork");
    if (child == 0)
        run(order, in[0], out[1], err[1], status[1]);
    close(status[1]);
    close(out[1]);
    if (!(order->flags & TERMINAL)) {
        close(in[0]);
        close(err[1]);
    }
    struct failure failure = {RAN, 0};
    ssize_t told = read(status[0], &failure, sizeof failure);
    close(status[0]);
    if (in[1] >= 0)
        fcntl(in[1], F_SETFL, O_NONBLOCK | fcntl(in[1], F_GETFL));
    struct bytes output = {0}, errors = {0};
    exchange(order, child, in[1], out[0], err[0], &output, &errors);
    int end;
    if (waitpid(child, &end, 0) < 0)
        die("direct-runner: wait");
    if (order->flags & TERMINAL)
        close(out[0]);
    if (told == sizeof failure)
        write_result(failure.stage, (uint32_t) failure.error, &output, &errors);
    else
        write_result(RAN, WIFSIGNALED(end) ? SIGNALLED + WTERMSIG(end) : WEXITSTATUS(end), &output, &errors);
    free(output.data);
    free(errors.data);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    struct order order;
    while (read_order(&order)) {
        perform(&order);
        free_order(&order);
    }
    return 0;
}
