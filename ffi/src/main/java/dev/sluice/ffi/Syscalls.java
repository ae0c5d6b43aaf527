package dev.sluice.ffi;

/**
 * The Linux calls Sluice makes, one method each, and nothing on top of them.
 *
 * <p>Every method makes exactly one call. The result is what the call returned, or the negated errno: {@code -EAGAIN} for a call
 * that failed with EAGAIN. Nothing is retried and nothing is thrown; {@link Posix} does both. This is the seam that tests use to inject
 * faults, that the simulator puts its own kernel behind, and that other implementations (JNR) fill.
 *
 * <p><b>Addresses.</b> Pointers are passed as {@code long} addresses of off-heap memory and must stay allocated until the call returns:
 * an implementation cannot check that. Zero is NULL. Lengths are bytes. Structures at these addresses are laid out as the x86-64 glibc
 * ABI has them (package {@code dev.sluice.ffi.linux}).
 *
 * <p><b>Threads.</b> Implementations are safe for use from any number of platform threads. A call that blocks blocks its thread, and on a
 * virtual thread the carrier too: keep blocking calls on platform threads.
 */
public interface Syscalls {
    /** socket(2). @return a descriptor, or -errno */
    int socket(int domain, int type, int protocol);

    /** socketpair(2); writes two ints to {@code pairAddress}. @return 0, or -errno */
    int socketpair(int domain, int type, int protocol, long pairAddress);

    /** bind(2). @return 0, or -errno */
    int bind(int fd, long address, int length);

    /** listen(2). @return 0, or -errno */
    int listen(int fd, int backlog);

    /** accept4(2); both addresses may be 0. @return a descriptor, or -errno */
    int accept4(int fd, long address, long lengthAddress, int flags);

    /** connect(2). @return 0, or -errno */
    int connect(int fd, long address, int length);

    /** getsockname(2). @return 0, or -errno */
    int getsockname(int fd, long address, long lengthAddress);

    /** getpeername(2). @return 0, or -errno */
    int getpeername(int fd, long address, long lengthAddress);

    /** getsockopt(2). @return 0, or -errno */
    int getsockopt(int fd, int level, int name, long valueAddress, long lengthAddress);

    /** setsockopt(2). @return 0, or -errno */
    int setsockopt(int fd, int level, int name, long valueAddress, int length);

    /** shutdown(2). @return 0, or -errno */
    int shutdown(int fd, int how);

    /** send(2). @return bytes sent, or -errno */
    long send(int fd, long address, long length, int flags);

    /** sendmsg(2) of the {@code struct msghdr} at {@code messageAddress}. @return bytes sent, or -errno */
    long sendmsg(int fd, long messageAddress, int flags);

    /** recvmsg(2) into the {@code struct msghdr} at {@code messageAddress}. @return bytes received, 0 at end of stream, or -errno */
    long recvmsg(int fd, long messageAddress, int flags);

    /** read(2). @return bytes read, 0 at end of file, or -errno */
    long read(int fd, long address, long length);

    /** write(2). @return bytes written, or -errno */
    long write(int fd, long address, long length);

    /** readv(2) into {@code count} of {@code struct iovec}. @return bytes read, 0 at end of file, or -errno */
    long readv(int fd, long iovecAddress, int count);

    /** writev(2) of {@code count} of {@code struct iovec}. @return bytes written, or -errno */
    long writev(int fd, long iovecAddress, int count);

    /** splice(2); offset addresses may be 0. @return bytes moved, 0 at end of input, or -errno */
    long splice(int inFd, long inOffsetAddress, int outFd, long outOffsetAddress, long length, int flags);

    /** openat(2) relative to the working directory; the path is a C string. @return a descriptor, or -errno */
    int open(long pathAddress, int flags, int mode);

    /** close(2). The descriptor is gone whatever is returned, EINTR included. @return 0, or -errno */
    int close(int fd);

    /** pipe2(2); writes two ints to {@code pairAddress}. @return 0, or -errno */
    int pipe2(long pairAddress, int flags);

    /** eventfd(2). @return a descriptor, or -errno */
    int eventfd(int initialValue, int flags);

    /** fcntl(2) with an integer argument. @return the command's result, or -errno */
    int fcntl(int fd, int command, long argument);

    /** ioctl(2) with an integer or address argument. @return the request's result, or -errno */
    int ioctl(int fd, long request, long argument);

    /** fchmod(2). @return 0, or -errno */
    int fchmod(int fd, int mode);

