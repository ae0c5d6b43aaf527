/* Waiting for readiness. */
#ifndef SLUICE_EVENTS_H
#define SLUICE_EVENTS_H

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/* Under _GNU_SOURCE: bits/poll.h. */
#define POLLRDHUP 0x2000

#endif
