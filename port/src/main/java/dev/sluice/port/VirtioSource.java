package dev.sluice.port;

import dev.sluice.ffi.Posix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Ports over the virtio serial port that has a given name. The name of its device depends on what else the guest has, so that is looked up
 * each time: each directory of {@code /sys/class/virtio-ports} is called like a device in {@code /dev} and has a file {@code name}.
 *
 * <p>Source: Documentation/ABI of the Linux driver virtio_console, attribute "name".
 */
final class VirtioSource implements PortSource {
    /** Where the kernel shows them. */
    static final Path PORTS = Path.of("/sys/class/virtio-ports");

    private static final Path DEVICES = Path.of("/dev");

    private final Posix posix;
    private final String name;
    private final Path ports;
    private Path found;
    private DeviceSource device;

    /** @param ports where the kernel shows them */
    VirtioSource(final Posix posix, final String name, final Path ports) {
        this.posix = posix;
        this.name = name;
        this.ports = ports;
    }

    @Override
    public int fd() {
        return -1;
    }

    @Override
    public Port tryOpen() throws IOException {
        final Path path = find();
        if (!Objects.equals(path, found)) {
            close();
            found = path;
            device = path == null ? null : new DeviceSource(posix, path.toString(), true);
        }
        return device == null ? null : device.tryOpen();
    }

    /** @return the device, or null when there is no port of that name, or not yet */
    Path find() throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(ports)) {
            for (final Path port : all) {
                if (name.equals(nameOf(port))) {
                    return DEVICES.resolve(port.getFileName());
                }
            }
            return null;
        } catch (final NoSuchFileException | NotDirectoryException e) {
            return null;
        }
    }

    private static String nameOf(final Path port) {
        try {
            return Files.readString(port.resolve("name"), StandardCharsets.ISO_8859_1).strip();
        } catch (final IOException e) {
            // It has no name, or has just been unplugged.
            return null;
        }
    }

    @Override
    public String obstacle() {
        return device == null ? "there is no virtio port of that name" : device.obstacle();
    }

    @Override
    public void close() {
        if (device != null) {
            device.close();
            device = null;
        }
        found = null;
    }
}
