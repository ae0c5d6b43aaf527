/* Starting processes, waiting for them, signals, credentials. */
#ifndef SLUICE_PROCESSES_H
#define SLUICE_PROCESSES_H

#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Under _GNU_SOURCE: spawn.h. */
#define POSIX_SPAWN_SETSID 0x80

int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *actions, int fd);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

#endif
