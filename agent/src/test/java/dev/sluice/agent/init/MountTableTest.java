package dev.sluice.agent.init;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MountTableTest {
    private static final String TABLE = """
        22 1 254:0 / / rw,relatime - ext4 /dev/vda ro,discard
        23 22 0:5 / /proc ro,nosuid shared:1 master:2 - proc proc rw
        24 22 0:6 /sub /mnt/a\\040b\\134\\303\\274 rw,noatime - tmpfs none rw
        not a line of the table
        """;

    @Test
    void linesAreTakenApart() {
        final MountTable table = MountTable.parse(TABLE);
        assertEquals(3, table.entries().size());
        assertEquals("proc", table.entries().get(1).type());
        assertTrue(table.has("/proc"));
        assertFalse(table.has("/mnt"));
        assertArrayEquals("/mnt/a b\\ü".getBytes(StandardCharsets.UTF_8), table.entries().get(2).point());
    }

    @Test
    void theRootThatCountsIsTheLastOne() {
        assertFalse(MountTable.parse(TABLE).rootIsReadOnly(), "the mount counts, not what the file system is for others");
        assertTrue(MountTable.parse(TABLE + "25 1 254:1 / / ro - erofs /dev/vdb ro\n").rootIsReadOnly());
        assertFalse(MountTable.parse("").rootIsReadOnly());
    }

    @Test
    void theKernelsOwnTableCanBeRead() {
        assertTrue(MountTable.read().has("/"));
    }
}
