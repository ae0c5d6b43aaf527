package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.protocol.ByteString;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ProgramSearchTest {
    private static String candidates(final String command, final String path, final String directory) {
        final List<ProgramSearch.Candidate> candidates = ProgramSearch.candidates(
            ByteString.of(command), ByteString.of(path), directory == null ? null : ByteString.of(directory));
        return candidates.stream().map(candidate -> candidate.program() + "@" + candidate.probe()).collect(Collectors.joining(" "));
    }

    @Test
    void aNameIsLookedForInEachElementOfThePath() {
        assertEquals("/a/ls@/a/ls /b/ls@/b/ls", candidates("ls", "/a:/b", null));
        assertEquals("/a/ls@/a/ls", candidates("ls", "/a", "/work"));
    }

    @Test
    void emptyAndRelativeElementsStartAtTheWorkingDirectory() {
        assertEquals("./ls@/w/./ls /a/ls@/a/ls b/ls@/w/b/ls ./ls@/w/./ls", candidates("ls", ":/a:b:", "/w"));
        assertEquals("./ls@./ls", candidates("ls", "", null));
    }

    @Test
    void aPathWithoutEndIsLookedThroughAsFarAsIsReasonable() {
        final ByteString path = ByteString.of(":".repeat(100_000));
        assertEquals(ProgramSearch.MAX_ELEMENTS, ProgramSearch.candidates(ByteString.of("ls"), path, null).size());
    }

    @Test
    void aPathIsNotLookedFor() {
        assertEquals("/bin/ls@/bin/ls", candidates("/bin/ls", "/a:/b", "/w"));
        assertEquals("./run@/w/./run", candidates("./run", "/a", "/w"));
        assertEquals("bin/run@bin/run", candidates("bin/run", "/a", null));
    }
}
