package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Errno;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A disk: directories with files in them, one level deep. It outlives the process that writes to it.
 *
 * <p>What a process has written is there, also when it dies behind that call: this is about processes that die, not about machines that
 * lose power. A file whose name is given to another is kept for {@link #everWritten}.
 *
 * <p>One thread.
 */
public final class SimDisk {
    private static final long REFUSES_LEAST_NS = 100_000;

    /** A file, whatever its name. */
    static final class Node {
        private final long number;
        private byte[] bytes = new byte[1024];
        private int length;

        Node(final long number) {
            this.number = number;
        }

        long number() {
            return number;
        }

        int length() {
            return length;
        }

        byte[] content() {
            return Arrays.copyOf(bytes, length);
        }

        void write(final int position, final byte[] source, final int count) {
            if (bytes.length < position + count) {
                bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, position + count));
            }
            System.arraycopy(source, 0, bytes, position, count);
            length = Math.max(length, position + count);
        }

        void cut(final int newLength) {
            length = newLength;
        }

        int read(final int position, final long address, final int most) {
            final int count = Math.max(0, Math.min(most, length - position));
            RawMemory.write(address, bytes, position, count);
            return count;
        }
    }

    /** What a name leads to. */
    static final class Directory {
        private final Map<String, Node> files = new TreeMap<>();

        Node get(final String name) {
            return files.get(name);
        }

        private List<Node> startingWith(final String prefix) {
            final List<Node> found = new ArrayList<>();
            files.forEach((name, node) -> {
                if (name.startsWith(prefix)) {
                    found.add(node);
                }
            });
            return found;
        }
    }

    private final SimRandom random;
    private final Map<String, Directory> directories = new TreeMap<>();
    private final ByteArrayOutputStream replaced = new ByteArrayOutputStream();
    private DiskFaults faults = DiskFaults.NONE;
    private long nodes;
    private long refusesUntilNs;
    private int refusal;
    private long calls;
    private long refusals;

    /**
     * An empty disk.
     *
     * @param random source of chance
     */
    public SimDisk(final SimRandom random) {
        this.random = random;
    }

    /**
     * Sets how it fails from now on.
     *
     * @param profile how often what happens
     */
    public void faults(final DiskFaults profile) {
        faults = profile;
        refusesUntilNs = 0;
    }

    /** {@return how many calls there were} */
    public long calls() {
        return calls;
    }

    /** {@return how many of them were refused} */
    public long refusals() {
        return refusals;
    }

    /**
     * Reads everything that was ever appended to certain files of a directory and not cut off, in the order of writing: what was replaced,
     * then the files that are there, in the order of their names turned round.
     *
     * @param path of the directory
     * @param prefix of the files' names
     * @return the bytes
     */
    public byte[] everWritten(final String path, final String prefix) {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(replaced.toByteArray());
        final Directory directory = directories.get(path);
        if (directory != null) {
            final List<Node> files = directory.startingWith(prefix);
            for (int i = files.size() - 1; i >= 0; i--) {
                all.writeBytes(files.get(i).content());
            }
        }
        return all.toByteArray();
    }

    /**
     * Measures files of a directory.
     *
     * @param path of the directory
     * @param prefix of the files' names
     * @return how long each of its files is, in bytes
     */
    public List<Integer> lengths(final String path, final String prefix) {
        final Directory directory = directories.get(path);
        return directory == null ? List.of() : directory.startingWith(prefix).stream().map(Node::length).toList();
    }

    Directory find(final String path) {
        return directories.get(path);
    }

    int make(final String path) {
        return directories.putIfAbsent(path, new Directory()) == null ? 0 : -Errno.EEXIST;
    }

    Node create(final Directory directory, final String name) {
        final Node made = new Node(++nodes);
        directory.files.put(name, made);
        return made;
    }

    int rename(final Directory from, final String name, final Directory to, final String newName) {
        final Node moved = from.files.remove(name);
        if (moved == null) {
            return -Errno.ENOENT;
        }
        final Node old = to.files.put(newName, moved);
        if (old != null) {
            replaced.writeBytes(old.content());
        }
        return 0;
    }

    /** How long a call takes beyond what any call takes. */
    long delayNs() {
        return random.chance(faults.slow()) ? random.spread(1, faults.slowMostNs()) : 0;
    }

    /**
     * Being full or broken is a state that lasts.
     *
     * @param growing whether the call needs room
     * @return the errno, or 0 while calls of this kind are not refused
     */
    int refusal(final long nowNs, final boolean growing) {
        if (nowNs >= refusesUntilNs && random.chance(faults.refuses())) {
            refusesUntilNs = nowNs + random.spread(REFUSES_LEAST_NS, faults.refusesMostNs());
            refusal = random.pick(Errno.ENOSPC, Errno.EDQUOT, Errno.EIO);
        }
        final boolean refuses = nowNs < refusesUntilNs && (growing || refusal == Errno.EIO);
        calls++;
        refusals += refuses ? 1 : 0;
        return refuses ? refusal : 0;
    }

    /** How much of a read or write is done. */
    int taken(final int length) {
        return length > 1 && random.chance(faults.shortWrite()) ? random.between(1, length - 1) : length;
    }

    /** Part of something that is cut off. @return 0 to one less than there is */
    int cut(final int length) {
        return random.below(length);
    }
}
