package dev.sluice.systemtests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A kernel for emulated guests, as its Debian package was unpacked.
 *
 * @param root directory that it was unpacked to
 * @param image that a machine boots
 */
record GuestKernel(Path root, Path image) {
    /** Where the kernel package was unpacked. */
    private static final String VARIABLE = "SLUICE_GUEST_KERNEL";
    private static final Path DEFAULT = Path.of("..", "target", "guest-kernel");
    private static final String IMAGE_PREFIX = "vmlinuz-";

    /** Skips the test where there is none. */
    static GuestKernel find() throws IOException {
        final Path root = Path.of(System.getenv().getOrDefault(VARIABLE, DEFAULT.toString())).toAbsolutePath().normalize();
        final Optional<Path> image = imageIn(root);
        Assumptions.assumeTrue(image.isPresent(),
            "no guest kernel below " + root + ": run .ci/install, or name the directory of an unpacked one in " + VARIABLE);
        return new GuestKernel(root, image.get());
    }

    private static Optional<Path> imageIn(final Path root) throws IOException {
        final Path boot = root.resolve("boot");
        if (!Files.isDirectory(boot)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(boot)) {
            return files.filter(file -> file.getFileName().toString().startsWith(IMAGE_PREFIX)).max(Path::compareTo);
        }
    }

    /** What {@code uname -r} says in the guest. */
    String release() {
        return image.getFileName().toString().substring(IMAGE_PREFIX.length());
    }

    /** A module's file. @param name as in {@code drivers/virtio/virtio} */
    Path module(final String name) {
        return root.resolve("lib/modules/" + release() + "/kernel/" + name + ".ko");
    }
}
