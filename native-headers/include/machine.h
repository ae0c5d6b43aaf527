/* What concerns the whole machine: what is mounted, its name, its network, its end. */
#ifndef SLUICE_MACHINE_H
#define SLUICE_MACHINE_H

#include <net/if.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>

/* Under _DEFAULT_SOURCE: unistd.h. */
int sethostname(const char *name, size_t length);
void sync(void);

#endif
