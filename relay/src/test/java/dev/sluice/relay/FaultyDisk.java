package dev.sluice.relay;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.Syscalls;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A kernel whose files can be made to take nothing, or little, or slowly, while its sockets and events go on as usual. */
final class FaultyDisk {
    /** What an eventfd takes is no file's. */
    private static final long EVENT = 8;

    private volatile int error;
    private volatile long atOnce = Long.MAX_VALUE;
    private volatile long delayNs;
    private final AtomicLong events = new AtomicLong();
    private volatile CountDownLatch hold = new CountDownLatch(0);

    /** Fails every write to a file with this error; 0 for none. */
    void fail(final int newError) {
        error = newError;
    }

    /** Takes no more than so many bytes with one write. */
    void takeAtOnce(final long bytes) {
        atOnce = bytes;
    }

    /** Lets each write take this long. */
    void delay(final long nanos) {
        delayNs = nanos;
    }

    /** Lets no write to a file end before this is open. */
    void hold(final CountDownLatch until) {
        hold = until;
    }

    /** {@return how often something was written to an eventfd} */
    long events() {
        return events.get();
    }

    Posix posix() {
        final Syscalls calls = Posix.system().syscalls();
        return new Posix((Syscalls) Proxy.newProxyInstance(Syscalls.class.getClassLoader(), new Class<?>[] {Syscalls.class},
            (proxy, method, arguments) -> {
                if (!"write".equals(method.getName()) || (long) arguments[2] == EVENT) {
                    events.addAndGet("write".equals(method.getName()) ? 1 : 0);
                    return method.invoke(calls, arguments);
                }
                hold.await();
                if (delayNs > 0) {
                    LockSupport.parkNanos(delayNs);
                }
                final long length = Math.min(atOnce, (long) arguments[2]);
                return error != 0 ? (long) -error : calls.write((int) arguments[0], (long) arguments[1], length);
            }));
    }
}
