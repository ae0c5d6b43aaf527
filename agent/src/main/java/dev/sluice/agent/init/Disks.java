package dev.sluice.agent.init;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The guest's disks by the serial numbers that the host gave them, and the file systems that the kernel knows. Sources: the virtio-blk
 * driver's attribute {@code serial} in sysfs; proc_filesystems(5).
 */
final class Disks {
    private static final Path BLOCK_DEVICES = Path.of("/sys/block");
    private static final Path KNOWN_TYPES = Path.of("/proc/filesystems");
    private static final String NO_DEVICE = "nodev";

    private Disks() {
    }

    /**
     * Finds a disk.
     *
     * @param id its serial number
     * @return its device
     * @throws BootException when there is none
     */
    static Path device(final String id) throws BootException {
        try (DirectoryStream<Path> disks = Files.newDirectoryStream(BLOCK_DEVICES)) {
            for (final Path disk : disks) {
                final Path serial = disk.resolve("serial");
                if (Files.isReadable(serial) && Files.readString(serial).strip().equals(id)) {
                    return Path.of("/dev").resolve(disk.getFileName());
                }
            }
        } catch (final IOException e) {
            throw new BootException("core.bootstrap: disk_mounts.id: \"" + id + '"', e);
        }
        throw new BootException("core.bootstrap: disk_mounts.id: no disk has the serial number \"" + id + '"');
    }

    /** @return the types of file systems that lie on disks, as the kernel lists them */
    static List<String> knownTypes() throws IOException {
        final List<String> types = new ArrayList<>();
        for (final String line : Files.readAllLines(KNOWN_TYPES)) {
            if (!line.startsWith(NO_DEVICE) && !line.isBlank()) {
                types.add(line.strip());
            }
        }
        return types;
    }
}
