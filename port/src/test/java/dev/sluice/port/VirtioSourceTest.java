package dev.sluice.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ports by name, in a directory that looks like the kernel's. */
class VirtioSourceTest {
    @TempDir
    private Path ports;

    @Test
    void thePortIsFoundByItsNameWheneverItComes() throws Exception {
        try (VirtioSource source = new VirtioSource(Posix.system(), "agent", ports.resolve("virtio-ports"))) {
            assertNull(source.tryOpen());
            assertEquals("there is no virtio port of that name", source.obstacle());
            Files.createDirectories(ports.resolve("virtio-ports/vport7p1"));
            Files.createDirectories(ports.resolve("virtio-ports/vport7p2"));
            Files.createDirectories(ports.resolve("virtio-ports/vport7p3"));
            Files.writeString(ports.resolve("virtio-ports/vport7p2/name"), "agents\n");
            assertNull(source.find());
            Files.writeString(ports.resolve("virtio-ports/vport7p3/name"), "agent\n");
            assertEquals(Path.of("/dev/vport7p3"), source.find());
            assertNull(source.tryOpen(), "no such device here");
            assertTrue(source.obstacle().contains("not there"), source.obstacle());
        }
    }

    @Test
    void itIsAGuestsEnd() throws Exception {
        final PortAddress address = PortAddress.parse("virtio:agent");
        assertEquals("virtio:agent", address.toString());
        PortSources.guest(Posix.system(), address).close();
        assertThrows(IllegalArgumentException.class, () -> PortSources.host(Posix.system(), address));
        assertThrows(IllegalArgumentException.class, address::toUnixAddress);
    }
}
