package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;

/**
 * The error numbers of Linux, with their symbols and texts.
 *
 * <p>The constants are those that programs decide by; {@link Linux} has the rest. Symbols and texts cover all of them. The texts are
 * those of glibc in the C locale, kept here so that an error can be described without a native call.
 */
public final class Errno {
    /** Operation not permitted. */
    public static final int EPERM = Linux.EPERM;
    /** No such file or directory. */
    public static final int ENOENT = Linux.ENOENT;
    /** No such process. */
    public static final int ESRCH = Linux.ESRCH;
    /** Interrupted system call. */
    public static final int EINTR = Linux.EINTR;
    /** Input/output error. */
    public static final int EIO = Linux.EIO;
    /** No such device or address. */
    public static final int ENXIO = Linux.ENXIO;
    /** Argument list too long. */
    public static final int E2BIG = Linux.E2BIG;
    /** Exec format error. */
    public static final int ENOEXEC = Linux.ENOEXEC;
    /** Bad file descriptor. */
    public static final int EBADF = Linux.EBADF;
    /** No child processes. */
    public static final int ECHILD = Linux.ECHILD;
    /** Resource temporarily unavailable. */
    public static final int EAGAIN = Linux.EAGAIN;
    /** Cannot allocate memory. */
    public static final int ENOMEM = Linux.ENOMEM;
    /** Permission denied. */
    public static final int EACCES = Linux.EACCES;
    /** Bad address. */
    public static final int EFAULT = Linux.EFAULT;
    /** Device or resource busy. */
    public static final int EBUSY = Linux.EBUSY;
    /** File exists. */
    public static final int EEXIST = Linux.EEXIST;
    /** Invalid cross-device link. */
    public static final int EXDEV = Linux.EXDEV;
    /** No such device. */
    public static final int ENODEV = Linux.ENODEV;
    /** Not a directory. */
    public static final int ENOTDIR = Linux.ENOTDIR;
    /** Is a directory. */
    public static final int EISDIR = Linux.EISDIR;
    /** Invalid argument. */
    public static final int EINVAL = Linux.EINVAL;
    /** Too many open files in system. */
    public static final int ENFILE = Linux.ENFILE;
    /** Too many open files. */
    public static final int EMFILE = Linux.EMFILE;
    /** Inappropriate ioctl for device. */
    public static final int ENOTTY = Linux.ENOTTY;
    /** Text file busy. */
    public static final int ETXTBSY = Linux.ETXTBSY;
    /** File too large. */
    public static final int EFBIG = Linux.EFBIG;
    /** No space left on device. */
    public static final int ENOSPC = Linux.ENOSPC;
    /** Illegal seek. */
    public static final int ESPIPE = Linux.ESPIPE;
    /** Read-only file system. */
    public static final int EROFS = Linux.EROFS;
    /** Too many links. */
    public static final int EMLINK = Linux.EMLINK;
    /** Broken pipe. */
    public static final int EPIPE = Linux.EPIPE;
    /** Resource deadlock avoided. */
    public static final int EDEADLOCK = Linux.EDEADLOCK;
    /** Resource deadlock avoided. */
    public static final int EDEADLK = Linux.EDEADLK;
    /** File name too long. */
    public static final int ENAMETOOLONG = Linux.ENAMETOOLONG;
    /** No locks available. */
    public static final int ENOLCK = Linux.ENOLCK;
    /** Function not implemented. */
    public static final int ENOSYS = Linux.ENOSYS;
    /** Directory not empty. */
    public static final int ENOTEMPTY = Linux.ENOTEMPTY;
    /** Too many levels of symbolic links. */
    public static final int ELOOP = Linux.ELOOP;
    /** No data available. */
    public static final int ENODATA = Linux.ENODATA;
    /** Timer expired. */
    public static final int ETIME = Linux.ETIME;
    /** Protocol error. */
    public static final int EPROTO = Linux.EPROTO;
    /** Bad message. */
    public static final int EBADMSG = Linux.EBADMSG;
    /** Value too large for defined data type. */
    public static final int EOVERFLOW = Linux.EOVERFLOW;
    /** Invalid or incomplete multibyte or wide character. */
    public static final int EILSEQ = Linux.EILSEQ;
    /** Socket operation on non-socket. */
    public static final int ENOTSOCK = Linux.ENOTSOCK;
    /** Destination address required. */
    public static final int EDESTADDRREQ = Linux.EDESTADDRREQ;
    /** Message too long. */
    public static final int EMSGSIZE = Linux.EMSGSIZE;
    /** Protocol wrong type for socket. */
    public static final int EPROTOTYPE = Linux.EPROTOTYPE;
    /** Protocol not available. */
    public static final int ENOPROTOOPT = Linux.ENOPROTOOPT;
    /** Protocol not supported. */
    public static final int EPROTONOSUPPORT = Linux.EPROTONOSUPPORT;
    /** Socket type not supported. */
    public static final int ESOCKTNOSUPPORT = Linux.ESOCKTNOSUPPORT;
    /** Operation not supported. */
    public static final int EOPNOTSUPP = Linux.EOPNOTSUPP;
    /** Protocol family not supported. */
    public static final int EPFNOSUPPORT = Linux.EPFNOSUPPORT;
    /** Address family not supported by protocol. */
    public static final int EAFNOSUPPORT = Linux.EAFNOSUPPORT;
    /** Address already in use. */
    public static final int EADDRINUSE = Linux.EADDRINUSE;
    /** Cannot assign requested address. */
    public static final int EADDRNOTAVAIL = Linux.EADDRNOTAVAIL;
    /** Network is down. */
    public static final int ENETDOWN = Linux.ENETDOWN;
    /** Network is unreachable. */
    public static final int ENETUNREACH = Linux.ENETUNREACH;
    /** Network dropped connection on reset. */
    public static final int ENETRESET = Linux.ENETRESET;
    /** Software caused connection abort. */
    public static final int ECONNABORTED = Linux.ECONNABORTED;
    /** Connection reset by peer. */
    public static final int ECONNRESET = Linux.ECONNRESET;
    /** No buffer space available. */
    public static final int ENOBUFS = Linux.ENOBUFS;
    /** Transport endpoint is already connected. */
    public static final int EISCONN = Linux.EISCONN;
    /** Transport endpoint is not connected. */
    public static final int ENOTCONN = Linux.ENOTCONN;
    /** Cannot send after transport endpoint shutdown. */
    public static final int ESHUTDOWN = Linux.ESHUTDOWN;
    /** Too many references: cannot splice. */
    public static final int ETOOMANYREFS = Linux.ETOOMANYREFS;
    /** Connection timed out. */
    public static final int ETIMEDOUT = Linux.ETIMEDOUT;
    /** Connection refused. */
    public static final int ECONNREFUSED = Linux.ECONNREFUSED;
    /** Host is down. */
    public static final int EHOSTDOWN = Linux.EHOSTDOWN;
    /** No route to host. */
    public static final int EHOSTUNREACH = Linux.EHOSTUNREACH;
    /** Operation already in progress. */
    public static final int EALREADY = Linux.EALREADY;
    /** Operation now in progress. */
    public static final int EINPROGRESS = Linux.EINPROGRESS;
    /** Disk quota exceeded. */
    public static final int EDQUOT = Linux.EDQUOT;
    /** Operation canceled. */
    public static final int ECANCELED = Linux.ECANCELED;
    /** Owner died. */
    public static final int EOWNERDEAD = Linux.EOWNERDEAD;

