package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.iovec;
import dev.sluice.ffi.linux.pollfd;
import dev.sluice.ffi.linux.sockaddr_un;
import dev.sluice.ffi.linux.ucred;
import java.util.List;

/**
 * The system calls of one simulated process on one simulated machine.
 *
 * <p>Each call lets some time pass and others run before it takes effect; a call that waits lets time pass until something happens. A wait
 * that nothing can ever end is a {@link SimulationFailure}, and so are endless turns that neither move a byte nor let time pass.
 *
 * <p><b>Faults</b> keep the promises that programs rely on: where a read or write does less than it could, an event says at once that more
 * can be done, as if the rest had come a moment later.
 *
 * <p>Others in the world use {@link #connect} and {@link #listen} to get sockets of their own.
 *
 * <p>One thread.
 */
public class SimKernel extends DiskProcess {
    private static final int SOCKADDR_PATH_MAX = 108;
    /** Waits in a row that end at once without the program moving a byte in between. */
    private static final int IDLE_TURNS_MAX = 5000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final SocketPaths paths = new SocketPaths();
    private int sendCapacity;
    private int idleTurns;
    private long turns;

    /**
     * A machine on which nothing runs yet.
     *
     * @param clock the time, which calls move on
     * @param random source of chance
     * @param trace where calls are noted
     * @param others everybody else
     * @param sendCapacity send buffer of the program's sockets, in bytes
     * @param disk of the machine
     */
    public SimKernel(
        final SimClock clock, final SimRandom random, final Trace trace, final Scheduler others, final int sendCapacity,
        final SimDisk disk) {
        super(clock, random, trace, others, disk);
        this.sendCapacity = sendCapacity;
    }

    /**
     * Sets the send buffer that the program's sockets get from now on.
     *
     * @param bytes of the buffer, at least 1
     */
    public final void sendCapacity(final int bytes) {
        sendCapacity = bytes;
    }

    /**
     * Connects somebody else to a socket of the program.
     *
     * @param path where the program listens
     * @param capacity send buffer of the new socket in bytes, at least 1
     * @return the connected socket, or null when nobody listens or too many wait already
     */
    public final SimSocket connect(final String path, final int capacity) {
        final SimSocket socket = new SimSocket(capacity);
        return socket.connect(paths.find(path), sendCapacity) == 0 ? socket : null;
    }

    /**
     * Lets somebody else listen.
     *
     * @param path where; no file may be there yet
     * @return the listening socket
     */
    public final SimSocket listen(final String path) {
        final SimSocket socket = new SimSocket(sendCapacity);
        socket.listen(Linux.SOMAXCONN);
        SimulationFailure.unless(paths.bind(path, socket) == 0, () -> "path in use: " + path);
        return socket;
    }

    /** {@return how often the program has begun to wait for events} */
    public final long turns() {
        return turns;
    }

    /** Takes note that the program has done something that is no system call, such as moving bytes in shared memory. */
    public final void progress() {
        idleTurns = 0;
    }

    private SimSocket socketOf(final String call, final int fd) {
        if (file(call, fd) instanceof SimSocket socket) {
            return socket;
        }
        throw new SimulationFailure(call + " of something that is no socket: fd=" + fd);
    }

    private int opened(final SimSocket socket, final int type) {
        socket.nonBlocking((type & Linux.SOCK_NONBLOCK) != 0);
        return table.open(socket);
    }

    @Override
    public int socket(final int domain, final int type, final int protocol) {
        enter();
        final int scarcity = scarcity();
        return traced("socket", domain, scarcity != 0 ? -scarcity : opened(new SimSocket(sendCapacity), type));
    }

    @Override
    public int socketpair(final int domain, final int type, final int protocol, final long pairAddress) {
        enter();
        final SimSocket[] pair = SimSocket.pair(sendCapacity, sendCapacity);
        RawMemory.putInt(pairAddress, opened(pair[0], type));
        RawMemory.putInt(pairAddress + Integer.BYTES, opened(pair[1], type));
        return traced("socketpair", domain, 0);
    }

    @Override
    public int bind(final int fd, final long address, final int length) {
        enter();
        return traced("bind", fd, paths.bind(path(address, length), socketOf("bind", fd)));
    }

    @Override
    public int listen(final int fd, final int backlog) {
        enter();
        return traced("listen", fd, socketOf("listen", fd).listen(backlog));
    }

