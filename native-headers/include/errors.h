/* Error numbers. */
#ifndef SLUICE_ERRORS_H
#define SLUICE_ERRORS_H

#include <errno.h>

#endif
