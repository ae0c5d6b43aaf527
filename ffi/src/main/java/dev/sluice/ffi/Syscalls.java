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
public interface Syscalls extends FileSyscalls, IdentitySyscalls {
    /**
     * socket(2).
     *
     * @param domain an {@code AF_} constant
     * @param type a {@code SOCK_} type and its flags
     * @param protocol 0 for the default
     * @return a descriptor, or -errno
     */
    int socket(int domain, int type, int protocol);

    /**
     * socketpair(2).
     *
     * @param domain an {@code AF_} constant
     * @param type a {@code SOCK_} type and its flags
     * @param protocol 0 for the default
     * @param pairAddress where two ints are stored
     * @return 0, or -errno
     */
    int socketpair(int domain, int type, int protocol, long pairAddress);

    /**
     * bind(2).
     *
     * @param fd a socket
     * @param address a {@code sockaddr}
     * @param length of the address in bytes
     * @return 0, or -errno
     */
    int bind(int fd, long address, int length);

    /**
     * listen(2).
     *
     * @param fd a socket
     * @param backlog how many connections may wait
     * @return 0, or -errno
     */
    int listen(int fd, int backlog);

    /**
     * accept4(2).
     *
     * @param fd a listening socket
     * @param address where the peer's {@code sockaddr} is stored, or 0
     * @param lengthAddress of a {@code socklen_t}, room in and length out, or 0
     * @param flags {@code SOCK_CLOEXEC}, {@code SOCK_NONBLOCK}
     * @return a descriptor, or -errno
     */
    int accept4(int fd, long address, long lengthAddress, int flags);

    /**
     * connect(2).
     *
     * @param fd a socket
     * @param address a {@code sockaddr}
     * @param length of the address in bytes
     * @return 0, or -errno ({@code -EINPROGRESS} for one that goes on)
     */
    int connect(int fd, long address, int length);

    /**
     * getsockname(2).
     *
     * @param fd a socket
     * @param address where the {@code sockaddr} is stored
     * @param lengthAddress of a {@code socklen_t}, room in and length out
     * @return 0, or -errno
     */
    int getsockname(int fd, long address, long lengthAddress);

    /**
     * getpeername(2).
     *
     * @param fd a socket
     * @param address where the {@code sockaddr} is stored
     * @param lengthAddress of a {@code socklen_t}, room in and length out
     * @return 0, or -errno
     */
    int getpeername(int fd, long address, long lengthAddress);

    /**
     * getsockopt(2).
     *
     * @param fd a socket
     * @param level {@code SOL_SOCKET} or a protocol
     * @param name of the option
     * @param valueAddress where the value is stored
     * @param lengthAddress of a {@code socklen_t}, room in and length out
     * @return 0, or -errno
     */
    int getsockopt(int fd, int level, int name, long valueAddress, long lengthAddress);

    /**
     * setsockopt(2).
     *
     * @param fd a socket
     * @param level {@code SOL_SOCKET} or a protocol
     * @param name of the option
     * @param valueAddress the value
     * @param length of the value in bytes
     * @return 0, or -errno
     */
    int setsockopt(int fd, int level, int name, long valueAddress, int length);

    /**
     * shutdown(2).
     *
     * @param fd a socket
     * @param how {@code SHUT_RD}, {@code SHUT_WR} or {@code SHUT_RDWR}
     * @return 0, or -errno
     */
    int shutdown(int fd, int how);

    /**
     * send(2).
     *
     * @param fd a socket
     * @param address the bytes
     * @param length how many
     * @param flags {@code MSG_} flags
     * @return bytes sent, or -errno
     */
    long send(int fd, long address, long length, int flags);

    /**
     * sendmsg(2).
     *
     * @param fd a socket
     * @param messageAddress a {@code struct msghdr}
     * @param flags {@code MSG_} flags
     * @return bytes sent, or -errno
     */
    long sendmsg(int fd, long messageAddress, int flags);

    /**
     * recvmsg(2).
     *
     * @param fd a socket
     * @param messageAddress a {@code struct msghdr}
     * @param flags {@code MSG_} flags
     * @return bytes received, 0 at end of stream, or -errno
     */
    long recvmsg(int fd, long messageAddress, int flags);

    /**
     * read(2).
     *
     * @param fd the descriptor
     * @param address where the bytes go
     * @param length how many at most
     * @return bytes read, 0 at end of file, or -errno
     */
    long read(int fd, long address, long length);