    /** flock(2). @return 0, or -errno */
    int flock(int fd, int operation);

    /** ftruncate(2). @return 0, or -errno */
    int ftruncate(int fd, long length);

    /** memfd_create(2); the name is a C string. @return a descriptor, or -errno */
    int memfdCreate(long nameAddress, int flags);

    /** mmap(2). @return the address, or -errno (addresses of user space are never in the range of a negated errno) */
    long mmap(long hintAddress, long length, int protection, int flags, int fd, long offset);

    /** munmap(2). @return 0, or -errno */
    int munmap(long address, long length);

    /** poll(2) of {@code count} of {@code struct pollfd}. @return how many are ready, 0 at the time limit, or -errno */
    int poll(long pollfdAddress, long count, int timeoutMillis);

    /** epoll_create1(2). @return a descriptor, or -errno */
    int epollCreate1(int flags);

    /** epoll_ctl(2) with a {@code struct epoll_event} (0 for EPOLL_CTL_DEL). @return 0, or -errno */
    int epollCtl(int epollFd, int operation, int fd, long eventAddress);

    /** epoll_wait(2). @return how many events were stored, 0 at the time limit, or -errno */
    int epollWait(int epollFd, long eventsAddress, int maxEvents, int timeoutMillis);

    /**
     * posix_spawn(3) with addresses of initialised {@code posix_spawn_file_actions_t} and {@code posix_spawnattr_t} (either may be 0) and
     * of NULL-terminated vectors of C strings. Stores a {@code pid_t} at {@code pidAddress}.
     *
     * @return 0, or -errno (also of the exec in the child)
     */
    int posixSpawn(long pidAddress, long pathAddress, long fileActionsAddress, long attributesAddress, long argvAddress, long envpAddress);

    /** posix_spawn_file_actions_init(3). @return 0, or -errno */
    int spawnFileActionsInit(long fileActionsAddress);

    /** posix_spawn_file_actions_destroy(3). @return 0, or -errno */
    int spawnFileActionsDestroy(long fileActionsAddress);

    /** posix_spawn_file_actions_adddup2(3). @return 0, or -errno */
    int spawnFileActionsAddDup2(long fileActionsAddress, int fd, int newFd);

    /** posix_spawn_file_actions_addopen(3). @return 0, or -errno */
    int spawnFileActionsAddOpen(long fileActionsAddress, int fd, long pathAddress, int flags, int mode);

    /** posix_spawn_file_actions_addclose(3). @return 0, or -errno */
    int spawnFileActionsAddClose(long fileActionsAddress, int fd);

    /** posix_spawn_file_actions_addclosefrom_np(3). @return 0, or -errno */
    int spawnFileActionsAddCloseFrom(long fileActionsAddress, int fromFd);

    /** posix_spawn_file_actions_addfchdir_np(3). @return 0, or -errno */
    int spawnFileActionsAddFchdir(long fileActionsAddress, int fd);

    /** posix_spawnattr_init(3). @return 0, or -errno */
    int spawnAttributesInit(long attributesAddress);

    /** posix_spawnattr_destroy(3). @return 0, or -errno */
    int spawnAttributesDestroy(long attributesAddress);

    /** posix_spawnattr_setflags(3). @return 0, or -errno */
    int spawnAttributesSetFlags(long attributesAddress, short flags);

    /** posix_spawnattr_setpgroup(3). @return 0, or -errno */
    int spawnAttributesSetProcessGroup(long attributesAddress, int processGroup);

    /** posix_spawnattr_setsigdefault(3) with a {@code sigset_t}. @return 0, or -errno */
    int spawnAttributesSetSignalDefault(long attributesAddress, long signalSetAddress);

    /** posix_spawnattr_setsigmask(3) with a {@code sigset_t}. @return 0, or -errno */
    int spawnAttributesSetSignalMask(long attributesAddress, long signalSetAddress);

    /** waitid(2) into a {@code siginfo_t}. @return 0, or -errno */
    int waitid(int idType, int id, long siginfoAddress, int options);

    /** pidfd_open(2). @return a descriptor, or -errno */
    int pidfdOpen(int pid, int flags);

    /** pidfd_send_signal(2) without siginfo. @return 0, or -errno */
    int pidfdSendSignal(int pidFd, int signal);

    /** kill(2); a negative pid is a process group. @return 0, or -errno */
    int kill(int pid, int signal);

    /** prctl(2) with integer arguments. @return the option's result, or -errno */
    int prctl(int option, long argument2, long argument3, long argument4, long argument5);
}
