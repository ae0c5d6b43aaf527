package dev.sluice.client;

/**
 * How far a copying is.
 *
 * @param files       files that are copied as a whole
 * @param directories directories that are there
 * @param links       symbolic links that are made
 * @param skipped     special files that were passed over
 * @param failed      entries that could not be copied
 * @param bytes       content copied so far, also of files that are not done
 * @param knownBytes  content of all files that have been found so far, by what was said of their lengths; the total once everything has
 *                    been found
 * @param currentName the file that was begun last, for people; "" before the first
 */
public record CopyStatus(
    long files, long directories, long links, long skipped, long failed, long bytes, long knownBytes, String currentName) {
}
