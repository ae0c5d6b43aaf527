package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.cli.CopyPlace.Found;
import dev.sluice.protocol.ByteString;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each row is what GNU cp -r does. */
class CopyPlaceTest {
    @ParameterizedTest
    @CsvSource({
        "NOTHING, new, file, false, AT", "NOTHING, new, tree, true, AT", "NOTHING, new/, tree, true, AT", "NOTHING, new, tree/, true, AT",
        "NOTHING, new, ., true, AT", "OTHER, old, file, false, AT",
        "DIRECTORY, dir, file, false, WITHIN", "DIRECTORY, dir/, file, false, WITHIN", "DIRECTORY, dir, tree, true, WITHIN",
        "DIRECTORY, dir, a/tree/, true, WITHIN", "DIRECTORY, dir, tree/., true, AT", "DIRECTORY, dir, .., true, AT",
        "DIRECTORY, dir, /, true, AT"
    })
    void placesAsCopyDoes(
        final Found found, final String destination, final String source, final boolean directory, final CopyPlace place) throws Exception {
        assertEquals(place, CopyPlace.of(found, path(destination), path(source), directory));
    }

    @ParameterizedTest
    @CsvSource({
        "NOTHING, new/, file, false, no such directory: new/", "OTHER, old/, file, false, not a directory: old/",
        "OTHER, old, tree, true, a directory does not take the place of a file: tree to old"
    })
    void refusesAsCopyDoes(
        final Found found, final String destination, final String source, final boolean directory, final String why) {
        assertEquals(why, assertThrows(IOException.class,
            () -> CopyPlace.of(found, path(destination), path(source), directory)).getMessage());
    }

    private static SandboxPath path(final String text) {
        return SandboxPath.of(ByteString.of(text));
    }
}
