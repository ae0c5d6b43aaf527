/*
 * Terminals, as ioctl(2) sees them: struct termios is the kernel's, 36 bytes, not that of glibc's termios.h, which tcgetattr(3) converts to.
 */
#ifndef SLUICE_TERMINALS_H
#define SLUICE_TERMINALS_H

#include <asm/termbits.h>
#include <sys/ioctl.h>

#endif
