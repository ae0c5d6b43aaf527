/*
 * The part of Linux that Sluice calls, as one translation unit for the bindings generator.
 *
 * _GNU_SOURCE stays undefined: with it glibc declares the socket calls with a transparent union in place of struct sockaddr *, which cannot
 * be bound. What glibc shows only under _GNU_SOURCE is repeated in these headers, each time with the header it is taken from.
 *
 * One header a concern, and beside it, in lists/, the names that are bound from it.
 */
#ifndef SLUICE_H
#define SLUICE_H

#include "errors.h"
#include "sockets.h"
#include "descriptors.h"
#include "memory.h"
#include "events.h"
#include "processes.h"
#include "terminals.h"
#include "machine.h"

#endif
