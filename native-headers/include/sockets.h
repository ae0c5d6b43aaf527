/* Sockets of the Unix, internet and vsock families, descriptor passing. */
#ifndef SLUICE_SOCKETS_H
#define SLUICE_SOCKETS_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <linux/sockios.h>
#include <linux/vm_sockets.h>

/* Under _GNU_SOURCE: sys/socket.h, bits/socket.h. */
#define SCM_CREDENTIALS 0x02

struct ucred {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);

#endif
