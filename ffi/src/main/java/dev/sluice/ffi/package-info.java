/**
 * The Linux calls in use, behind one interface.
 *
 * <p>{@link dev.sluice.ffi.Syscalls} is one method a call; {@link dev.sluice.ffi.Posix} repeats what was interrupted and describes what
 * failed. {@code dev.sluice.ffi.linux} has the generated constants and layouts.
 */
package dev.sluice.ffi;
