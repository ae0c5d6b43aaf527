package dev.sluice.client;

import java.util.List;

/**
 * What a copying has done.
 *
 * @param status  how far it got
 * @param skipped special files (devices, pipes, sockets) that were passed over, the first {@link #MAX_LISTED} of them, for people
 */
public record CopyResult(CopyStatus status, List<String> skipped) {
    /** How many names are kept. */
    public static final int MAX_LISTED = 1000;

    /** Copies the list. */
    public CopyResult {
        skipped = List.copyOf(skipped);
    }
}
