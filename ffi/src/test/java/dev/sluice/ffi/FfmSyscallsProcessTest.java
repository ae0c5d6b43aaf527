package dev.sluice.ffi;

/** The process calls of this process's C library. */
class FfmSyscallsProcessTest extends SyscallsProcessContract {
    @Override
    protected Syscalls implementation() {
        return new FfmSyscalls();
    }
}
