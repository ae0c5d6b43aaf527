/* Mappings and the anonymous files under them. */
#ifndef SLUICE_MEMORY_H
#define SLUICE_MEMORY_H

#include <sys/mman.h>
#include <linux/memfd.h>

/* Under _GNU_SOURCE: bits/mman-shared.h. */
int memfd_create(const char *name, unsigned int flags);

#endif
