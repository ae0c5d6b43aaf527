/**
 * Constants, structure layouts and errno-free functions of the Linux C library (x86-64, glibc), generated from {@code native-headers} and
 * never edited by hand.
 *
 * <p>{@link dev.sluice.ffi.linux.Linux} has the constants and functions; each structure is a class named as in C, with {@code sizeof()},
 * {@code layout()}, and for each field a getter, a setter and {@code field$offset()}. Functions that set errno are not here: see
 * {@link dev.sluice.ffi.Syscalls}.
 */
package dev.sluice.ffi.linux;
