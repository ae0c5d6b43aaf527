package dev.sluice.agent;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Threads for what may block: file systems, the resolver of names. Clients take turns, a job each, and none may occupy more than its share
 * of the threads: whoever asks for something that hangs waits alone, as long as fewer clients do so than there are shares. When all threads
 * hang, jobs wait in line until one returns; the loop and everything that has threads of its own goes on.
 *
 * <p>Threads are started when there is something to do, and end after a while without. Any number of threads may call.
 */
final class ClientThreads {
    private static final long KEEP_ALIVE_NS = 5_000_000_000L;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition drained = lock.newCondition();
    private final Map<Integer, Client> clients = new HashMap<>();
    private final ArrayDeque<Client> line = new ArrayDeque<>();
    private final String name;
    private final int maxThreads;
    private final int share;
    private int threads;
    private int idle;
    private int running;
    private int nextNumber;
    private boolean closed;
    private boolean ended;

    /** A client's jobs. It is in line while it has one that waits and not all of its share runs. */
    private static final class Client {
        private final int band;
        private final ArrayDeque<Job> waiting = new ArrayDeque<>();
        private int running;
        private boolean inLine;

        Client(final int band) {
            this.band = band;
        }
    }

    /** Something to be done. */
    final class Job {
        private final int band;
        private final Runnable task;

        private Job(final int band, final Runnable task) {
            this.band = band;
            this.task = task;
        }

        /** Takes the job out of the line unless it has begun. @return whether it will never be done */
        boolean cancel() {
            lock.lock();
            try {
                final Client client = clients.get(band);
                return client != null && client.waiting.remove(this);
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * No threads so far.
     *
     * @param name what names of the threads begin with
     * @param maxThreads how many there may be
     * @param share how many of them one client may occupy
     */
    ClientThreads(final String name, final int maxThreads, final int share) {
        this.name = name;
        this.maxThreads = maxThreads;
        this.share = share;
    }

    /** @return threads for files, half of which one client may occupy */
    static ClientThreads forFiles(final int maxThreads) {
        return new ClientThreads("sluice-file-", maxThreads, Math.max(1, maxThreads / 2));
    }

    /** @return how many threads one client may occupy */
    int share() {
        return share;
    }

    /**
     * Has something done, at some time; at once, and by the caller, when the threads have ended for good.
     *
     * @param band of the client it is for
     * @param task what to do; must not throw
     * @return the job
     */
    Job submit(final int band, final Runnable task) {
        final Job job = new Job(band, task);
        lock.lock();
        try {
            if (ended) {
                task.run();
                return job;
            }
            final Client client = clients.computeIfAbsent(band, Client::new);
            client.waiting.add(job);
            queue(client);
            engage();
        } finally {
            lock.unlock();
        }
        return job;
    }

    private void queue(final Client client) {
        if (!client.inLine && !client.waiting.isEmpty() && client.running < share) {
            client.inLine = true;
            line.add(client);
        }
    }

    /** Has a thread for whoever is in line. One that has been woken counts as idle until it runs: it takes one of them only. */
    private void engage() {
        if (idle > 0 && !line.isEmpty()) {
            work.signal();
        }
        if (line.size() > idle && threads < maxThreads) {
            startThread();
        }
    }

    private void startThread() {
        threads++;
        try {
            Thread.ofPlatform().name(name + ++nextNumber).daemon(true).start(this::serve);
        } catch (final OutOfMemoryError e) {
            // No thread to be had now. One that runs, or the next job, tries again.
            threads--;
        }
    }

    private void serve() {
        lock.lock();
        try {
            for (Client client = next(); client != null; client = next()) {
                final Job job = client.waiting.poll();
                if (job != null) {
                    run(client, job);
                }
                queue(client);
                if (client.running == 0 && client.waiting.isEmpty()) {
                    clients.remove(client.band);
                }
            }
        } finally {
            threads--;
            drained.signalAll();
            lock.unlock();
        }
    }

    private void run(final Client client, final Job job) {
        client.running++;
        running++;
        queue(client);
        engage();
        lock.unlock();
        try {
            job.task.run();
        } finally {
            lock.lock();
            client.running--;
            running--;
        }
    }

    /** @return the client whose turn it is, or null when the thread is to end */
    private Client next() {
        long remainingNs = KEEP_ALIVE_NS;
        while (line.isEmpty()) {
            drained.signalAll();
            if (closed || remainingNs <= 0) {
                return null;
            }
            idle++;
            try {
                remainingNs = work.awaitNanos(remainingNs);
            } catch (final InterruptedException e) {
                // Nobody interrupts these threads; whoever does wants them to end.
                return null;
            } finally {
                idle--;
            }
        }
        final Client client = line.poll();
        client.inLine = false;
        return client;
    }

    /**
     * Waits until everything that was submitted has been done, and ends the threads.
     *
     * @param limitNs how long, in nanoseconds
     * @return false when some hang: they are left behind, and what is in line behind them is not done
     */
    boolean end(final long limitNs) {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
            long remainingNs = limitNs;
            while (threads > 0 && remainingNs > 0) {
                remainingNs = drained.awaitNanos(remainingNs);
            }
            ended = threads == 0 && line.isEmpty();
            return ended;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }
}