    /**
     * write(2).
     *
     * @param fd the descriptor
     * @param address the bytes
     * @param length how many
     * @return bytes written, or -errno
     */
    long write(int fd, long address, long length);

    /**
     * readv(2).
     *
     * @param fd the descriptor
     * @param iovecAddress an array of {@code struct iovec}
     * @param count of its elements
     * @return bytes read, 0 at end of file, or -errno
     */
    long readv(int fd, long iovecAddress, int count);

    /**
     * writev(2).
     *
     * @param fd the descriptor
     * @param iovecAddress an array of {@code struct iovec}
     * @param count of its elements
     * @return bytes written, or -errno
     */
    long writev(int fd, long iovecAddress, int count);

    /**
     * splice(2).
     *
     * @param inFd where bytes come from
     * @param inOffsetAddress of a {@code loff_t}, or 0
     * @param outFd where bytes go; one of the two is a pipe
     * @param outOffsetAddress of a {@code loff_t}, or 0
     * @param length how many bytes at most
     * @param flags {@code SPLICE_F_} flags
     * @return bytes moved, 0 at end of input, or -errno
     */
    long splice(int inFd, long inOffsetAddress, int outFd, long outOffsetAddress, long length, int flags);

    /**
     * lseek(2).
     *
     * @param fd the descriptor
     * @param offset in bytes
     * @param whence {@code SEEK_SET}, {@code SEEK_CUR} or {@code SEEK_END}
     * @return the new offset in bytes, or -errno
     */
    long lseek(int fd, long offset, int whence);

    /**
     * open(2).
     *
     * @param pathAddress a C string, relative to the working directory
     * @param flags {@code O_} flags
     * @param mode permissions of a file that is created
     * @return a descriptor, or -errno
     */
    int open(long pathAddress, int flags, int mode);

    /**
     * openat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param flags {@code O_} flags
     * @param mode permissions of a file that is created
     * @return a descriptor, or -errno
     */
    int openat(int directoryFd, long pathAddress, int flags, int mode);

    /**
     * mkdirat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param mode permissions, less those of the umask
     * @return 0, or -errno
     */
    int mkdirat(int directoryFd, long pathAddress, int mode);

    /**
     * renameat(2). Replaces what has the new name.
     *
     * @param oldDirectoryFd what a relative old path is relative to, or {@code AT_FDCWD}
     * @param oldPathAddress a C string
     * @param newDirectoryFd what a relative new path is relative to, or {@code AT_FDCWD}
     * @param newPathAddress a C string
     * @return 0, or -errno
     */
    int renameat(int oldDirectoryFd, long oldPathAddress, int newDirectoryFd, long newPathAddress);

    /**
     * statx(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}; the file itself with {@code AT_EMPTY_PATH}
     * @param pathAddress a C string, empty with {@code AT_EMPTY_PATH}
     * @param flags {@code AT_} flags
     * @param mask {@code STATX_} flags: what is wanted
     * @param bufferAddress where the {@code struct statx} is stored
     * @return 0, or -errno
     */
    int statx(int directoryFd, long pathAddress, int flags, int mask, long bufferAddress);

    /**
     * close(2). The descriptor is gone whatever is returned, EINTR included.
     *
     * @param fd the descriptor
     * @return 0, or -errno
     */
    int close(int fd);

    /**
     * pipe2(2).
     *
     * @param pairAddress where two ints are stored, read end first
     * @param flags {@code O_CLOEXEC}, {@code O_NONBLOCK}
     * @return 0, or -errno
     */
    int pipe2(long pairAddress, int flags);

    /**
     * eventfd(2).
     *
     * @param initialValue of the counter, unsigned
     * @param flags {@code EFD_} flags
     * @return a descriptor, or -errno
     */
    int eventfd(int initialValue, int flags);

    /**
     * fcntl(2).
     *
     * @param fd the descriptor
     * @param command an {@code F_} command
     * @param argument an integer, or an address
     * @return the command's result, or -errno
     */
    int fcntl(int fd, int command, long argument);

    /**
     * ioctl(2).
     *
     * @param fd the descriptor
     * @param request the request code
     * @param argument an integer, or an address
     * @return the request's result, or -errno
     */
    int ioctl(int fd, long request, long argument);

    /**
     * fchmod(2).
     *
     * @param fd the descriptor
     * @param mode permissions
     * @return 0, or -errno
     */
    int fchmod(int fd, int mode);

    /**
     * flock(2).
     *
     * @param fd the descriptor
     * @param operation {@code LOCK_} constants
     * @return 0, or -errno
     */
    int flock(int fd, int operation);