    /** Source: asm-generic/errno-base.h and errno.h, the numbers of x86-64 and aarch64; where two symbols share one, the usual one. */
    private static final String TABLE = """
        1 EPERM Operation not permitted
        2 ENOENT No such file or directory
        3 ESRCH No such process
        4 EINTR Interrupted system call
        5 EIO Input/output error
        6 ENXIO No such device or address
        7 E2BIG Argument list too long
        8 ENOEXEC Exec format error
        9 EBADF Bad file descriptor
        10 ECHILD No child processes
        11 EAGAIN Resource temporarily unavailable
        12 ENOMEM Cannot allocate memory
        13 EACCES Permission denied
        14 EFAULT Bad address
        15 ENOTBLK Block device required
        16 EBUSY Device or resource busy
        17 EEXIST File exists
        18 EXDEV Invalid cross-device link
        19 ENODEV No such device
        20 ENOTDIR Not a directory
        21 EISDIR Is a directory
        22 EINVAL Invalid argument
        23 ENFILE Too many open files in system
        24 EMFILE Too many open files
        25 ENOTTY Inappropriate ioctl for device
        26 ETXTBSY Text file busy
        27 EFBIG File too large
        28 ENOSPC No space left on device
        29 ESPIPE Illegal seek
        30 EROFS Read-only file system
        31 EMLINK Too many links
        32 EPIPE Broken pipe
        33 EDOM Numerical argument out of domain
        34 ERANGE Numerical result out of range
        35 EDEADLK Resource deadlock avoided
        36 ENAMETOOLONG File name too long
        37 ENOLCK No locks available
        38 ENOSYS Function not implemented
        39 ENOTEMPTY Directory not empty
        40 ELOOP Too many levels of symbolic links
        42 ENOMSG No message of desired type
        43 EIDRM Identifier removed
        44 ECHRNG Channel number out of range
        45 EL2NSYNC Level 2 not synchronized
        46 EL3HLT Level 3 halted
        47 EL3RST Level 3 reset
        48 ELNRNG Link number out of range
        49 EUNATCH Protocol driver not attached
        50 ENOCSI No CSI structure available
        51 EL2HLT Level 2 halted
        52 EBADE Invalid exchange
        53 EBADR Invalid request descriptor
        54 EXFULL Exchange full
        55 ENOANO No anode
        56 EBADRQC Invalid request code
        57 EBADSLT Invalid slot
        59 EBFONT Bad font file format
        60 ENOSTR Device not a stream
        61 ENODATA No data available
        62 ETIME Timer expired
        63 ENOSR Out of streams resources
        64 ENONET Machine is not on the network
        65 ENOPKG Package not installed
        66 EREMOTE Object is remote
        67 ENOLINK Link has been severed
        68 EADV Advertise error
        69 ESRMNT Srmount error
        70 ECOMM Communication error on send
        71 EPROTO Protocol error
        72 EMULTIHOP Multihop attempted
        73 EDOTDOT RFS specific error
        74 EBADMSG Bad message
        75 EOVERFLOW Value too large for defined data type
        76 ENOTUNIQ Name not unique on network
        77 EBADFD File descriptor in bad state
        78 EREMCHG Remote address changed
        79 ELIBACC Can not access a needed shared library
        80 ELIBBAD Accessing a corrupted shared library
        81 ELIBSCN .lib section in a.out corrupted
        82 ELIBMAX Attempting to link in too many shared libraries
        83 ELIBEXEC Cannot exec a shared library directly
        84 EILSEQ Invalid or incomplete multibyte or wide character
        85 ERESTART Interrupted system call should be restarted
        86 ESTRPIPE Streams pipe error
        87 EUSERS Too many users
        88 ENOTSOCK Socket operation on non-socket
        89 EDESTADDRREQ Destination address required
        90 EMSGSIZE Message too long
        91 EPROTOTYPE Protocol wrong type for socket
        92 ENOPROTOOPT Protocol not available
        93 EPROTONOSUPPORT Protocol not supported
        94 ESOCKTNOSUPPORT Socket type not supported
        95 EOPNOTSUPP Operation not supported
        96 EPFNOSUPPORT Protocol family not supported
        97 EAFNOSUPPORT Address family not supported by protocol
        98 EADDRINUSE Address already in use
        99 EADDRNOTAVAIL Cannot assign requested address
        100 ENETDOWN Network is down
        101 ENETUNREACH Network is unreachable
        102 ENETRESET Network dropped connection on reset
        103 ECONNABORTED Software caused connection abort
        104 ECONNRESET Connection reset by peer
        105 ENOBUFS No buffer space available
        106 EISCONN Transport endpoint is already connected
        107 ENOTCONN Transport endpoint is not connected
        108 ESHUTDOWN Cannot send after transport endpoint shutdown
        109 ETOOMANYREFS Too many references: cannot splice
        110 ETIMEDOUT Connection timed out
        111 ECONNREFUSED Connection refused
        112 EHOSTDOWN Host is down
        113 EHOSTUNREACH No route to host
        114 EALREADY Operation already in progress
        115 EINPROGRESS Operation now in progress
        116 ESTALE Stale file handle
        117 EUCLEAN Structure needs cleaning
        118 ENOTNAM Not a XENIX named type file
        119 ENAVAIL No XENIX semaphores available
        120 EISNAM Is a named type file
        121 EREMOTEIO Remote I/O error
        122 EDQUOT Disk quota exceeded
        123 ENOMEDIUM No medium found
        124 EMEDIUMTYPE Wrong medium type
        125 ECANCELED Operation canceled
        126 ENOKEY Required key not available
        127 EKEYEXPIRED Key has expired
        128 EKEYREVOKED Key has been revoked
        129 EKEYREJECTED Key was rejected by service
        130 EOWNERDEAD Owner died
        131 ENOTRECOVERABLE State not recoverable
        132 ERFKILL Operation not possible due to RF-kill
        133 EHWPOISON Memory page has hardware error
        """;

