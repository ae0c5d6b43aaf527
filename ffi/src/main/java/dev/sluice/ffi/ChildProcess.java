package dev.sluice.ffi;

/**
 * A started child of this process, which must be reaped through {@link ProcessExit} and whose {@code pidFd} must then be closed.
 *
 * @param pid its process id, which is reused once it has been reaped
 * @param pidFd a descriptor of exactly this process, close-on-exec, readable when it has ended; the caller owns it
 */
public record ChildProcess(int pid, int pidFd) {
}
