package dev.sluice.ffi;

/** The calls of this process's C library. */
class FfmSyscallsTest extends SyscallsContract {
    @Override
    protected Syscalls implementation() {
        return new FfmSyscalls();
    }
}
