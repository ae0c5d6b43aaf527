package dev.sluice.ffi.fault;

/** The calls of {@link dev.sluice.ffi.Syscalls}, to name them in tests. */
public enum Call {
    /** socket(2). */
    SOCKET,
    /** socketpair(2). */
    SOCKETPAIR,
    /** bind(2). */
    BIND,
    /** listen(2). */
    LISTEN,
    /** accept4(2). */
    ACCEPT4,
    /** connect(2). */
    CONNECT,
    /** getsockname(2). */
    GETSOCKNAME,
    /** getpeername(2). */
    GETPEERNAME,
    /** getsockopt(2). */
    GETSOCKOPT,
    /** setsockopt(2). */
    SETSOCKOPT,
    /** shutdown(2). */
    SHUTDOWN,
    /** send(2). */
    SEND,
    /** sendmsg(2). */
    SENDMSG,
    /** recvmsg(2). */
    RECVMSG,
    /** read(2). */
    READ,
    /** write(2). */
    WRITE,
    /** readv(2). */
    READV,
    /** writev(2). */
    WRITEV,
    /** splice(2). */
    SPLICE,
    /** lseek(2). */
    LSEEK,
    /** open(2). */
    OPEN,
    /** openat(2). */
    OPENAT,
    /** mkdirat(2). */
    MKDIRAT,
    /** renameat(2). */
    RENAMEAT,
    /** statx(2). */
    STATX,
    /** pread(2). */
    PREAD,
    /** pwrite(2). */
    PWRITE,
    /** preadv2(2). */
    PREADV2,
    /** openat2(2). */
    OPENAT2,
    /** unlinkat(2). */
    UNLINKAT,
    /** symlinkat(2). */
    SYMLINKAT,
    /** readlinkat(2). */
    READLINKAT,
    /** fchmodat(2). */
    FCHMODAT,
    /** fchownat(2). */
    FCHOWNAT,
    /** utimensat(2). */
    UTIMENSAT,
    /** getdents64(2). */
    GETDENTS64,
    /** fsync(2). */
    FSYNC,
    /** close(2). */
    CLOSE,
    /** pipe2(2). */
    PIPE2,
    /** eventfd(2). */
    EVENTFD,
    /** fcntl(2). */
    FCNTL,
    /** ioctl(2). */
    IOCTL,
    /** fchmod(2). */
    FCHMOD,
    /** flock(2). */
    FLOCK,
    /** ftruncate(2). */
    FTRUNCATE,
    /** memfd_create(2). */
    MEMFD_CREATE,
    /** mmap(2). */
    MMAP,
    /** munmap(2). */
    MUNMAP,
    /** poll(2). */
    POLL,
    /** epoll_create1(2). */
    EPOLL_CREATE1,
    /** epoll_ctl(2). */
    EPOLL_CTL,
    /** epoll_wait(2). */
    EPOLL_WAIT,
    /** posix_spawn(3). */
    POSIX_SPAWN,
    /** posix_spawn_file_actions_init(3). */
    POSIX_SPAWN_FILE_ACTIONS_INIT,
    /** posix_spawn_file_actions_destroy(3). */
    POSIX_SPAWN_FILE_ACTIONS_DESTROY,
    /** posix_spawn_file_actions_adddup2(3). */
    POSIX_SPAWN_FILE_ACTIONS_ADDDUP2,
    /** posix_spawn_file_actions_addopen(3). */
    POSIX_SPAWN_FILE_ACTIONS_ADDOPEN,
    /** posix_spawn_file_actions_addclose(3). */
    POSIX_SPAWN_FILE_ACTIONS_ADDCLOSE,
    /** posix_spawn_file_actions_addclosefrom_np(3). */
    POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP,
    /** posix_spawn_file_actions_addfchdir_np(3). */
    POSIX_SPAWN_FILE_ACTIONS_ADDFCHDIR_NP,
    /** posix_spawn_file_actions_addchdir_np(3). */
    POSIX_SPAWN_FILE_ACTIONS_ADDCHDIR_NP,
    /** posix_spawnattr_init(3). */
    POSIX_SPAWNATTR_INIT,
    /** posix_spawnattr_destroy(3). */
    POSIX_SPAWNATTR_DESTROY,
    /** posix_spawnattr_setflags(3). */
    POSIX_SPAWNATTR_SETFLAGS,
    /** posix_spawnattr_setpgroup(3). */
    POSIX_SPAWNATTR_SETPGROUP,
    /** posix_spawnattr_setsigdefault(3). */
    POSIX_SPAWNATTR_SETSIGDEFAULT,
    /** posix_spawnattr_setsigmask(3). */
    POSIX_SPAWNATTR_SETSIGMASK,
    /** waitid(2). */
    WAITID,
    /** pidfd_open(2). */
    PIDFD_OPEN,
    /** pidfd_send_signal(2). */
    PIDFD_SEND_SIGNAL,
    /** kill(2). */
    KILL,
    /** clock_settime(2). */
    CLOCK_SETTIME,
    /** prctl(2). */
    PRCTL,
    /** setresuid(2). */
    SETRESUID,
    /** setresgid(2). */
    SETRESGID,
    /** setgroups(2). */
    SETGROUPS,
    /** prlimit(2). */
    PRLIMIT,
    /** fchown(2). */
    FCHOWN,
    /** mknodat(2). */
    MKNODAT
}
