package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * An epoll instance, after fs/eventpoll.c: a wake-up of a watched file puts its watch at the end of the ready list; a wait asks each watch
 * of the list what holds now, reports that, and puts it back at the end if it is level-triggered. Adding and modifying ask at once, so
 * that either arms an edge-triggered watch anew.
 */
final class SimEpoll extends SimFile {
    private static final int ALWAYS = Linux.EPOLLERR | Linux.EPOLLHUP;
    private static final int FLAGS = Linux.EPOLLET;
    private static final int KNOWN = Linux.EPOLLIN | Linux.EPOLLOUT | Linux.EPOLLRDHUP | Linux.EPOLLPRI | ALWAYS | FLAGS;

    private final Map<Integer, Watch> watches = new HashMap<>();
    private final ArrayDeque<Watch> ready = new ArrayDeque<>();

    /** One watched file. */
    static final class Watch {
        private final SimEpoll epoll;
        private final SimFile file;
        private final int fd;
        private int wanted;
        private long token;
        private boolean queued;
        private boolean dead;

        private Watch(final SimEpoll epoll, final SimFile file, final int fd) {
            this.epoll = epoll;
            this.file = file;
            this.fd = fd;
        }

        SimEpoll epoll() {
            return epoll;
        }

        boolean wants(final int events) {
            return (wanted & events) != 0;
        }

        private int holding() {
            return file.events() & wanted & ~FLAGS;
        }
    }

    int control(final int operation, final int fd, final SimFile file, final long eventAddress) {
        if (operation == Linux.EPOLL_CTL_DEL) {
            final Watch known = watches.get(fd);
            if (known == null) {
                return -Errno.ENOENT;
            }
            forget(known);
            return 0;
        }
        final int events = RawMemory.getInt(eventAddress + Abi.EPOLL_EVENT_EVENTS_OFFSET);
        return change(operation, fd, file, events, RawMemory.getLong(eventAddress + Abi.EPOLL_EVENT_DATA_OFFSET));
    }

    private int change(final int operation, final int fd, final SimFile file, final int events, final long token) {
        SimulationFailure.unless((events & ~KNOWN) == 0, () -> "epoll flag that is not simulated: 0x" + Integer.toHexString(events));
        final Watch known = watches.get(fd);
        switch (operation) {
            case Linux.EPOLL_CTL_ADD -> {
                if (known != null) {
                    return -Errno.EEXIST;
                }
                final Watch watch = new Watch(this, file, fd);
                watches.put(fd, watch);
                file.watched(watch);
                arm(watch, events, token);
                return 0;
            }
            case Linux.EPOLL_CTL_MOD -> {
                if (known == null) {
                    return -Errno.ENOENT;
                }
                arm(known, events, token);
                return 0;
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
    }

    private void arm(final Watch watch, final int events, final long token) {
        watch.wanted = events | ALWAYS;
        watch.token = token;
        if (watch.holding() != 0) {
            ready(watch);
        }
    }

    void ready(final Watch watch) {
        if (!watch.queued) {
            watch.queued = true;
            ready.add(watch);
        }
    }

    void forget(final Watch watch) {
        watch.dead = true;
        watch.file.unwatched(watch);
        watches.remove(watch.fd);
        if (watch.queued) {
            ready.remove(watch);
        }
    }

    /** Reports what is ready. @return how many events were stored */
    int collect(final long eventsAddress, final int maxEvents) {
        int stored = 0;
        for (int left = ready.size(); left > 0 && stored < maxEvents; left--) {
            final Watch watch = ready.poll();
            watch.queued = false;
            final int events = watch.holding();
            if (events == 0) {
                continue;
            }
            store(eventsAddress, stored++, events, watch.token);
            if ((watch.wanted & Linux.EPOLLET) == 0) {
                ready(watch);
            }
        }
        return stored;
    }

    /** Queues one watch again although nothing happened to it; what is reported of it still holds. */
    void repeatSomething(final SimRandom random) {
        if (!watches.isEmpty()) {
            final Watch[] all = watches.values().toArray(Watch[]::new);
            ready(all[random.below(all.length)]);
        }
    }

    private static void store(final long eventsAddress, final int index, final int events, final long token) {
        final long address = eventsAddress + (long) index * Abi.EPOLL_EVENT_SIZE;
        RawMemory.putInt(address + Abi.EPOLL_EVENT_EVENTS_OFFSET, events);
        RawMemory.putLong(address + Abi.EPOLL_EVENT_DATA_OFFSET, token);
    }

    @Override
    int events() {
        return 0;
    }

    @Override
    void released() {
        for (final Watch watch : watches.values().toArray(Watch[]::new)) {
            forget(watch);
        }
    }

    @Override
    SimFile detached() {
        return new SimEpoll();
    }

    @Override
    String describe() {
        return "epoll";
    }
}
