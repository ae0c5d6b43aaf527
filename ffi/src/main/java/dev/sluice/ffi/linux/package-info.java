/** Constants and layouts of the Linux C library, generated from {@code native-headers}. */
package dev.sluice.ffi.linux;