    /**
     * ftruncate(2).
     *
     * @param fd the descriptor
     * @param length the new size in bytes
     * @return 0, or -errno
     */
    int ftruncate(int fd, long length);

    /**
     * memfd_create(2).
     *
     * @param nameAddress a C string that shows in {@code /proc}
     * @param flags {@code MFD_} flags
     * @return a descriptor, or -errno
     */
    int memfdCreate(long nameAddress, int flags);

    /**
     * mmap(2).
     *
     * @param hintAddress where, or 0
     * @param length in bytes
     * @param protection {@code PROT_} flags
     * @param flags {@code MAP_} flags
     * @param fd what is mapped, or -1
     * @param offset in the file, a multiple of the page size
     * @return the address, or -errno (addresses of user space are never in the range of a negated errno)
     */
    long mmap(long hintAddress, long length, int protection, int flags, int fd, long offset);

    /**
     * munmap(2).
     *
     * @param address of the mapping
     * @param length in bytes
     * @return 0, or -errno
     */
    int munmap(long address, long length);

    /**
     * poll(2).
     *
     * @param pollfdAddress an array of {@code struct pollfd}
     * @param count of its elements
     * @param timeoutMillis 0 to look only, -1 for ever
     * @return how many are ready, 0 at the time limit, or -errno
     */
    int poll(long pollfdAddress, long count, int timeoutMillis);

    /**
     * epoll_create1(2).
     *
     * @param flags {@code EPOLL_CLOEXEC}
     * @return a descriptor, or -errno
     */
    int epollCreate1(int flags);

    /**
     * epoll_ctl(2).
     *
     * @param epollFd the epoll instance
     * @param operation an {@code EPOLL_CTL_} constant
     * @param fd what is watched
     * @param eventAddress a {@code struct epoll_event}, 0 for {@code EPOLL_CTL_DEL}
     * @return 0, or -errno
     */
    int epollCtl(int epollFd, int operation, int fd, long eventAddress);

    /**
     * epoll_wait(2).
     *
     * @param epollFd the epoll instance
     * @param eventsAddress room for {@code maxEvents} of {@code struct epoll_event}
     * @param maxEvents at least 1
     * @param timeoutMillis 0 to look only, -1 for ever
     * @return how many events were stored, 0 at the time limit, or -errno
     */
    int epollWait(int epollFd, long eventsAddress, int maxEvents, int timeoutMillis);

    /**
     * posix_spawn(3).
     *
     * @param pidAddress where a {@code pid_t} is stored
     * @param pathAddress the program, a C string
     * @param fileActionsAddress an initialised {@code posix_spawn_file_actions_t}, or 0
     * @param attributesAddress an initialised {@code posix_spawnattr_t}, or 0
     * @param argvAddress a NULL-terminated vector of C strings
     * @param envpAddress a NULL-terminated vector of C strings
     * @return 0, or -errno (also of the file actions and the exec in the child)
     */
    int posixSpawn(long pidAddress, long pathAddress, long fileActionsAddress, long attributesAddress, long argvAddress, long envpAddress);

    /**
     * posix_spawn_file_actions_init(3).
     *
     * @param fileActionsAddress a {@code posix_spawn_file_actions_t}
     * @return 0, or -errno
     */
    int spawnFileActionsInit(long fileActionsAddress);

    /**
     * posix_spawn_file_actions_destroy(3).
     *
     * @param fileActionsAddress a {@code posix_spawn_file_actions_t}
     * @return 0, or -errno
     */
    int spawnFileActionsDestroy(long fileActionsAddress);

    /**
     * posix_spawn_file_actions_adddup2(3).
     *
     * @param fileActionsAddress a {@code posix_spawn_file_actions_t}
     * @param fd what is duplicated
     * @param newFd onto what
     * @return 0, or -errno
     */
    int spawnFileActionsAddDup2(long fileActionsAddress, int fd, int newFd);

    /**
     * posix_spawn_file_actions_addopen(3).
     *
     * @param fileActionsAddress a {@code posix_spawn_file_actions_t}
     * @param fd what the child will have it as
     * @param pathAddress a C string, copied
     * @param flags {@code O_} flags
     * @param mode permissions of a file that is created
     * @return 0, or -errno
     */
    int spawnFileActionsAddOpen(long fileActionsAddress, int fd, long pathAddress, int flags, int mode);