    private static final String[] SYMBOLS;
    private static final String[] TEXTS;

    static {
        final String[] lines = TABLE.split("\n");
        final int size = 1 + Integer.parseInt(lines[lines.length - 1].split(" ")[0]);
        SYMBOLS = new String[size];
        TEXTS = new String[size];
        for (final String line : lines) {
            final String[] columns = line.split(" ", 3);
            final int errno = Integer.parseInt(columns[0]);
            SYMBOLS[errno] = columns[1];
            TEXTS[errno] = columns[2];
        }
    }

    private Errno() {
    }

    /**
     * The symbol of an error number.
     *
     * @param errno a positive error number
     * @return for example {@code EAGAIN}; {@code E999} for a number without a symbol
     */
    public static String name(final int errno) {
        return known(errno) ? SYMBOLS[errno] : "E" + errno;
    }

    /**
     * What an error number means.
     *
     * @param errno a positive error number
     * @return for example {@code Resource temporarily unavailable}
     */
    public static String text(final int errno) {
        return known(errno) ? TEXTS[errno] : "Unknown error " + errno;
    }

    /**
     * What an error number means, for people who look for either form.
     *
     * @param errno a positive error number
     * @return for example {@code No such file or directory (ENOENT)}
     */
    public static String describe(final int errno) {
        return text(errno) + " (" + name(errno) + ")";
    }

    private static boolean known(final int errno) {
        return errno > 0 && errno < SYMBOLS.length && SYMBOLS[errno] != null;
    }
}