    @Override
    public int connect(final int fd, final long address, final int length) {
        enter();
        final SimSocket listener = paths.find(path(address, length));
        return traced("connect", fd, listener == null ? -Errno.ENOENT : socketOf("connect", fd).connect(listener, sendCapacity));
    }

    private static String path(final long address, final int length) {
        SimulationFailure.unless(RawMemory.getShort(address) == Linux.AF_UNIX, "an address that is no Unix socket's");
        final int offset = (int) sockaddr_un.sun_path$offset();
        return RawMemory.getString(address + offset, Math.min(length - offset, SOCKADDR_PATH_MAX));
    }

    @Override
    public int accept4(final int fd, final long address, final long lengthAddress, final int flags) {
        enter();
        final SimSocket listener = socketOf("accept4", fd);
        if (interrupted()) {
            return traced("accept4", fd, -Errno.EINTR);
        }
        final int scarcity = scarcity();
        if (scarcity != 0) {
            return traced("accept4", fd, -scarcity);
        }
        if (random.chance(faults().refused())) {
            listener.wake(Linux.EPOLLIN);
            return traced("accept4", fd, -Errno.EAGAIN);
        }
        final SimSocket accepted = listener.accept();
        if (accepted == null) {
            return traced("accept4", fd, -Errno.EAGAIN);
        }
        progress();
        if (random.chance(faults().aborted())) {
            refused();
            accepted.released();
            return traced("accept4", fd, -Errno.ECONNABORTED);
        }
        return traced("accept4", fd, opened(accepted, flags));
    }

    @Override
    public int getsockopt(final int fd, final int level, final int name, final long valueAddress, final long lengthAddress) {
        enter();
        final SimSocket socket = socketOf("getsockopt", fd);
        SimulationFailure.unless(level == Linux.SOL_SOCKET, () -> "getsockopt that is not simulated: level=" + level);
        switch (name) {
            case Linux.SO_ERROR -> RawMemory.putInt(valueAddress, socket.takeError());
            case Linux.SO_SNDBUF -> RawMemory.putInt(valueAddress, socket.sendCapacity());
            case Linux.SO_PEERCRED -> {
                RawMemory.putInt(valueAddress + ucred.pid$offset(), 1);
                RawMemory.putInt(valueAddress + ucred.uid$offset(), 0);
                RawMemory.putInt(valueAddress + ucred.gid$offset(), 0);
            }
            default -> throw new SimulationFailure("getsockopt that is not simulated: name=" + name);
        }
        return traced("getsockopt", name, 0);
    }

    @Override
    public int setsockopt(final int fd, final int level, final int name, final long valueAddress, final int length) {
        enter();
        final SimSocket socket = socketOf("setsockopt", fd);
        if (level == Linux.SOL_SOCKET && name == Linux.SO_SNDBUF) {
            // The kernel doubles what is asked for. Never more than the seed has drawn: that is what makes full sockets.
            socket.sendCapacity(Math.min(socket.sendCapacity(), 2 * RawMemory.getInt(valueAddress)));
        }
        return traced("setsockopt", name, 0);
    }

    @Override
    public int shutdown(final int fd, final int how) {
        enter();
        return traced("shutdown", fd, socketOf("shutdown", fd).shutdown(how));
    }

    @Override
    public long read(final int fd, final long address, final long length) {
        if (file("read", fd) instanceof SimDiskFile onDisk) {
            return readDisk(onDisk, fd, address, length);
        }
        enter();
        final SimFile file = file("read", fd);
        if (interrupted()) {
            return traced("read", fd, (long) -Errno.EINTR);
        }
        final long result = file instanceof SimSocket socket ? receive(socket, address, length, null) : file.read(address, length);
        return finished("read", fd, file, result);
    }

    /** Receives as read(2) does, faults included. */
    final long receive(final SimSocket socket, final long address, final long length, final List<SimFile> files) {
        final int waiting = socket.receivedBytes();
        // As if the bytes came a moment later; where the end has been announced behind them, they must have come before.
        if (waiting > 0 && !socket.isEndAnnounced() && random.chance(faults().refused())) {
            socket.wake(Linux.EPOLLIN);
            return -Errno.EAGAIN;
        }
        int most = (int) Math.min(length, Integer.MAX_VALUE);
        final boolean cut = Math.min(most, waiting) > 1 && random.chance(faults().shortRead());
        if (cut) {
            most = cutLength(Math.min(most, waiting));
        }
        final long[] at = {address};
        final int result = socket.receive(most, (bytes, offset, count) -> {
            RawMemory.write(at[0], bytes, offset, count);
            at[0] += count;
        }, files);
        if (cut && socket.receivedBytes() > 0) {
            socket.wake(Linux.EPOLLIN);
        }
        return result;
    }

