package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;

/**
 * Where the architectures that Linux runs on differ, in what Sluice uses; everything else in {@code dev.sluice.ffi.linux} is the same on
 * x86-64 and aarch64.
 *
 * <p>Built and tested on x86-64 with glibc. Source of the aarch64 values: arch/arm64/include/uapi/asm/fcntl.h, asm-generic/unistd.h, and
 * eventpoll.h, which packs {@code struct epoll_event} on x86-64 only.
 */
public final class Abi {
    private static final String ARCHITECTURE = System.getProperty("os.arch");
    private static final boolean AARCH64 = "aarch64".equals(ARCHITECTURE);

    /** Fail unless the path is a directory. */
    public static final int O_DIRECTORY = AARCH64 ? 0x4000 : Linux.O_DIRECTORY;
    /** Fail if the last part of the path is a symbolic link. */
    public static final int O_NOFOLLOW = AARCH64 ? 0x8000 : Linux.O_NOFOLLOW;
    /** Go past the page cache; of a pipe, packet mode. */
    public static final int O_DIRECT = AARCH64 ? 0x10000 : Linux.O_DIRECT;

    /** Number of setgroups(2). */
    static final long SYS_SETGROUPS = AARCH64 ? 159 : 116;
    /** Number of setresuid(2). */
    static final long SYS_SETRESUID = AARCH64 ? 147 : 117;
    /** Number of setresgid(2). */
    static final long SYS_SETRESGID = AARCH64 ? 149 : 119;

    /** Bytes from one {@code struct epoll_event} to the next in an array. */
    public static final int EPOLL_EVENT_SIZE = AARCH64 ? 16 : 12;
    /** Offset of the 32-bit events in {@code struct epoll_event}. */
    public static final int EPOLL_EVENT_EVENTS_OFFSET = 0;
    /** Offset of the 64-bit data in {@code struct epoll_event}; not aligned on x86-64. */
    public static final int EPOLL_EVENT_DATA_OFFSET = AARCH64 ? 8 : 4;

    private Abi() {
    }

    /** Refuses to go on where the layouts would be wrong. */
    static Syscalls check(final Syscalls calls) {
        final String system = System.getProperty("os.name");
        if (!"Linux".equals(system) || !AARCH64 && !"amd64".equals(ARCHITECTURE)) {
            throw new UnsupportedOperationException(
                "Sluice runs on Linux, x86-64 or aarch64: os.name=" + system + " os.arch=" + ARCHITECTURE);
        }
        return calls;
    }
}
