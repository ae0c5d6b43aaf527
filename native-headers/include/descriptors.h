/* Descriptors of every kind: opening, transfer, control. */
#ifndef SLUICE_DESCRIPTORS_H
#define SLUICE_DESCRIPTORS_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Under _GNU_SOURCE: bits/fcntl-linux.h. The values of the two O_ flags come from there, as they differ between architectures. */
#define O_PATH __O_PATH
#define O_DIRECT __O_DIRECT
#define F_SETPIPE_SZ 1031
#define F_GETPIPE_SZ 1032
#define F_ADD_SEALS 1033
#define F_GET_SEALS 1034
#define F_SEAL_SEAL 0x0001
#define F_SEAL_SHRINK 0x0002
#define F_SEAL_GROW 0x0004
#define F_SEAL_WRITE 0x0008
#define F_SEAL_FUTURE_WRITE 0x0010
#define SPLICE_F_MOVE 1
#define SPLICE_F_NONBLOCK 2
#define SPLICE_F_MORE 4

ssize_t splice(int in, off_t *inOffset, int out, off_t *outOffset, size_t length, unsigned int flags);

#define AT_EMPTY_PATH 0x1000

/* Under _GNU_SOURCE: sys/stat.h, whose structure is the kernel's. */
#include <linux/stat.h>
int statx(int directory, const char *path, int flags, unsigned int mask, struct statx *buffer);

/* Without a wrapper in glibc. */
#include <linux/openat2.h>
#include <sys/syscall.h>

/* Under _GNU_SOURCE: sys/uio.h and dirent.h. */
#include <sys/uio.h>
#define RWF_NOWAIT 0x00000008
#define AT_NO_AUTOMOUNT 0x800
ssize_t preadv2(int fd, const struct iovec *vector, int count, off_t offset, int flags);
ssize_t getdents64(int fd, void *buffer, size_t length);

/* Under _GNU_SOURCE: unistd.h. */
int pipe2(int pair[2], int flags);

#endif