    private int cutLength(final int possible) {
        return random.chance(3) ? 1 : random.between(1, possible - 1);
    }

    /** The program has a result; a call that would have waited for one is a mistake. */
    final long finished(final String call, final int fd, final SimFile file, final long result) {
        SimulationFailure.unless(result != -Errno.EAGAIN || file.isNonBlocking(), () -> call + " that blocks the loop: fd=" + fd);
        if (result > 0) {
            progress();
        }
        return traced(call, fd, result);
    }

    @Override
    public long write(final int fd, final long address, final long length) {
        if (file("write", fd) instanceof SimDiskFile onDisk) {
            return writeDisk(onDisk, fd, address, length);
        }
        enter();
        final SimFile file = file("write", fd);
        if (interrupted()) {
            return traced("write", fd, (long) -Errno.EINTR);
        }
        return finished("write", fd, file, file instanceof SimSocket socket ? put(socket, address, length) : file.write(address, length));
    }

    @Override
    public long send(final int fd, final long address, final long length, final int flags) {
        enter();
        final SimSocket socket = socketOf("send", fd);
        if (interrupted()) {
            return traced("send", fd, (long) -Errno.EINTR);
        }
        final long result = put(socket, address, length);
        return (flags & Linux.MSG_DONTWAIT) != 0 ? resultOf("send", fd, result) : finished("send", fd, socket, result);
    }

    private long resultOf(final String call, final int fd, final long result) {
        if (result > 0) {
            progress();
        }
        return traced(call, fd, result);
    }

    private long put(final SimSocket socket, final long address, final long length) {
        checkReadable(address, length);
        final byte[] bytes = new byte[(int) Math.min(length, mostTaken(socket))];
        RawMemory.read(address, bytes, 0, bytes.length);
        return transmit(socket, bytes, List.of());
    }

    private static int mostTaken(final SimSocket socket) {
        // The last chunk may go past the buffer's end by half of it.
        return socket.sendRoom() + socket.sendCapacity() / 2 + 1;
    }

    @Override
    public long writev(final int fd, final long iovecAddress, final int count) {
        enter();
        final SimFile file = file("writev", fd);
        if (interrupted()) {
            return traced("writev", fd, (long) -Errno.EINTR);
        }
        if (!(file instanceof SimSocket socket)) {
            throw new SimulationFailure("writev to something that is no socket: fd=" + fd);
        }
        for (int i = 0; i < count; i++) {
            final long entry = iovecAddress + i * iovec.sizeof();
            checkReadable(RawMemory.getLong(entry + iovec.iov_base$offset()), RawMemory.getLong(entry + iovec.iov_len$offset()));
        }
        return finished("writev", fd, socket, transmit(socket, gather(iovecAddress, count, mostTaken(socket)), List.of()));
    }

    /** Collects what an array of iovecs points to, up to a number of bytes. */
    static byte[] gather(final long iovecAddress, final long count, final int most) {
        long total = 0;
        for (int i = 0; i < count; i++) {
            total += RawMemory.getLong(iovecAddress + i * iovec.sizeof() + iovec.iov_len$offset());
        }
        final byte[] bytes = new byte[(int) Math.min(total, most)];
        int filled = 0;
        for (int i = 0; i < count && filled < bytes.length; i++) {
            final long entry = iovecAddress + i * iovec.sizeof();
            final int part = (int) Math.min(RawMemory.getLong(entry + iovec.iov_len$offset()), bytes.length - filled);
            RawMemory.read(RawMemory.getLong(entry + iovec.iov_base$offset()), bytes, filled, part);
            filled += part;
        }
        return bytes;
    }

    /** Sends as write(2) does, faults included. Defective kernels override it. */
    long transmit(final SimSocket socket, final byte[] bytes, final List<SimFile> files) {
        final int room = Math.min(bytes.length, socket.sendRoom());
        if (room > 0 && random.chance(faults().refused())) {
            socket.wake(Linux.EPOLLOUT);
            return -Errno.EAGAIN;
        }
        final boolean cut = room > 1 && files.isEmpty() && random.chance(faults().shortWrite());
        final int result = socket.send(bytes, 0, cut ? cutLength(room) : bytes.length, files);
        if (cut) {
            socket.wake(Linux.EPOLLOUT);
        }
        return result;
    }

