package dev.sluice.relay;

/** What the relay's epoll events are about: the kind in the upper half of the token, an index in the lower. */
final class EpollToken {
    static final int WAKE_UP = 1;
    static final int LISTENER = 2;
    static final int SOURCE = 3;
    static final int PORT = 4;
    static final int CLIENT = 5;

    private EpollToken() {
    }

    static long of(final int kind) {
        return (long) kind << Integer.SIZE;
    }

    static long listener(final int index) {
        return of(LISTENER) | index;
    }

    static long client(final int range) {
        return of(CLIENT) | range;
    }

    static int kind(final long token) {
        return (int) (token >>> Integer.SIZE);
    }

    static int index(final long token) {
        return (int) token;
    }
}