    /**
     * posix_spawn_file_actions_addclose(3).
     *
     * @param fileActionsAddress a {@code posix_spawn_file_actions_t}
     * @param fd what the child closes
     * @return 0, or -errno
     */
    int spawnFileActionsAddClose(long fileActionsAddress, int fd);

    /**
     * posix_spawn_file_actions_addclosefrom_np(3).
     *
     * @param fileActionsAddress a {@code posix_spawn_file_actions_t}
     * @param fromFd the lowest descriptor the child closes
     * @return 0, or -errno
     */
    int spawnFileActionsAddCloseFrom(long fileActionsAddress, int fromFd);

    /**
     * posix_spawn_file_actions_addfchdir_np(3).
     *
     * @param fileActionsAddress a {@code posix_spawn_file_actions_t}
     * @param fd a directory
     * @return 0, or -errno
     */
    int spawnFileActionsAddFchdir(long fileActionsAddress, int fd);

    /**
     * posix_spawn_file_actions_addchdir_np(3).
     *
     * @param fileActionsAddress a {@code posix_spawn_file_actions_t}
     * @param pathAddress a C string, copied
     * @return 0, or -errno
     */
    int spawnFileActionsAddChdir(long fileActionsAddress, long pathAddress);

    /**
     * posix_spawnattr_init(3).
     *
     * @param attributesAddress a {@code posix_spawnattr_t}
     * @return 0, or -errno
     */
    int spawnAttributesInit(long attributesAddress);

    /**
     * posix_spawnattr_destroy(3).
     *
     * @param attributesAddress a {@code posix_spawnattr_t}
     * @return 0, or -errno
     */
    int spawnAttributesDestroy(long attributesAddress);

    /**
     * posix_spawnattr_setflags(3).
     *
     * @param attributesAddress a {@code posix_spawnattr_t}
     * @param flags {@code POSIX_SPAWN_} flags
     * @return 0, or -errno
     */
    int spawnAttributesSetFlags(long attributesAddress, short flags);

    /**
     * posix_spawnattr_setpgroup(3).
     *
     * @param attributesAddress a {@code posix_spawnattr_t}
     * @param processGroup an id, or 0 for a new group
     * @return 0, or -errno
     */
    int spawnAttributesSetProcessGroup(long attributesAddress, int processGroup);

    /**
     * posix_spawnattr_setsigdefault(3).
     *
     * @param attributesAddress a {@code posix_spawnattr_t}
     * @param signalSetAddress a {@code sigset_t}
     * @return 0, or -errno
     */
    int spawnAttributesSetSignalDefault(long attributesAddress, long signalSetAddress);

    /**
     * posix_spawnattr_setsigmask(3).
     *
     * @param attributesAddress a {@code posix_spawnattr_t}
     * @param signalSetAddress a {@code sigset_t}
     * @return 0, or -errno
     */
    int spawnAttributesSetSignalMask(long attributesAddress, long signalSetAddress);

    /**
     * waitid(2).
     *
     * @param idType {@code P_PID}, {@code P_PGID}, {@code P_PIDFD} or {@code P_ALL}
     * @param id as the type says
     * @param siginfoAddress where a {@code siginfo_t} is stored
     * @param options {@code WEXITED}, {@code WNOHANG} and the like
     * @return 0, or -errno
     */
    int waitid(int idType, int id, long siginfoAddress, int options);

    /**
     * pidfd_open(2).
     *
     * @param pid the process
     * @param flags 0
     * @return a descriptor, or -errno
     */
    int pidfdOpen(int pid, int flags);

    /**
     * pidfd_send_signal(2) without siginfo.
     *
     * @param pidFd the process
     * @param signal its number, 0 to look only
     * @return 0, or -errno
     */
    int pidfdSendSignal(int pidFd, int signal);

    /**
     * kill(2).
     *
     * @param pid a process, or a process group if negative
     * @param signal its number, 0 to look only
     * @return 0, or -errno
     */
    int kill(int pid, int signal);

    /**
     * clock_settime(2).
     *
     * @param clock a {@code CLOCK_} constant
     * @param timespecAddress a {@code struct timespec}
     * @return 0, or -errno
     */
    int clockSettime(int clock, long timespecAddress);

    /**
     * prctl(2).
     *
     * @param option a {@code PR_} constant
     * @param argument2 an integer, or an address
     * @param argument3 an integer, or an address
     * @param argument4 an integer, or an address
     * @param argument5 an integer, or an address
     * @return the option's result, or -errno
     */
    int prctl(int option, long argument2, long argument3, long argument4, long argument5);
}