    @Override
    public long sendmsg(final int fd, final long messageAddress, final int flags) {
        enter();
        return resultOf("sendmsg", fd, DescriptorMessages.send(this, socketOf("sendmsg", fd), messageAddress));
    }

    @Override
    public long recvmsg(final int fd, final long messageAddress, final int flags) {
        enter();
        return resultOf("recvmsg", fd, DescriptorMessages.receive(this, socketOf("recvmsg", fd), messageAddress));
    }

    @Override
    public int epollCreate1(final int flags) {
        enter();
        return traced("epoll_create1", flags, table.open(new SimEpoll()));
    }

    private SimEpoll epollOf(final String call, final int fd) {
        if (file(call, fd) instanceof SimEpoll epoll) {
            return epoll;
        }
        throw new SimulationFailure(call + " of something that is no epoll instance: fd=" + fd);
    }

    @Override
    public int epollCtl(final int epollFd, final int operation, final int fd, final long eventAddress) {
        enter();
        final SimEpoll epoll = epollOf("epoll_ctl", epollFd);
        final SimFile file = file("epoll_ctl", fd);
        if (operation == Linux.EPOLL_CTL_ADD && file instanceof SimSocket socket && !socket.isListening()
            && refusesToWatch()) {
            return traced("epoll_ctl", fd, -Errno.ENOMEM);
        }
        return traced("epoll_ctl", fd, epoll.control(operation, fd, file, eventAddress));
    }

    @Override
    public int epollWait(final int epollFd, final long eventsAddress, final int maxEvents, final int timeoutMillis) {
        turns++;
        enter();
        final SimEpoll epoll = epollOf("epoll_wait", epollFd);
        if (random.chance(faults().spuriousEvent())) {
            epoll.repeatSomething(random);
        }
        return traced("epoll_wait", timeoutMillis, waited(timeoutMillis, () -> epoll.collect(eventsAddress, maxEvents)));
    }

    @Override
    public int poll(final long pollfdAddress, final long count, final int timeoutMillis) {
        enter();
        return traced("poll", timeoutMillis, waited(timeoutMillis, () -> {
            int ready = 0;
            for (int i = 0; i < count; i++) {
                final long entry = pollfdAddress + i * pollfd.sizeof();
                final int wanted = RawMemory.getShort(entry + pollfd.events$offset()) | Linux.EPOLLERR | Linux.EPOLLHUP;
                final int holding = file("poll", RawMemory.getInt(entry + pollfd.fd$offset())).events() & wanted;
                RawMemory.putShort(entry + pollfd.revents$offset(), (short) holding);
                ready += holding == 0 ? 0 : 1;
            }
            return ready;
        }));
    }

    @Override
    public int ftruncate(final int fd, final long length) {
        return file("ftruncate", fd) instanceof SimDiskFile onDisk ? cut(onDisk, length) : super.ftruncate(fd, length);
    }

    /** What a wait looks for. */
    private interface Look {
        int ready();
    }

    private int waited(final int timeoutMillis, final Look look) {
        final long startNs = clock.elapsedNs();
        final long endNs = timeoutMillis < 0 ? Scheduler.NEVER : startNs + timeoutMillis * NANOS_PER_MILLI;
        if (interrupted()) {
            return -Errno.EINTR;
        }
        int ready = look.ready();
        while (ready == 0 && clock.elapsedNs() < endNs) {
            sleep(endNs);
            if (random.chance(faults().spuriousWakeUp())) {
                break;
            }
            ready = look.ready();
        }
        idleTurns = clock.elapsedNs() > startNs ? 0 : idleTurns + 1;
        SimulationFailure.unless(idleTurns < IDLE_TURNS_MAX, () -> "the loop turns without doing anything: turns=" + idleTurns);
        return ready;
    }

    private void sleep(final long endNs) {
        final long nextNs = others().nextEventInNs();
        final long leftNs = endNs == Scheduler.NEVER ? Scheduler.NEVER : endNs - clock.elapsedNs();
        SimulationFailure.unless(nextNs != Scheduler.NEVER || leftNs != Scheduler.NEVER, "everybody sleeps for ever");
        clock.advance(Math.min(nextNs, leftNs));
        if (nextNs <= leftNs) {
            runOthers(others()::runDue);
        }
    }
}
