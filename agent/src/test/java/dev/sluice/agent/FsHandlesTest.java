package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.agent.files.FileException;
import dev.sluice.protocol.IdGrid;
import dev.sluice.testsupport.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FsHandlesTest {
    private final FsHandles handles = new FsHandles();

    private FsHandle open(final int id) throws FileException {
        handles.reserve(id);
        return handles.add(id, null);
    }

    @Test
    void bandsAreThoseOfTheGrid() {
        assertEquals(0, FsHandles.bandOf(1));
        assertEquals(0, FsHandles.bandOf(IdGrid.RANGE_STEP));
        assertEquals(1, FsHandles.bandOf(IdGrid.RANGE_STEP + 1));
        for (int index = 0; index < IdGrid.RANGE_COUNT; index++) {
            assertEquals(index, FsHandles.bandOf((int) IdGrid.range(index).start()));
            assertEquals(index, FsHandles.bandOf((int) (IdGrid.range(index).endExclusive() - 1)));
        }
    }

    @Test
    void aClientMayHaveSoMany() throws FileException {
        for (int i = 0; i < FsHandles.PER_CLIENT; i++) {
            open(1 + i);
        }
        final FileException refused = assertThrows(FileException.class, () -> handles.reserve(5000));
        assertEquals("too many open filesystem handles for relay client: 1024", refused.getMessage());
        open(IdGrid.RANGE_STEP + 1);
        handles.remove(handles.get(7, 1));
        assertEquals(1026, open(9).number());
    }

    /** Random clients open, use, close and leave: nobody ever gets at another's, no number comes twice, and counts are right. */
    @Test
    void handlesAreTheirOpenersAlone() throws FileException {
        final Random random = new Random(Seeds.next("handles"));
        final Map<Long, Integer> owners = new HashMap<>();
        final Set<Long> seen = new HashSet<>();
        for (int step = 0; step < 100_000; step++) {
            final int band = random.nextInt(4);
            final int id = (int) (IdGrid.range(band).start() + random.nextInt(1000));
            final long number = 1 + random.nextInt(seen.size() + 1);
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> {
                    final long opened = open(id).number();
                    assertTrue(seen.add(opened), "given twice: " + opened);
                    owners.put(opened, band);
                }
                case 3, 4 -> {
                    if (owners.containsKey(number) && owners.get(number) == band) {
                        handles.remove(handles.get(number, id));
                        owners.remove(number);
                    }
                }
                case 5 -> {
                    if (random.nextInt(20) == 0) {
                        final List<Long> gone = new ArrayList<>();
                        handles.removeRange(IdGrid.range(band).start(), IdGrid.range(band).endExclusive())
                            .forEach(handle -> gone.add(handle.number()));
                        assertEquals(owners.values().stream().filter(owner -> owner == band).count(), gone.size());
                        owners.keySet().removeAll(gone);
                    }
                }
                default -> look(owners, number, id, band);
            }
            assertEquals(owners.size(), handles.size());
        }
    }

    private void look(final Map<Long, Integer> owners, final long number, final int id, final int band) throws FileException {
        final Integer owner = owners.get(number);
        if (owner != null && owner == band) {
            assertEquals(number, handles.get(number, id).number());
            assertSame(handles.get(number, id), handles.get(number, (int) IdGrid.range(band).start()));
        } else {
            final FileException refused = assertThrows(FileException.class, () -> handles.get(number, id));
            assertEquals(owner == null ? "invalid handle: " + number : "handle " + number + " is owned by a different relay client",
                refused.getMessage());
        }
    }
}
